"""In which language a text is: told where it can be, left open where it cannot."""

from __future__ import annotations

import pytest

from app.triage.language import NAMES, WORDS, Spoken, detect, spoken
from app.triage.text import Message, fold
from app.triage.ticket import Speaker

TEXTS = {
    "en": "Since this morning the export of our report does not work, could you have a look please?",
    "de": "Seit heute Morgen können wir den Bericht nicht mehr exportieren, bitte schauen Sie sich das an.",
    "fr": "Depuis ce matin, l'export de notre rapport ne fonctionne plus, pouvez-vous regarder s'il vous plaît ?",
    "es": "Desde esta mañana no podemos exportar nuestro informe, ¿pueden revisarlo por favor?",
    "pt": "Desde hoje de manhã não conseguimos exportar o nosso relatório, podem verificar, por favor?",
    "it": "Da questa mattina non riusciamo a esportare il nostro rapporto, potete controllare per favore?",
    "nl": "Sinds vanochtend kunnen wij ons rapport niet meer exporteren, kunt u hier naar kijken alstublieft?",
    "pl": "Od dzisiaj rano nie możemy wyeksportować naszego raportu, proszę to sprawdzić.",
    "cs": "Od dnešního rána nemůžeme exportovat naši sestavu, prosím podívejte se na to.",
    "sv": "Sedan i morse kan vi inte exportera vår rapport, kan ni titta på det tack?",
    "da": "Siden i morges kan vi ikke eksportere vores rapport, vil I kigge på det?",
    "fi": "Emme ole voineet viedä raporttia tämän aamun jälkeen, mikä on vikana, kun se ei toimi?",
    "hu": "Ma reggel óta nem tudjuk exportálni a jelentést, kérem, nézzék meg, hogy miért nem működik.",
    "ro": "De azi dimineață nu mai putem exporta raportul nostru, vă rugăm să verificați.",
    "tr": "Bu sabahtan beri raporumuzu dışa aktaramıyoruz, lütfen bir bakar mısınız, çok acil.",
    "id": "Sejak tadi pagi kami tidak bisa mengekspor laporan, mohon bantuannya karena ini penting.",
    "vi": "Từ sáng nay chúng tôi không thể xuất báo cáo, vui lòng kiểm tra giúp, xin cảm ơn.",
    "ru": "С сегодняшнего утра мы не можем выгрузить отчёт, посмотрите, пожалуйста.",
    "uk": "Від сьогоднішнього ранку ми не можемо вивантажити звіт, подивіться, будь ласка.",
    "el": "Από σήμερα το πρωί δεν μπορούμε να εξαγάγουμε την αναφορά μας.",
    "ar": "منذ هذا الصباح لا يمكننا تصدير التقرير، نرجو المساعدة",
    "he": "מהבוקר אנחנו לא מצליחים לייצא את הדוח, אפשר לבדוק בבקשה",
    "hi": "आज सुबह से हम अपनी रिपोर्ट निर्यात नहीं कर पा रहे हैं",
    "th": "ตั้งแต่เช้านี้เราไม่สามารถส่งออกรายงานได้",
    "ko": "오늘 아침부터 보고서를 내보낼 수 없습니다 확인 부탁드립니다",
    "ja": "今朝からレポートをエクスポートできません。確認をお願いします。",
    "zh": "从今天早上开始我们无法导出报告，请帮忙检查一下。",
    "fa": "از امروز صبح نمی‌توانیم گزارش خود را خروجی بگیریم، لطفا بررسی کنید چرا",
}


def told(text: str, hint: str = "") -> str:
    return detect(fold(text)[0], text, hint)


@pytest.mark.parametrize(("language", "text"), TEXTS.items())
def test_a_sentence_tells_its_language(language: str, text: str) -> None:
    assert told(text) == language


@pytest.mark.parametrize(("language", "text"), [(code, text) for code, text in TEXTS.items() if code in WORDS])
def test_marks_on_letters_are_not_needed_for_the_five(language: str, text: str) -> None:
    if language in ("en", "de", "fr", "es", "pt"):
        plain = fold(text)[0].encode("ascii", "ignore").decode()
        assert told(plain) == language


