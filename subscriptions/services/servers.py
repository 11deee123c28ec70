"""The CA's list of ACME servers: the request half."""

from django.db import transaction

from accounts.audit import record_event
from accounts.models import User
from subscriptions import tasks
from subscriptions.happenings import Happening


@transaction.atomic
def request_server_list(*, actor: User) -> None:
    """Have the CA asked for its ACME servers."""
    record_event(Happening.SERVERS_REQUESTED, actor=actor)
    transaction.on_commit(tasks.probe_ca.delay, robust=True)
