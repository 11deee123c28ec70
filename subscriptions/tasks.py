"""Thin Celery tasks: an id in, the worker half called, what comes next sent. No secret travels in a message."""

import logging
import threading
from typing import Any

from celery import shared_task
from celery.signals import worker_init, worker_ready, worker_shutdown
from django.db import connection
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts import outbox, planned, telling
from subscriptions.ledger import clock, gate, lanes
from subscriptions.models import CustomerRequest, NameCheck, ServedCertificate
from subscriptions.worker import (
    claiming,
    execution,
    heartbeat,
    name_checks,
    pricing,
    process,
    readings,
    renewal_times,
    replacements,
    requests,
    restores,
    served,
    settling,
    unassigned,
    watermark,
)
from subscriptions.worker.connection import ca_client, call_limits, worker_name
from subscriptions.worker.persistence import persistently

logger = logging.getLogger(__name__)

SYNC_EVERY = 60  # seconds, as in `portal/task_plan.py`


@worker_init.connect
def start_heart(**_: Any) -> None:
    """Show signs of life from the start, once the database answers: a worker that waits for its broker lives too."""
    persistently(lambda: heartbeat.Heart(worker_name(), besides=_mind_the_plan)).start()


def _mind_the_plan() -> None:
    """Notice what did not run by itself. Each worker does, so that beat or another worker can be away.

    Where nobody looks what people are to be told, it looks itself: that nothing runs is one of these things.
    """
    try:
        planned.mind(timezone.now())
    except (OperationalError, OSError):  # a folder that cannot be written to is a broker that takes nothing
        logger.warning("The broker takes no messages: what is due is not sent.")
    if planned.is_missed("watch", timezone.now()):
        threading.Thread(target=_watch_here, name="watch", daemon=True).start()  # a sign of life must not wait for it


def _watch_here() -> None:
    try:
        watch.run()
    finally:
        connection.close()


@worker_ready.connect
def start_worker(**_: Any) -> None:
    """Have the connection to the CA checked before anything else goes there, and the database for a restore.

    No task is taken before: where the database is away, the worker waits for it.
    """
    persistently(_look_before_work)
    probe_ca.delay()


def _look_before_work() -> None:
    process.begin(clock.now())
    watermark.look()
    if heartbeat.is_first(worker_name()):
        gate.ask_for_probe()


@worker_shutdown.connect
def end_worker(**_: Any) -> None:
    """Take the sign of life away."""
    heartbeat.forget(worker_name())


def send_due_operations(binding_id: int | None = None) -> None:
    """Send a message for each queued operation that is next in its lane, as far as there is room on the way.

    What is next in a binding goes first; the rest is filled up with what is next anywhere. What goes before all that
    is queued needs no room.
    """
    road = gate.look_at_the_road(lanes.messages_out, lanes.waiting)
    room = 2 * call_limits().concurrency - road.messages_out
    if not road.has_waiting:
        return
    held = claiming.held_back(road.gate, road.now, has_held_kinds=road.has_held_kinds)
    chosen = lanes.take_first(road.now, held_back=held) if room <= 0 else []
    if room > 0 and binding_id is not None:
        chosen = lanes.take_dispatchable(road.now, limit=room, binding_id=binding_id, held_back=held)
    if room > len(chosen):
        chosen += lanes.take_dispatchable(road.now, limit=room - len(chosen), held_back=held)
    for pk in chosen:
        execute_operation.delay(pk)


