"""Mails over SMTP: plain, inside TLS, or turned to TLS before anything is said."""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import SplitResult, unquote, urlsplit

from kbserver.services.ports import Mail, MailFailed

TIMEOUT_SECONDS = 15
PORTS = {"smtp": 25, "smtps": 465, "starttls": 587}
"""The ways to talk to a server, as `KB_SMTP_URL` names them, with their usual ports."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails go."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, url: str) -> MailServer:
        """The server that an address such as `starttls://user:password@mail.example.com:587` names."""
        parts: SplitResult = urlsplit(url)
        return cls(
            parts.scheme,
            parts.hostname or "",
            parts.port or PORTS[parts.scheme],
            unquote(parts.username or ""),
            unquote(parts.password or ""),
        )


class SmtpMailer:
    """Sends over one connection at a time; never says a password over a line that is not encrypted to the server."""

    def __init__(self, server: MailServer, sender: str, context: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._sender = sender
        self._context = context

    def send(self, mails: Sequence[Mail]) -> list[MailFailed | None]:
        """Send the mails; for each, why it was not taken, or None."""
        try:
            connection = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            # An answer of the server may repeat what was said to it, a password too.
            return [MailFailed(type(error).__name__) for _ in mails]
        try:
            return [self._send(connection, mail) for mail in mails]
        finally:
            with suppress(OSError, smtplib.SMTPException):
                connection.quit()

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        context = self._context or ssl.create_default_context()
        if server.scheme == "smtps":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=TIMEOUT_SECONDS, context=context
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
        try:
            if server.scheme == "starttls":
                connection.starttls(context=context)
            if server.user:
                connection.login(server.user, server.password)
        except Exception:
            connection.close()
            raise
        return connection

    def _send(self, connection: smtplib.SMTP, mail: Mail) -> MailFailed | None:
        try:
            message = message_of(mail, self._sender)
        except (ValueError, IndexError):
            return MailFailed("the address cannot be used", is_final=True)
        try:
            connection.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            return MailFailed(f"refused {codes}", is_final=all(code >= 500 for code in codes))
        except smtplib.SMTPResponseException as error:
            with suppress(OSError, smtplib.SMTPException):
                connection.rset()
            return MailFailed(f"{type(error).__name__} {error.smtp_code}", is_final=error.smtp_code >= 550)
        except (OSError, smtplib.SMTPException) as error:
            return MailFailed(type(error).__name__)
        return None


def message_of(mail: Mail, sender: str) -> EmailMessage:
    """The mail with its headers; raises `ValueError` for an address that cannot stand in one."""
    message = EmailMessage()
    message["From"] = _address("", sender)
    message["To"] = _address(mail.to_name, mail.to_address)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = mail.message_id
    message["Content-Language"] = mail.lang
    # Automatic answers, such as those of people on leave, are not wanted.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _address(name: str, address: str) -> Address:
    return Address(display_name=name, addr_spec=address)
