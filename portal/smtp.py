"""The mail server: bounded in time, asked what it answered, and told apart before and after it has a mail's text."""

import smtplib
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends import smtp

BODY_TIMEOUT = 60.0  # seconds for the answer to a mail's text, which servers look through before they take it
GO_AHEAD = 354


class _Bounded(smtplib.SMTP):
    """A connection on which a whole reply, and not each of its bytes, has EMAIL_TIMEOUT seconds."""

    last_reply = (0, "")
    before_body: Callable[[], None] | None = None

    def getreply(self) -> tuple[int, bytes]:
        """Give the next reply; raise SMTPServerDisconnected where it does not come in time."""
        seconds = BODY_TIMEOUT if self.last_reply[0] == GO_AHEAD else self.timeout
        is_late = threading.Event()
        watch = threading.Timer(seconds, self._cut, [is_late])
        watch.daemon = True
        watch.start()
        try:
            code, text = super().getreply()
        finally:
            watch.cancel()
        if is_late.is_set():  # half an answer is none
            self.close()
            raise smtplib.SMTPServerDisconnected(f"no whole answer within {seconds:g} seconds")
        self.last_reply = code, text.decode(errors="replace")
        if code == GO_AHEAD:
            self._expect_body()
        return code, text

    def _expect_body(self) -> None:
        """Tell that the text goes next, and have patience with its answer."""
        assert self.sock is not None  # noqa: S101 - for the types
        try:
            if self.before_body is not None:
                self.before_body()
        except BaseException:
            self.close()  # anything said now, even a farewell, would be taken for the text
            raise
        self.sock.settimeout(BODY_TIMEOUT)

    def _cut(self, is_late: threading.Event) -> None:
        is_late.set()
        if (waiting := self.sock) is not None:
            with suppress(OSError):
                socket.socket.shutdown(waiting, socket.SHUT_RDWR)


class _BoundedTls(_Bounded, smtplib.SMTP_SSL):
    """The same, over TLS from the start."""


class EmailBackend(smtp.EmailBackend):
    """Django's own, with bounded connections."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """Give what speaks to the server."""
        return _BoundedTls if self.use_ssl else _Bounded

    def post(self, message: EmailMessage, *, before_body: Callable[[], None]) -> str:
        """Send one mail and give the server's answer; the connection stays open.

        `before_body` is called right before the text is sent: before it the server surely has nothing. Raises what
        smtplib raises, and what `before_body` does.
        """
        self.open()
        connection: Any = self.connection
        connection.before_body = before_body
        self.send_messages([message])
        code, text = connection.last_reply
        return f"{code} {text}"
