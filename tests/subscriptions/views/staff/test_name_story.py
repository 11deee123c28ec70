"""The names of a subscription through the real pages, from the first to the last, with the CA's clock moved.

Whatever is done, what the ledger says of money is what the CA took and gave back.
"""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import CustomerRole
from subscriptions.models import Operation, Order, Quote, Replacement, Subscription, Transaction
from subscriptions.sandbox import Fault
from subscriptions.worker import pricing, replacements
from tests import cast
from tests.ledger.world import World

State = Operation.State


class Office:
    """A member of staff at the pages of one subscription, and the workers behind them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.subscription = world.ready_subscription()

    def get(self, route: str, *args: object, **query: Any) -> Any:
        """Open a page; days pass between two of them, so each is a sign-in of its own."""
        client = cast.sign_in(Client(), self.world.staff)
        response = client.get(reverse(f"subscriptions:{route}", args=args or [self.subscription.code]), query)
        assert response.status_code == 200
        return response

    def post(self, route: str, *args: object, **typed: Any) -> Any:
        """Send a form."""
        client = cast.sign_in(Client(), self.world.staff)
        return client.post(reverse(f"subscriptions:{route}", args=args or [self.subscription.code]), typed, follow=True)

    def text(self, response: Any) -> str:
        """The page's words, with single blanks."""
        return " ".join(response.content.decode().split())

    def quote(self, route: str = "domain-add", *args: object, **typed: Any) -> Quote:
        """Ask for prices by form; a worker gets them."""
        before = set(Quote.objects.values_list("pk", flat=True))
        self.post(route, *args, **typed, form_token=uuid4())
        quote = Quote.objects.exclude(pk__in=before).get()
        pricing.price(quote.pk, client=self.world.caas)
        quote.refresh_from_db()
        return quote

    def buy(self, *names: str, **typed: Any) -> Decimal:
        """Add names by form, quote and confirmation; give what was charged."""
        quote = self.quote(names="\n".join(names), **typed)
        self.post("quote-confirm", quote.code)
        self.work(*Order.objects.get(quote=quote).operations.order_by("turn"))
        return sum((line.cost or Decimal(0) for line in quote.lines.all()), Decimal(0))

    def removal(self, *names: str) -> Any:
        """Open the page that tells what a removal does."""
        codes = [str(domain.code) for domain in self.subscription.domains.present().filter(name__in=names)]
        return self.get("name-remove", name=codes)

    def confirm(self, page: Any) -> list[Operation]:
        """Press the one button of that page, and let workers do it."""
        removal = page.context["removal"]
        self.post("name-remove", name=[str(one.domain.code) for one in removal.leaving], seen=removal.version)
        queued = list(Operation.objects.filter(takes_away=True, state=State.QUEUED).order_by("turn"))
        self.work(*queued)
        return queued

    def work(self, *operations: Operation) -> None:
        """Workers take what is queued; it succeeds."""
        for operation in operations:
            self.world.work(operation)
            operation.refresh_from_db()
            assert operation.state == State.SUCCEEDED, operation.events.last()
        self.subscription.refresh_from_db()

    def read(self) -> None:
        """Two readings, late enough for anything: nothing differs between the CA and the ledger."""
        self.world.clock.advance(minutes=20)
        self.world.read_twice(self.subscription)
        assert self.world.findings() == {}
        given_back = Transaction.objects.filter(kind=Transaction.REFUND).aggregate(sum=Sum("cost"))["sum"] or Decimal(0)
        assert self.world.charged_in_ledger() - given_back == self.world.charged_by_ca()


