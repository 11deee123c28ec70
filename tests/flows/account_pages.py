"""Pages about ACME accounts that are suspended or deactivated, and the pages that do that."""

from collections.abc import Callable

from django.utils import timezone

from subscriptions.kinds import SUSPENDING, AccountScope, new_operation
from subscriptions.ledger import moves
from subscriptions.models import AcmeAccount, Operation, Subscription
from tests import cast
from tests.flows.customer_pages import mine, setup
from tests.flows.page import Page, Scene, press
from tests.flows.staff_pages import NAMES, expecting_errors, running, staff, working
from tests.portal import story
from tests.portal.story import Story


def _change(told: Story, state: str) -> Operation:
    operation = new_operation(
        SUSPENDING,
        subscription=told.running,
        binding=told.running.binding,
        created_by=told.reseller_admin,
        arguments=AccountScope().arguments,
    )
    moves.queue([operation], by=moves.Author(user=told.reseller_admin), reason="The key leaked.")
    return cast.end_operation(operation, state)


def suspended(told: Story) -> Subscription:
    """Suspended from here."""
    _change(told, "succeeded")
    state = Subscription.AccountState.SUSPENDED
    Subscription.objects.filter(pk=told.running.pk).update(account_state=state, account_state_at=timezone.now())
    AcmeAccount.objects.filter(binding=told.running.binding).update(status="suspended")
    return told.running


def being_suspended(told: Story) -> Subscription:
    """With a suspension on its way to the CA."""
    _change(told, "queued")
    return told.running


def with_a_suspended_client(told: Story) -> Subscription:
    """With one client that is suspended, and one that goes on."""
    cast.make_client(
        told.running,
        status="suspended",
        user_agent="xenolf-acme/4.1 (release; linux; amd64)",
        ip_address="2001:db8:85a3::8a2e:370:7334",
        contacts=["operations@northwind.example", "maximilian.owner-with-a-long-name@northwind.example"],
        last_activity_at=timezone.now(),
    )
    return told.running


def _client(status: str) -> Callable[[], Scene]:
    def arrange() -> Scene:
        told = working()
        client = cast.make_client(told.running, status=status, ip_address="192.0.2.7")
        return Scene(told.reseller_admin, [told.running.code, client.code])

    return arrange


def client_page(route: str, status: str = "valid", state: str = "filled", **more: object) -> Page:
    """A page about one client."""
    return Page(route=NAMES + route, state=state, arrange=_client(status), **more)  # type: ignore[arg-type]  # passed on


def _home_with_a_suspended_client() -> Scene:
    told = story.tell()
    with_a_suspended_client(told)
    return Scene(told.owner)


WRONG = expecting_errors(press("Deactivate", shows="", label="Something else"))
ACCOUNT_PAGES = [
    staff("subscription-suspend", running, "key leaked", query="?leaked=yes"),
    staff("subscription-reinstate", suspended),
    staff("subscription-deactivate", running, "with errors", act=WRONG),
    client_page("client-suspend"),
    client_page("client-reinstate", "suspended"),
    client_page("client-deactivate"),
    staff("subscription-detail", suspended, "suspended"),
    staff("subscription-detail", being_suspended, "being suspended"),
    staff("subscription-detail", with_a_suspended_client, "with a suspended client"),
    mine("my-subscription", suspended, "suspended"),
    mine("my-subscription", with_a_suspended_client, "with a suspended client"),
    mine("my-home", state="with a suspended client", arrange=_home_with_a_suspended_client),
    mine("my-setup", suspended, "suspended"),
    setup("certbot", "with a suspended client", with_a_suspended_client),
]
