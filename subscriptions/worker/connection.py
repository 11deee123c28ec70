"""How a worker reaches the CA: one client for the process, built from the settings, behind the shared gate."""

import os
import socket
import time
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from accounts.changeable import CALLS_A_SECOND, CALLS_AT_ONCE
from subscriptions.caas.client import CaasClient
from subscriptions.caas.transport import Timeouts
from subscriptions.ledger.gate import note_problem
from subscriptions.ledger.limiter import SLOT_WAIT, DatabaseLimiter, Limits

LOOKED_UP_EVERY = 10.0  # seconds


class _Looked:
    """The limits as this process has looked them up last, and when, by the monotonic clock."""

    limits: Limits | None = None
    at = 0.0


@cache
def ca_client(*, for_readings: bool = False) -> CaasClient:
    """Give the process's client of the CA; raise ImproperlyConfigured where the CA's address or login is missing.

    The one `for_readings` lets what people wait for go first. The reason is noted for the staff's banner. Only workers
    call this: the web process neither holds the login nor talks to the CA.
    """
    missing = [
        name for name in ("CAAS_API_URL", "CAAS_LOGIN_NAME", "CAAS_LOGIN_PASSWORD") if not getattr(settings, name)
    ]
    if missing:
        problem = f"The worker is not configured for the CA: it lacks {' and '.join(missing)}."
        note_problem(problem)
        raise ImproperlyConfigured(problem)
    return CaasClient(
        url=settings.CAAS_API_URL,
        login_name=settings.CAAS_LOGIN_NAME,
        login_password=settings.CAAS_LOGIN_PASSWORD,
        timeout=Timeouts(
            connect=settings.CAAS_CONNECT_TIMEOUT, read=settings.CAAS_READ_TIMEOUT, total=settings.CAAS_TIMEOUT
        ),
        limiter=database_limiter(for_readings=for_readings),
    )


def database_limiter(*, for_readings: bool = False) -> DatabaseLimiter:
    """Give the limiter all workers share."""
    return DatabaseLimiter(
        limits=call_limits,
        lease=timedelta(seconds=settings.CAAS_LEASE),
        wait=min(SLOT_WAIT, settings.CAAS_LEASE / 4),
        is_for_readings=for_readings,
    )


def call_limits() -> Limits:
    """Give how many calls may be made. They are looked up every few seconds: a reseller admin changes them."""
    now = time.monotonic()
    if _Looked.limits is None or now - _Looked.at >= LOOKED_UP_EVERY:
        _Looked.limits, _Looked.at = Limits(CALLS_AT_ONCE.whole(), CALLS_A_SECOND.value()), now
    return _Looked.limits


def forget_call_limits() -> None:
    """Have them looked up at the next call."""
    _Looked.limits = None


def worker_name() -> str:
    """Give this worker's name: host and process."""
    return f"{socket.gethostname()}:{os.getpid()}"
