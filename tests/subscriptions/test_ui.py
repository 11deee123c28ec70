"""The tags of the shared components."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from subscriptions.templatetags.ui import from_now, level, money_text

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def render(text: str, **values: Any) -> str:
    return Template("{% load ui %}" + text).render(Context(values))


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    return NOW


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (Decimal(1140), "USD", "USD 1,140.00"),
        (Decimal("0.5"), "EUR", "EUR 0.50"),
        (Decimal(0), "USD", "USD 0.00"),
        (Decimal("-95"), "USD", "USD -95.00"),
        (None, "USD", "–"),
    ],
)
def test_money_as_text(amount: Decimal | None, currency: str, text: str) -> None:
    assert money_text(amount, currency) == text


def test_money_has_its_currency_and_no_blanks_around() -> None:
    html = render("{% money amount 'USD' %}.", amount=Decimal(1140))

    assert html == '<span class="money"><span class="money__currency">USD</span> 1,140.00</span>.'


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (timedelta(seconds=20), "now"),
        (timedelta(seconds=-20), "just now"),
        (timedelta(minutes=1), "in 1 minute"),
        (timedelta(minutes=-59), "59 minutes ago"),
        (timedelta(hours=-1), "1 hour ago"),
        (timedelta(hours=23), "in 23 hours"),
        (timedelta(days=1), "tomorrow"),
        (timedelta(days=-1), "yesterday"),
        (timedelta(days=12), "in 12 days"),
        (timedelta(days=-89), "89 days ago"),
        (timedelta(days=365), "in 12 months"),
        (timedelta(days=-1095), "3 years ago"),
    ],
)
def test_the_distance_of_an_instant(now: datetime, distance: timedelta, words: str) -> None:
    assert from_now(now + distance) == words


@pytest.mark.parametrize(
    ("day", "words"),
    [(date(2026, 11, 23), "today"), (date(2026, 11, 24), "tomorrow"), (date(2026, 12, 5), "in 12 days")],
)
def test_the_distance_of_a_day(now: datetime, day: date, words: str) -> None:
    assert from_now(day) == words


def test_no_distance_of_nothing() -> None:
    assert from_now(None) == ""


def test_an_instant_keeps_its_exact_utc(now: datetime) -> None:
    html = render("{% instant value relative=True %}", value=now + timedelta(days=12))

    assert html == (
        '<time datetime="2026-12-05T12:00:00+00:00" title="2026-12-05 12:00:00 UTC" data-local="instant">'
        '5 Dec 2026, 12:00 UTC</time>, <span class="relative-time">in 12 days</span>'
    )


def test_a_day_of_the_calendar_is_in_no_time_zone() -> None:
    assert render("{% day value %}", value=date(2027, 1, 2)) == '<time datetime="2027-01-02">2 Jan 2027</time>'


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Europe/Berlin", "America/Los_Angeles"])
def test_a_last_day_is_the_same_for_everyone(now: datetime, zone: str) -> None:
    end = datetime(2026, 12, 5, 23, 59, 59, tzinfo=UTC)
    with timezone.override(zone):
        html = render("{% last_day value relative=True %} {{ value|last_day }}", value=end)

    assert html == (
        '<time datetime="2026-12-05" title="2026-12-05 23:59:59 UTC">5 Dec 2026</time>, '
        '<span class="relative-time">in 12 days</span> 5 Dec 2026'
    )


def test_a_last_day_without_an_hour_has_no_exact_end(now: datetime) -> None:
    html = render("{% last_day value relative=True %}", value=date(2026, 11, 23))

    assert html == '<time datetime="2026-11-23">23 Nov 2026</time>, <span class="relative-time">today</span>'


@pytest.mark.parametrize("tag", ["instant", "day", "last_day"])
def test_a_missing_time(tag: str) -> None:
    assert render(f"{{% {tag} value missing='Not yet' %}}", value=None) == '<span class="text-muted">Not yet</span>'


def test_an_unknown_route_gives_no_link(rf: RequestFactory) -> None:
    assert render("{% nav_link 'nowhere:at-all' 'Nowhere' %}", request=rf.get("/")).strip() == ""


@pytest.mark.parametrize(
    ("path", "exact", "current"),
    [
        ("/auth/2fa/", "", ' aria-current="page"'),
        ("/auth/2fa/webauthn/", "", ' aria-current="true"'),
        ("/auth/2fa/webauthn/", " exact=True", ""),
        ("/auth/sessions/", "", ""),
    ],
)
def test_the_current_link(rf: RequestFactory, path: str, exact: str, current: str) -> None:
    html = render(f"{{% nav_link 'mfa_index' 'Security'{exact} %}}", request=rf.get(path))

    assert f'href="/auth/2fa/"{current}>' in html


def test_the_query_keeps_its_other_parameters(rf: RequestFactory) -> None:
    request = rf.get("/", {"q": "north wind", "page": "2"})

    assert render("{% query_with 'page' 3 %}", request=request) == "?q=north+wind&amp;page=3"
    assert render("{% query_with 'page' None %}", request=request) == "?q=north+wind"


@pytest.mark.parametrize(("tag", "expected"), [("error", "danger"), ("success", "success"), ("odd", "info")])
def test_the_level_of_a_message(tag: str, expected: str) -> None:
    assert level(tag) == expected


def test_a_callout_escapes_its_title() -> None:
    html = render("{% callout 'warning' title %}<p>Body</p>{% endcallout %}", title="<b>")

    assert '<p class="callout__title">&lt;b&gt;</p>' in html
    assert "<p>Body</p>" in html


def test_a_confirm_box_is_a_post_with_its_token_and_its_effect_in_the_button() -> None:
    html = render(
        "{% confirm label=label cancel_url='/back/' tone='danger' %}<p>For good.</p>{% endconfirm %}",
        label="Deactivate for good",
        csrf_token="a-token",
    )

    assert 'method="post"' in html
    assert 'value="a-token"' in html
    assert '<button class="btn btn-danger" type="submit">Deactivate for good</button>' in html
    assert '<a class="btn btn-quiet" href="/back/">Go back</a>' in html


def test_a_page_header_without_actions_has_no_place_for_them() -> None:
    html = render("{% pageheader title='Orders' parent='Home' parent_url='/' %} {% endpageheader %}")

    assert "<h1>Orders</h1>" in html
    assert '<a href="/">Home</a>' in html
    assert "page-header__actions" not in html


def test_an_empty_state_offers_the_first_action() -> None:
    html = render("{% emptystate icon='users' title='No people' %}<a href='/add/'>Invite</a>{% endemptystate %}")

    assert "<h2>No people</h2>" in html
    assert "<a href='/add/'>Invite</a>" in html


def test_a_masked_secret_is_not_in_the_page() -> None:
    html = render(
        "{% include 'includes/_secret_field.html' with id='k' label='EAB HMAC key' reveal_url='/reveal/' %}",
        csrf_token="a-token",
    )

    assert 'action="/reveal/"' in html
    assert 'aria-label="Reveal: EAB HMAC key"' in html
    assert "data-copy" not in html


def test_a_revealed_secret_can_be_copied() -> None:
    html = render("{% include 'includes/_secret_field.html' with id='k' label='Key' value='s3cret' %}")

    assert '<code class="copy-field__value" id="k">s3cret</code>' in html
    assert 'data-copy-target="#k"' in html
