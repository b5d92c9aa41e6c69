"""How mail programs head what they quote and forward, by language, as they write it.

Sources: what Gmail, Outlook, Apple Mail, Thunderbird and Yahoo put above a quoted message in each language; Zendesk's
and Jira's reply lines. ``da`` stands for Danish and Norwegian.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mail:
    """``opening`` and ``wrote`` frame "On ... Ann wrote:"; ``sender`` to ``subject`` are fields of a header block.

    ``look`` points to what stands below. Words are parted by semicolons.
    """

    opening: str
    wrote: str
    sender: str
    sent: str
    date: str
    to: str
    subject: str
    original: str
    forwarded: str
    reply_line: str
    look: str


MAIL: Mapping[str, Mail] = {
    "en": Mail(
        opening="on",
        wrote="wrote; writes",
        sender="from",
        sent="sent",
        date="date",
        to="to; cc",
        subject="subject",
        original="original message; original email; original e-mail; original appointment",
        forwarded="forwarded message; forwarded by; forwarded email; begin forwarded message",
        reply_line="reply above this line; write above this line; respond above this line",
        look="see below; please see below; below; fyi; as below; see attached; forwarding; fwd; see the mail below",
    ),
    "de": Mail(
        opening="am",
        wrote="schrieb; schrieben",
        sender="von",
        sent="gesendet",
        date="datum",
        to="an; kopie",
        subject="betreff",
        original="ursprüngliche nachricht; originalnachricht; ursprungliche mail",
        forwarded="weitergeleitete nachricht; anfang der weitergeleiteten nachricht; weitergeleitet von",
        reply_line="antworten oberhalb dieser zeile; antwort über dieser zeile",
        look="siehe unten; s.u.; zur info; zur kenntnis; wie unten; z.k.",
    ),
    "fr": Mail(
        opening="le",
        wrote="a écrit",
        sender="de; expéditeur",
        sent="envoyé",
        date="date",
        to="à; pour; destinataire",
        subject="objet",
        original="message d'origine; message original",
        forwarded="message transféré; début du message transféré; message réexpédié; début du message réexpédié",
        reply_line="répondez au-dessus de cette ligne; votre réponse au-dessus de cette ligne",
        look="voir ci-dessous; ci-dessous; pour info; pour information; cf ci-dessous",
    ),
    "es": Mail(
        opening="el",
        wrote="escribió",
        sender="de",
        sent="enviado; enviado el",
        date="fecha",
        to="para",
        subject="asunto",
        original="mensaje original",
        forwarded="mensaje reenviado; forwarded message; inicio del mensaje reenviado",
        reply_line="responda por encima de esta línea; su respuesta por encima de esta línea",
        look="ver abajo; ver más abajo; véase abajo; para su información; adjunto reenvío",
    ),
    "pt": Mail(
        opening="em; no dia; a",
        wrote="escreveu",
        sender="de",
        sent="enviado; enviada em; enviado em; enviada",
        date="data",
        to="para",
        subject="assunto",
        original="mensagem original",
        forwarded="mensagem encaminhada; início da mensagem encaminhada; mensagem reencaminhada",
        reply_line="responda acima desta linha; sua resposta acima desta linha",
        look="veja abaixo; ver abaixo; segue abaixo; para informação",
    ),
    "it": Mail(
        opening="il; il giorno",
        wrote="ha scritto",
        sender="da",
        sent="inviato",
        date="data",
        to="a",
        subject="oggetto",
        original="messaggio originale",
        forwarded="messaggio inoltrato; inizio messaggio inoltrato",
        reply_line="rispondi sopra questa riga; risposta sopra questa riga",
        look="vedi sotto; vedere sotto; per conoscenza; per informazione",
    ),
    "nl": Mail(
        opening="op",
        wrote="schreef; het volgende geschreven",
        sender="van",
        sent="verzonden",
        date="datum",
        to="aan",
        subject="onderwerp",
        original="oorspronkelijk bericht; origineel bericht",
        forwarded="doorgestuurd bericht; begin doorgestuurd bericht",
        reply_line="antwoord boven deze regel; reageer boven deze regel",
        look="zie onder; zie hieronder; ter info; ter informatie",
    ),
    "pl": Mail(
        opening="w dniu; dnia",
        wrote="napisał; napisała; napisał(a); pisze",
        sender="od",
        sent="wysłano; wysłane",
        date="data",
        to="do",
        subject="temat",
        original="oryginalna wiadomość; wiadomość oryginalna",
        forwarded="przekazana wiadomość; wiadomość przekazana; początek przekazywanej wiadomości",
        reply_line="odpowiedz powyżej tej linii",
        look="patrz poniżej; zobacz poniżej; do wiadomości",
    ),
    "sv": Mail(
        opening="den",
        wrote="skrev",
        sender="från",
        sent="skickat",
        date="datum",
        to="till",
        subject="ämne",
        original="ursprungligt meddelande; originalmeddelande",
        forwarded="vidarebefordrat meddelande; vidarebefordrat brev; påbörjat vidarebefordrat brev",
        reply_line="svara ovanför denna rad",
        look="se nedan; för kännedom",
    ),
    "da": Mail(
        opening="den",
        wrote="skrev; skrev følgende",
        sender="fra",
        sent="sendt",
        date="dato",
        to="til",
        subject="emne",
        original="oprindelig meddelelse; opprinnelig melding; original meddelelse",
        forwarded="videresendt meddelelse; videresendt melding; start på videresendt meddelelse; videresendt besked",
        reply_line="svar over denne linje; skriv over denne linje",
        look="se nedenfor; se under; til orientering",
    ),
    "cs": Mail(
        opening="dne",
        wrote="napsal; napsala; napsal(a)",
        sender="od",
        sent="odesláno",
        date="datum",
        to="komu",
        subject="předmět",
        original="původní zpráva; původní e-mail",
        forwarded="přeposlaná zpráva; začátek přeposlané zprávy",
        reply_line="odpovězte nad tímto řádkem",
        look="viz níže; pro informaci; na vědomí",
    ),
    "ja": Mail(
        opening="",
        wrote="のメール; wrote; 書きました; は書きました",
        sender="差出人; 送信者; from",
        sent="送信日時; 送信",
        date="日時; 日付",
        to="宛先",
        subject="件名",
        original="元のメッセージ; オリジナルメッセージ; original message",
        forwarded="転送されたメッセージ; 転送メッセージ; forwarded message",
        reply_line="この行より上に返信; この行の上に返信",
        look="下記参照; 下記の通り; 下記をご確認ください; 以下参照",
    ),
    "zh": Mail(
        opening="在; 于; 於",
        wrote="写道; 寫道; 来信; 來信",
        sender="发件人; 寄件者; 寄件人",
        sent="发送时间; 寄件日期; 发送日期",
        date="日期; 时间",
        to="收件人; 收件者",
        subject="主题; 主旨",
        original="原始邮件; 原始郵件",
        forwarded="转发的邮件; 轉寄郵件; 转发邮件",
        reply_line="请在此行上方回复; 在此行上方输入回复",
        look="见下; 请看下面; 如下; 见下文",
    ),
}

EMPTY: Mapping[str, str] = {
    "en": (
        "hi hello hey dear team all please pls thanks thank you regards best kind and can could would you we us me "
        "i help support everyone folks guys sir madam good morning afternoon evening day see below look into at "
        "this the a it is to have fyi attached forwarding forwarded forward fwd fw from our customer client user "
        "mail email message following check advise assist handle any idea ideas thoughts here what do think my "
        "your for with on in needs need take care deal looking reply respond asap urgent as per information got "
        "received just came"
    ),
    "de": (
        "hallo guten tag morgen liebe lieber sehr geehrte damen herren team bitte danke vielen dank siehe unten "
        "zur info kenntnis können sie ihr du mir uns helfen weiterleitung das die der anbei kunde kunden vom von "
        "mail nachricht prüfen schauen schau mal schaut an was ist und gruß grüße anfrage um weitere bearbeitung"
    ),
    "fr": (
        "bonjour bonsoir merci svp s'il vous plaît voir ci dessous pouvez aider nous moi pour info information cf "
        "le la les du de client message mail transfert transmis je vous et d'avance cordialement en pj"
    ),
    "es": (
        "hola buenos días buenas tardes gracias por favor ver abajo más pueden puede ayudar ayudarme nos me el la "
        "de del cliente correo mensaje reenvío adjunto para su información y saludos"
    ),
    "pt": (
        "olá bom dia boa tarde obrigado obrigada por favor ver veja abaixo segue podem pode ajudar me nos o a do "
        "da de cliente mensagem e-mail encaminho para informação e"
    ),
    "it": (
        "ciao buongiorno salve grazie per favore vedi sotto potete puoi aiutare mi ci il la del di cliente "
        "messaggio mail inoltro conoscenza e in allegato"
    ),
    "nl": (
        "hallo hoi goedemorgen beste bedankt alvast aub graag zie onder hieronder kunnen jullie je u helpen ter "
        "info de het van klant mail bericht doorgestuurd en kan"
    ),
    "pl": (
        "dzień dobry cześć witam dziękuję proszę o patrz poniżej pomoc czy możecie pomóc do wiadomości od klienta w"
    ),
    "sv": ("hej god dag tack snälla se nedan kan ni du hjälpa mig oss för kännedom från kund vidarebefordrar"),
    "da": (
        "hej hei god dag tak takk venligst vennligst se nedenfor under kan i du dere hjælpe hjelpe mig meg os til "
        "orientering"
    ),
    "cs": (
        "dobrý den ahoj děkuji díky prosím o viz níže můžete pomoci pomoct nám mi pro informaci na vědomí od zákazníka"
    ),
}
"""Words that say nothing of their own above a forwarded message, parted by spaces."""
