"""The pages that say why an order for a name fails, for staff and for its customer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from subscriptions.models import Domain, NameCheck
from subscriptions.preflight import results
from subscriptions.preflight.results import Look, Outcome, Topic
from tests import cast
from tests.flows.page import Act, Page, Scene, press
from tests.flows.staff_pages import NAMES, working
from tests.portal.story import Story

FINE = (
    Look(Topic.DNS, Outcome.FINE, results.ADDRESSES, {"addresses": ["192.0.2.1", "2001:db8::1"]}),
    Look(
        Topic.DELEGATION,
        Outcome.FINE,
        results.DELEGATED,
        {"zone": "northwind.example", "servers": ["ns1.northwind.example", "ns2.northwind.example"]},
    ),
    Look(Topic.DNSSEC, Outcome.FINE, results.UNSIGNED, {"zone": "northwind.example"}),
    Look(Topic.CAA, Outcome.FINE, results.CAA_NONE),
    Look(Topic.HTTP, Outcome.FINE, results.HTTP_ANSWERS, {"addresses": [{"address": "192.0.2.1", "status": 404}]}),
    Look(Topic.ACME_TXT, Outcome.FINE, results.TXT_NONE, {"at": "_acme-challenge.northwind.example"}),
    Look(Topic.SERVED, Outcome.WARNING, results.SERVED_OTHER_NAME),
)
FORBIDDEN = Look(
    Topic.CAA,
    Outcome.PROBLEM,
    results.CAA_FORBIDS,
    {"at": "northwind.example", "allowed": ["letsencrypt.org"], "tag": "issue", "wanted": ["sectigo.com"]},
)
CAA = "urn:ietf:params:acme:error:caa CAA record for northwind.example prevents issuance; EADDRINUSE"
EXPLAINED = press("Explain this text", shows="A CAA record forbids it", text=CAA)
UNKNOWN = press("Explain this text", shows="This text is not known here", text="My printer is on fire")

Arrange = Callable[[Story], Domain]


def checked(*looks: Look, state: str = NameCheck.State.DONE, ago: int = 2) -> Arrange:
    """A name of which a check saw something some minutes ago."""

    def arranged(told: Story) -> Domain:
        domain = told.running.domains.get(name="northwind.example")
        cast.make_client(told.running, last_activity_at=timezone.now() - timedelta(days=1))
        asked_at = timezone.now() - timedelta(minutes=ago)
        kept = [look.kept() for look in looks]
        NameCheck.objects.create(name=domain.name, domain=domain, looks=kept, state=state, asked_at=asked_at)
        return domain

    return arranged


def unchecked(told: Story) -> Domain:
    return told.running.domains.get(name="northwind.example")


def _pages(arrange: Arrange, state: str, act: Act | None = None, **more: Any) -> list[Page]:
    """The same page for staff and for the customer."""

    def scene(role: str) -> Callable[[], Scene]:
        def arranged() -> Scene:
            told = working()
            domain = arrange(told)
            return Scene(getattr(told, role), [domain.subscription.code, domain.code])

        return arranged

    if act is not None:
        more["act"] = act
    return [
        Page(route=f"{NAMES}name-check", state=state, arrange=scene("reseller_admin"), **more),
        Page(route=f"{NAMES}my-name-check", state=state, arrange=scene("owner"), **more),
    ]


def _explain(role: str, state: str, act: Act | None = None) -> Page:
    more: dict[str, Any] = {} if act is None else {"act": act}
    return Page(route=f"{NAMES}error-explain", state=state, arrange=lambda: Scene(getattr(working(), role), []), **more)


CHECK_PAGES = [
    *_pages(unchecked, "never checked"),
    *_pages(checked(*FINE[:2], state=NameCheck.State.RUNNING, ago=0), "looking"),
    *_pages(checked(*FINE), "nothing wrong"),
    *_pages(checked(*FINE[:3], FORBIDDEN, *FINE[4:]), "forbidden"),
    *_pages(checked(Look(Topic.DNS, Outcome.OFF, results.OFF)), "switched off"),
    *_pages(checked(*FINE), "text explained", EXPLAINED),
    _explain("owner", "for a customer"),
    _explain("owner", "explained", EXPLAINED),
    _explain("reseller_admin", "not known", UNKNOWN),
]
