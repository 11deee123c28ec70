"""Examples of what becomes of subscriptions, made through the services and the sandbox."""

import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urljoin

from django.db.models import F
from django.utils import timezone

from accounts.models import Customer, User
from accounts.roles import CustomerRole
from subscriptions.management.sandbox_switches import tell_sandbox
from subscriptions.models import AcmeServer, Domain, Operation, Prevalidation, Quote, Subscription
from subscriptions.rules.prevalidations import PrevalidationStatus as Status
from subscriptions.selectors.anchor_moves import plan_of
from subscriptions.services.account_states import deactivate, suspend
from subscriptions.services.anchor_moves import confirm_move
from subscriptions.services.extensions import request_extension
from subscriptions.services.hand_over import hand_over
from subscriptions.services.names import remove_names
from subscriptions.services.orders import confirm_quote
from subscriptions.services.prevalidations import create_prevalidation
from subscriptions.services.quotes import request_quote
from subscriptions.services.requests import ask_for_names
from subscriptions.services.subscriptions import create_subscription, watch_subscription

Thing = TypeVar("Thing")

# Of the tokens of forms: each example is made once, however often this runs.
NAMESPACE = uuid.UUID("b5d7c0de-0000-4000-8000-000000000000")
PATIENCE = 60.0  # seconds for each step of the workers
DAY = timedelta(days=1)
NEW_ORGANIZATION = "Northwind Holding Ltd"


