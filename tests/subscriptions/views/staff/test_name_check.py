"""Why an order for a name fails, for staff: the sentence, the results as they come, and a pasted text."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from subscriptions.models import Domain, NameCheck, Subscription
from subscriptions.preflight import results
from subscriptions.preflight.results import Look, Outcome, Topic
from tests import cast

pytestmark = pytest.mark.usefixtures("no_broker")
FORBIDDEN = Look(
    Topic.CAA,
    Outcome.PROBLEM,
    results.CAA_FORBIDS,
    {"at": "example.com", "allowed": ["letsencrypt.org"], "tag": "issue", "wanted": ["sectigo.com"]},
)


@pytest.fixture
def domain(running_subscription: Subscription) -> Domain:
    cast.make_client(running_subscription, last_activity_at=timezone.now())
    return running_subscription.domains.get(name="www.example.com")


def url(domain: Domain, route: str = "name-check") -> str:
    return reverse(f"subscriptions:{route}", args=[domain.subscription.code, domain.code])


def looked_at(domain: Domain, *looks: Look, state: str = "done", **fields: Any) -> NameCheck:
    kept = [look.kept() for look in looks]
    return NameCheck.objects.create(name=domain.name, domain=domain, looks=kept, state=state, **fields)


def test_it_works(staff_client: Client, domain: Domain) -> None:
    answer = staff_client.post(url(domain), follow=True)
    assert answer.redirect_chain == [(url(domain), 302)]
    assert NameCheck.objects.get().name == "www.example.com"
    page = answer.content.decode()
    assert "Looking at the name from outside." in page
    assert f'hx-get="{url(domain, "name-check-status")}"' in page
    assert 'http-equiv="refresh"' in page


def test_it_ends_in_one_sentence_and_one_step(staff_client: Client, domain: Domain) -> None:
    looked_at(domain, FORBIDDEN)
    page = staff_client.get(url(domain)).content.decode()
    assert "The CAA records at example.com allow letsencrypt.org only." in page
    assert "Add a CAA record for this CA at example.com: 0 issue &quot;sectigo.com&quot;." in page
    assert "hx-get" not in page.split('id="name-check"')[1].split("</section>")[0]


def test_what_was_seen_long_ago_is_nothing_to_go_by(staff_client: Client, domain: Domain) -> None:
    looked_at(domain, FORBIDDEN, asked_at=timezone.now() - timedelta(hours=3))
    page = staff_client.get(url(domain)).content.decode()
    assert "letsencrypt.org" not in page
    assert "was not looked at from outside" in page


def test_the_results_come_by_themselves(staff_client: Client, domain: Domain) -> None:
    check = looked_at(domain, state="running")
    status = url(domain, "name-check-status")
    shown = staff_client.get(url(domain)).context["page"].version
    assert staff_client.get(status, headers={"X-Seen": shown}).status_code == 204
    NameCheck.objects.filter(pk=check.pk).update(looks=[FORBIDDEN.kept()])
    answer = staff_client.get(status, headers={"X-Seen": shown})
    assert "letsencrypt.org only" in answer.content.decode()


def test_too_many_are_refused_in_words(staff_client: Client, domain: Domain, operator: User) -> None:
    for number in range(25):
        name = cast.make_domain(domain.subscription, f"n{number}.example.com")
        answer = staff_client.post(url(name), follow=True)
    assert "6 names are being checked already." in answer.content.decode()
    assert NameCheck.objects.count() == 6


def test_a_removed_name_is_explained_too(staff_client: Client, domain: Domain) -> None:
    Domain.objects.filter(pk=domain.pk).update(removed_at=timezone.now())
    page = staff_client.get(url(domain)).content.decode()
    assert "is not in this subscription any more" in page


SECRET = "c2VjcmV0LWtleS1pbi1hLXBhc3RlZC10ZXh0"
PASTED = f"certbot --eab-hmac-key {SECRET}\nCAA record for www.example.com prevents issuance"


def test_a_pasted_text_is_explained_and_forgotten(
    staff_client: Client, domain: Domain, caplog: pytest.LogCaptureFixture
) -> None:
    answer = staff_client.post(url(domain), {"text": PASTED})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "A CAA record forbids it" in page
    assert "Recognised by" in page
    assert "Read in" in page
    assert SECRET not in page
    assert SECRET not in caplog.text
    assert "no-store" in answer["Cache-Control"]
    assert not NameCheck.objects.exists()


def test_of_a_text_that_is_not_known_it_says_so(staff_client: Client, domain: Domain) -> None:
    page = staff_client.post(url(domain), {"text": "My printer is on fire"}).content.decode()
    assert "This text is not known here" in page
    assert "printer" not in page


def test_no_text_is_an_error(staff_client: Client, domain: Domain) -> None:
    assert "Paste what the client says." in staff_client.post(url(domain), {"text": " "}).content.decode()
    long = staff_client.post(url(domain), {"text": "x" * 200_001}).content.decode()
    assert "Shorten this to 200000 characters at most" in long
