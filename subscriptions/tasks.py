"""Thin Celery tasks: an id in, the worker half called, what comes next sent. No secret travels in a message."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutdown
from django.utils import timezone

from subscriptions import emails
from subscriptions.ledger import gate, lanes
from subscriptions.worker import comparison, execution, heartbeat, pricing, readings, settling
from subscriptions.worker.connection import ca_client, worker_name

DISPATCH_LIMIT = 20


@worker_ready.connect
def start_worker(**_: Any) -> None:
    """Show signs of life, and have the connection to the CA checked before anything else goes there."""
    gate.ask_for_probe()
    heartbeat.Heart(worker_name()).start()
    probe_ca.delay()


@worker_shutdown.connect
def end_worker(**_: Any) -> None:
    """Take the sign of life away."""
    heartbeat.forget(worker_name())


def send_due_operations(binding_id: int | None = None) -> None:
    """Send a message for each queued operation that is next in its lane."""
    held = gate.held_kinds()
    for pk in lanes.take_dispatchable(timezone.now(), limit=DISPATCH_LIMIT, binding_id=binding_id, held_kinds=held):
        execute_operation.delay(pk)


@shared_task
def execute_operation(operation_id: int) -> None:
    """Carry out one queued operation, then send what its end made possible."""
    operation = execution.execute(operation_id, client=ca_client(), worker=worker_name())
    if operation is not None and operation.is_settled:
        send_due_operations(operation.binding_id)


@shared_task
def price_quote(quote_id: int) -> None:
    """Ask the CA for the prices of a quote."""
    pricing.price(quote_id, client=ca_client())


@shared_task
def sync_subscription(subscription_id: int) -> None:
    """Read what the CA knows of one subscription."""
    readings.sync_subscription(subscription_id, client=ca_client())


@shared_task
def sync_due_subscriptions() -> None:
    """Have every subscription read whose last reading is older than CAAS_SYNC_INTERVAL."""
    for pk in readings.take_due_subscriptions(timezone.now()):
        sync_subscription.delay(pk)


@shared_task
def probe_ca() -> None:
    """Ask the CA for its servers: the first call after a start or a reopening."""
    readings.sync_servers(client=ca_client())


@shared_task
def compare_with_ca() -> None:
    """Compare the CA with the database, for whoever is to reopen the gate after a restore."""
    comparison.compare_for_gate(client=ca_client())


@shared_task
def sweep() -> None:
    """Pick up what was lost on the way: dead claims, unsent messages, unanswered quotes, outcomes to settle."""
    now = timezone.now()
    if gate.wants_probe():
        probe_ca.delay()
    if comparison.take_comparison(now):
        compare_with_ca.delay()
    execution.reap_dead_claims(now)
    send_due_operations()
    for quote_id in pricing.take_due(now):
        price_quote.delay(quote_id)
    for operation_id in settling.take_due(now):
        settle_operation.delay(operation_id)


@shared_task
def settle_operation(operation_id: int) -> None:
    """Read at the CA what became of an operation whose answer was lost."""
    operation = settling.settle(operation_id, client=ca_client(), worker=worker_name())
    if operation is None or operation.state == operation.State.UNKNOWN:
        return
    if operation.state == operation.State.SUCCEEDED:
        sync_subscription.delay(operation.subscription_id)
    send_due_operations(operation.binding_id)


@shared_task(autoretry_for=(OSError,), retry_backoff=30, max_retries=8)  # what a mail server that is away raises
def send_handover(subscription_id: int, membership_id: int) -> None:
    """Mail one person that the ACME credentials are ready."""
    emails.send_handover(subscription_id, membership_id)
