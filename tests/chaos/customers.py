"""What customers do in a random run: their ACME clients register under the keys that they were given."""

import ssl
import urllib.request
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from urllib.error import HTTPError

from tests.chaos.installation import Installation
from tests.sandbox.acme_client import AcmeClient, Answer, Send


@dataclass
class Customers:
    """`registered` is how many clients registered under each subscription's key, by its code."""

    installation: Installation
    registered: Counter[str] = field(default_factory=Counter)
    _send: Send | None = None

    def register(self, code: str, directory_url: str, key_id: str, mac_key: str) -> bool:
        """Register one more client, and give whether the CA took it: not while the key is suspended."""
        self._send = self._send or _over_https(self.installation.ca_pem())
        with suppress(OSError, HTTPException, ValueError, KeyError):
            if AcmeClient(self._send, directory_url).register(key_id, mac_key).status == 201:
                self.registered[code] += 1
                return True
        return False


def _over_https(root_pem: str) -> Send:
    context = ssl.create_default_context(cadata=root_pem)

    def send(method: str, url: str, body: bytes) -> Answer:
        headers = {"Content-Type": "application/jose+json", "User-Agent": "chaos-client/1.0"}
        request = urllib.request.Request(url, body or None, headers, method=method)  # noqa: S310 - loopback
        try:
            with urllib.request.urlopen(request, timeout=10, context=context) as given:  # noqa: S310
                return Answer(given.status, dict(given.headers), given.read(), given.headers.get_all("Link") or [])
        except HTTPError as refused:
            return Answer(refused.code, dict(refused.headers), refused.read(), [])

    return send