@pytest.fixture
def owner_of_world(world: World) -> User:
    user = cast.make_user("olga@northwind.example", name="Olga Owner")
    cast.add_person(world.customer, user, CustomerRole.OWNER)
    return user


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def test_from_the_first_name_to_the_last(office: Office) -> None:
    world, clock = office.world, office.world.clock
    first = office.buy("example.com", add_companions="on")  # with its companion, at no cost
    office.read()
    assert office.subscription.state == Subscription.State.RUNNING

    clock.advance(days=100)
    # Bought at nine, for the days that are left.
    clock.instant = clock.instant.replace(hour=9, minute=0)
    later = office.buy("shop.example.org")
    second = office.buy("shop.example.net")
    third = office.buy("shop.example.edu")
    assert later == second == third < first
    office.read()

    clock.advance(days=29)
    clock.instant = clock.instant.replace(hour=23, minute=30)  # of day 29
    page = office.removal("shop.example.org")
    assert f"Remove shop.example.org – USD {later:.2f} comes back" in office.text(page)
    assert "today" in office.text(page)
    assert office.get("name-list").context["table"].rows
    office.confirm(page)
    assert "None listed" in office.text(office.get("name-history"))  # the CA has not been read yet
    office.read()
    assert f"{later:.2f}" in office.text(office.get("name-history"))
    assert Transaction.objects.get(kind=Transaction.REFUND).cost == later

    clock.advance(days=1)
    clock.instant = clock.instant.replace(hour=0, minute=40)  # of day 30: the CA has not counted 30 days yet
    page = office.removal("shop.example.net")
    assert "Remove shop.example.net – nothing comes back" in office.text(page)
    office.confirm(page)
    office.read()
    assert Transaction.objects.filter(kind=Transaction.REFUND).count() == 2  # booked because it is listed

    clock.instant = clock.instant.replace(hour=9, minute=30)  # of day 30
    page = office.removal("shop.example.edu")
    assert "Nothing: the last day was" in office.text(page)
    assert "No name stays" not in office.text(page)
    office.confirm(page)
    office.read()
    assert Transaction.objects.filter(kind=Transaction.REFUND).count() == 2

    page = office.removal("example.com")
    assert "No name stays" in office.text(page)
    assert "Remove 2 names – nothing comes back" in office.text(page)
    assert "with it <span" in office.text(page)
    office.confirm(page)
    office.read()
    assert not office.subscription.domains.present().exists()
    assert "No name is left" in office.text(office.get("name-list"))
    detail = office.text(office.get("subscription-detail"))
    assert "Its names were removed, and its term runs until" in detail
    assert "The ACME account is ready" not in detail
    history = office.get("name-history", sort="name").context["table"].rows
    assert [row.record.name for row in history] == [
        "example.com", "shop.example.edu", "shop.example.net", "shop.example.org", "www.example.com",
    ]  # fmt: skip
    assert world.changes("REMOVEDOMAIN") == 4


def test_several_at_once_all_or_none(office: Office) -> None:
    office.buy("example.com", add_companions="on")
    office.buy("example.org", "example.net")
    office.read()

    page = office.removal("example.com", "www.example.com", "example.org")

    assert "Remove 3 names – USD" in office.text(page)
    assert page.context["removal"].version == office.removal("example.com", "example.org").context["removal"].version
    done = office.confirm(page)
    assert {operation.domain_name for operation in done} == {"example.com", "example.org"}
    assert list(office.subscription.domains.present().values_list("name", flat=True)) == ["example.net"]
    office.read()


def test_after_the_term_names_can_be_removed_for_a_time(office: Office) -> None:
    office.buy("example.com", "example.org")
    office.read()
    ends = office.subscription.expires_at
    assert ends is not None

    office.world.clock.instant = ends
    office.world.clock.advance(days=29)
    office.confirm(office.removal("example.org"))
    office.world.clock.advance(minutes=1)

    page = office.removal("example.com")
    assert "none can be removed now" in office.text(page)
    assert "seen" not in office.text(page)
    answer = office.post("name-remove", name=str(office.subscription.domains.present().get().code), seen="x")
    assert "Nothing was removed" in office.text(answer)
    assert office.world.changes("REMOVEDOMAIN") == 1


