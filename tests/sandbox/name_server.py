"""A name server on loopback that answers what a test tells it."""

import socket
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class NameServer:
    """Answers from `zone`, a dict of (name, type) to texts; unknown names do not exist, those in `broken` fail.

    Notes what was asked.
    """

    def __init__(self) -> None:
        self.zone: dict[tuple[str, str], list[str]] = {}
        self.broken: set[str] = set()
        self.asked: list[tuple[str, str]] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._socket.getsockname()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bell:
            bell.sendto(b"", self.address)
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            packet, client = self._socket.recvfrom(4096)
            if not packet:
                return
            self._socket.sendto(self._answer(dns.message.from_wire(packet)), client)

    def _answer(self, query: dns.message.Message) -> bytes:
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA
        if (name, kind) in self.zone:
            texts = self.zone[name, kind]
            response.answer.append(dns.rrset.from_text(question.name, 1, "IN", kind, *texts))
        else:
            response.set_rcode(dns.rcode.SERVFAIL if name in self.broken else dns.rcode.NXDOMAIN)
        return response.to_wire()
