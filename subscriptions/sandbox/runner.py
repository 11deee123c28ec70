"""Both servers of a sandbox in one process, until it is told to stop."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer

from .acme.caa import CaaCheck, permit_everything
from .acme.server import AcmeServer
from .acme.service import AcmeService
from .acme.validation import Validator
from .admin_server import AdminServer
from .core import Sandbox

ACME_HOSTS = ["localhost", "127.0.0.1", "::1"]


@contextmanager
def running(
    sandbox: Sandbox,
    address: tuple[str, int],
    acme_port: int,
    validator: Validator,
    check_caa: CaaCheck = permit_everything,
) -> Iterator[AdminServer]:
    """Serve while the block runs; port 0 takes a free one. Raises OSError for a port that is taken."""
    admin = AdminServer(address, sandbox)
    try:
        context = sandbox.authority.tls_context(ACME_HOSTS)
        acme = AcmeServer((address[0], acme_port), AcmeService(sandbox, validator, check_caa), context)
    except OSError:
        admin.server_close()
        raise
    sandbox.switches.acme_base = f"https://localhost:{acme.server_address[1]}"
    sandbox.switches.admin_base = f"http://localhost:{admin.server_address[1]}"
    threads = [_serving(admin), _serving(acme)]
    try:
        yield admin
    finally:
        admin.stop()
        acme.shutdown()
        for thread, server in zip(threads, (admin, acme), strict=True):
            thread.join()
            server.server_close()


@contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set while the block runs; to be used from the main thread."""
    stopped = threading.Event()
    previous = {number: signal.signal(number, lambda *_: stopped.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stopped
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _serving(server: ThreadingHTTPServer) -> threading.Thread:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    return thread
