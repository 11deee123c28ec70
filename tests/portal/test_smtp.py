"""What the portal says to a mail server ends, whatever the server says."""

import os
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from django.core.mail import EmailMessage

from portal.settings import BASE_DIR
from portal.smtp import EmailBackend
from tests.accounts import mail_servers
from tests.accounts.mail_servers import TAKEN, mail_server, misbehaving

MESSAGE = EmailMessage("Subject", "Text", "portal@reseller.example", ["owner@northwind.example"])


def backend(port: int, timeout: float = 5) -> EmailBackend:
    return EmailBackend(host="127.0.0.1", port=port, username="", password="", timeout=timeout)


def test_it_works() -> None:
    marks = []
    with mail_server() as (mailbox, port):
        connection = backend(port)
        assert connection.post(MESSAGE, before_body=lambda: marks.append(len(mailbox.taken))) == TAKEN
        connection.close()
        assert mailbox.recipients == ["owner@northwind.example"]
    assert marks == [0]


@pytest.mark.parametrize("serve", [mail_servers.never_answers, mail_servers.drips])
def test_a_reply_is_waited_for_as_a_whole(serve: Callable[..., None]) -> None:
    began = time.monotonic()
    with misbehaving(serve) as server, pytest.raises(smtplib.SMTPServerDisconnected):
        backend(server.port, timeout=0.5).post(MESSAGE, before_body=lambda: None)
    assert time.monotonic() - began < 10  # the server would go on for thirty


def test_a_text_is_marked_only_where_it_goes_next() -> None:
    marks: list[None] = []
    with misbehaving(mail_servers.hangs_up_before_a_text) as server, pytest.raises(smtplib.SMTPException):
        backend(server.port).post(MESSAGE, before_body=lambda: marks.append(None))
    assert marks == []


def test_what_fails_before_the_text_sends_nothing() -> None:
    def fail() -> None:
        raise RuntimeError("The database is away.")

    with mail_server() as (mailbox, port):
        connection = backend(port)
        with pytest.raises(RuntimeError):
            connection.post(MESSAGE, before_body=fail)
        connection.close()
        assert mailbox.taken == []


def test_mails_by_smtp_go_this_way() -> None:
    environ = os.environ | {"EMAIL_URL": "smtp+tls://portal:secret@mail.example:587", "ENV_FILE": os.devnull}
    told = "from portal import settings as s; print(s.EMAIL_BACKEND, s.EMAIL_USE_TLS, s.EMAIL_TIMEOUT)"
    answer = subprocess.run([sys.executable, "-c", told], cwd=BASE_DIR, env=environ, capture_output=True, check=True)
    assert answer.stdout.split() == [b"portal.smtp.EmailBackend", b"True", b"10"]
