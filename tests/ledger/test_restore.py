"""After a restore from a backup nothing is changed at the CA before a person has looked at the differences."""

from io import StringIO

import pytest
from django.core.management import call_command

from accounts.errors import ServiceError
from subscriptions import tasks
from subscriptions.ledger import gate
from subscriptions.models import Domain, EabBinding, Gate, Operation, Transaction
from subscriptions.sandbox import Fault
from subscriptions.services.operations import reopen_gate
from subscriptions.worker import readings, restores
from subscriptions.worker.restores import Difference, compare
from tests.ledger.world import World


def test_the_ca_and_the_portal_agree(world: World) -> None:
    subscription = world.ready_subscription()
    world.work(world.order(subscription, ["example.com"]).operations.get())
    assert compare(world.caas) == []


def test_what_was_done_after_the_backup_is_shown_and_not_done_again(
    world: World, no_broker: list[tuple[str, tuple[int, ...]]]
) -> None:
    subscription = world.ready_subscription()
    operation = world.order(subscription, ["example.com"]).operations.get()
    world.work(operation)
    stray = world.caas.preregister(directory_url=subscription.server.directory_url, years=1, last_look=lambda: True)
    # The backup is from before the charge: the operation is queued again, the name unknown.
    Domain.objects.all().delete()
    Transaction.objects.all().delete()
    Operation.objects.filter(pk=operation.pk).update(state="queued", ca_order_number=None, baseline=None)
    call_command("restored", stdout=StringIO())
    readings.sync_servers(client=world.caas)
    no_broker.clear()
    tasks.sweep()
    tasks.sweep()
    assert no_broker == [("compare_with_ca", ())]
    restores.compare_for_gate(client=world.caas)

    assert gate.the_gate().closed_for == Gate.Closed.CHANGES
    assert world.work(operation) is None
    assert world.changes("ADDDOMAIN") == 1
    number = world.ca.summary()["charges"][0]["orderNumber"]
    assert gate.the_gate().comparison == [
        {"subject": stray.eab_key_id, "text": "The CA has this EAB key ID; no subscription here does."},
        {"subject": "example.com", "text": f"The CA has this name in “{subscription}”; it is not written here."},
        {
            "subject": "example.com",
            "text": f"The CA charged USD 50.00 (order {number}); no operation here holds it.",
        },
    ]
    reopen_gate(actor=world.staff)
    assert gate.the_gate().closed_for == Gate.Closed.NOTHING


def test_an_order_restored_half_done_is_not_done_again(world: World) -> None:
    order = world.order(world.ready_subscription(), ["example.com", "example.net"])
    first, second = order.operations.order_by("pk")
    world.work(first)
    baseline = Operation.objects.get(pk=first.pk).baseline
    world.work(second)
    # The backup is from between the two, the second one's readings made.
    Domain.objects.filter(name="example.net").delete()
    Operation.objects.filter(pk=second.pk).update(
        state="queued", ca_order_number=None, charged=None, finished_at=None, sent_at=None, baseline=baseline
    )
    call_command("restored", stdout=StringIO())
    readings.sync_servers(client=world.caas)
    assert restores.take_comparison(world.clock.instant)
    restores.compare_for_gate(client=world.caas)
    reopen_gate(actor=world.staff)  # without a look at what is queued
    readings.sync_servers(client=world.caas)

    world.work(second)

    second.refresh_from_db()
    assert second.state == Operation.State.ATTENTION
    assert world.changes("ADDDOMAIN") == 2


def test_an_account_made_after_the_backup_is_not_adopted_for_another(world: World) -> None:
    subscription = world.new_subscription()
    operation = subscription.operations.get()
    world.ca.arm("PREREGISTER", Fault.cut_before())
    world.work(operation)
    # The backup is from here; then another customer's account was made and handed over.
    others = world.caas.preregister(directory_url=subscription.server.directory_url, years=1, last_look=lambda: True)
    call_command("restored", stdout=StringIO())
    readings.sync_servers(client=world.caas)

    assert world.settle_until_known(operation).state == Operation.State.QUEUED

    assert not EabBinding.objects.exists()
    assert Difference(others.eab_key_id, "The CA has this EAB key ID; no subscription here does.") in compare(
        world.caas
    )


def test_names_and_keys_the_ca_does_not_have(world: World) -> None:
    subscription = world.ready_subscription()
    Domain.objects.create(subscription=subscription, name="example.com")
    binding = world.binding(subscription)
    assert compare(world.caas) == [
        Difference("example.com", f"This name is in “{subscription}” here; the CA does not have it.")
    ]
    type(binding).objects.filter(pk=binding.pk).update(eab_key_id="gone")
    assert Difference("gone", f"“{subscription}” has this EAB key ID; the CA does not.") in compare(world.caas)


