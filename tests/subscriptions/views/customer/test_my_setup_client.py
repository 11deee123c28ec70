"""The instructions of one ACME client with the customer's values."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.kept_settings import keep_setting
from accounts.models import AuditEvent, User
from subscriptions.models import AcmeAccount, Subscription
from subscriptions.recipes import RECIPES
from subscriptions.selectors.prevalidations import RENEWAL_MODE
from tests import cast

CHOICES: dict[str, Any] = {
    "names": ["example.com", "www.example.com"],
    "challenge": "http-01",
    "email": "tls@northwind.example",
}


def setup_of(subscription: Subscription, slug: str = "certbot") -> str:
    return reverse("subscriptions:my-setup-client", args=[subscription.code, slug])


def blocks(response: Any) -> dict[str, str]:
    return {block.id: block.text for block in response.context["rendered"].blocks}


def refusals(response: Any) -> list[str]:
    return [refusal.code for refusal in response.context["rendered"].refusals]


@pytest.mark.parametrize("slug", [recipe.slug for recipe in RECIPES])
def test_it_works(client: Client, viewer: User, running_subscription: Subscription, slug: str) -> None:
    response = cast.sign_in(client, viewer).get(setup_of(running_subscription, slug), CHOICES)
    text = response.content.decode()
    assert response.status_code == 200
    assert refusals(response) == []
    assert running_subscription.binding.eab_key_id in text
    assert running_subscription.binding.directory_url in text
    assert "www.example.com" in "".join(blocks(response).values())
    assert cast.HMAC_KEY not in text


def test_first_opening_starts_with_choices_that_work(
    client: Client, viewer: User, running_subscription: Subscription
) -> None:
    response = cast.sign_in(client, viewer).get(setup_of(running_subscription))
    form = response.context["form"]
    assert form.cleaned_data == {
        "names": ["example.com", "www.example.com"],
        "challenge": "http-01",
        "email": viewer.email,
        "http_mode": "webroot",
        "reload": "nginx",
    }
    assert refusals(response) == []


def test_first_opening_with_a_wildcard_starts_with_dns(
    client: Client, viewer: User, running_subscription: Subscription
) -> None:
    cast.make_domain(running_subscription, "*.example.com")
    response = cast.sign_in(client, viewer).get(setup_of(running_subscription))
    assert response.context["form"].cleaned_data["challenge"] == "dns-01"
    assert refusals(response) == []


@pytest.mark.parametrize("slug", [recipe.slug for recipe in RECIPES if not recipe.supports_wildcards])
def test_first_opening_leaves_out_wildcards_that_the_client_cannot_order(
    client: Client, viewer: User, running_subscription: Subscription, slug: str
) -> None:
    cast.make_domain(running_subscription, "*.example.com")
    response = cast.sign_in(client, viewer).get(setup_of(running_subscription, slug))
    assert response.context["form"].cleaned_data["names"] == ["example.com", "www.example.com"]
    assert refusals(response) == []


def test_first_opening_with_many_names_starts_with_one(
    client: Client, viewer: User, running_subscription: Subscription
) -> None:
    cast.make_names(running_subscription, 20)
    response = cast.sign_in(client, viewer).get(setup_of(running_subscription))
    assert response.context["form"].cleaned_data["names"] == ["example.com"]


@pytest.mark.parametrize("slug", [recipe.slug for recipe in RECIPES])
def test_first_opening_with_many_names_starts_with_the_simplest_case(
    client: Client, viewer: User, running_subscription: Subscription, slug: str
) -> None:
    for name in ("*.example.com", "*.a.example.com", *(f"*.zone{number}.example.com" for number in range(10))):
        cast.make_domain(running_subscription, name)
    response = cast.sign_in(client, viewer).get(setup_of(running_subscription, slug))
    data = response.context["form"].cleaned_data
    assert (data["names"], data["challenge"]) == (["example.com", "www.example.com"], "http-01")
    assert "dns_provider" not in data
    assert refusals(response) == []


def test_first_opening_with_many_wildcards_and_nothing_else(
    client: Client, viewer: User, running_subscription: Subscription
) -> None:
    running_subscription.domains.all().delete()
    for number in range(12):
        cast.make_domain(running_subscription, f"*.zone{number}.example.com")
    form = cast.sign_in(client, viewer).get(setup_of(running_subscription)).context["form"]
    assert (form["challenge"].value(), len(form["names"].value())) == ("dns-01", 1)


def test_renewals_are_set_up_for_the_lifetime_that_the_ca_gave(
    client: Client, viewer: User, running_subscription: Subscription
) -> None:
    sign_in = cast.sign_in(client, viewer)
    script = blocks(sign_in.get(setup_of(running_subscription, "lego"), CHOICES))["lego-timer"]
    assert " renew --days 15 " in script
    issued = cast.utc(2026, 11, 1)
    for domain, days in zip(running_subscription.domains.order_by("name"), (199, 100), strict=True):
        cast.make_certificate(domain, valid_from=issued, valid_until=issued + timedelta(days=days, seconds=-1))
        issued += timedelta(days=1)
    script = blocks(sign_in.get(setup_of(running_subscription, "lego"), CHOICES))["lego-timer"]
    assert " renew --days 33 " in script


def test_one_name_can_be_asked_for(client: Client, viewer: User, running_subscription: Subscription) -> None:
    response = cast.sign_in(client, viewer).get(setup_of(running_subscription), {"names": "www.example.com"})
    assert response.context["form"].cleaned_data["names"] == ["www.example.com"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"names": ["*.example.com"]}, "wildcard-needs-dns-01"),
        ({"names": ["other.example.net"]}, "foreign-name"),
        ({"names": ["<script>alert(1)</script>"]}, "foreign-name"),
        ({"names": []}, "no-names"),
    ],
)
def test_what_cannot_work_is_refused(
    client: Client, member: User, running_subscription: Subscription, changed: dict[str, Any], code: str
) -> None:
    cast.make_domain(running_subscription, "*.example.com")
    cast.sign_in(client, member)
    cast.confirm_password(client)
    for answer in (
        client.get(setup_of(running_subscription), CHOICES | changed),
        client.post(setup_of(running_subscription), CHOICES | changed),
    ):
        assert refusals(answer) == [code]
        assert answer.context["rendered"].blocks == ()
        assert "<code" not in answer.content.decode()
        assert "<script>alert" not in answer.content.decode()
        assert cast.HMAC_KEY not in answer.content.decode()
    assert not AuditEvent.objects.filter(action="key.revealed").exists()


@pytest.mark.parametrize(
    ("changed", "field", "message"),
    [
        ({"email": "not an address"}, "email", "This is no e-mail address. One looks like name@example.com."),
        ({"email": ""}, "email", "Type an e-mail address."),
        ({"challenge": "tls-alpn-01"}, "challenge", "This is not offered here. Choose one of those that are."),
        ({"http_mode": "pigeon"}, "http_mode", "This is not offered here. Choose one of those that are."),
    ],
)
def test_bad_input_is_told_at_its_place(
    client: Client,
    member: User,
    running_subscription: Subscription,
    changed: dict[str, str],
    field: str,
    message: str,
) -> None:
    response = cast.sign_in(client, member).get(setup_of(running_subscription), CHOICES | changed)
    assert response.status_code == 200
    assert response.context["rendered"] is None
    assert list(response.context["form"].errors) == [field]
    assert message in response.content.decode()
    assert response.context["form"]["names"].data == CHOICES["names"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"expires_at": None}, "no-names-yet"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "lapsed"),
        ({"creation": Subscription.Creation.CREATING}, "creating"),
        ({"creation": Subscription.Creation.FAILED}, "failed"),
    ],
)
def test_nothing_is_shown_while_nothing_can_be_issued(
    client: Client, member: User, running_subscription: Subscription, fields: dict[str, Any], code: str
) -> None:
    Subscription.objects.filter(pk=running_subscription.pk).update(**fields)
    response = cast.sign_in(client, member).get(setup_of(running_subscription), CHOICES)
    assert refusals(response) == [code]


@pytest.mark.parametrize(
    ("status", "codes"),
    [
        ("pending", []),
        ("valid", []),
        ("Valid", []),
        ("suspended", ["account-unusable"]),
        ("deactivated", ["account-unusable"]),
        ("no-such-state", ["account-unusable"]),
    ],
)
def test_an_account_that_the_ca_has_suspended(
    client: Client, member: User, running_subscription: Subscription, status: str, codes: list[str]
) -> None:
    binding = running_subscription.binding
    AcmeAccount.objects.create(binding=binding, acme_account_id="another-registration", status="deactivated")
    AcmeAccount.objects.update_or_create(
        acme_account_id=binding.acme_account_id, defaults={"binding": binding, "status": status}
    )
    response = cast.sign_in(client, member).get(setup_of(running_subscription), CHOICES)
    assert refusals(response) == codes
    assert not codes or f"Your ACME account is {status} at the CA" in response.content.decode()


def test_without_binding(client: Client, member: User) -> None:
    subscription = cast.make_subscription(member.customers.get(), is_ready=False)
    assert refusals(cast.sign_in(client, member).get(setup_of(subscription))) == ["creating"]


def _ov_subscription(user: User, **fields: Any) -> Subscription:
    customer, server = user.customers.get(), cast.make_server("OV")
    subscription = cast.make_subscription(customer, server, expires_at=timezone.now() + timedelta(days=300))
    cast.make_domain(subscription, "example.com", **fields)
    return subscription


@pytest.mark.parametrize(("mode", "codes"), [("manual", ["no-prevalidation"]), ("automatic", [])])
def test_ov_with_a_prevalidation_that_has_passed(client: Client, member: User, mode: str, codes: list[str]) -> None:
    keep_setting(RENEWAL_MODE, mode)
    passed = cast.make_prevalidation(member.customers.get(), valid_until=timezone.now().date() - timedelta(days=1))
    subscription = _ov_subscription(member, ov_anchor_order_number=passed.ov_anchor_order_number)
    assert refusals(cast.sign_in(client, member).get(setup_of(subscription))) == codes


def test_ov_without_prevalidation(client: Client, member: User) -> None:
    response = cast.sign_in(client, member).get(setup_of(_ov_subscription(member)))
    assert refusals(response) == ["no-prevalidation"]
    assert "example.com has no validated organization" in response.content.decode()


def test_reveal_fills_the_key_in(client: Client, member: User, running_subscription: Subscription) -> None:
    cast.sign_in(client, member)
    cast.confirm_password(client)
    masked = client.get(setup_of(running_subscription), CHOICES)
    sent = {name: [v for n, v in masked.context["choices"] if n == name] for name, _ in masked.context["choices"]}
    response = client.post(setup_of(running_subscription), sent, REMOTE_ADDR="192.0.2.7")
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert 'hx-history="false"' in response.content.decode()
    differing = {key for key, text in blocks(response).items() if text != blocks(masked)[key]}
    assert differing == {block.id for block in masked.context["rendered"].blocks if block.masked}
    assert all(cast.HMAC_KEY in blocks(response)[key] for key in differing)
    event = AuditEvent.objects.get(action="key.revealed")
    assert (event.actor_code, event.target_code, event.ip_address) == (
        member.code,
        running_subscription.code,
        "192.0.2.7",
    )


def test_reveal_goes_on_after_the_password(client: Client, member: User, running_subscription: Subscription) -> None:
    cast.sign_in(client, member)
    asked = client.post(setup_of(running_subscription), CHOICES | {"names": ["www.example.com"]})
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert not AuditEvent.objects.filter(action="key.revealed").exists()
    answer = client.post(asked["Location"], {"password": cast.PASSWORD})
    assert cast.HMAC_KEY in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert answer.context["form"].cleaned_data["names"] == ["www.example.com"]
    assert AuditEvent.objects.filter(action="key.revealed").count() == 1


@pytest.mark.parametrize(("name", "status"), [("viewer", 403), ("stranger", 404), ("operator", 404)])
def test_others_cannot_reveal(
    client: Client, running_subscription: Subscription, name: str, status: int, request: pytest.FixtureRequest
) -> None:
    cast.sign_in(client, request.getfixturevalue(name))
    cast.confirm_password(client)
    response = client.post(setup_of(running_subscription), CHOICES)
    assert response.status_code == status
    assert cast.HMAC_KEY not in response.content.decode()
    assert not AuditEvent.objects.filter(action="key.revealed").exists()


@pytest.mark.parametrize("name", ["stranger", "operator"])
def test_others_get_404(
    client: Client, running_subscription: Subscription, name: str, request: pytest.FixtureRequest
) -> None:
    assert cast.sign_in(client, request.getfixturevalue(name)).get(setup_of(running_subscription)).status_code == 404


def test_unknown_client(client: Client, owner: User, running_subscription: Subscription) -> None:
    assert cast.sign_in(client, owner).get(setup_of(running_subscription, "no-such")).status_code == 404


def test_no_sandbox_no_trust_step(
    client: Client, owner: User, running_subscription: Subscription, settings: Any
) -> None:
    settings.CAAS_SANDBOX = False
    assert "certbot-trust" not in blocks(cast.sign_in(client, owner).get(setup_of(running_subscription)))


def test_sandbox_trust_step(client: Client, owner: User, running_subscription: Subscription, settings: Any) -> None:
    settings.CAAS_SANDBOX = True
    response = cast.sign_in(client, owner).get(setup_of(running_subscription))
    assert "http://testserver/my/sandbox-ca.pem" in blocks(response)["certbot-trust"]


def test_queries_do_not_grow(
    client: Client, owner: User, subscription: Subscription, count_queries: Callable[[Client, str], int]
) -> None:
    cast.sign_in(client, owner)
    few, many = subscription, cast.make_subscription(subscription.customer)
    for one, number in ((few, 10), (many, 1000)):
        cast.make_names(one, number)
        client.get(setup_of(one))
    assert count_queries(client, setup_of(many)) == count_queries(client, setup_of(few))
