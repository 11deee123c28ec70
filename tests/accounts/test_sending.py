"""Mails on their way to a real mail server: each arrives once, whatever the server or a worker does."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from accounts import notices, outbox, sending, tasks
from accounts.models import Customer, Invitation, Mail, User
from accounts.notices import Notice
from tests import cast
from tests.accounts import mail_servers
from tests.accounts.mail_servers import TAKEN, Mailbox, mail_server, misbehaving
from tests.accounts.test_invitation_open import make_invitation

State = Mail.State
NOON = cast.utc(2026, 11, 23, 12)


class Clock:
    """The time of day, which passes where a test says so."""

    def __init__(self) -> None:
        self.now = NOON

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)
        sending._Turn.rest_until = 0.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


@pytest.fixture
def invited(customer: Customer, owner: User) -> Mail:
    """The mail of an invitation, not sent yet."""
    invitation, _ = make_invitation(customer, owner)
    return outbox.queue("invitation", address=invitation.email, about=invitation)


def write_mails(number: int) -> list[str]:
    addresses = [f"person{one}@northwind.example" for one in range(number)]
    for address in addresses:
        outbox.queue("reset_requested", address=address)
    return addresses


def told(mail: Mail) -> tuple[str, str, int]:
    mail.refresh_from_db()
    return mail.state, mail.answer, mail.tries


def test_it_works(mailbox: Mailbox, invited: Mail, settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "Portal <portal@reseller.example>"
    tasks.send_mails()
    assert told(invited) == (State.SENT, TAKEN, 1)
    [message] = mailbox.taken
    assert (message["To"], message["From"]) == ("new@northwind.example", "Portal <portal@reseller.example>")
    assert message["Message-ID"] == f"<{invited.code}@reseller.example>"
    invitation = Invitation.objects.get()
    assert invitation.mailed_at is not None
    text = message.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
    token = text.split("/invitations/")[1].split("/")[0]
    assert token not in str(Mail.objects.values()) + str(Invitation.objects.values())


def test_a_message_that_comes_twice_sends_nothing_twice(mailbox: Mailbox, invited: Mail) -> None:
    tasks.send_mails()
    tasks.send_mails()
    assert len(mailbox.taken) == 1


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_send_each_mail_once(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, no_broker: list[Any]
) -> None:
    addresses = write_mails(12)
    ready = threading.Barrier(4)

    class Own(threading.local):
        """Each thread has a turn of its own, as each process has."""

        def __init__(self) -> None:
            self.lock = threading.Lock()
            self.rest_until = 0.0

    monkeypatch.setattr(sending, "_Turn", Own())

    def work() -> None:
        ready.wait(timeout=10)
        sending.send_due()
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(mailbox.recipients) == sorted(addresses)
    assert Mail.objects.filter(state=State.SENT, tries=1).count() == 12


def test_a_server_away_for_a_day_loses_nothing(db: None, use_server: Any, clock: Clock) -> None:
    port = mail_servers.free_port()
    use_server(port)
    addresses = write_mails(20)
    while clock.now < NOON + timedelta(days=1):
        clock.passes(minutes=10)
        tasks.send_mails()
    assert set(Mail.objects.values_list("state", flat=True)) == {State.QUEUED}
    assert "refused" in Mail.objects.filter(tries__gt=0)[0].answer
    with mail_server(port) as (mailbox, _):
        for _ in range(3):
            clock.passes(minutes=10)
            tasks.send_mails()
        assert sorted(mailbox.recipients) == sorted(addresses)
    assert set(Mail.objects.values_list("state", flat=True)) == {State.SENT}


def test_a_server_that_never_answers_costs_one_time_out(
    db: None, use_server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with misbehaving(mail_servers.never_answers) as server:
        use_server(server.port)
        settings.EMAIL_TIMEOUT = 0.2
        write_mails(60)
        for _ in range(60):  # as many messages as mails
            tasks.send_mails()
        assert server.connections == 1
        monkeypatch.setattr(sending._Turn, "rest_until", 0.0)
        tasks.send_mails()
        assert server.connections == 2
    assert Mail.objects.filter(state=State.QUEUED, tries=0).count() == 58


def test_what_comes_during_another_threads_turn_is_left_to_it(mailbox: Mailbox, invited: Mail) -> None:
    with sending._Turn.lock:
        sending.send_due()
    assert told(invited) == (State.QUEUED, "", 0)


def test_what_comes_at_the_end_of_a_turn_is_sent(db: None, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    turn, late = sending._send_one_by_one, iter(["late@northwind.example"])

    def slow_turn() -> None:
        turn()
        for address in late:
            outbox.queue("reset_requested", address=address)

    monkeypatch.setattr(sending, "_send_one_by_one", slow_turn)
    outbox.queue("reset_requested", address="first@northwind.example")
    sending.send_due()
    assert mailbox.recipients == ["first@northwind.example", "late@northwind.example"]


NO_MAILBOX = "550 5.1.1 No such mailbox"


@pytest.mark.parametrize(
    ("command", "answer", "state", "wait"),
    [
        ("RCPT", NO_MAILBOX, State.GIVEN_UP, None),
        ("RCPT", "550 no such user", State.GIVEN_UP, None),
        ("RCPT", "553 5.1.3 Bad address", State.GIVEN_UP, None),
        ("DATA", "550 5.1.1 No such mailbox", State.GIVEN_UP, None),
        ("RCPT", "554 5.7.1 Relay access denied", State.QUEUED, 5),
        ("RCPT", "550 5.7.1 Relay access denied", State.QUEUED, 5),
        ("RCPT", "450 4.2.0 Greylisted", State.QUEUED, 5),
        ("DATA", "451 4.3.0 Try again later", State.QUEUED, 5),
        ("DATA", "554 5.6.0 Looks like spam", State.QUEUED, 5),
        ("MAIL", "530 5.7.0 Authentication required", State.QUEUED, 1),
        ("DATA", "421 4.3.2 Shutting down", State.QUEUED, 1),
    ],
)
def test_refusals(
    mailbox: Mailbox, invited: Mail, clock: Clock, command: str, answer: str, state: str, wait: int | None
) -> None:
    Mail.objects.update(not_before=NOON)
    mailbox.answers[command] = answer
    tasks.send_mails()
    assert told(invited) == (state, answer, 1)
    assert (invited.ended_at is None) == (state == State.QUEUED)
    assert wait is None or invited.not_before == NOON + timedelta(minutes=wait)
    mailbox.answers[command] = "250 OK"
    clock.passes(minutes=10)
    tasks.send_mails()
    assert len(mailbox.taken) == (0 if state == State.GIVEN_UP else 1)


def test_one_refused_mail_does_not_hold_up_the_next(db: None, mailbox: Mailbox) -> None:
    mailbox.answers["RCPT"] = NO_MAILBOX
    write_mails(3)
    tasks.send_mails()
    assert Mail.objects.filter(state=State.GIVEN_UP).count() == 3


def test_it_is_given_up_in_the_end(invited: Mail, use_server: Any, clock: Clock) -> None:
    Mail.objects.update(not_before=NOON, created_at=NOON)
    use_server(mail_servers.free_port())
    tries = []
    while told(invited)[0] == State.QUEUED:
        tasks.send_mails()
        tries.append(clock.now)
        clock.passes(minutes=15)
        assert clock.now < NOON + timedelta(days=4)
    assert invited.state == State.GIVEN_UP
    assert invited.answer.startswith("The server does not answer: ")
    assert tries[-1] - NOON > timedelta(days=3)


def test_a_mail_that_waited_long_for_a_worker_is_not_given_up_at_once(
    invited: Mail, use_server: Any, clock: Clock
) -> None:
    Mail.objects.update(not_before=NOON, created_at=NOON - timedelta(days=5))
    use_server(mail_servers.free_port())
    tasks.send_mails()
    assert told(invited)[0] == State.QUEUED


@pytest.mark.parametrize(
    ("serve", "state"),
    [
        (mail_servers.says_nothing_to_a_text, State.PERHAPS_SENT),
        (mail_servers.hangs_up_after_a_text, State.PERHAPS_SENT),
        (mail_servers.hangs_up_before_a_text, State.QUEUED),
        (mail_servers.never_answers, State.QUEUED),
    ],
)
def test_what_the_server_may_have_taken_is_not_sent_again(
    invited: Mail,
    use_server: Any,
    settings: Any,
    clock: Clock,
    serve: Callable[..., None],
    state: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("portal.smtp.BODY_TIMEOUT", 0.5)
    Mail.objects.update(not_before=NOON)
    with misbehaving(serve) as server:
        use_server(server.port)
        settings.EMAIL_TIMEOUT = 0.5
        tasks.send_mails()
    assert told(invited)[0] == state
    assert Invitation.objects.get().mailed_at is None
    with mail_server() as (mailbox, port):
        use_server(port)
        clock.passes(hours=2)
        tasks.send_mails()
        assert len(mailbox.taken) == (0 if state == State.PERHAPS_SENT else 1)


@pytest.mark.parametrize(("body_at", "state", "taken"), [(None, State.SENT, 1), (NOON, State.PERHAPS_SENT, 0)])
def test_a_worker_that_dies(
    mailbox: Mailbox, invited: Mail, clock: Clock, body_at: datetime | None, state: str, taken: int
) -> None:
    Mail.objects.update(not_before=NOON)
    claimed = sending._claim_next()
    assert claimed == invited
    Mail.objects.update(body_at=body_at)
    tasks.send_mails()
    assert told(invited)[0] == State.SENDING
    clock.now += sending.lease()
    tasks.send_mails()
    assert told(invited)[0] == state
    assert len(mailbox.taken) == taken


def intervene(monkeypatch: pytest.MonkeyPatch, what: Callable[[], object]) -> None:
    """Do something after a worker has written a mail and before it sends the text."""
    post = sending._post

    def slow(*args: Any) -> str:
        what()
        return post(*args)

    monkeypatch.setattr(sending, "_post", slow)


def test_a_worker_that_slept_past_its_lease_sends_nothing(
    mailbox: Mailbox, invited: Mail, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    Mail.objects.update(not_before=NOON)
    intervene(monkeypatch, lambda: sending._take_back(NOON + timedelta(days=1)))
    mail = sending._claim_next()
    assert mail is not None
    sending._send(mail)
    assert mailbox.taken == []
    assert told(invited) == (State.QUEUED, "A worker ended before it was sent.", 1)


def test_an_answer_after_the_lease_still_tells_what_became_of_it(
    mailbox: Mailbox, invited: Mail, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = sending._mark

    def sleep_after(mail: Mail) -> None:
        mark(mail)
        sending._take_back(timezone.now() + timedelta(days=1))
        assert told(mail)[0] == State.PERHAPS_SENT

    monkeypatch.setattr(sending, "_mark", sleep_after)
    tasks.send_mails()
    assert told(invited)[:2] == (State.SENT, TAKEN)


class Broken(Notice):
    name = label = "broken"
    a_day = 5

    def write(self, mail: Mail) -> Any:
        raise KeyError("subject")


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "_registered", notices._registered | {"broken": Broken()})


def test_a_mail_that_cannot_be_written_does_not_hold_up_others(
    mailbox: Mailbox, broken: None, invited: Mail, owner: User
) -> None:
    bad = outbox.queue("broken", address=owner.email)
    Mail.objects.filter(pk=bad.pk).update(not_before=NOON)
    tasks.send_mails()
    assert told(bad)[:2] == (State.QUEUED, "It could not be written: KeyError.")
    assert told(invited)[0] == State.SENT


def test_a_notice_of_another_version_does_not_either(mailbox: Mailbox, invited: Mail) -> None:
    other = Mail.objects.create(notice="no_such_notice", address="a@b.example", not_before=NOON)
    tasks.send_mails()
    assert told(other)[:2] == (State.QUEUED, "It could not be written: KeyError.")
    assert told(invited)[0] == State.SENT


def test_what_is_no_longer_so_is_not_sent(mailbox: Mailbox, invited: Mail) -> None:
    Invitation.objects.update(revoked_at=timezone.now())
    tasks.send_mails()
    assert told(invited) == (State.NOT_NEEDED, "The invitation is not open any more.", 1)
    assert mailbox.taken == []


def test_the_servers_words_are_kept_short_and_without_links(mailbox: Mailbox, invited: Mail) -> None:
    mailbox.answers["RCPT"] = "450 4.0.0 see /invitations/secret-token/ " + "x" * 400
    tasks.send_mails()
    told(invited)
    assert len(invited.answer) <= Mail.ANSWER_LENGTH
    assert "secret-token" not in invited.answer


def test_beat_looks_for_what_was_lost(settings: Any) -> None:
    assert tasks.send_mails.name in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