def _compared(world: World) -> list[dict[str, str]] | None:
    """A worker takes the comparison that waits; give what people are told, or nothing yet."""
    assert restores.take_comparison(world.clock.instant)
    restores.compare_for_gate(client=world.caas)
    row = gate.the_gate()
    return row.comparison if row.compared_at else None


def test_what_one_list_lacks_is_not_gone(world: World) -> None:
    subscription = world.run(world.ready_subscription())
    key = world.binding(subscription).eab_key_id
    call_command("restored", stdout=StringIO())
    readings.sync_servers(client=world.caas)
    world.rewrite("LISTBINDINGS", lambda answer: answer.update(Bindings=[]))
    assert _compared(world) is None, "nobody is told before a second list lacks it too"
    with pytest.raises(ServiceError, match="not been compared"):
        reopen_gate(actor=world.staff)
    world.clock.advance(minutes=4, seconds=59)
    assert not restores.take_comparison(world.clock.instant)
    world.clock.advance(seconds=1)
    assert _compared(world) == [{"subject": key, "text": f"“{subscription}” has this EAB key ID; the CA does not."}]


def test_a_name_that_only_one_list_lacks_is_no_difference(world: World) -> None:
    world.run(world.ready_subscription())
    call_command("restored", stdout=StringIO())
    readings.sync_servers(client=world.caas)
    world.rewrite("LISTDOMAINS", lambda answer: answer.update(Domains=[]))
    assert _compared(world) is None
    world.rewrite("LISTDOMAINS", None)
    world.clock.advance(minutes=5)
    assert _compared(world) == []


def test_what_only_the_second_list_lacks_is_told_as_that(world: World) -> None:
    subscription = world.run(world.ready_subscription())
    Domain.objects.create(subscription=subscription, name="example.com")
    call_command("restored", stdout=StringIO())
    readings.sync_servers(client=world.caas)
    assert _compared(world) is None
    world.rewrite("LISTDOMAINS", lambda answer: answer.update(Domains=[]))
    world.clock.advance(minutes=5)
    here = f"This name is in “{subscription}” here; the CA does not have it."
    assert _compared(world) == [
        {"subject": "example.com", "text": here},
        {
            "subject": "first.example.com",
            "text": f"{here} That is what one list says; the one before it had it.",
        },
    ]


def test_names_of_a_term_that_is_over_are_no_difference(world: World) -> None:
    subscription = world.run(world.ready_subscription())
    world.rewrite("LISTDOMAINS", lambda answer: answer.update(Domains=[]))
    assert subscription.expires_at is not None
    assert len(compare(world.caas)) == 1
    world.clock.instant = subscription.expires_at
    assert compare(world.caas) == []


def test_it_stays_closed_where_the_ca_cannot_be_read(world: World) -> None:
    call_command("restored", stdout=StringIO())
    readings.sync_servers(client=world.caas)
    world.ca.arm("LISTBINDINGS", Fault.server_error())
    assert restores.take_comparison(world.clock.instant)
    restores.compare_for_gate(client=world.caas)
    assert gate.the_gate().closed_for == Gate.Closed.CHANGES
    assert gate.the_gate().compared_at is None
    assert restores.take_comparison(world.clock.instant)  # the next sweep tries again


def test_it_is_not_reopened_before_the_comparison(world: World) -> None:
    call_command("restored", stdout=StringIO())
    with pytest.raises(ServiceError, match="not been compared"):
        reopen_gate(actor=world.staff)
    assert gate.the_gate().closed_for == Gate.Closed.CHANGES


def test_a_login_refused_meanwhile_does_not_let_the_comparison_be_skipped(world: World) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    call_command("restored", stdout=StringIO())
    world.ca.arm("LISTSERVERS", Fault.unauthorized())  # the restored host has an old password
    readings.sync_servers(client=world.caas)
    assert gate.the_gate().closed_for == Gate.Closed.ALL

    assert reopen_gate(actor=world.staff) == Gate.Closed.CHANGES
    readings.sync_servers(client=world.caas)
    assert world.work(operation) is None
    assert restores.take_comparison(world.clock.instant)
    restores.compare_for_gate(client=world.caas)
    assert reopen_gate(actor=world.staff) == Gate.Closed.NOTHING
    readings.sync_servers(client=world.caas)
    assert world.work(operation) is not None
