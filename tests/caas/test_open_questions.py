"""What the guide leaves open, as the client takes it (docs/open-questions.md)."""

import inspect
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import OutcomeUnknown, RefusalReason, Refused
from subscriptions.caas.types import ListedDomain, Money, RecordsUpdated, ServerInfo, TermExtended
from subscriptions.sandbox import Fault, Sandbox
from subscriptions.sandbox.products import PRODUCTS
from tests.sandbox_transport import sandbox_transport

from .scripted_ca import LOGIN_NAME, LOGIN_PASSWORD, MALFORMED, UNAUTHORIZED, refusal, reply, scripted, yes

NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
OV = "https://acme.sectigo.com/v2/OV"
ACCOUNT = {"acmeAccountID": "A1", "eabMACIDb64url": "K1", "eabMACKeyb64url": "c2VjcmV0"}
ADDED = {"cost": 200, "currency": "USD", "domains": [{"domainName": "domain.com"}]}
ADD: dict[str, Any] = {"acme_account_id": "A1", "name": "domain.com", "last_look": yes}


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    made = Sandbox(tmp_path / "sandbox.sqlite3", clock=lambda: NOW, logins={LOGIN_NAME: LOGIN_PASSWORD})
    yield made
    made.close()


@pytest.fixture
def caas(sandbox: Sandbox) -> Iterator[CaasClient]:
    transport = sandbox_transport(sandbox)
    with scripted(read_transport=transport, change_transport=transport) as (client, _):
        yield client


@pytest.mark.parametrize("known", ["serverURL", "serverUrl"])
def test_9_1_one_spelling_of_the_server_at_a_time(caas: CaasClient, sandbox: Sandbox, known: str) -> None:
    other = {"serverURL": "serverUrl", "serverUrl": "serverURL"}[known]
    sandbox.arm("PREREGISTER", Fault.server_url_refused(other), count=None)

    caas.preregister(directory_url=OV, years=1, last_look=yes)

    assert len(caas.list_bindings()) == 1
    assert sandbox.call_log().count("PREREGISTER") == (1 if known == "serverURL" else 2)


@pytest.mark.parametrize("top", ["domains", "Domains", "DOMAINS"])
def test_9_2_names_of_lists_match_in_any_case(top: str) -> None:
    answer = {name: value for name, value in ADDED.items() if name != "domains"} | {top: ADDED["domains"]}
    with scripted(reply(answer)) as (client, _):
        assert client.add_domain(**ADD).names == ("domain.com",)


def test_9_3_success_is_never_needed_and_its_denial_is_an_unknown_outcome() -> None:
    with scripted(reply(ADDED), reply({**ADDED, "success": False})) as (client, _):
        assert client.add_domain(**ADD).names == ("domain.com",)
        with pytest.raises(OutcomeUnknown):
            client.add_domain(**ADD)


def test_9_4_an_account_that_is_not_called_as_its_key(caas: CaasClient, sandbox: Sandbox) -> None:
    sandbox.switches.ids_differ = True
    made = caas.preregister(directory_url=OV, years=1, last_look=yes)

    assert made.acme_account_id != made.eab_key_id
    (account,) = caas.list_accounts(acme_account_id=made.acme_account_id)
    assert (account.acme_account_id, account.eab_key_id) == (made.acme_account_id, made.eab_key_id)
    assert caas.list_accounts(eab_key_id=made.eab_key_id) == (account,)


def test_9_5_key_and_id_are_read_by_name() -> None:
    swapped = {"eabMACKeyb64url": "K1", "eabMACIDb64url": "c2VjcmV0", "acmeAccountID": "A1"}
    with scripted(reply({"Accounts": [swapped]})) as (client, _):
        made = client.preregister(directory_url=OV, years=1, last_look=yes)
    assert (made.eab_key_id, made.eab_hmac_key.reveal()) == ("c2VjcmV0", "K1")


@pytest.mark.parametrize(
    ("detail", "reason"),
    [
        ("Your funds do not suffice.", "insufficient_funds"),
        ("No price is configured.", "pricing"),
        ("This subscription expired long ago.", "expired"),
        ("You lack the permission.", "permission"),
        ("It is there already.", "already_present"),
        ("Words nobody has heard.", "other"),
    ],
)
def test_9_11_words_of_rows_that_are_not_public(detail: str, reason: str) -> None:
    with scripted(refusal(403, detail)) as (client, _), pytest.raises(Refused) as caught:
        client.add_domain(**ADD)
    assert (caught.value.reason, caught.value.detail, str(caught.value)[-len(detail) :]) == (reason, detail, detail)


@pytest.mark.parametrize("typed", ["DOMAIN.com", "domain.com.", " domain.com"])
def test_9_13_one_form_of_a_name_is_sent_and_read(typed: str) -> None:
    listed = {"Domains": [{"domainName": "Domain.COM."}]}
    with scripted(reply(ADDED), reply(listed), reply({"Domains": []})) as (client, ca):
        client.add_domain(acme_account_id="A1", name=typed, last_look=yes)
        assert client.list_domains(acme_account_id="A1")[0].name == "domain.com"
    assert ("domainName", "domain.com") in ca.forms()[0]


@pytest.mark.parametrize(
    ("body", "count"), [({"nRecordsUpdated": 2, "success": True}, 2), ({"success": True}, None), ({"done": 1}, None)]
)
def test_9_14_any_answer_of_the_account_actions(body: dict[str, Any], count: int | None) -> None:
    with scripted(reply(body)) as (client, _):
        suspended = client.suspend_account(acme_account_id="A1", whole_key=False, last_look=yes)
    assert suspended == RecordsUpdated(count)


