"""The pages of customers and of their people, each state of them that looks different."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from accounts import invitations
from accounts.models import Invitation, Membership, User
from accounts.roles import CustomerRole
from subscriptions.help import TOPICS
from subscriptions.models import AcmeAccount, Certificate, Subscription
from tests import cast
from tests.flows.page import Page, Scene, press
from tests.flows.staff_pages import Row, failed, lapsed, running
from tests.portal import story
from tests.portal.story import Story

MINE, PEOPLE = "subscriptions:", "accounts:"
SANDBOX = {"CAAS_SANDBOX": True}


def _as(role: CustomerRole, told: Story) -> User:
    if role != CustomerRole.OWNER:
        Membership.objects.filter(user=told.owner).update(role=role)
    return told.owner


def mine(
    route: str,
    row: Row | None = None,
    state: str = "",
    *,
    client: str = "",
    role: CustomerRole = CustomerRole.OWNER,
    **more: Any,
) -> Page:
    """A page of a customer who has something on every page."""

    def arrange() -> Scene:
        told = story.tell()
        args: list[object] = [row(told).code] if row else []
        return Scene(_as(role, told), [*args, client] if client else args)

    more.setdefault("arrange", arrange)
    return Page(route=MINE + route, state=" ".join(filter(None, [client, state])) or "filled", **more)


def setup(client: str, state: str = "", row: Row = running, **more: Any) -> Page:
    """A set-up page of one ACME client."""
    return mine("my-setup-client", row, state, client=client, **more)


# --- Rows -----------------------------------------------------------------------------------------------------------


def first_steps(told: Story) -> Subscription:
    """Running, with names and no client yet."""
    Certificate.objects.all().delete()
    AcmeAccount.objects.all().delete()
    return told.running


def many_names(told: Story) -> Subscription:
    cast.make_names(told.running, 120)
    return told.running


def with_wildcard(told: Story) -> Subscription:
    anchor = told.prevalidation.ov_anchor_order_number
    cast.make_domain(told.running, "*.northwind.example", ov_anchor_order_number=anchor)
    return told.running


def not_read(told: Story) -> Subscription:
    Subscription.objects.filter(pk=told.running.pk).update(sync_problem="No connection could be made")
    return told.running


def _newcomer() -> Scene:
    user = cast.make_user("nora@fabrikam.example", name="Nora New")
    cast.add_person(cast.make_customer("Fabrikam"), user, CustomerRole.OWNER)
    return Scene(user)


def _of_two_customers() -> Scene:
    told = story.tell()
    other = cast.make_customer("Wingtip Toys")
    cast.add_person(other, told.owner, CustomerRole.OWNER)
    cast.make_subscription(other, label="Toys")
    return Scene(told.owner)


def _people() -> Scene:
    told = story.tell()
    return Scene(told.owner, [told.customer.code])


def _colleague() -> Scene:
    told = story.tell()
    other = cast.make_user("maximilian.member-with-a-long-name@subsidiary.northwind.example")
    cast.add_person(told.customer, other)
    return Scene(told.owner, [told.customer.code, other.code])


def _limited_colleague(*, is_listed: bool) -> Callable[[], Scene]:
    def arrange() -> Scene:
        told = story.tell()
        other = cast.make_user("lena.limited@subsidiary.northwind.example", name="Lena Limited")
        place = cast.add_person(told.customer, other)
        place.is_limited = True
        place.save()
        place.subscriptions.set([told.running])
        return Scene(told.owner, [told.customer.code] if is_listed else [told.customer.code, other.code])

    return arrange


def _oneself(*, is_only_owner: bool) -> Callable[[], Scene]:
    def arrange() -> Scene:
        told = story.tell()
        if not is_only_owner:
            cast.add_person(told.customer, cast.make_user(), CustomerRole.OWNER)
        return Scene(told.owner, [told.customer.code, told.owner.code])

    return arrange


def _step_back(page: BrowserPage) -> None:
    page.get_by_label("Viewer").check()
    press("Save", shows="You are the only owner")(page)


def _invited(
    *, address: str = "new@northwind.example", as_owner: bool = False, is_used: bool = False
) -> Callable[[], Scene]:
    def arrange() -> Scene:
        told = story.tell()
        until = timezone.now() + timedelta(days=-1 if is_used else 7)
        invitation = Invitation.objects.create(
            customer=told.customer, email=address, expires_at=until, invited_by=told.reseller_admin
        )
        return Scene(told.owner if as_owner else None, [invitations.issue_token(invitation)])

    return arrange


def invitation(state: str, arrange: Callable[[], Scene], **more: Any) -> Page:
    """The page behind an invitation's link."""
    lands = PEOPLE + "invitation-accept"
    return Page(route=PEOPLE + "invitation-open", state=state, arrange=arrange, lands=lands, **more)


