"""A name server on loopback, over UDP and TCP, that answers what a test tells it and can change its mind."""

import socketserver
import struct
import threading
from collections.abc import Callable
from typing import Any, Self

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset


class NameServer:
    """Answers as a resolver does, aliases followed, from `records`: (name, type) to texts, or to a list of such turns.

    `rcodes` fail for a name, `silent` names get no answer, `truncated` ones come over TCP only; `validated` names
    carry AD and `bogus` ones fail unless the asker checks itself. `raw` answers with bytes of its own. With
    `authoritative` it follows nothing and says AA; below `delegated` it refers to others.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.records: dict[tuple[str, str], list[str]] = {}
        self.turns: dict[tuple[str, str], list[list[str]]] = {}
        self.rcodes: dict[str, str] = {}
        self.silent: set[str] = set()
        self.truncated: set[str] = set()
        self.validated: set[str] = set()
        self.bogus: set[str] = set()
        self.delegated: dict[str, list[str]] = {}
        self.raw: Callable[[dns.message.Message], bytes] | None = None
        self.authoritative = False
        self.asked: list[tuple[str, str]] = []
        self._tcp, self._udp = self._both(host, port)
        self.address = (host, int(self._udp.server_address[1]))
        for server in (self._udp, self._tcp):
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def _both(self, host: str, port: int) -> "tuple[_Tcp, _Udp]":
        """Take a port that is free for both: some other socket may have one of them."""
        while True:
            tcp = _Tcp((host, port), _TcpHandler, self)
            try:
                return tcp, _Udp((host, int(tcp.server_address[1])), _UdpHandler, self)
            except OSError:
                tcp.server_close()
                if port:
                    raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for server in (self._udp, self._tcp):
            server.shutdown()
            server.server_close()

    @property
    def setting(self) -> str:
        """Its place, as OUTBOUND_RESOLVERS has it."""
        return f"{self.address[0]}:{self.address[1]}"

    def answer(self, wire: bytes, *, udp: bool) -> bytes | None:
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        if name in self.silent:
            return None
        if self.raw:
            return self.raw(query)
        response = dns.message.make_response(query)
        if udp and name in self.truncated:
            response.flags |= dns.flags.TC
            return response.to_wire()
        self._fill(query, response, name, kind)
        return response.to_wire(max_size=65535)

    def _fill(self, query: dns.message.Message, response: dns.message.Message, name: str, kind: str) -> None:
        response.flags |= dns.flags.AA if self.authoritative else dns.flags.RA
        if name in self.bogus and not query.flags & dns.flags.CD:
            response.set_rcode(dns.rcode.SERVFAIL)
            return
        if name in self.rcodes:
            response.set_rcode(dns.rcode.from_text(self.rcodes[name]))
            return
        if zone := next((zone for zone in self.delegated if name == zone or name.endswith(f".{zone}")), None):
            response.flags &= ~dns.flags.AA
            response.authority.append(dns.rrset.from_text(f"{zone}.", 60, "IN", "NS", *self.delegated[zone]))
            return
        if name in self.validated:
            response.flags |= dns.flags.AD
        self._follow(response, name, kind)

    def _follow(self, response: dns.message.Message, name: str, kind: str) -> None:
        for _ in range(20):
            if (name, "CNAME") not in self.records or kind == "CNAME":
                break
            target = self.records[name, "CNAME"][0]
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", target))
            name = target.removesuffix(".")
        turns = self.turns.get((name, kind))
        texts = (turns.pop(0) if len(turns) > 1 else turns[0]) if turns else self.records.get((name, kind))
        if texts:
            response.answer.append(dns.rrset.from_text(f"{name}." if name != "." else ".", 60, "IN", kind, *texts))
        elif not any(known == name or known.endswith(f".{name}") for known, _ in {*self.records, *self.turns}):
            response.set_rcode(dns.rcode.NXDOMAIN)


class _Server:
    names: NameServer


class _Udp(_Server, socketserver.ThreadingUDPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], handler: Any, names: NameServer) -> None:
        self.names = names
        super().__init__(address, handler)


class _Tcp(_Server, socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], handler: Any, names: NameServer) -> None:
        self.names = names
        super().__init__(address, handler)


class _UdpHandler(socketserver.BaseRequestHandler):
    server: _Udp

    def handle(self) -> None:
        wire, socket = self.request
        if (reply := self.server.names.answer(wire, udp=True)) is not None:
            socket.sendto(reply, self.client_address)


class _TcpHandler(socketserver.StreamRequestHandler):
    server: _Tcp

    def handle(self) -> None:
        (length,) = struct.unpack("!H", self.rfile.read(2))
        if (reply := self.server.names.answer(self.rfile.read(length), udp=False)) is not None:
            self.wfile.write(struct.pack("!H", len(reply)) + reply)
