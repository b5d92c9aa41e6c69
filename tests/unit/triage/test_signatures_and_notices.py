"""How letters end, and what nobody wrote for the ticket: signatures, legal notices, banners, footers, forms."""

from __future__ import annotations

import pytest

from tests.unit.triage.reading_of import said

COMPLAINT = "The invoice shows the wrong total."
SIGNATURES = {
    "en": "Best regards,\nAnn Lee\nHead of Outages\nDown Street 4, 12345 Crashville\nT: +44 20 7946 0001",
    "en, name on the line": "Kind regards, Ann Lee",
    "en, thanks": "Thanks!\nAnn",
    "en, blank lines between": "Regards\n\nAnn Lee\n\nOutage Ltd.",
    "de": "Mit freundlichen Grüßen\nAnn Lee\nAusfall GmbH",
    "de, short": "VG\nAnn",
    "fr": "Cordialement,\nAnn Lee\nResponsable des pannes",
    "es": "Un saludo,\nAnn Lee",
    "pt": "Atenciosamente,\nAnn Lee",
    "it": "Cordiali saluti\nAnn Lee",
    "nl": "Met vriendelijke groet,\nAnn Lee",
    "pl": "Z poważaniem\nAnn Lee",
    "sv": "Med vänliga hälsningar\nAnn Lee",
    "da": "Med venlig hilsen\nAnn Lee",
    "no": "Vennlig hilsen\nAnn Lee",
    "cs": "S pozdravem\nAnn Lee",
    "ja": "よろしくお願いいたします。\n山田太郎",
    "zh": "此致\n敬礼\n王伟",
    "nothing announces it": "Ann Lee\nHead of Outages | Crash Ltd\nann@crash.example\n+44 20 7946 0001",
    "dashes": "--\nAnn Lee\nOutage Desk",
    "iphone en": "Sent from my iPhone",
    "iphone de": "Von meinem iPhone gesendet",
    "iphone fr": "Envoyé de mon iPhone",
    "iphone es": "Enviado desde mi iPhone",
    "iphone pt": "Enviado do meu iPhone",
    "iphone it": "Inviato da iPhone",
    "iphone nl": "Verstuurd vanaf mijn iPhone",
    "iphone pl": "Wysłane z iPhone'a",
    "iphone sv": "Skickat från min iPhone",
    "iphone da": "Sendt fra min iPhone",
    "iphone cs": "Odesláno z iPhonu",
    "iphone ja": "iPhoneから送信",
    "iphone zh": "发自我的iPhone",
    "outlook": "Get Outlook for Android",
}
NOTICES = {
    "en": "This e-mail and any attachments are confidential and intended solely for the addressee.\n"
    "If the system is down, delete it.\n\nWe accept no liability for damage caused by viruses.",
    "en, titled": "CONFIDENTIALITY NOTICE: this is privileged. Everything was stolen.",
    "de": "Diese E-Mail enthält vertrauliche Informationen. Sind Sie nicht der Adressat, löschen Sie sie.",
    "fr": "Ce message et toutes les pièces jointes sont confidentiels et destinés à leur seul destinataire.",
    "es": "Este mensaje y sus adjuntos contienen información confidencial. Si lo recibió por error, bórrelo.",
    "pt": "Esta mensagem pode conter informação confidencial. Se a recebeu por engano, apague-a.",
    "it": "Questo messaggio e i suoi allegati sono riservati. Se ricevuto per errore, cancellarlo.",
    "nl": "Dit e-mailbericht is vertrouwelijk en alleen bestemd voor de geadresseerde.",
    "pl": "Niniejsza wiadomość zawiera informacje poufne przeznaczone dla adresata.",
    "sv": "Detta e-postmeddelande är konfidentiellt och endast avsett för mottagaren.",
    "da": "Denne e-mail er fortrolig og kun tiltænkt modtageren.",
    "cs": "Tento e-mail je důvěrný a určen pouze adresátovi.",
    "ja": "本メールは機密情報を含みます。誤って受信された場合は削除してください。",
    "zh": "本邮件包含保密信息，如果您误收，请删除。",
    "avast": "This email has been checked for viruses by Avast antivirus software.\nwww.avast.com",
    "virus-free": "Virus-free. www.avg.com",
    "list": "You received this message because you are subscribed to the Google Groups group.\n"
    "To unsubscribe from this group and stop receiving emails from it, send an email.",
    "shop": "View in browser\nUnsubscribe | Manage preferences",
}