class _Ends:
    """How many operations have ended in this process since it last filled the way to the workers."""

    lock = threading.Lock()
    since_filled = 0

    @classmethod
    def is_time_to_fill(cls) -> bool:
        """Whether so many have ended that a quarter of the messages can be on their way anew."""
        with cls.lock:
            cls.since_filled += 1
            if cls.since_filled < max(1, call_limits().concurrency // 2):
                return False
            cls.since_filled = 0
            return True


@shared_task
def execute_operation(operation_id: int) -> None:
    """Carry out what goes before all that is queued, then one queued operation; and send what their ends made possible.

    A message stands behind others: what may not wait is taken up by whichever worker is free first.
    """
    for pk in [*lanes.first_of_all(besides=operation_id), operation_id]:
        _execute(pk)


def _execute(operation_id: int) -> None:
    operation = execution.execute(
        operation_id, client=ca_client(), worker=worker_name(), after_baseline=send_due_operations
    )
    if operation is None:
        return
    if operation.state == operation.State.SUCCEEDED and replacements.queue_due(operation, worker=worker_name()):
        send_due_operations(operation.binding_id)
    # The next of its lane goes at once; the way is filled up after several ends, by one look for all.
    for pk in lanes.take_following(operation, limit=call_limits().concurrency):
        execute_operation.delay(pk)
    if _Ends.is_time_to_fill():
        send_due_operations()


@shared_task
def price_quote(quote_id: int) -> None:
    """Ask the CA for the prices of a quote."""
    pricing.price(quote_id, client=ca_client())
    for check_id in name_checks.begin_of_quote(quote_id):
        check_name.delay(check_id)


@shared_task(expires=NameCheck.LEASE.total_seconds())  # from then on another message is sent
def check_name(check_id: int) -> None:
    """Look at a name from outside; of a quote's names one after another."""
    for following in name_checks.check(check_id):
        check_name.delay(following)


@shared_task
def sync_subscription(subscription_id: int) -> None:
    """Read what the CA knows of one subscription."""
    readings.sync_subscription(subscription_id, client=ca_client(for_readings=True))


@shared_task
@planned.planned
def sync_due_subscriptions() -> None:
    """Have the subscriptions read whose last reading is older than SYNC_INTERVAL, in step with the limits."""
    for pk in readings.take_due_subscriptions(clock.now(), seconds=SYNC_EVERY):
        sync_subscription.delay(pk)


@shared_task
@planned.planned
def look_for_unassigned() -> None:
    """Look for ACME accounts at the CA that no binding holds."""
    unassigned.look_for_unassigned(ca_client(for_readings=True))


@shared_task
def read_assigned_account(account_id: int) -> None:
    """Read the key of an ACME account that staff have assigned."""
    subscription = unassigned.read_assigned(account_id, client=ca_client())
    if subscription is not None:
        sync_subscription.delay(subscription.pk)


@shared_task
@planned.planned
def probe_ca() -> None:
    """Ask the CA for its servers: the first call after a start or a reopening."""
    readings.sync_servers(client=ca_client())


@shared_task
def compare_with_ca() -> None:
    """Compare the CA with the database, for whoever is to reopen the gate after a restore."""
    restores.compare_for_gate(client=ca_client())


@shared_task
@planned.planned
def sweep() -> None:
    """Pick up what was lost on the way: dead claims, unsent messages, unanswered quotes, outcomes to settle."""
    now = clock.now()
    watermark.look()
    if gate.wants_probe():
        probe_ca.delay()
    if restores.take_comparison(now):
        compare_with_ca.delay()
    claiming.reap_dead_claims(now)
    replacements.queue_due(worker=worker_name())
    send_due_operations()
    requests.follow(now, tell=_tell_asker)
    for quote_id in pricing.take_due(now):
        price_quote.delay(quote_id)
    for binding_id in settling.take_due(now):
        settle_binding.delay(binding_id)
    for check_id in name_checks.take_due(now):
        check_name.delay(check_id)
    for account_id in unassigned.take_to_be_read(now):
        read_assigned_account.delay(account_id)


def _tell_asker(asked: CustomerRequest) -> None:
    outbox.offer("request_answered", person=asked.created_by, about=asked)


@shared_task
def settle_binding(binding_id: int) -> None:
    """Read at the CA what became of a binding's operations whose answers were lost."""
    settled = settling.settle_binding(binding_id, client=ca_client(for_readings=True), worker=worker_name())
    if any(operation.state == operation.State.SUCCEEDED for operation in settled):
        sync_subscription.delay(settled[0].subscription_id)
    if settled:
        send_due_operations(binding_id)


@shared_task
@planned.planned
def look_at_served() -> None:
    """Look at what the websites serve whose day is over, and ask the CA when it wants that renewed."""
    served.look_at_due()
    renewal_times.ask_due()


@shared_task(expires=ServedCertificate.LOST_AFTER.total_seconds())  # from then on it can be asked for again
def look_at_served_name(domain_id: int) -> None:
    """Look at what one website serves, for whoever waits for it."""
    served.look_at_one(domain_id)


@shared_task
@planned.planned
def watch() -> None:
    """Look what people are to be told, and write the mails that are due."""
    try:
        telling.look(timezone.now())
    finally:
        telling.deliver(timezone.now())
