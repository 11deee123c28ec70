"""Anti-replay nonces, each good for one request. In memory: after a restart clients are told badNonce and retry."""

import secrets
import threading
from collections import OrderedDict

LIMIT = 10_000


class Nonces:
    """The nonces given out and not yet used; the oldest are forgotten first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: OrderedDict[str, None] = OrderedDict()

    def new(self) -> str:
        """A fresh nonce."""
        nonce = secrets.token_urlsafe(16)
        with self._lock:
            self._open[nonce] = None
            if len(self._open) > LIMIT:
                self._open.popitem(last=False)
        return nonce

    def use(self, nonce: object) -> bool:
        """Whether the nonce was open; it is not any more."""
        with self._lock:
            return isinstance(nonce, str) and self._open.pop(nonce, self) is not self
