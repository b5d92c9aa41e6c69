"""A message as an e-mail through one SMTP server. Its ``Message-ID`` comes from the key."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import unquote, urlsplit

from app.errors import OutcomeUnknown, Refused, Unavailable
from app.oncall.message import Message


def send(message: Message, server: str, sender: str, to: str, timeout: float = 10.0) -> None:
    """Hand it to ``server``: ``smtp://user:password@host:587`` with TLS where offered, ``smtps://`` with TLS always.

    Raises Unavailable when nothing was accepted, Refused when the server says no for good, and OutcomeUnknown when the
    text was sent and the answer never came: such a message is not sent again.
    """
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = " ".join(message.subject.split()), sender, to
    letter["Message-ID"] = f"<{hashlib.sha256(message.key.encode()).hexdigest()[:32]}@firstline>"
    letter.set_content(message.text)
    try:
        with _connected(server, timeout) as smtp:
            _accepted(smtp.mail(sender))
            _accepted(smtp.rcpt(to))
            _hand_over(smtp, letter.as_bytes(policy=SMTP))
    except smtplib.SMTPAuthenticationError:
        raise Refused("the mail server refuses the login") from None
    except (OSError, smtplib.SMTPException) as error:
        raise Unavailable(f"the mail server cannot be used ({type(error).__name__})") from None


def _connected(server: str, timeout: float) -> smtplib.SMTP:
    parts = urlsplit(server)
    host = parts.hostname or "localhost"
    if parts.scheme == "smtps":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            host, parts.port or 465, timeout=timeout, context=ssl.create_default_context()
        )
    else:
        smtp = smtplib.SMTP(host, parts.port or 25, timeout=timeout)
        smtp.ehlo()
        if smtp.has_extn("starttls"):
            smtp.starttls(context=ssl.create_default_context())
    if parts.username:
        smtp.login(unquote(parts.username), unquote(parts.password or ""))
    smtp.ehlo_or_helo_if_needed()
    return smtp


def _hand_over(smtp: smtplib.SMTP, raw: bytes) -> None:
    try:
        _accepted(smtp.data(raw))
    except smtplib.SMTPDataError as error:
        _accepted((error.smtp_code, b""))
    except (OSError, smtplib.SMTPServerDisconnected) as error:
        raise OutcomeUnknown(f"the mail server took the message and did not answer ({type(error).__name__})") from None


def _accepted(answer: tuple[int, bytes]) -> None:
    code = answer[0]
    if code >= 500:
        raise Refused(f"the mail server answers {code}")
    if code >= 400:
        raise Unavailable(f"the mail server answers {code} for now")
