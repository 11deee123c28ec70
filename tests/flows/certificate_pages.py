"""The pages about certificates, each state of them that looks different."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.roles import ResellerRole
from subscriptions.models import Certificate, Domain, IssuedCertificate, Subscription
from tests import cast
from tests.flows.customer_pages import mine
from tests.flows.page import Page, Scene
from tests.flows.staff_pages import Row, staff, working
from tests.portal import story
from tests.portal.story import Story

NAME = "shop.northwind.example"


def each_state(told: Story) -> Subscription:
    """A name in each state, one of them under a wildcard, one of a long name, and one that lapsed with its term."""
    now, long_ago = timezone.now(), timezone.now() - timedelta(days=80)
    states: dict[str, dict[str, Any]] = {
        "due": {"days": 20, "valid_from": now - timedelta(days=65)},
        "late": {"days": 10, "valid_from": long_ago},
        "replaced": {"replaced_at": now},
        "revoked": {"revoked_at": now},
        "failing": {
            "days": 10, "valid_from": long_ago, "status_code": 3, "failed_code": 3, "ordered_failed_since": now,
            "failed_description": "PRE-SIGN FAILED: CAA record does not allow issuance for this name",
        },
    }  # fmt: skip
    for name, fields in states.items():
        cast.make_certificate(cast.make_domain(told.running, f"{name}.northwind.example"), **fields)
    cast.make_certificate(cast.make_domain(told.running, "*.intranet.northwind.example"))
    cast.make_ca_order(cast.make_domain(told.running, "a-very-long-name-of-a-host.intranet.northwind.example"))
    cast.make_ca_order(cast.make_domain(told.running, "new.northwind.example"), status_code=None)
    over = cast.make_subscription(told.customer, label="Old shop", expires_at=now - timedelta(days=40))
    cast.make_certificate(cast.make_domain(over, "old.northwind.example"), days=10, valid_from=long_ago)
    return told.running


Named = Callable[[Story], Domain]


def _list(viewer: ResellerRole = ResellerRole.ADMIN) -> Scene:
    told = working()
    each_state(told)
    auditor = cast.make_user("otto@reseller.example", reseller_role=viewer, name="Otto Other")
    return Scene(told.reseller_admin if viewer == ResellerRole.ADMIN else auditor)


def _own() -> Scene:
    told = story.tell()
    each_state(told)
    return Scene(told.owner)


def _nothing() -> Scene:
    told = working()
    Certificate.objects.all().delete()
    return Scene(told.reseller_admin)


def _nothing_of_ours() -> Scene:
    told = story.tell()
    Certificate.objects.all().delete()
    return Scene(told.owner)


def named(name: str) -> Named:
    """A name of those in each state."""

    def row(told: Story) -> Domain:
        each_state(told)
        domain: Domain = Domain.objects.get(name=f"{name}.northwind.example")
        return domain

    return row


def renewed(told: Story) -> Domain:
    """A name whose certificate is for several names, with everything that may have become of those before."""
    now, domain = timezone.now(), named("late")(told)
    certificate = Certificate.objects.get(domain=domain)
    client = told.running.binding.acme_account_id
    cast.change_certificate(
        certificate,
        serial_number="00B4E2A96C71F0D5338AF1B6C2E7D94F01",
        ca_order_number=7_000_123,
        acme_account_id=client,
    )
    other = Certificate.objects.get(name="due.northwind.example")
    cast.change_certificate(other, serial_number=certificate.serial_number)
    endings: list[dict[str, Any]] = [{}, {"renewed_at": now}, {"replaced_at": now}, {"revoked_at": now}]
    for number, ending in enumerate(endings):
        since = now - timedelta(days=80 + 60 * number)
        IssuedCertificate.objects.create(
            domain=domain,
            serial_number=certificate.serial_number if number == 0 else f"00B4E2A96C71F0D5338AF1B6C2E7D94F9{number}",
            valid_from=since,
            valid_until=since + timedelta(days=90),
            acme_account_id=client,
            **ending,
        )
    return domain


def of_staff(row: Row, state: str) -> Page:
    return staff("name-detail", row, state)


def of_customer(row: Row, state: str) -> Page:
    return mine("my-name", row, state)


def removed(told: Story) -> Domain:
    domain: Domain = told.running.domains.get(name="mail.northwind.example")
    Domain.objects.filter(pk=domain.pk).update(removed_at=timezone.now())
    return domain


def _busy_month(told: Story) -> None:
    each_state(told)
    today = timezone.localdate()
    for day in (0, 1, 1, 3):
        cast.make_prevalidation(told.customer, valid_until=today + timedelta(days=day))
    for number in range(3):
        cast.make_subscription(told.customer, expires_at=timezone.now() + timedelta(days=number))


def _calendar() -> Scene:
    told = working()
    _busy_month(told)
    return Scene(told.reseller_admin)


ROWS: list[tuple[Named, str]] = [
    *((named(name), name) for name in ("due", "failing", "revoked", "new", "replaced")),
    (named("a-very-long-name-of-a-host.intranet"), "covered"),
    (named("old"), "ends with its term"),
    (renewed, "with a history"),
    (removed, "removed"),
]
CERTIFICATE_PAGES: list[Page] = [
    staff("certificate-list", arrange=_list),
    staff("certificate-list", arrange=lambda: _list(ResellerRole.AUDITOR), state="as an auditor"),
    staff("certificate-list", arrange=_list, state="filtered", query="?state=late&term=renewable&sort=name"),
    staff("certificate-list", arrange=_nothing, state="empty"),
    staff("certificate-calendar", arrange=_calendar),
    staff("certificate-calendar", arrange=_nothing, state="empty", query="?month=2031-02"),
    staff("dashboard", arrange=_list, state="certificates in trouble"),
    *(of_staff(row, state) for row, state in ROWS),
    mine("my-certificate-list", arrange=_own),
    mine("my-certificate-list", arrange=_nothing_of_ours, state="empty"),
    mine("my-home", arrange=_own, state="certificates in trouble"),
    *(of_customer(row, state) for row, state in ROWS),
]