def wait(what: str, look: Callable[[], Thing | None]) -> Thing:
    """Give what `look` gives once it is there; raise TimeoutError after PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if (found := look()) is not None:
            return found
        time.sleep(0.1)
    raise TimeoutError(f"{what} did not come within {PATIENCE:g} seconds.")


class DemoStates:
    """Makes what is missing of the examples; run again it changes nothing that is there."""

    def __init__(self, staff: User, customer: Customer, sandbox_url: str) -> None:
        self.staff, self.customer, self.sandbox_url = staff, customer, sandbox_url

    def make(self) -> None:
        """Make every example. All calls of one sort are asked for first and waited for together."""
        found = self._prevalidations()
        made = {label: self._subscription(label, found.get(UNDER.get(label, ""))) for label in LABELS}
        new = [one for one in made.values() if not one.operations.exclude(order=None).exists()]
        wait("the ACME accounts", lambda: _all_created(made.values()))
        self._add_names([Subscription.objects.get(pk=one.pk) for one in new if NAMES_OF.get(one.label)])
        self.grow_old(made)
        self._hand_over(made)
        self._change(made, found["To be replaced"], found["In place of another"])
        self.ask(Subscription.objects.get(pk=made["Names removed"].pk))

    # --- What is there from the beginning

    def _prevalidations(self) -> dict[str, Prevalidation]:
        today = timezone.now().date()
        days = {
            "Ends in 25 days": (Status.VALID, today - 340 * DAY, today + 25 * DAY),
            "In validation": (Status.IN_VALIDATION, None, None),
            "Requested": (Status.REQUESTED, None, None),
            "Lapsed": (Status.VALID, today - 400 * DAY, today - 3 * DAY),
            "To be replaced": (Status.VALID, today - 390 * DAY, today + 5 * DAY),
            "In place of another": (Status.VALID, today, today + 365 * DAY),
        }
        found: dict[str, Prevalidation] = {}
        for index, (note, (status, since, until)) in enumerate(days.items(), start=1):
            number = f"12345679{index:02d}"
            row = Prevalidation.objects.filter(ov_anchor_order_number=number).first()
            found[note] = row or create_prevalidation(
                actor=self.staff,
                customer=self.customer,
                fields={
                    "organization_name": NEW_ORGANIZATION if index > 4 else f"Northwind Example {index} Ltd",
                    "ov_anchor_order_number": number,
                    "recorded_status": status,
                    "valid_from": since,
                    "valid_until": until,
                    "notes": f"An example: {note.lower()}.",
                },
                confirmed=[f"past:{until}"],
            )
        return found

    def _subscription(self, label: str, prevalidation: Prevalidation | None) -> Subscription:
        wanted = "OV" if prevalidation else "DV"
        server = wait("the CA's servers", AcmeServer.objects.offered().filter(validation_type=wanted).first)
        return create_subscription(
            actor=self.staff,
            customer=self.customer,
            server=server,
            term_years=1,
            prevalidation=prevalidation,
            form_token=uuid.uuid5(NAMESPACE, label),
            label=label,
        )

    def _add_names(self, subscriptions: Sequence[Subscription]) -> None:
        self._confirm([self._ask(one, NAMES_OF[one.label]) for one in subscriptions])
        unread = Subscription.objects.filter(pk__in=[one.pk for one in subscriptions], expires_at=None)
        wait("the ends of the terms", lambda: None if unread.exists() else True)

    def _ask(self, subscription: Subscription, names: Sequence[str], replaces: Domain | None = None) -> Quote:
        return request_quote(
            actor=self.staff,
            subscription=subscription,
            names=names,
            add_companions=subscription.label == "Names removed",
            prevalidation=subscription.prevalidation,
            form_token=uuid.uuid4(),
            typed_text="\n".join(names),
            replaces=replaces,
        )

    def _confirm(self, quotes: Iterable[Quote]) -> None:
        pks = [quote.pk for quote in quotes]
        ready = Quote.objects.filter(pk__in=pks, state=Quote.State.READY)
        wait("the prices", lambda: True if ready.count() == len(pks) else None)
        orders = [confirm_quote(actor=self.staff, quote=quote) for quote in ready]
        sent = [Operation.State.QUEUED, Operation.State.SENDING]
        open_ones = Operation.objects.filter(order__in=orders, state__in=sent)
        wait("the names", lambda: None if open_ones.exists() else True)

    # --- What time brings

    def grow_old(self, made: dict[str, Subscription]) -> None:
        """Make the examples of ended terms older, at the sandbox and here; a reading brings the end of the term.

        Each is handed over then: what people extend later has no second go at growing old.
        """
        new = Subscription.objects.select_related("binding").filter(pk__in=[made[label].pk for label in AGES])
        new = new.filter(handed_over_at=None)
        young = [one for one in new if one.expires_at is not None and one.expires_at > timezone.now() + 300 * DAY]
        for subscription in young:
            days = AGES[subscription.label]
            self._tell("age", {"keyID": subscription.binding.eab_key_id, "days": days})
            Domain.objects.filter(subscription=subscription).update(added_at=F("added_at") - timedelta(days=days))
            hand_over(actor=self.staff, subscriptions=[subscription])
        for subscription in young:
            self._wait_for_reading(subscription)

    def _hand_over(self, made: dict[str, Subscription]) -> None:
        """Have the customer see what is there."""
        new = Subscription.objects.filter(pk__in=[one.pk for one in made.values()], handed_over_at=None)
        for subscription in new.filter(account_state=Subscription.AccountState.OPEN):
            hand_over(actor=self.staff, subscriptions=[subscription])

    def _wait_for_reading(self, before: Subscription) -> None:
        """Have it read until another end comes than before: a reading may be under way that began before that."""

        def look() -> bool | None:
            now = Subscription.objects.get(pk=before.pk)
            if now.expires_at != before.expires_at:
                return True
            if now.synced_at != before.synced_at or now.sync_requested_at == before.sync_requested_at:
                before.synced_at = now.synced_at
                Subscription.objects.filter(pk=before.pk).update(sync_requested_at=None)
                watch_subscription(before)
            return None

        wait(f"the end of {before.label}", look)

    # --- What people do

    def _change(self, made: dict[str, Subscription], old: Prevalidation, new: Prevalidation) -> None:
        made = {label: Subscription.objects.select_related("binding").get(pk=one.pk) for label, one in made.items()}
        if (removed := untouched(made["Names removed"], "old.removed.example.net")) is not None:
            remove_names(actor=self.staff, domains=[removed])
        for label, change in (("Suspended", suspend), ("Deactivated", deactivate)):
            if made[label].operations.count() == 2:  # its account was made, and its name added
                change(actor=self.staff, subscription=made[label], reason="An example.")
        if made["Organization replaced"].prevalidation == old:  # people may have moved it on since
            confirm_move(actor=self.staff, old=old, new=new, seen=plan_of(old, timezone.now()).seen)
        # The CA adds a name and its answer is lost: the portal reads what became of it, in its own time.
        self._order_with_fault(made["Being checked"], "lost-answer.example.net", kind="cut-before")
        row = {"row": "invalid-argument", "argument": "domainName"}
        self._order_with_fault(made["Being checked"], "refused.example.org", kind="error", **row)
        self._replace(made["Name replaced"], "mispelt.example.net", "misspelt.example.net")
        self._replace(made["Name replaced"], "refusde.example.net", "refused.example.net", kind="error", **row)
        extended = made["Extended"]
        if not extended.operations.filter(arguments__years=2).exists():
            quote = request_extension(actor=self.staff, subscription=extended, years=2, form_token=uuid.uuid4())
            self._confirm([quote])

    def ask(self, subscription: Subscription) -> None:
        """Have the customer's owner ask for names, once: what became of it since stays."""
        owner = User.objects.filter(memberships__customer=self.customer, memberships__role=CustomerRole.OWNER).first()
        if owner is not None:
            ask_for_names(
                actor=owner,
                subscription=subscription,
                names=ASKED_FOR,
                typed_text="\n".join(ASKED_FOR),
                note="An example: for the shop that opens next month.",
                form_token=uuid.uuid5(NAMESPACE, "request"),
            )

    def _replace(self, subscription: Subscription, old: str, new: str, **fault: str) -> None:
        """Have a misspelt name replaced: the old one goes by itself once the new one is there, or stays."""
        if (misspelt := untouched(subscription, old)) is not None:
            if fault:
                self._tell("faults", {"action": "ADDDOMAIN", "arguments": _the_call(new), **fault})
            self._confirm([self._ask(subscription, [new], replaces=misspelt)])

    def _order_with_fault(self, subscription: Subscription, name: str, **fault: str) -> None:
        if not subscription.operations.filter(domain_name=name).exists():
            self._tell("faults", {"action": "ADDDOMAIN", "arguments": _the_call(name), **fault})
            self._confirm([self._ask(subscription, [name])])

    def _tell(self, topic: str, content: dict[str, Any]) -> None:
        tell_sandbox(urljoin(self.sandbox_url, f"/_sandbox/{topic}"), content)