def test_a_companion_that_went_along_is_not_sent_again(office: Office) -> None:
    """It was chosen as a name of its own: that it came free with another is not known of a name found at the CA."""
    office.buy("example.com", add_companions="on")
    office.subscription.domains.update(companion_of=None, is_free=None)

    page = office.removal("example.com", "www.example.com")
    assert "Not known" in office.text(page)
    removal = page.context["removal"]
    office.post("name-remove", name=[str(one.domain.code) for one in removal.leaving], seen=removal.version)
    first, second = Operation.objects.filter(takes_away=True).order_by("turn")
    office.work(first)

    second.refresh_from_db()
    assert (second.state, second.domain_name) == (State.CANCELED, "www.example.com")
    events = second.events.last()
    assert events is not None
    assert events.reason == "It went with example.com."
    office.read()
    assert office.world.changes("REMOVEDOMAIN") == 1


def test_a_misspelt_name_is_replaced(office: Office, owner_of_world: User) -> None:
    office.buy("exmaple.com", add_companions="on")
    office.buy("other.example.org")
    office.read()
    old = office.subscription.domains.get(name="exmaple.com")

    form = office.get("name-replace", office.subscription.code, old.code)
    assert 'value="exmaple.com"' in office.text(form)
    assert "with it <span" in office.text(form)  # the companion goes too
    quote = office.quote("name-replace", office.subscription.code, old.code, names="Example.com", add_companions="on")
    page = office.text(office.get("quote-detail", quote.code))
    assert 'in place of <span class="name">exmaple.com</span>, which goes after it' in page
    assert f"Add 2 names – charge USD {quote.lines.get().cost:.2f}, then remove exmaple.com" in page
    office.post("quote-confirm", quote.code)
    order = Order.objects.get(quote=quote)
    addition = order.operations.get()
    assert 'in place of <span class="name">exmaple.com</span>' in office.text(office.get("order-detail", order.code))

    for route in ("name-list", "subscription-detail"):
        page = office.text(office.get(route))
        assert "New name being added" in page
        assert "Call off – keep exmaple.com" in page
    customer = cast.sign_in(Client(), owner_of_world)
    mine = customer.get(reverse("subscriptions:my-subscription", args=[office.subscription.code]))
    assert "Your provider replaces it by" in office.text(mine)
    assert "USD" not in office.text(mine)

    office.work(addition)
    assert "The new name is there. The old one goes next" in office.text(office.get("name-list"))
    replacements.queue_due(worker="sweep")
    assert "Old name being removed" in office.text(office.get("name-list"))
    office.work(Operation.objects.get(takes_away=True))

    assert [row.record.name for row in office.get("name-list").context["table"].rows] == [
        "example.com", "other.example.org", "www.example.com",
    ]  # fmt: skip
    assert 'replaced by <span class="name">example.com</span>' in office.text(office.get("name-history"))
    office.read()


def test_a_refused_replacement_leaves_the_old_name_and_says_so(office: Office) -> None:
    office.buy("exmaple.com")
    old = office.subscription.domains.get(name="exmaple.com")
    quote = office.quote("name-replace", office.subscription.code, old.code, names="example.com")
    office.post("quote-confirm", quote.code)
    addition = Order.objects.get(quote=quote).operations.get()
    office.world.ca.arm("ADDDOMAIN", Fault.error("invalid-argument", "domainName"))
    office.world.work(addition)
    replacements.queue_due(worker="sweep")

    page = office.text(office.get("subscription-detail"))
    assert "New name not added" in page
    assert "so the old one stays" in page
    replacement = Replacement.objects.get(addition=addition)
    answer = office.post("replacement-call-off", replacement.code)
    assert "Called off: the old name stays." in office.text(answer)
    assert "New name not added" not in office.text(office.get("name-list"))
    office.read()


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("exmaple.com", "This is the old name as it is."),
        ("example.com example.org", "Type one name: it takes the place of one."),
        ("localhost", "needs at least two labels"),
        ("other.example.org", "Already in this subscription."),
        ("", "Type at least one name."),
    ],
)
def test_what_cannot_take_the_place_is_told_at_its_place(office: Office, typed: str, problem: str) -> None:
    office.buy("exmaple.com", "other.example.org")
    old = office.subscription.domains.get(name="exmaple.com")

    answer = office.post("name-replace", office.subscription.code, old.code, names=typed, form_token=uuid4())

    assert problem in office.text(answer)
    assert f'value="{typed}"' in office.text(answer) or not typed
    assert Quote.objects.count() == 1
