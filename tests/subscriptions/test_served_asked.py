"""A look at a website on demand, its limits, and how the row of three reads."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils import timezone
from pytest_django import Settings

from accounts.errors import ServiceError
from accounts.models import User
from subscriptions.models import Certificate, Domain, IssuedCertificate, ServedCertificate, Subscription
from subscriptions.selectors.served import ServedRow, served_row
from subscriptions.services import served as services
from subscriptions.services.served import look_at_served
from tests import cast

pytestmark = pytest.mark.django_db

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def domain(running_subscription: Subscription, settings: Settings) -> Domain:
    settings.OUTBOUND = True
    return running_subscription.domains.get(name="example.com")


def make_served(domain: Domain, serial: str = "abc", **fields: Any) -> ServedCertificate:
    now = timezone.now()
    told = {"looked_at": now, "code": "served", "valid_from": now - 30 * DAY, "valid_until": now + 60 * DAY}
    return ServedCertificate.objects.create(domain=domain, serial_number=serial, **{**told, **fields})


def make_issued(domain: Domain, serial: str) -> Certificate:
    issued = cast.make_certificate(domain)
    issued.serial_number, issued.issued_seen_at = serial, timezone.now()
    issued.save()
    IssuedCertificate.objects.create(domain=domain, serial_number=serial)
    return issued


@pytest.fixture
def asked(django_capture_on_commit_callbacks: Any, no_broker: list[Any]) -> Any:
    def ask(actor: User, domain: Domain, now: datetime | None = None) -> list[Any]:
        no_broker.clear()
        with django_capture_on_commit_callbacks(execute=True):
            look_at_served(actor=actor, domain=domain, now=now or timezone.now())
        return list(no_broker)

    return ask


def test_it_works(asked: Any, domain: Domain, member: User) -> None:
    assert asked(member, domain) == [("look_at_served_name", (domain.pk,))]
    assert served_row(domain, timezone.now()).is_awaited


def test_one_that_is_under_way_or_fresh_is_left(asked: Any, domain: Domain, member: User) -> None:
    now = timezone.now()
    asked(member, domain, now)
    assert asked(member, domain, now + HOUR / 60) == []
    assert len(asked(member, domain, now + HOUR)) == 1  # that message is lost

    ServedCertificate.objects.update(looked_at=now + 2 * HOUR)
    assert asked(member, domain, now + 2 * HOUR + timedelta(seconds=19)) == []
    assert len(asked(member, domain, now + 2 * HOUR + timedelta(seconds=21))) == 1


def test_what_cannot_be_looked_at(asked: Any, domain: Domain, member: User, settings: Settings) -> None:
    wildcard = cast.make_domain(domain.subscription, "*.example.com")
    with pytest.raises(ServiceError, match="wildcard"):
        asked(member, wildcard)
    settings.OUTBOUND = False
    with pytest.raises(ServiceError, match="does not look"):
        asked(member, domain)
    assert ServedCertificate.objects.count() == 0


def test_each_person_has_a_limit_and_all_of_a_customer_one(
    asked: Any,
    running_subscription: Subscription,
    domain: Domain,
    owner: User,
    member: User,
    operator: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(services, "MOST_AT_ONCE", 50)
    names = [cast.make_domain(running_subscription, f"n{number}.example.com") for number in range(45)]
    now = timezone.now()
    for number in range(20):
        assert len(asked(owner, names[number], now)) == 1
    with pytest.raises(ServiceError, match="Wait a minute"):
        asked(owner, names[40], now)

    for number in range(20, 40):
        assert len(asked(member, names[number], now)) == 1
    other = cast.make_user("other@northwind.example")
    cast.add_person(running_subscription.customer, other)
    with pytest.raises(ServiceError, match="Wait a minute"):
        asked(other, names[40], now)
    assert len(asked(operator, names[40], now)) == 1  # staff are not held up by a customer's people


def test_a_customer_and_each_of_the_staff_have_a_handful_at_once(
    asked: Any, running_subscription: Subscription, domain: Domain, owner: User, member: User, operator: User
) -> None:
    names = [cast.make_domain(running_subscription, f"n{number}.example.com") for number in range(20)]
    now = timezone.now()
    for name in names[:6]:
        asked(owner, name, now)
    with pytest.raises(ServiceError, match="6 websites are being looked at already"):
        asked(member, names[6], now)
    for name in names[6:12]:
        asked(operator, name, now)
    with pytest.raises(ServiceError, match="Wait a minute"):
        asked(operator, names[12], now)
    assert ServedCertificate.objects.awaited(now).count() == 12

    ServedCertificate.objects.update(looked_at=now)
    assert len(asked(member, names[13], now)) == 1
    assert len(asked(operator, names[14], now + timedelta(seconds=10))) == 1


def shown(row: ServedRow, user: User, *, may_look: bool = True) -> str:
    context = {"served_row": row, "user": user, "may_look": may_look}
    return render_to_string("subscriptions/_name_served.html", context)


def test_an_old_certificate_in_use(domain: Domain, operator: User) -> None:
    IssuedCertificate.objects.create(domain=domain, serial_number="0A:BC")
    make_issued(domain, "0A:BD")
    make_served(domain, "abc")

    row = served_row(domain, timezone.now())

    assert row.said.state == "old"
    html = shown(row, operator)
    assert "A newer certificate was issued, but the server still shows the old one." in html
    assert "Old one in use" in html
    assert "0A:BD" in html
    assert f'action="/staff/names/{domain.code}/served/"' in html


def test_a_name_that_was_removed(domain: Domain) -> None:
    make_issued(domain, "0A:BC")
    make_served(domain, "abc")
    assert served_row(domain, timezone.now()).said.state == "in_use"

    domain.removed_at = timezone.now()
    assert served_row(domain, timezone.now()).said.state == "unpaid"

    domain.removed_at = None
    assert served_row(domain, timezone.now() + 400 * DAY).said.state == "expired"
    ServedCertificate.objects.update(valid_until=timezone.now() + 500 * DAY)
    assert served_row(domain, timezone.now() + 400 * DAY).said.state == "unpaid"


def test_the_certificate_of_the_wildcard_that_covers_the_name(domain: Domain) -> None:
    wildcard = cast.make_domain(domain.subscription, "*.example.com")
    www = domain.subscription.domains.get(name="www.example.com")
    make_issued(wildcard, "0A:BC")
    own = make_issued(www, "0A:BD")
    Certificate.objects.filter(pk=own.pk).update(covered_by=wildcard)
    make_served(www, "abc")

    assert served_row(www, timezone.now()).said.state == "in_use"


def test_what_the_row_offers(domain: Domain, owner: User, settings: Settings) -> None:
    row = served_row(domain, timezone.now())
    assert "Not looked at yet" in shown(row, owner)
    assert f'action="/my/names/{domain.code}/served/"' in shown(row, owner)
    assert "<form" not in shown(row, owner, may_look=False)

    make_served(domain, asked_at=timezone.now() + HOUR / 60)
    html = shown(served_row(domain, timezone.now()), owner)
    assert "Being looked at" in html
    assert f'hx-get="/my/names/{domain.code}/served/status/"' in html
    assert "<form" not in html

    settings.OUTBOUND = False
    ServedCertificate.objects.update(asked_at=None)
    html = shown(served_row(domain, timezone.now()), owner)
    assert "<form" not in html
    assert "This installation does not look at websites." in html