@pytest.mark.parametrize("end", SIGNATURES.values(), ids=SIGNATURES)
def test_a_signature_is_not_said(end: str) -> None:
    assert said(f"{COMPLAINT}\n\n{end}\n") == COMPLAINT.lower()


@pytest.mark.parametrize("end", NOTICES.values(), ids=NOTICES)
def test_a_notice_is_not_said(end: str) -> None:
    assert said(f"{COMPLAINT}\n\n{end}\n") == COMPLAINT.lower()


@pytest.mark.parametrize(
    "banner",
    [
        "CAUTION: This email originated from outside of the organization. Do not click links or open attachments.",
        "[EXTERNAL] ",
        "You don't often get email from ann@shop.example. Learn why this is important",
        "ACHTUNG: Diese E-Mail kommt von außerhalb des Unternehmens.",
        "Ce message provient de l'extérieur de l'organisation.",
    ],
)
def test_a_banner_above_mail_from_outside_is_not_said(banner: str) -> None:
    assert said(f"{banner}\n\n{COMPLAINT}") == COMPLAINT.lower()


@pytest.mark.parametrize(
    "text",
    [
        "Hello\n\nThanks,\nbut the whole site is down and nobody can work with it.",
        "It broke.\n\nRegards,\nAnn\n\nP.S. the whole site is down",
        "It broke.\n\nBest,\nAnn\n\nPS: the whole site is down",
        "It broke.\n---\nSince this morning the whole site is down and we have tried everything, from restarting it to "
        "clearing its caches.\n\nThen we called you.",
        "Sent from my iPhone 12 I uploaded ten pictures to the album and the whole site is down since.",
        "Disclaimer: I am no expert.\nBut the whole site is down",
        "To unsubscribe I pressed the button.\nThen the whole site is down",
        "Unsubscribe does not work.\nI think the whole site is down",
        "Hello,\n\nwe got mail from a stranger. This e-mail is intended to steal passwords.\n\nthe whole site is down",
        "My phone: +44 20 7946 0001\nMy mail: ann@shop.example\nIs it known that the whole site is down?",
    ],
)
def test_words_that_only_look_like_an_end_are_said(text: str) -> None:
    assert "whole site is down" in said(text)


def test_the_writers_words_after_a_signature_are_said() -> None:
    assert said("First.\n\nRegards,\nAnn\n\nI forgot to say that the export is empty too.") == (
        "first. i forgot to say that the export is empty too."
    )


def test_what_announces_a_paste_below_a_signature_is_said() -> None:
    text = "It fails.\n\nRegards,\nAnn\n\nFrom the trace (level 9)\n\n2025-03-03 10:00:00 the whole site is down"
    assert said(text) == "it fails. from the trace (level 9)"


def test_what_a_form_of_a_tracker_asks_is_not_said() -> None:
    text = (
        "### Describe the bug\n<!-- a clear and\nconcise description -->\nThe export is empty.\n\n"
        "### Expected behavior\nA clear and concise description of what you expected to happen.\n\n"
        "**Did it crash?**\n_No response_\n\n### Checklist\n- [x] I have searched existing issues for data loss\n"
        "- [ ] It is a security problem\n- [x] Windows"
    )
    assert said(text) == "### describe the bug the export is empty. ### expected behavior ### checklist - [x] windows"


@pytest.mark.parametrize(
    "noise",
    [
        "https://click.mail.example/ls/click?upn=down-crash-stolen",
        "[cid:image001.png@01DB8C5A.7F3E2C10]",
        "[image: crash.png]",
        "![crash](https://shop.example/crash.png)",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUA",
        "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4" * 3,
        "[^crash.log]",
        "[~ann.lee]",
    ],
)
def test_noise_is_not_said(noise: str) -> None:
    assert said(f"Look at this: {noise} please.").strip(" )") in ("look at this: please.", "look at this: ) please.")
