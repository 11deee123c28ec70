"""Mail servers on loopback: one that takes mails and can be told what to answer, and some that misbehave."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from tests.loopback import LoopbackServer

TAKEN = "250 2.0.0 Ok: queued as 4711"


class Mailbox:
    """What a server has taken, and what it answers."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.answers = {"RCPT": "250 OK", "DATA": TAKEN, "MAIL": "250 OK"}

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.answers["MAIL"]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.answers["RCPT"]

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answers["DATA"].startswith("2"):
            self.taken.append(message_from_bytes(envelope.content, policy=default))
        return self.answers["DATA"]

    @property
    def recipients(self) -> list[str]:
        return [str(message["To"]) for message in self.taken]


@contextmanager
def mail_server(port: int = 0) -> Iterator[tuple[Mailbox, int]]:
    """Run a server; give its mailbox and its port."""
    mailbox = Mailbox()
    port = port or free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield mailbox, port
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def misbehaving(serve: Callable[[LoopbackServer, socket.socket], None]) -> closing[LoopbackServer]:
    """Run a server that misbehaves, for the length of a block."""
    return closing(LoopbackServer(serve))


def never_answers(server: LoopbackServer, connection: socket.socket) -> None:
    """Accept, and say nothing."""
    server.stopped.wait()


def drips(server: LoopbackServer, connection: socket.socket) -> None:
    """Say a greeting that does not end, for half a minute: each byte comes in time."""
    connection.sendall(b"220")
    for _ in range(300):
        connection.sendall(b" ")
        if server.stopped.wait(0.1):
            return


def takes_all(connection: socket.socket) -> Iterator[bytes]:
    """Answer each command as a server does; give each after it was answered, and the whole text in place of DATA."""
    connection.sendall(b"220 ready\r\n")
    file = connection.makefile("rb")
    for line in file:
        if line.upper().startswith(b"DATA"):
            connection.sendall(b"354 go ahead\r\n")
            yield b"".join(iter(file.readline, b".\r\n"))
        else:
            connection.sendall(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 OK\r\n")
            yield line


def says_nothing_to_a_text(server: LoopbackServer, connection: socket.socket) -> None:
    """Take a mail's text, and say nothing more."""
    for told in takes_all(connection):
        if b"Message-ID" in told:
            server.stopped.wait()
            return


def hangs_up_after_a_text(server: LoopbackServer, connection: socket.socket) -> None:
    """Take a mail's text, and hang up."""
    for told in takes_all(connection):
        if b"Message-ID" in told:
            return


def hangs_up_before_a_text(server: LoopbackServer, connection: socket.socket) -> None:
    """Hang up where a mail's text would be next."""
    for told in takes_all(connection):
        if told.upper().startswith(b"RCPT"):
            return
