"""What people were told, and by which mails: the pages behind the bell."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import Telling, User
from subscriptions.models import Subscription
from tests import cast
from tests.flows.page import Page, Scene, press
from tests.flows.staff_pages import working

LABEL = "Shop and its payment pages, with all their aliases in every country"


def _tell(person: User, subscription: Subscription) -> None:
    now = timezone.now()
    for hours, label, by in ((50, "Shop", "Olga Owner"), (30, LABEL, ""), (1, "Intranet", "max@northwind.example")):
        cast.make_telling(
            person, subscription, about_name=label, began_at=now - timedelta(hours=hours), facts={"by": by}
        )
    Telling.objects.filter(matter__about_name="Shop").update(is_new=False, read_at=now)
    for label in ("Mail", "Wiki"):
        over = cast.make_telling(person, subscription, about_name=label, is_event=False)
        over.matter.solved_at = now
        over.matter.save()


def _told() -> Scene:
    told = working()
    _tell(told.owner, told.running)
    return Scene(told.owner)


def _much() -> Scene:
    told = working()
    for _ in range(12):
        _tell(told.owner, told.running)
    return Scene(told.owner)


def _nothing() -> Scene:
    return Scene(working().owner)


def _staff() -> Scene:
    return Scene(working().reseller_admin)


def _stranger() -> Scene:
    return Scene(cast.make_user("nobody@northwind.example"))


WORDS = "smtp; 550 5.1.1 <olga@northwind.example>: Recipient address rejected"


def _not_reached() -> Scene:
    told = working()
    cast.make_mark(told.owner.email, words=WORDS)
    return Scene(told.owner)


def _not_reached_for_staff(*, with_code: bool) -> Scene:
    told = working()
    cast.make_mark(told.owner.email, words=WORDS)
    cast.make_mark("a-rather-long-mailbox-name@northwind.example", reason="complained", words="")
    return Scene(told.reseller_admin, [told.customer.code] if with_code else [])


NOTICE_PAGES = [
    Page(route="accounts:profile", state="mails do not arrive", arrange=_not_reached),
    Page(
        route="subscriptions:customer-detail",
        state="mails do not arrive",
        arrange=lambda: _not_reached_for_staff(with_code=True),
    ),
    Page(
        route="subscriptions:mail-list",
        state="mails do not arrive",
        arrange=lambda: _not_reached_for_staff(with_code=False),
    ),
    Page(route="accounts:notice-list", state="filled", arrange=_told),
    Page(route="accounts:notice-list", state="first of many", arrange=_much),
    Page(route="accounts:notice-list", state="empty", arrange=_nothing),
    Page(route="accounts:notice-list", state="of staff", arrange=_staff),
    Page(route="accounts:notice-choices", state="filled", arrange=_nothing),
    Page(route="accounts:notice-choices", state="saved", arrange=_nothing, act=press("Save", shows="Saved.")),
    Page(route="accounts:notice-choices", state="of staff", arrange=_staff),
    Page(route="accounts:notice-choices", state="nothing to choose", arrange=_stranger),
]
