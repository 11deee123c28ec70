"""Django admin as a whole: every page answers, no key on any, the ledger only to be read."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.audit import record_event
from accounts.models import AuditEvent, Customer, Invitation, Membership, NoticeChoice, Setting, User
from subscriptions.happenings import Happening
from subscriptions.models import (
    AcmeAccount,
    AcmeServer,
    Baseline,
    CallSlot,
    Certificate,
    Domain,
    EabBinding,
    Finding,
    Gate,
    HeldKind,
    Operation,
    OperationEvent,
    Order,
    Prevalidation,
    Quote,
    Replacement,
    Subscription,
    Transaction,
    UnassignedAccount,
    WorkerHeartbeat,
)
from tests import cast

CHANGEABLE = {User, Customer, AcmeServer, Subscription, Group, EmailAddress}
ADDABLE = {User, Customer, Group, EmailAddress}
DELETABLE = {Customer, Group, EmailAddress, Authenticator}
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
TOTP_SECRET = "JBSWY3DPEHPK3PXP"
SESSION_KEY = "f" * 32
SECRETS = [cast.HMAC_KEY, TOTP_SECRET, SESSION_KEY, f"{0:064}"]


def url_of(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def superuser(db: None) -> User:
    return User.objects.create_superuser("root@reseller.example", cast.PASSWORD)


@pytest.fixture
def root(superuser: User) -> Client:
    return cast.sign_in(Client(), superuser)


def populate(number: int, by: User) -> None:
    """Make a row of every model, `number` times over, each belonging to others than the one before."""
    now = timezone.now()
    start = Customer.objects.count()
    for index in range(start, start + number):
        customer = cast.make_customer(f"Customer {index:04}")
        server = AcmeServer.objects.create(directory_url=f"https://ca.example/{index}", validation_type="DV")
        subscription = cast.make_subscription(customer, server, expires_at=now + timedelta(days=index), created_by=by)
        binding = subscription.binding
        domain = cast.make_domain(subscription, f"host{index}.example.com")
        cast.make_certificate(domain)
        domain.issued_certificates.create(serial_number=f"{index:X}", valid_until=now)
        AcmeAccount.objects.create(binding=binding, acme_account_id=f"acc{index}", status="valid")
        cast.make_replacement(domain, f"right{index}.example.com", by)
        cast.make_request(subscription, f"asked{index}.example.com", created_by=by)
        cast.make_telling(by, subscription)
        cast.make_mark(f"gone{index}@contoso.example")
        NoticeChoice.objects.create(person=cast.make_user(f"reader{index}@contoso.example"), customer=customer)
        order = cast.make_order(cast.make_quote(subscription, {f"new{index}.example.com": "95.00"}), by)
        Transaction.objects.create(binding=binding, kind=Transaction.ADDITION, ca_order_number=index, executed_at=now)
        UnassignedAccount.objects.create(eab_key_id=f"stray{index}", customer=customer, decided_by=by)
        Finding.objects.create(binding=binding, sort=Finding.Sort.UNKNOWN_NAME)
        Baseline.objects.create(binding=binding, order=order)
        HeldKind.objects.create(kind=f"kind{index}")
        Setting.objects.create(name=f"setting{index}", value="on")
        cast.make_prevalidation(customer)
        user = cast.make_user(f"person{index}@contoso.example")
        Membership.objects.create(customer=customer, user=user)
        Invitation.objects.create(
            customer=customer, email="a@b.example", expires_at=now, invited_by=by, token_digest=f"{index:064}"
        )
        record_event(Happening.KEY_REVEALED, actor=user, target=subscription, customer=customer)
        WorkerHeartbeat.objects.create(name=f"worker{index}")
        CallSlot.objects.create(number=index + 100)
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": TOTP_SECRET})
        UserSession.objects.create(user=user, session_key=f"{SESSION_KEY}{index}", ip="192.0.2.1", user_agent="x")
        Group.objects.create(name=f"Group {index}")
        EmailAddress.objects.create(user=user, email=user.email)
    Gate.objects.get_or_create(pk=Gate.SINGLETON)


@pytest.fixture
def one_of_each(superuser: User) -> None:
    populate(1, superuser)


@pytest.mark.usefixtures("one_of_each")
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_page_answers_and_shows_no_secret(root: Client, model: type[Model]) -> None:
    row = model._default_manager.order_by("-pk")[0]
    pages = [url_of(model, "changelist"), url_of(model, "change", row.pk), url_of(model, "history", row.pk)]
    if admin.site._registry[model].search_fields:
        pages += [f"{pages[0]}?q=example", f"{pages[0]}?q='\"<"]
    for url in pages:
        response = root.get(url)
        assert response.status_code == 200, url
        text = response.content.decode()
        assert [secret for secret in SECRETS if secret in text] == []


@pytest.mark.usefixtures("one_of_each")
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_what_may_be_done(root: Client, model: type[Model]) -> None:
    row = model._default_manager.order_by("-pk")[0]
    allowed = {
        "add": root.get(url_of(model, "add")).status_code == 200,
        "delete": root.get(url_of(model, "delete", row.pk)).status_code == 200,
        "change": root.post(url_of(model, "change", row.pk), {}).status_code != 403,
    }
    assert allowed == {"add": model in ADDABLE, "delete": model in DELETABLE, "change": model in CHANGEABLE}
    deleting = root.post(
        url_of(model, "changelist"), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    )
    assert deleting.status_code in {200, 302, 403}
    assert model._default_manager.filter(pk=row.pk).exists() is (model not in {Group, EmailAddress})


@pytest.mark.parametrize(
    "model", [Operation, OperationEvent, Order, Quote, Replacement, Transaction, AuditEvent, EabBinding, Setting]
)
def test_the_ledger_is_registered(model: type[Model]) -> None:
    assert model in admin.site._registry


@pytest.mark.long
def test_queries_do_not_grow(root: Client, superuser: User, count_queries: Callable[[Client, str], int]) -> None:
    def measure() -> dict[str, int]:
        return {model._meta.label: count_queries(root, url_of(model, "changelist")) for model in MODELS}

    populate(10, superuser)
    measure()
    few = measure()
    populate(190, superuser)
    assert measure() == few


def test_a_subscription_keeps_what_the_ledger_made(root: Client, subscription: Subscription) -> None:
    other = cast.make_customer("Contoso")
    fields = {"label": "Renamed", "customer": other.pk, "term_years": 3, "server": cast.make_server("OV").pk}
    root.post(url_of(Subscription, "change", subscription.pk), fields)
    after = Subscription.objects.get(pk=subscription.pk)
    assert after.label == "Renamed"
    assert (after.customer, after.term_years, after.server) == (
        subscription.customer,
        subscription.term_years,
        subscription.server,
    )


def test_a_server_can_be_hidden(root: Client, server_dv: AcmeServer) -> None:
    root.post(url_of(AcmeServer, "change", server_dv.pk), {"directory_url": "https://elsewhere.example"})
    after = AcmeServer.objects.get(pk=server_dv.pk)
    assert (after.is_offered, after.directory_url) == (False, server_dv.directory_url)


def test_a_prevalidation_is_changed_only_where_slips_are_asked_about(root: Client, customer: Customer) -> None:
    made = cast.make_prevalidation(customer, number="88001")
    fields = {
        "customer": customer.pk,
        "organization_name": "Northwind",
        "ov_anchor_order_number": "not digits",
        "type": "OV",
        "recorded_status": "valid",
        "valid_until": "2099-01-31",
    }
    answers = [
        root.post(url_of(Prevalidation, "add"), fields),
        root.post(url_of(Prevalidation, "change", made.pk), fields),
        root.post(url_of(Prevalidation, "delete", made.pk), {"post": "yes"}),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    before = (made.ov_anchor_order_number, made.valid_until)
    [after] = Prevalidation.objects.all()
    assert (after.ov_anchor_order_number, after.valid_until) == before


@pytest.mark.parametrize("model", [Setting, Prevalidation])
def test_what_pages_of_the_staff_change_can_be_looked_at(root: Client, customer: Customer, model: type[Model]) -> None:
    cast.make_prevalidation(customer, number="88001")
    Setting.objects.create(name="renewal_mode", value="88001")
    assert "88001" in root.get(url_of(model, "changelist")).content.decode()


def test_names_and_certificates_are_found_by_name(root: Client, running_subscription: Subscription) -> None:
    cast.make_certificate(running_subscription.domains.get(name="www.example.com"))
    for model in (Domain, Certificate):
        listed = root.get(url_of(model, "changelist"), {"q": "www."}).context["cl"]
        assert [str(row).partition(":")[0] for row in listed.result_list] == ["www.example.com"]
