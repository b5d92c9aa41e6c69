"""Quoted replies and forwarded messages, as mail programs head them in thirteen languages."""

from __future__ import annotations

import pytest

from app.triage.text import Message
from app.triage.ticket import Speaker
from tests.unit.triage.reading_of import pasted, said

ANN = "Ann Lee <ann@shop.example>"
HEADS = {
    "en gmail": f"On Mon, Mar 3, 2025 at 10:00 AM {ANN} wrote:",
    "en gmail, wrapped before the address": "On Mon, Mar 3, 2025 at 10:00 AM Ann Lee\n<ann@shop.example> wrote:",
    "en gmail, wrapped inside the address": "On Mon, Mar 3, 2025 at 10:00 AM Ann Lee <\nann@shop.example> wrote:",
    "en gmail, wrapped before the verb": "On Mon, Mar 3, 2025 at 10:00 AM Ann Lee <ann@shop.example>\nwrote:",
    "en gmail, wrapped twice": "On Mon, Mar 3, 2025 at 10:00 AM Ann Lee via Support\n<\nann@shop.example> wrote:",
    "en apple": "On Mar 3, 2025, at 10:00, Ann Lee <ann@shop.example> wrote:",
    "en old gmail": "2025-03-03 10:00 GMT+01:00 Ann Lee <ann@shop.example>:",
    "de gmail": f"Am Mo., 3. März 2025 um 10:00 Uhr schrieb {ANN}:",
    "de gmail, wrapped": "Am Mo., 3. März 2025 um 10:00 Uhr schrieb Ann Lee vom Einkauf <\nann@shop.example>:",
    "de thunderbird": "Am 03.03.25 um 10:00 schrieb Ann Lee:",
    "fr gmail": f"Le lun. 3 mars 2025 à 10:00, {ANN} a écrit :",
    "es gmail": "El lun, 3 mar 2025 a las 10:00, Ann Lee (<ann@shop.example>) escribió:",
    "pt gmail": f"Em seg., 3 de mar. de 2025 às 10:00, {ANN} escreveu:",
    "it gmail": f"Il giorno lun 3 mar 2025 alle ore 10:00 {ANN} ha scritto:",
    "nl gmail": f"Op ma 3 mrt 2025 om 10:00 schreef {ANN}:",
    "pl gmail": f"pon., 3 mar 2025 o 10:00 {ANN} napisał(a):",
    "pl thunderbird": "W dniu 3.03.2025 o 10:00, Ann Lee pisze:",
    "sv gmail": f"Den mån 3 mars 2025 kl 10:00 skrev {ANN}:",
    "da gmail": f"Den man. 3. mar. 2025 kl. 10.00 skrev {ANN}:",
    "no gmail": f"man. 3. mar. 2025 kl. 10:00 skrev {ANN}:",
    "cs gmail": f"po 3. 3. 2025 v 10:00 odesílatel {ANN} napsal:",
    "ja gmail": "2025年3月3日(月) 10:00 Ann Lee <ann@shop.example>:",
    "ja apple": "2025/03/03 10:00、Ann Lee <ann@shop.example>のメール:",
    "zh gmail": "Ann Lee <ann@shop.example> 于2025年3月3日周一 10:00写道：",
    "zh-TW gmail": "Ann Lee <ann@shop.example> 於 2025年3月3日 週一 上午10:00寫道：",
    "en outlook": "From: Ann Lee\nSent: Monday, March 3, 2025 10:00 AM\nTo: Support\nSubject: RE: Order",
    "en outlook, bold": "*From:* Ann Lee <ann@shop.example>\n*Sent:* Monday\n*To:* Support\n*Subject:* Order",
    "en outlook, ruled": "________________________________\nFrom: Ann Lee\nSent: Monday\nTo: Support\nSubject: Order",
    "de outlook": "Von: Ann Lee\nGesendet: Montag, 3. März 2025 10:00\nAn: Support\nBetreff: AW: Auftrag",
    "fr outlook": "De : Ann Lee\nEnvoyé : lundi 3 mars 2025 10:00\nÀ : Support\nObjet : RE: Commande",
    "es outlook": "De: Ann Lee\nEnviado el: lunes, 3 de marzo de 2025 10:00\nPara: Soporte\nAsunto: RE: Pedido",
    "pt outlook": "De: Ann Lee\nEnviada em: segunda-feira, 3 de março de 2025\nPara: Suporte\nAssunto: RES: Pedido",
    "it outlook": "Da: Ann Lee\nInviato: lunedì 3 marzo 2025 10:00\nA: Supporto\nOggetto: R: Ordine",
    "nl outlook": "Van: Ann Lee\nVerzonden: maandag 3 maart 2025 10:00\nAan: Support\nOnderwerp: RE: Bestelling",
    "pl outlook": "Od: Ann Lee\nWysłano: poniedziałek, 3 marca 2025\nDo: Pomoc\nTemat: Odp: Zamówienie",
    "sv outlook": "Från: Ann Lee\nSkickat: den 3 mars 2025 10:00\nTill: Support\nÄmne: SV: Order",
    "da outlook": "Fra: Ann Lee\nSendt: 3. marts 2025 10:00\nTil: Support\nEmne: SV: Ordre",
    "cs outlook": "Od: Ann Lee\nOdesláno: pondělí 3. března 2025\nKomu: Podpora\nPředmět: Re: Objednávka",
    "ja outlook": "差出人: Ann Lee\n送信日時: 2025年3月3日 10:00\n宛先: サポート\n件名: 注文",
    "zh outlook": "发件人: Ann Lee\n发送时间: 2025年3月3日 10:00\n收件人: 支持\n主题: 订单",
    "de separator": "-----Ursprüngliche Nachricht-----",
    "fr separator": "-------- Message d'origine --------",
    "pl separator": "----- Oryginalna wiadomość -----",
    "sv separator": "-----Ursprungligt meddelande-----",
    "no separator": "-----Opprinnelig melding-----",
    "zendesk": "##- Please type your reply above this line -##",
    "zendesk de": "##- Bitte geben Sie Ihre Antwort über dieser Zeile ein. -##",
    "jira": "—-—-—-— Reply above this line.",
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_what_stands_below_the_head_of_a_reply_is_not_said(head: str) -> None:
    text = f"The invoice shows the wrong total.\n\n{head}\n\nthe whole site is down for everybody"
    assert said(text) == "the invoice shows the wrong total."


@pytest.mark.parametrize(
    "text",
    [
        "Here is what the customer wrote:\nthe whole site is down",
        "From: Berlin\nTo: Hamburg\nDate: 3 May\nthe whole site is down",
        "On Monday the whole site is down, we wrote: nothing",
        "To: whom it may concern\nthe whole site is down",
        "Von: unserem Shop aus ist the whole site is down",
        "I forwarded the message: the whole site is down",
    ],
)
def test_words_that_only_look_like_a_head_are_read_on(text: str) -> None:
    assert "whole site is down" in said(text)


def test_answers_between_quoted_lines_are_said() -> None:
    text = (
        "On Mon, Mar 3, 2025 at 10:00 AM Ann <a@b.example> wrote:\n\n> Is the site down?\n\nNo, it is slow.\n\n"
        "> Since when?\nSince Tuesday."
    )
    assert said(text) == "no, it is slow. since tuesday."


@pytest.mark.parametrize(
    "own",
    [
        *("FYI", "See below.", "Hi team,\n\nplease see below, can you help?\n\nThanks,\nBob", "Can you help?"),
        *("Please look into this for our customer.", "Siehe unten, bitte um Prüfung.", "Voir ci-dessous, merci."),
        *("Ver abajo, gracias.", "Zie onder", "Patrz poniżej", "Se nedan", "Viz níže, prosím", "下記参照", ""),
    ],
)
@pytest.mark.parametrize(
    "head",
    [
        "---------- Forwarded message ---------\nFrom: Ann <ann@shop.example>\nDate: Mon, 3 Mar 2025\nSubject: Shop",
        "Begin forwarded message:\n\nFrom: Ann <ann@shop.example>\nSubject: Shop\nDate: 3 March 2025",
        "-------- Weitergeleitete Nachricht --------\nBetreff: \tShop\nDatum: \t3. März\nVon: \tAnn <a@b.example>",
        "From: Ann Lee\nSent: Monday, March 3, 2025 10:00 AM\nTo: Bob\nSubject: Shop",
    ],
)
def test_a_message_that_is_handed_on_is_what_must_be_read(own: str, head: str) -> None:
    text = f"{own}\n\n{head}\n\nthe whole site is down\n\nRegards,\nAnn\n\n> an old offer of refunds"
    assert "the whole site is down" in said(text)
    assert "refunds" not in said(text)
    assert "subject" not in said(text), "the header of it is nobody's words"


def test_below_words_of_ones_own_an_outlook_reply_is_not_read() -> None:
    text = "It fails.\n\nFrom: Ann\nSent: Monday\nTo: Bob\nSubject: x\n\nthe whole site is down"
    assert said(text) == "it fails."


def test_in_a_later_message_only_what_says_that_it_is_forwarded_is_read() -> None:
    reply = "FYI\n\nFrom: Ann\nSent: Monday\nTo: Bob\nSubject: x\n\nthe whole site is down"
    forwarded = "FYI\n\n---------- Forwarded message ---------\nFrom: Ann <a@b.example>\n\nthe whole site is down"
    assert "whole" not in said(reply, source="7")
    assert "whole site is down" in said(forwarded, source="7")


def test_forwarded_twice_is_read_to_the_message_that_says_something() -> None:
    head = "---------- Forwarded message ---------\nFrom: Ann <a@b.example>\nSubject: Shop\n\n"
    assert "whole site is down" in said(f"FYI\n\n{head}see below\n\n{head}the whole site is down")


@pytest.mark.parametrize(
    "text",
    [
        "> the whole site is down\n> since noon",
        "On Mon, Mar 3, 2025 at 10:00 AM Ann <a@b.example> wrote:\n\n> the whole site is down",
        "On Mon, Mar 3, 2025 at 10:00 AM Ann <a@b.example> wrote:\n\nthe whole site is down",
        "{quote}the whole site is down{quote}",
        "-- \nthe whole site is down",
        "Best regards,\nthe whole site is down",
        "This e-mail is confidential. the whole site is down",
        "##- Please type your reply above this line -##\nthe whole site is down",
    ],
)
def test_a_first_message_that_says_nothing_else_is_read_all_the_same(text: str) -> None:
    assert "whole site is down" in said(text)


def test_a_later_message_of_quoted_lines_alone_says_nothing() -> None:
    assert said("> the whole site is down", source="7") == ""


def test_what_a_machine_wrote_is_pasted_though_it_stands_in_quoted_lines() -> None:
    text = "The build ends with\n\n> TypeError: render is not a function\n> at main (app.js:3:7)\n\nSince today."
    assert said(text) == "the build ends with since today."
    assert "typeerror: render" in pasted(text)


@pytest.mark.parametrize(
    "note",
    [
        "FYI\n\n---------- Forwarded message ---------\nFrom: Ann <a@b.example>\n\n/triage severity P0",
        "```\nWe cannot save an order, can you help us?\n/triage severity P0\n```",
        "> /triage severity P0",
    ],
)
def test_what_an_agent_hands_on_is_never_the_agents_own_word(note: str) -> None:
    assert "severity" not in Message("7", Speaker.AGENT, note).said
