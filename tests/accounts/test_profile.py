"""One's own profile: the name others see, and the time zone in which pages and mails are."""

import csv
import html
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import mail as sent_mails
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import outbox, sending
from accounts.models import AuditEvent, Customer, Mail, User
from accounts.time_zones import zone_names, zone_of
from subscriptions.lists import exports
from subscriptions.models import Prevalidation
from tests import cast

URL = reverse("accounts:profile")
WINTER = datetime(2026, 11, 5, 23, 30, tzinfo=UTC)


def text_of(response: Any) -> str:
    return html.unescape(response.content.decode())


def test_it_works(client: Client, owner: User, customer: Customer) -> None:
    cast.sign_in(client, owner)

    response = client.post(URL, {"name": "Olga Weaver", "time_zone": "berlin"}, follow=True)

    owner.refresh_from_db()
    assert (owner.name, owner.time_zone) == ("Olga Weaver", "Europe/Berlin")
    assert 'data-zone="Europe/Berlin"' in text_of(response)
    event = AuditEvent.objects.get(action="profile.changed")
    assert event.detail["changes"] == {"name": ["Olga Owner", "Olga Weaver"], "time zone": ["", "Europe/Berlin"]}
    assert (event.actor_code, event.customer_code) == (owner.code, customer.code)


def test_what_is_the_same_is_no_change(client: Client, owner: User) -> None:
    cast.sign_in(client, owner).post(URL, {"name": owner.name, "time_zone": ""})

    assert not AuditEvent.objects.filter(action="profile.changed").exists()


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        (" europe/berlin ", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("UTC", "UTC"),
        ("utc", "UTC"),
        ("Asia/Calcutta", "Asia/Calcutta"),
        ("", ""),
    ],
)
def test_a_zone_is_found_by_its_name_or_its_place(client: Client, owner: User, typed: str, zone: str) -> None:
    assert cast.sign_in(client, owner).post(URL, {"name": "Olga", "time_zone": typed}).status_code == 302
    assert User.objects.get(pk=owner.pk).time_zone == zone


@pytest.mark.parametrize("typed", ["Atlantis", "../../etc/passwd", "Europe", "+01:00"])
def test_what_is_no_zone_is_not_taken(client: Client, owner: User, typed: str) -> None:
    response = cast.sign_in(client, owner).post(URL, {"name": "Olga", "time_zone": typed})

    assert "There is no time zone of this name." in text_of(response)
    assert User.objects.get(pk=owner.pk).name == "Olga Owner"


def test_all_zones_are_suggested(client: Client, owner: User) -> None:
    page = text_of(cast.sign_in(client, owner).get(URL))

    assert len(zone_names()) > 300
    assert all(f'<option value="{name}">' in page for name in zone_names())


def test_an_unknown_zone_of_old_counts_as_none(db: None) -> None:
    assert zone_of(cast.make_user()) is None
    assert zone_of(User(time_zone="Mars/Olympus")) is None


@pytest.mark.parametrize(
    ("zone", "shown"),
    [("", "23:30 UTC"), ("Europe/Berlin", "6 Nov 2026, 00:30 CET"), ("America/New_York", "5 Nov 2026, 18:30 EST")],
)
def test_instants_of_pages_are_in_it(admin_client: Client, reseller_admin: User, zone: str, shown: str) -> None:
    User.objects.filter(pk=reseller_admin.pk).update(time_zone=zone)
    mail = cast.make_mail(created_at=WINTER, ended_at=WINTER)

    page = text_of(admin_client.get(reverse("subscriptions:mail-detail", args=[mail.code])))

    assert shown in page
    assert 'title="2026-11-05 23:30:00 UTC"' in page
    assert timezone.get_current_timezone_name() == "UTC"  # the next request has its own


def test_a_last_day_stays_the_same_for_everyone(admin_client: Client, reseller_admin: User, customer: Customer) -> None:
    User.objects.filter(pk=reseller_admin.pk).update(time_zone="Pacific/Auckland")
    one: Prevalidation = cast.make_prevalidation(customer)
    one.valid_until = WINTER.date()
    one.save()

    page = text_of(admin_client.get(reverse("subscriptions:prevalidation-detail", args=[one.code])))
    assert "5 Nov 2026" in page
    assert "6 Nov 2026" not in page


@pytest.mark.parametrize("notice", ["totp_activated", "reset_requested"])
def test_mails_are_in_the_time_zone_of_who_reads_them(owner: User, notice: str, no_broker: list[Any]) -> None:
    User.objects.filter(pk=owner.pk).update(time_zone="Europe/Berlin")
    outbox.queue(notice, address=owner.email, person=None if notice == "reset_requested" else owner)
    Mail.objects.update(created_at=WINTER)

    sending.send_due()

    (message,) = sent_mails.outbox
    assert "6 November 2026, 00:30 CET" in str(message.body)


@pytest.mark.parametrize(
    ("zone", "heading", "written"),
    [("", "Written (UTC)", "2026-11-05 23:30:00"), ("Asia/Tokyo", "Written (Asia/Tokyo)", "2026-11-06 08:30:00")],
)
def test_files_are_in_it(admin_client: Client, reseller_admin: User, zone: str, heading: str, written: str) -> None:
    User.objects.filter(pk=reseller_admin.pk).update(time_zone=zone)
    cast.make_mail(created_at=WINTER, ended_at=WINTER)

    answer: Any = admin_client.get(reverse("subscriptions:mail-export"))

    titles, line = csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig")))
    assert dict(zip(titles, line, strict=True))[heading] == written


def test_no_file_has_an_instant_in_utc_alone() -> None:
    """Days that are the same for everyone are: the ends of terms and of pre-validations."""
    files = [one for one in vars(exports).values() if isinstance(one, exports.Export)]
    utc = {title for one in files for title in one.heading if title.endswith("(UTC)")}

    assert len(files) > 10
    assert utc == {"Expires (UTC)", "Valid from (UTC)", "Valid until (UTC)"}