def test_9_15_and_9_16_the_scope_is_sent_with_an_account_and_only_then() -> None:
    nothing = [reply({"Accounts": []}) for _ in range(3)]
    with scripted(*nothing, reply({"Orders": []}), *[reply({}) for _ in range(6)]) as (client, ca):
        client.list_accounts(acme_account_id="A1")
        client.list_accounts(eab_key_id="K1")
        client.list_accounts()
        client.last_orders(acme_account_id="A1")
        for change in (client.suspend_account, client.reinstate_account, client.deactivate_account):
            for whole_key in (True, False):
                change(acme_account_id="A1", whole_key=whole_key, last_look=yes)
    sent = [dict(form).get("includeAdditionalAccounts") for form in ca.forms()]
    assert sent == ["Y", None, None, "Y", "Y", "N", "Y", "N", "Y", "N"]


@pytest.mark.parametrize("way", ["text", "number", "hidden"])
def test_9_20_and_11_8_a_pre_validation_is_text_number_or_absent(caas: CaasClient, sandbox: Sandbox, way: str) -> None:
    sandbox.switches.anchors_listed_as = way
    account = caas.preregister(directory_url=OV, years=1, last_look=yes).acme_account_id
    caas.add_domain(acme_account_id=account, name="northwind.example", ov_anchor_order_number="1234567", last_look=yes)

    shown = None if way == "hidden" else "1234567"
    ends = datetime(2027, 11, 23, 23, 59, 59, tzinfo=UTC)
    assert caas.list_domains(acme_account_id=account) == (ListedDomain("northwind.example", ends, shown),)


@pytest.mark.parametrize(("more", "days"), [({}, None), ({"extensionDurationDays": 730}, 730)])
def test_9_22_how_long_an_extension_lasts_may_be_told(more: dict[str, int], days: int | None) -> None:
    with scripted(reply({"orderNumber": 7, "cost": 1, "currency": "USD"} | more)) as (client, _):
        extended = client.extend_domains(acme_account_id="A1", years=2, last_look=yes)
    assert extended == TermExtended(7, Money(Decimal(1), "USD"), days)


@pytest.mark.parametrize(
    "answer",
    [
        refusal(400, "The value of the 'acmeAccountID' argument is invalid!", MALFORMED),
        refusal(403, "The account does not exist!", UNAUTHORIZED),
        refusal(404, "Nothing here", "urn:ietf:params:acme:error:accountDoesNotExist"),
    ],
    ids=["400", "403", "404"],
)
def test_9_23_an_account_that_does_not_exist(answer: httpx.Response) -> None:
    with scripted(answer) as (client, _), pytest.raises(Refused) as caught:
        client.list_domains(acme_account_id="A1")
    assert caught.value.reason is RefusalReason.ACCOUNT


def test_9_25_types_of_certificates_are_an_open_list(caas: CaasClient, sandbox: Sandbox) -> None:
    sandbox.set_servers(LOGIN_NAME, PRODUCTS)

    assert [server.validation_type for server in caas.list_servers()] == ["DV", "OV", "EV", "QWAC"]


@pytest.mark.parametrize(("id_length", "key_length"), [(22, 86), (18, 18), (64, 512)])
def test_11_7_eab_keys_of_any_length(id_length: int, key_length: int) -> None:
    entry = ACCOUNT | {"eabMACIDb64url": "i" * id_length, "eabMACKeyb64url": "k" * key_length}
    with scripted(reply({"Accounts": [entry]})) as (client, _):
        made = client.preregister(directory_url=OV, years=1, last_look=yes)
    assert (len(made.eab_key_id), len(made.eab_hmac_key.reveal())) == (id_length, key_length)


def test_11_9_each_account_keeps_its_own_stamp() -> None:
    stamps = ["2026-11-23T10:30:00Z", "2026-11-22T10:30:00Z", None]
    rows = [{**ACCOUNT, "acmeAccountID": str(at), "lastActivity": stamp} for at, stamp in enumerate(stamps)]
    with scripted(reply({"Accounts": rows}), reply({"Accounts": []})) as (client, ca):
        accounts = client.list_accounts(acme_account_id="A1")
    assert [account.last_activity_at and account.last_activity_at.day for account in accounts] == [23, 22, None]
    assert "lastActivityOf" not in dict(ca.forms()[0])


def test_11_10_a_server_of_a_brand_of_its_own_has_a_longer_url() -> None:
    url = "https://acme.certificates.northwind.example/v2/OV"
    server = {"serverUrl": url, "certValidationType": "OV"}
    with scripted(reply({"Servers": [server]}), reply({"Accounts": [ACCOUNT]})) as (client, ca):
        assert client.list_servers() == (ServerInfo(url, None, "", "OV"),)
        client.preregister(directory_url=url, years=1, last_look=yes)
    assert ("serverURL", url) in ca.forms()[1]


def test_every_change_takes_a_last_look_and_no_positional_argument() -> None:
    methods = dict(inspect.getmembers(CaasClient, inspect.isfunction))
    changes = {"preregister", "add_domain", "remove_domain", "extend_domains", "move_domains"} | {
        f"{verb}_account" for verb in ("suspend", "reinstate", "deactivate")
    }
    looking = {name for name in methods if "last_look" in inspect.signature(methods[name]).parameters}
    assert {name for name in looking if not name.startswith("_")} == changes
    for name in changes:
        given = list(inspect.signature(methods[name]).parameters.values())[1:]
        assert {parameter.kind for parameter in given} == {inspect.Parameter.KEYWORD_ONLY}