def choose_http(page: BrowserPage) -> None:
    """Choose the challenge that cannot work for a wildcard, by the page's own form."""
    page.get_by_role("radio", name="HTTP-01").check()
    expect(page.locator("#setup")).to_contain_text("No instructions: this cannot work now")
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)


def help_page(state: str, slug: str = "", **more: Any) -> Page:
    """The list of the help's topics, or the topic of that slug."""
    route = "help-topic" if slug else "help-list"
    more.setdefault("arrange", lambda: Scene(story.tell().owner, [slug] if slug else []))
    return Page(route=MINE + route, state=state, **more)


REVEALED = press("Reveal", shows=cast.HMAC_KEY)
VIEWER = CustomerRole.VIEWER
DNS = "?challenge=dns-01&email=olga%40northwind.example&names=northwind.example&names=api.northwind.example"
HTTP = DNS.replace("dns-01", "http-01")

CUSTOMER_PAGES = [
    mine("my-search", state="found", query="?q=north"),
    mine("my-search", state="nothing found", query="?q=zzz"),
    mine("my-organizations"),
    mine("my-organizations", state="none", arrange=_newcomer),
    mine("my-organizations", state="of two customers", arrange=_of_two_customers),
    mine("my-home"),
    mine("my-home", state="empty", arrange=_newcomer),
    mine("my-home", state="of two customers", arrange=_of_two_customers),
    mine("my-home", state="in the sandbox", settings=SANDBOX),
    mine("my-subscription", running),
    mine("my-subscription", first_steps, "first steps"),
    mine("my-subscription", lambda told: told.ready, "ready"),
    mine("my-subscription", lambda told: told.creating, "being created"),
    mine("my-subscription", failed, "not created"),
    mine("my-subscription", lapsed, "lapsed"),
    mine("my-subscription", not_read, "CA not asked"),
    mine("my-subscription", many_names, "many names"),
    mine("my-subscription", many_names, "no name found", query="?q=zzz"),
    mine("my-names", running),
    mine("my-names", many_names, "many names", query="?type=fqdn&sort=-name"),
    mine("my-names", lambda told: told.creating, "none"),
    mine("my-subscription", running, "as a viewer", role=VIEWER),
    mine("my-subscription", running, "key revealed", act=REVEALED, lands=MINE + "my-key-reveal"),
    mine("my-setup", running),
    mine("my-setup", running, "nothing found", query="?q=zzz"),
    mine("my-setup", running, "one platform", query="?q=certbot&platform=Linux"),
    # Each client's own page is looked at in test_every_client_page.py; here are the states that any of them can be in.
    setup("certbot", query=HTTP),
    setup("certbot", "DNS-01", query=DNS),
    setup("certbot", "key", act=REVEALED),
    setup("certbot", "wildcard by HTTP-01", with_wildcard, act=choose_http),
    setup("certbot", "no names", lambda told: told.ready),
    setup("certbot", "wrong e-mail address", query="?email=nobody&names=northwind.example&challenge=http-01"),
    setup("certbot", "as a viewer", role=VIEWER),
    setup("caddy", "in the sandbox, with files", settings=SANDBOX),
    help_page("filled"),
    help_page("found", query="?q=hmac%20key"),
    help_page("nothing found", query="?q=zzz"),
    *[help_page(topic.slug, topic.slug) for topic in TOPICS],
    Page(route=PEOPLE + "people", state="of two customers", arrange=_of_two_customers),
    Page(route=MINE + "my-people", state="filled", arrange=_people),
    Page(route=MINE + "my-people", state="nobody found", arrange=_people, query="?q=zzz"),
    Page(route=PEOPLE + "member-invite", state="filled", arrange=_people),
    Page(
        route=PEOPLE + "member-invite",
        state="with errors",
        arrange=_people,
        act=press("Send invitation", shows="belongs to", email="olga@northwind.example"),
    ),
    Page(route=MINE + "my-people", state="limited", arrange=_limited_colleague(is_listed=True)),
    Page(route=PEOPLE + "member-edit", state="filled", arrange=_colleague),
    Page(route=PEOPLE + "member-edit", state="limited", arrange=_limited_colleague(is_listed=False)),
    Page(route=PEOPLE + "member-edit", state="the only owner", arrange=_oneself(is_only_owner=True), act=_step_back),
    Page(route=PEOPLE + "member-remove", state="a colleague", arrange=_colleague),
    Page(route=PEOPLE + "member-remove", state="oneself", arrange=_oneself(is_only_owner=False)),
    Page(route=PEOPLE + "member-remove", state="the only owner", arrange=_oneself(is_only_owner=True)),
    invitation("a new person", _invited()),
    invitation("with errors", _invited(), act=press("Join", shows="too common", name="Nina", password="password")),
    invitation("must sign in", _invited(address="olga@northwind.example")),
    invitation("joining", _invited(address="olga@northwind.example", as_owner=True)),
    invitation("someone else", _invited(as_owner=True)),
    invitation("used up", _invited(is_used=True), status=410),
]
