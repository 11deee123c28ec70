"""The pages about mails."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import Mail
from accounts.roles import ResellerRole
from tests import cast
from tests.flows.page import Scene, press
from tests.flows.staff_pages import Coded, Row, empty, staff, working
from tests.portal.story import Story

State = Mail.State


def mail_in(state: str, answer: str = "", **fields: object) -> Row:
    """A hand-over to the owner that has come so far."""

    def made(told: Story) -> Coded:
        subject = {"about_kind": "subscription", "about_code": told.running.code, "about_name": str(told.running)}
        return cast.make_mail(state, person=told.owner, address=told.owner.email, answer=answer, **subject | fields)

    return made


SENT = mail_in(State.SENT, "250 2.0.0 Ok: queued as 4711")
AWAY = mail_in(
    State.QUEUED,
    "The server does not answer: [Errno 111] Connection refused",
    tries=7,
    created_at=timezone.now() - timedelta(hours=3),
    not_before=timezone.now() + timedelta(minutes=9),
)
PERHAPS = mail_in(State.PERHAPS_SENT, "The server did not answer after it had the text: timed out")
REFUSED = mail_in(State.GIVEN_UP, "550 5.1.1 <olga@northwind.example>: Recipient address rejected: User unknown")
PARTED = mail_in(State.NOT_NEEDED, "The person does not belong to the customer any more.")


def sent_again(told: Story) -> Coded:
    earlier = REFUSED(told)
    mail_in(State.SENT, "250 OK", again_of=earlier)(told)
    return earlier


def _several() -> Scene:
    told = working()
    for row in (SENT, AWAY, PERHAPS, REFUSED, PARTED):
        row(told)
    cast.make_mail(State.SENDING, notice="reset_requested", address="a-rather-long-mailbox-name@northwind.example")
    return Scene(told.reseller_admin)


MAIL_PAGES = [
    staff("mail-list", arrange=_several),
    empty("mail-list"),
    staff("mail-list", state="filtered", query="?state=unsent&q=northwind", arrange=_several),
    staff("mail-detail", SENT),
    staff("mail-detail", AWAY, "waiting"),
    staff("mail-detail", PERHAPS, "perhaps sent"),
    staff("mail-detail", REFUSED, "not sent", role=ResellerRole.OPERATOR),
    staff("mail-detail", REFUSED, "as an auditor", role=ResellerRole.AUDITOR),
    staff("mail-detail", PARTED, "no longer needed"),
    staff("mail-detail", sent_again, "sent again"),
    staff("mail-detail", PERHAPS, "being sent again", act=press("Send again", shows="is on its way")),
    staff("dashboard", state="with mails that do not go out", arrange=_several),
]
