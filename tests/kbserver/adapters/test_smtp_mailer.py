"""Mails over real connections to a server on this machine."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kbserver.adapters.smtp_mailer import MailServer, SmtpMailer
from kbserver.services.ports import Mail

USER, PASSWORD = "kb", "p@ss:word/1"


class Box:
    """Keeps what the server takes; refuses the addresses that it is told to."""

    def __init__(self) -> None:
        self.envelopes: list[object] = []
        self.refused: dict[str, str] = {}

    async def handle_RCPT(self, server, session, envelope, address: str, options) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:
        self.envelopes.append(envelope)
        return "250 OK"


def mail(to: str = "zhang.wei@example.com", **changes: str) -> Mail:
    values = {
        "to_name": "张伟",
        "to_address": to,
        "subject": "[知识库] 待你审核：打印机脱机",
        "text": "张伟，你好：\n",
        "html": "<p>张伟，你好：</p>",
        "message_id": "<kb-1@kb.example.com>",
        "lang": "zh",
    }
    return Mail(**(values | changes))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1 that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(pem + signed.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def server_of(box: Box, scheme: str, certificate: Path) -> Iterator[str]:
    """The address of a server that talks as `scheme` says."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    options = {"hostname": "127.0.0.1", "port": free_port(), "authenticator": _authenticate}
    if scheme == "smtps":
        options["ssl_context"] = context
    if scheme == "starttls":
        options |= {"tls_context": context, "require_starttls": True, "auth_required": True}
    controller = Controller(box, **options)
    controller.start()
    try:
        user = f"{USER}:p%40ss%3Aword%2F1@" if scheme == "starttls" else ""
        yield f"{scheme}://{user}127.0.0.1:{controller.port}"
    finally:
        controller.stop()


def free_port() -> int:
    """A port that nothing listens on; the controller connects to it and cannot be told 0."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _authenticate(server, session, envelope, mechanism: str, data: LoginPassword) -> AuthResult:
    return AuthResult(success=data == LoginPassword(USER.encode(), PASSWORD.encode()))


def mailer_for(url: str, certificate: Path) -> SmtpMailer:
    trusting = ssl.create_default_context(cafile=certificate)
    return SmtpMailer(MailServer.of(url), "kb@example.com", trusting)


@pytest.mark.parametrize("scheme", ["smtp", "smtps", "starttls"])
def test_a_mail_arrives_whole(scheme: str, certificate: Path) -> None:
    box = Box()
    with server_of(box, scheme, certificate) as url:
        outcomes = mailer_for(url, certificate).send([mail()])

    assert outcomes == [None]
    (envelope,) = box.envelopes
    message = message_from_bytes(envelope.content, policy=policy.default)
    assert (envelope.mail_from, envelope.rcpt_tos) == ("kb@example.com", ["zhang.wei@example.com"])
    assert (message["Subject"], message["Message-ID"]) == (mail().subject, mail().message_id)
    assert message["To"].addresses[0].display_name == "张伟"
    assert message.get_body(("plain",)).get_content().strip() == "张伟，你好："
    assert "<p>张伟，你好：</p>" in message.get_body(("html",)).get_content()


@pytest.mark.parametrize("scheme", ["smtps", "starttls"])
def test_a_server_that_cannot_prove_who_it_is_gets_nothing(scheme: str, certificate: Path) -> None:
    box = Box()
    with server_of(box, scheme, certificate) as url:
        (failure,) = SmtpMailer(MailServer.of(url), "kb@example.com").send([mail()])

    assert (str(failure), failure.is_final, box.envelopes) == ("SSLCertVerificationError", False, [])


def test_a_server_without_tls_is_not_told_the_password(certificate: Path) -> None:
    box = Box()
    with server_of(box, "smtp", certificate) as url:
        address = url.replace("smtp://", f"starttls://{USER}:secret@")
        (failure,) = mailer_for(address, certificate).send([mail()])

    assert (str(failure), box.envelopes) == ("SMTPNotSupportedError", [])


def test_one_bad_address_does_not_keep_the_others_from_their_mail(certificate: Path) -> None:
    box = Box()
    box.refused = {"gone@example.com": "550 no such user", "full@example.com": "452 mailbox full"}
    with server_of(box, "smtp", certificate) as url:
        outcomes = mailer_for(url, certificate).send(
            [mail("gone@example.com"), mail("full@example.com"), mail("li.na@example.com")]
        )

    assert [outcome and outcome.is_final for outcome in outcomes] == [True, False, None]
    assert [envelope.rcpt_tos for envelope in box.envelopes] == [["li.na@example.com"]]


@pytest.mark.parametrize("address", ["", "no-at", "a@b\r\nBcc: c@example.com", "a b@example.com"])
def test_what_is_no_address_is_given_up(address: str, certificate: Path) -> None:
    box = Box()
    with server_of(box, "smtp", certificate) as url:
        (failure,) = mailer_for(url, certificate).send([mail(address)])

    assert (failure.is_final, box.envelopes) == (True, [])


def test_a_server_that_is_away_is_tried_again() -> None:
    outcomes = SmtpMailer(MailServer.of("smtp://127.0.0.1:9"), "kb@example.com").send([mail(), mail()])

    assert [(str(failure), failure.is_final) for failure in outcomes] == [("ConnectionRefusedError", False)] * 2


def test_the_password_is_not_shown() -> None:
    assert PASSWORD not in repr(MailServer.of(f"smtp://kb:{PASSWORD.replace('/', '%2F').replace('@', '%40')}@host"))
