"""Who is told of a matter, and how: by what each chose, and so that somebody always learns of money and security."""

from datetime import UTC, datetime, time, timedelta

from accounts.models import Matter, NoticeChoice, Telling, User
from accounts.time_zones import zone_of
from accounts.told_notices import Audience, ToldNotice, Topic
from accounts.undeliverable import marked_among

DIGEST_HOUR = 7  # in the reader's time zone
Choice = NoticeChoice.How
How = Telling.How


def tellings_of(matter: Matter, notice: ToldNotice, now: datetime, *, not_before: datetime) -> list[Telling]:
    """Give a telling, not yet written, for each reader of a matter; mails are due no earlier than `not_before`."""
    people = notice.recipients(matter)
    address = role_address(matter, notice, people)
    marked = marked_among([*(person.email for person in people), address])
    address = "" if address in marked else address
    ways = _ways(matter, notice, [person for person in people if person.email not in marked], has_role=bool(address))
    ways |= {person.pk: How.BELL for person in people if person.email in marked}
    tellings = [Telling(matter=matter, person=person, how=ways[person.pk]) for person in people]
    if address:
        tellings.append(Telling(matter=matter, address=address, how=how(Choice.BY_URGENCY, notice), is_new=False))
    for telling in tellings:
        telling.created_at, telling.due_at = now, due(telling.how, telling.person, max(now, not_before))
    return tellings


def role_address(matter: Matter, notice: ToldNotice, people: list[User]) -> str:
    """Give the address of the matter's customer for notices; an empty text where it has none, or a person has it."""
    if notice.audience != Audience.CUSTOMER or matter.customer is None or matter.person is not None:
        return ""
    address = str(matter.customer.contact_email)
    return "" if address in {person.email for person in people} else address


def _ways(matter: Matter, notice: ToldNotice, people: list[User], *, has_role: bool) -> dict[int, str]:
    customer = matter.customer if notice.audience == Audience.CUSTOMER else None
    rows = NoticeChoice.objects.filter(person__in=people, customer=customer)
    chosen = dict(rows.values_list("person_id", "how"))
    ways = {person.pk: how(chosen.get(person.pk, Choice.BY_URGENCY), notice) for person in people}
    gets_mail = has_role or any(way != How.BELL for way in ways.values())
    if notice.topic != Topic.BUSINESS and not gets_mail:
        # The choice to get no mail counts as long as somebody else gets it: of a key that was shown, or of money, one
        # must not learn too late because everybody relied on the others.
        return dict.fromkeys(ways, how(Choice.BY_URGENCY, notice))
    return ways


def how(choice: str, notice: ToldNotice) -> str:
    """Give how a notice is told by a choice."""
    if choice == Choice.NEVER or notice.is_mailed_apart:
        return How.BELL
    is_at_once = choice == Choice.AT_ONCE or (choice == Choice.BY_URGENCY and notice.is_urgent)
    return How.AT_ONCE if is_at_once else How.DIGEST


def due(way: str, person: User | None, now: datetime) -> datetime | None:
    """Give when a mail is due: at once, or with the reader's next digest; None where none is."""
    if way == How.BELL:
        return None
    return now if way == How.AT_ONCE else next_digest(person, now)


def next_digest(person: User | None, now: datetime) -> datetime:
    """Give when the next daily digest of a reader is due: at seven in their time zone, or UTC."""
    local = now.astimezone(zone_of(person) or UTC)
    morning = datetime.combine(local.date(), time(DIGEST_HOUR), tzinfo=local.tzinfo)
    if morning <= now:
        morning = datetime.combine(local.date() + timedelta(days=1), time(DIGEST_HOUR), tzinfo=local.tzinfo)
    return morning.astimezone(UTC)
