"""An ACME client of a few lines, written from RFC 8555 and not from the server."""

import base64
import hmac
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from subscriptions.sandbox.acme.messages import AcmeRequest
from subscriptions.sandbox.acme.service import AcmeService

BASE = "https://localhost:8902"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes
    links: list[str]

    @property
    def content(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.body)
        return content

    @property
    def problem(self) -> tuple[int, str, str]:
        """Status, last part of the type, detail."""
        assert self.headers["Content-Type"] == "application/problem+json"
        return self.status, self.content["type"].removeprefix("urn:ietf:params:acme:error:"), self.content["detail"]


Send = Callable[[str, str, bytes], Answer]


def direct(service: AcmeService) -> Send:
    """Reach a service without a network."""

    def send(method: str, url: str, body: bytes) -> Answer:
        reply = service.handle(
            AcmeRequest(method, url.removeprefix(BASE), body, "application/jose+json", "test-client/1.0", "192.0.2.7")
        )
        return Answer(reply.status, reply.headers, reply.body, reply.links)

    return send


class AcmeClient:
    """One key at one directory."""

    def __init__(self, send: Send, directory_url: str = f"{BASE}/v2/OV") -> None:
        self.send = send
        self.private_key = ec.generate_private_key(ec.SECP256R1())
        self.directory = send("GET", directory_url, b"").content
        self.kid = ""
        self.nonce = ""

    @property
    def jwk(self) -> dict[str, str]:
        numbers = self.private_key.public_key().public_numbers()
        x, y = b64(numbers.x.to_bytes(32, "big")), b64(numbers.y.to_bytes(32, "big"))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    @property
    def thumbprint(self) -> str:
        canonical = json.dumps(self.jwk, sort_keys=True, separators=(",", ":")).encode()
        digest = hashes.Hash(hashes.SHA256())
        digest.update(canonical)
        return b64(digest.finalize())

    def post(self, url: str, payload: object = None, /, **header: Any) -> Answer:
        """A signed POST, or a POST-as-GET when there is no payload; `header` replaces parts of the header."""
        protected: dict[str, Any] = {"alg": "ES256", "nonce": self._nonce(), "url": url}
        protected |= {"kid": self.kid} if self.kid else {"jwk": self.jwk}
        body = "" if payload is None else b64(json.dumps(payload).encode())
        answer = self.send("POST", url, self.sign(protected | header, body))
        self.nonce = answer.headers["Replay-Nonce"]
        return answer

    def sign(self, protected: dict[str, Any], payload: str) -> bytes:
        head = b64(json.dumps(protected).encode())
        der = self.private_key.sign(f"{head}.{payload}".encode(), ec.ECDSA(hashes.SHA256()))
        r, s = decode_dss_signature(der)
        signature = b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        return json.dumps({"protected": head, "payload": payload, "signature": signature}).encode()

    def register(self, key_id: str, mac_key: str, **members: Any) -> Answer:
        url = self.directory["newAccount"]
        content = {
            "termsOfServiceAgreed": True,
            "contact": ["mailto:ops@northwind.example"],
            "externalAccountBinding": self.binding(key_id, mac_key, url),
        }
        answer = self.post(url, content | members)
        if answer.status in (200, 201):
            self.kid = answer.headers["Location"]
        return answer

    def binding(self, key_id: str, mac_key: str, url: str) -> dict[str, str]:
        protected = b64(json.dumps({"alg": "HS256", "kid": key_id, "url": url}).encode())
        payload = b64(json.dumps(self.jwk).encode())
        mac = hmac.digest(unb64(mac_key), f"{protected}.{payload}".encode(), "sha256")
        return {"protected": protected, "payload": payload, "signature": b64(mac)}

    def change_key(self, new: "AcmeClient", **members: Any) -> Answer:
        """Ask for the key of another client instead of this one's; `members` replaces parts of what is asked."""
        url = self.directory["keyChange"]
        content = {"account": self.kid, "oldKey": self.jwk, "inner_url": url, "inner_jwk": new.jwk} | members
        protected = {"alg": "ES256", "url": content.pop("inner_url"), "jwk": content.pop("inner_jwk")}
        return self.post(url, json.loads(new.sign(protected, b64(json.dumps(content).encode()))))

    def order(self, *names: str, **members: Any) -> Answer:
        identifiers = [{"type": "dns", "value": name} for name in names]
        return self.post(self.directory["newOrder"], {"identifiers": identifiers} | members)

    def challenges(self, order: Answer) -> list[list[dict[str, Any]]]:
        """The challenges of each authorization of an order."""
        return [self.post(url).content["challenges"] for url in order.content["authorizations"]]

    def validate(self, order: Answer, kind: str = "dns-01") -> list[Answer]:
        """Say that every challenge of that kind is ready."""
        offered = [challenge for challenges in self.challenges(order) for challenge in challenges]
        return [self.post(challenge["url"], {}) for challenge in offered if challenge["type"] == kind]

    def finalize(self, order: Answer, *names: str, **request: Any) -> Answer:
        """Send a CSR for these names; `request` as `certificate_request` takes it."""
        der = certificate_request(*names, **request).public_bytes(serialization.Encoding.DER)
        return self.post(order.content["finalize"], {"csr": b64(der)})

    def obtain(self, *names: str, **members: Any) -> list[x509.Certificate]:
        """Order, validate, finalize, download: the chain."""
        order = self.order(*names, **members)
        self.validate(order)
        final = self.finalize(order, *names)
        return x509.load_pem_x509_certificates(self.post(final.content["certificate"]).body)

    def _nonce(self) -> str:
        nonce, self.nonce = self.nonce, ""
        return nonce or self.send("HEAD", self.directory["newNonce"], b"").headers["Replay-Nonce"]


def certificate_request(
    *names: str,
    others: Iterable[x509.GeneralName] = (),
    private_key: CertificateIssuerPrivateKeyTypes | None = None,
) -> x509.CertificateSigningRequest:
    """A CSR for DNS names and others, of a new key where none is given."""
    alternatives = x509.SubjectAlternativeName([*(x509.DNSName(name) for name in names), *others])
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return builder.add_extension(alternatives, critical=False).sign(
        private_key or ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()
    )


def certificate_id(certificate: x509.Certificate) -> str:
    """How ARI names a certificate (RFC 9773, 4.1)."""
    issuer = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    number = certificate.serial_number
    assert issuer is not None
    return f"{b64(issuer)}.{b64(number.to_bytes(number.bit_length() // 8 + 1, 'big'))}"