LABELS = (
    "New",
    "Ends soon",
    "Extended",
    "Lapsed",
    "Over for good",
    "Names removed",
    "Name replaced",
    "Organization ends soon",
    "Suspended",
    "Deactivated",
    "Being checked",
    "Organization replaced",
)
NAMES_OF = {
    "Ends soon": ("ends-soon.example.net",),
    "Extended": ("extended.example.net", "*.extended.example.net"),
    "Lapsed": ("lapsed.example.net",),
    "Over for good": ("over.example.net",),
    "Names removed": ("removed.example.net", "old.removed.example.net", "bücher.example.net"),
    "Name replaced": ("mispelt.example.net", "refusde.example.net"),
    "Organization ends soon": ("organization.example.net",),
    "Suspended": ("suspended.example.net",),
    "Deactivated": ("deactivated.example.net",),
    "Being checked": ("checked.example.net",),
    "Organization replaced": ("replaced.example.net", "shop.replaced.example.net"),
}
# Of the subscriptions for organizations, under which pre-validation they begin.
UNDER = {"Organization ends soon": "Ends in 25 days", "Organization replaced": "To be replaced"}
ASKED_FOR = ("new.removed.example.net", "*.new.removed.example.net")
AGES = {"Ends soon": 340, "Extended": 300, "Lapsed": 375, "Over for good": 420}  # days


def untouched(subscription: Subscription, name: str) -> Domain | None:
    """Give a name of a subscription about which nothing has been done since it was added."""
    if subscription.operations.filter(domain_name=name).count() != 1:
        return None
    return Domain.objects.present().filter(subscription=subscription, name=name, replacements=None).first()


def _the_call(name: str) -> dict[str, str]:
    """Give the arguments by which the call that adds a name is told from one that asks for its price."""
    return {"domainName": name, "quoteOnly": "N"}


def _all_created(subscriptions: Iterable[Subscription]) -> bool | None:
    creating = Subscription.objects.filter(pk__in=[one.pk for one in subscriptions])
    return None if creating.exclude(creation=Subscription.Creation.CREATED).exists() else True
