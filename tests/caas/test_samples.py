"""The client reads each answer that the CA's guide shows, as it is printed there (samples/)."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from subscriptions.caas import types
from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import RefusalReason, Refused
from subscriptions.caas.types import Money, Secret
from subscriptions.caas.wire_requests import Action

from .scripted_ca import MALFORMED, reply, scripted, yes

SAMPLES = Path(__file__).parent / "samples"
ACTIVE = datetime(2019, 3, 14, 14, 37, 42, tzinfo=UTC)
ENDS = datetime(2025, 9, 20, 23, 59, 59, tzinfo=UTC)
USER_AGENT = "CertbotACMEClient/0.31.0 (certbot; Ubuntu 18.04.5 LTS) Authenticator/manual"


class Case(NamedTuple):
    """How a sample is asked for and what is read from it; a list with rows is asked for until a page brings none."""

    ask: Callable[[CaasClient], Any]
    read: Any
    pages: int = 1


def charged(text: str) -> Money:
    return Money(Decimal(text), "USD", text)


def added(client: CaasClient) -> types.DomainAdded:
    return client.add_domain(acme_account_id="A1", name="domain.com", last_look=yes)


def listed(name: str) -> types.ListedDomain:
    return types.ListedDomain(name, ENDS, None)


CASES = {
    "LISTSERVERS-one": Case(
        lambda client: client.list_servers(),
        (types.ServerInfo("https://acme.sectigo.com/v2/DV", 608, "CaaS DV TLS Certificate", "DV"),),
    ),
    "LISTSERVERS-none": Case(lambda client: client.list_servers(), ()),
    "PREREGISTER-pending": Case(
        lambda client: client.preregister(directory_url="https://acme.sectigo.com/v2/OV", years=1, last_look=yes),
        types.PreregisteredAccount("ABc_123xYZ456", "pending", "ZyX321_abc654DeF1", Secret("ghM4321abc_D8765xyZ")),
    ),
    "LISTACCOUNTS-two": Case(
        lambda client: client.list_accounts(),
        (
            types.AccountInfo("ABc_123xYZ456", "pending", "ghM4321abc_D8765xyZ", "", "", None),
            types.AccountInfo("654ZYx321_cBA", "valid", None, USER_AGENT, "10.0.1.64", ACTIVE),
        ),
        pages=2,
    ),
    "LISTACCOUNTS-none": Case(lambda client: client.list_accounts(), ()),
    "LISTBINDINGS-two": Case(
        lambda client: client.list_bindings(),
        (
            types.BindingInfo("ghM4321abc_D8765xyZ", Secret("ZyX321_abc654DeF1"), True, None),
            types.BindingInfo("Zyx5678D_cba1234Mhg", Secret("1FeD456cba_123XyZ"), False, ACTIVE),
        ),
    ),
    "LISTBINDINGS-none": Case(lambda client: client.list_bindings(), ()),
    "LISTCONTACTS-two": Case(
        lambda client: client.list_contacts(acme_account_id="A1"), ("a@example.com", "b@example.com")
    ),
    "LISTCONTACTS-none": Case(lambda client: client.list_contacts(acme_account_id="A1"), ()),
    "SUSPENDACCOUNT-assumed": Case(
        lambda client: client.suspend_account(acme_account_id="A1", whole_key=True, last_look=yes),
        types.RecordsUpdated(1),
    ),
    "UNSUSPENDACCOUNT-assumed": Case(
        lambda client: client.reinstate_account(acme_account_id="A1", whole_key=True, last_look=yes),
        types.RecordsUpdated(1),
    ),
    "DEACTIVATEACCOUNT-assumed": Case(
        lambda client: client.deactivate_account(acme_account_id="A1", whole_key=True, last_look=yes),
        types.RecordsUpdated(1),
    ),
    "ADDDOMAIN-done": Case(added, types.DomainAdded(("domain.com",), charged("200.00"), 123456789)),
    "ADDDOMAIN-quote": Case(
        lambda client: client.quote_domain(acme_account_id="A1", name="domain.com"),
        types.DomainQuote(("domain.com",), charged("200.00")),
    ),
    "REMOVEDOMAIN-with_companion": Case(
        lambda client: client.remove_domain(acme_account_id="A1", name="domain.com", last_look=yes),
        types.DomainRemoved(("domain.com", "www.domain.com"), None, None),
    ),
    "LISTDOMAINS-three": Case(
        lambda client: client.list_domains(acme_account_id="A1"),
        (listed("brand.example.com"), listed("service.com"), listed("subdomain.website.com")),
        pages=2,
    ),
    "LISTDOMAINS-none": Case(lambda client: client.list_domains(acme_account_id="A1"), ()),
    "EXTENDDOMAINS-done": Case(
        lambda client: client.extend_domains(acme_account_id="A1", years=1, last_look=yes),
        types.TermExtended(7654321, charged("1000")),
    ),
    "EXTENDDOMAINS-quote": Case(
        lambda client: client.quote_extension(acme_account_id="A1", years=1),
        types.TermQuote(charged("1000.00")),
    ),
    "GETLASTORDER-completed": Case(
        lambda client: client.last_orders(acme_account_id="A1"),
        (
            types.LastOrder(
                domain_name="domain.com",
                acme_order_id="1ABCdEFGY1XYZ",
                acme_order_status="valid",
                ca_order_number=123455,
                status_code=6,
                status_description="Valid",
                serial_number="00AF1E",
                valid_from=datetime(2025, 6, 20, tzinfo=UTC),
                valid_until=datetime(2025, 9, 18, 23, 59, 59, tzinfo=UTC),
                acme_account_id="654ZYx321_cBA",
            ),
        ),
    ),
    "LISTTRANSACTIONS-assumed": Case(
        lambda client: client.list_transactions(acme_account_id="A1"),
        (
            types.TransactionInfo(
                kind="addDomain",
                executed_at=datetime(2024, 9, 19, 14, 37, 42, tzinfo=UTC),
                executed_until=datetime(2024, 9, 19, 14, 37, 42, tzinfo=UTC),
                ca_order_number=123456789,
                cost=charged("200.00"),
                names=("domain.com",),
                subscription_starts_at=datetime(2024, 9, 19, 14, 37, 42, tzinfo=UTC),
                subscription_expires_at=ENDS,
            ),
        ),
    ),
    "UPDATEDOMAINS-five": Case(
        lambda client: client.move_domains(
            acme_account_id="A1", old_ov_anchor_order_number="1", ov_anchor_order_number="2", last_look=yes
        ),
        types.RecordsUpdated(5),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_sample_is_read(name: str) -> None:
    case = CASES[name]
    sample = (SAMPLES / f"{name}.json").read_bytes()
    with scripted(*[reply(sample) for _ in range(case.pages)]) as (client, ca):
        read = case.ask(client)
    assert read == case.read
    assert {dict(form)["action"] for form in ca.forms()} == {name.partition("-")[0]}


@pytest.mark.parametrize(("name", "text"), [("ADDDOMAIN-done", "200.00"), ("EXTENDDOMAINS-done", "1000")])
def test_the_digits_are_kept_as_they_are_printed(name: str, text: str) -> None:
    with scripted(reply((SAMPLES / f"{name}.json").read_bytes())) as (client, _):
        assert CASES[name].ask(client).cost.text == text


def test_the_refusal_is_read() -> None:
    sample = (SAMPLES / "refusal-missing_argument.json").read_bytes()
    with scripted(reply(sample, 400)) as (client, _), pytest.raises(Refused) as caught:
        client.list_servers()
    assert (caught.value.reason, caught.value.error_type) == (RefusalReason.MISSING_ARGUMENT, MALFORMED)
    assert caught.value.detail == "The 'acmeAccountID' argument is missing!"


def test_each_action_has_a_sample_and_each_sample_a_case() -> None:
    files = {path.stem for path in SAMPLES.glob("*.json")}
    assert files == {*CASES, "refusal-missing_argument"}
    assert {name.partition("-")[0] for name in CASES} == set(Action)
