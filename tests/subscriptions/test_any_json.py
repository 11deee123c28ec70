"""What the CA said is kept as it came: the pages of the ledger stand any JSON in it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.roles import ResellerRole
from subscriptions.models import Baseline, Finding, Operation, OperationEvent, Subscription
from tests import cast

# What PostgreSQL takes: no NUL and no half of a surrogate pair.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | st.sampled_from(["1E+999999999", "1E-999999999", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "USD"])
)
KNOWN = {"at", "is_there", "charges", "unread", "seen", "lists_no_charge", "amount", "currency", "ca_order_number"}
KEYS = TEXT | st.sampled_from(sorted(KNOWN | {"names", "refusal", "text", "key"}))
ANY = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6))
KEPT_JSON = ANY.filter(lambda value: value is not None)  # a column's own null is not JSON's
# Nearly what is kept, with anything in its places.
READING = st.fixed_dictionaries(
    {}, optional={"at": ANY, "is_there": ANY, "unread": ANY, "charges": ANY | st.lists(ANY), "lists_no_charge": ANY}
)
ASKED = st.fixed_dictionaries({}, optional={"names": ANY, "amount": ANY, "currency": ANY, "refusal": ANY})
STATES = st.sampled_from(Operation.State.values)


@pytest.fixture
def superuser(db: None) -> User:
    return User.objects.create_superuser("root@reseller.example", cast.PASSWORD, reseller_role=ResellerRole.ADMIN)


@pytest.fixture
def pages(subscription: Subscription, customer: Any) -> list[Operation]:
    """One operation of each kind that the catalogue can make here, the first in an order."""
    ordered = cast.make_order(cast.make_quote(subscription)).operations.get()
    making = cast.make_subscription(customer, is_ready=False).operations.get()
    return [ordered, making]


def _fill(operation: Operation, kept: dict[str, Any]) -> None:
    baseline = None
    if operation.binding is not None:
        fields = {name: kept[name] for name in ("names", "anchors", "transactions", "unread")}
        baseline = Baseline.objects.create(binding=operation.binding, **fields)
        lines = kept["lines"]
        Finding.objects.filter(binding=operation.binding).delete()
        Finding.objects.create(binding=operation.binding, sort="unexplained_charge", state="open", lines=lines)
    OperationEvent.objects.create(
        operation=operation, to_state=kept["state"], at=timezone.now(), reason="It happened.", detail=kept["detail"]
    )
    cast.end_operation(
        operation,
        kept["state"],
        readings=kept["readings"],
        reply=kept["reply"],
        baseline=baseline,
        was_unknown=kept["was_unknown"],
        is_charge_open=kept["is_charge_open"],
    )


KEPT = st.fixed_dictionaries(
    {
        "state": STATES,
        "readings": KEPT_JSON | st.lists(READING, max_size=3),
        "reply": ANY,
        "detail": KEPT_JSON | ASKED,
        "lines": KEPT_JSON | st.lists(READING, max_size=2),
        "names": KEPT_JSON,
        "anchors": KEPT_JSON,
        "transactions": ANY,
        "unread": KEPT_JSON,
        "was_unknown": st.booleans(),
        "is_charge_open": st.booleans(),
    }
)
WAITING = {"state": "attention", "was_unknown": False, "is_charge_open": False}
COLUMNS = ("readings", "reply", "detail", "lines", "names", "anchors", "transactions", "unread")
A_PRICE = {"names": ["www.example.com"], "amount": "1E+999999999", "currency": "USD"}


@pytest.mark.django_db
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(kept=KEPT)
@example(kept=dict.fromkeys(COLUMNS, "x") | WAITING)
@example(kept={name: [[1]] for name in COLUMNS} | WAITING | {"detail": A_PRICE})
def test_every_page_of_the_ledger_answers(pages: list[Operation], superuser: User, kept: dict[str, Any]) -> None:
    client = cast.sign_in(Client(), superuser)
    for operation in pages:
        _fill(operation, kept)
    order = pages[0].order
    assert order is not None
    urls = [reverse("subscriptions:operation-detail", args=[operation.code]) for operation in pages]
    urls += [reverse("subscriptions:order-detail", args=[order.code]), reverse("subscriptions:operation-list")]
    urls += [reverse("subscriptions:subscription-detail", args=[cast.subscription_of(order).code])]
    rows = [pages[0], pages[1], pages[0].baseline, pages[0].events.last(), Finding.objects.get()]
    urls += [reverse(f"admin:subscriptions_{row._meta.model_name}_change", args=[row.pk]) for row in rows if row]
    urls += [reverse(f"admin:subscriptions_{row._meta.model_name}_changelist") for row in rows[2:] if row]
    for url in urls:
        assert client.get(url).status_code == 200, url