@pytest.mark.parametrize("text", ["", "12.5 %", "VPN", "404", "Login SAP", "Export CSV", "+++ /// ---", "Zoom 5.17"])
def test_what_does_not_tell_is_left_open(text: str) -> None:
    assert told(text) == ""


@pytest.mark.parametrize(
    "text", ["help", "login is broken", "not working", "cannot reset my password", "URGENT please"]
)
def test_few_words_of_english_are_english(text: str) -> None:
    assert told(text) == "en"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Passwort vergessen"),
        ("de", "Rechnung ist falsch"),
        ("de", "Anmeldung geht nicht"),
        ("fr", "mot de passe oublié, merci"),
        ("fr", "rien ne marche depuis hier"),
        ("es", "no puedo entrar en mi cuenta"),
        ("pt", "não consigo entrar na minha conta"),
        ("zh", "无法登录"),
        ("ja", "ログインできない"),
    ],
)
def test_short_complaints_tell_their_language(language: str, text: str) -> None:
    assert told(text) == language


def test_numbers_and_names_of_machines_say_nothing() -> None:
    build = (
        "\nVersion: 1.85.1 (0ee08df0cf4527e40edc9aa28f4b5bd38bbff2b2, 2023-12-13T09:49:00Z)\nOS: Windows_NT x64 10.0"
    )
    assert told("Depuis la mise à jour l'éditeur ne s'ouvre plus" + build) == "fr"


def test_a_name_from_elsewhere_does_not_change_an_english_text() -> None:
    assert told("Our colleague 田中 in Tokyo cannot open the monthly report since the update, the others can.") == "en"


def test_the_locale_breaks_a_tie_and_decides_nothing_alone() -> None:
    assert told("Problema con el sistema", hint="es") == "es"
    assert told("Please help us with the invoice", hint="de") == "en"
    assert told("VPN", hint="de") == ""


def message(text: str, source: str = "body", speaker: Speaker = Speaker.CUSTOMER) -> Message:
    return Message(source, speaker, text)


AGENT = Speaker.AGENT
FIVE = frozenset({"en", "de", "fr", "es", "pt"})


def test_a_message_that_does_not_tell_is_taken_for_the_writers_other_words() -> None:
    thread = [message("SAP", "subject"), message(TEXTS["de"]), message("ok", "1"), message("VPN", "2", AGENT)]
    assert spoken(thread, "", FIVE) == Spoken(("de", "de", "de", "en"), "de")


def test_the_newest_words_of_the_customer_tell_the_tickets_language() -> None:
    thread = [message(TEXTS["ja"]), message(TEXTS["de"], "1", AGENT), message(TEXTS["en"], "2")]
    assert spoken(thread, "ja", FIVE) == Spoken(("ja", "de", "en"), "en")


@pytest.mark.parametrize(
    ("locale", "language"), [("de-AT", "de"), ("", "en"), ("en-GB", "en"), ("ja", "en"), ("it", "en")]
)
def test_where_nothing_tells_the_locale_holds_if_it_can_be_read_and_else_english(locale: str, language: str) -> None:
    assert spoken([message("VPN", "subject"), message("SAP 4711")], locale, FIVE).language == language


def test_code_and_quotes_are_not_what_the_writer_says() -> None:
    text = (
        "Hier kommt immer derselbe Fehler, was kann ich tun?\n"
        "```\nconst the = of(this);\nif (the !== what) {\n  return we(have, been, told);\n}\n```"
    )
    assert spoken([message(text)], "", FIVE).language == "de"


def test_every_language_that_can_be_told_has_a_name() -> None:
    assert set(TEXTS) | set(WORDS) == set(NAMES)


def test_telling_takes_time_in_proportion_to_what_is_looked_at() -> None:
    assert told("l'" * 50_000) in ("", "fr")
    assert told("a'b'" * 50_000 + "é") == ""
