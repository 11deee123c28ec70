"""What the guide leaves open, as the sandbox decides it (docs/open-questions.md)."""

import json

import pytest

from subscriptions.sandbox import Sandbox
from subscriptions.sandbox.products import PRODUCTS

from .acme_client import AcmeClient
from .conftest import DV_URL, LOGIN_NAME, OV_URL, Binding, Desk

NAME = "northwind.example"
EXPIRED = (403, "The subscription has expired or does not exist!")


def invalid(argument: str) -> tuple[int, str]:
    return 400, f"The value of the '{argument}' argument is invalid!"


def listed(desk: Desk, account: str) -> list[dict[str, object]]:
    domains: list[dict[str, object]] = desk.ask("LISTDOMAINS", acmeAccountID=account)["Domains"]
    return domains


@pytest.mark.parametrize("spelling", ["serverUrl", "serverURL", "serverurl"])
def test_9_1_one_spelling_of_the_server_and_no_second(desk: Desk, spelling: str) -> None:
    assert len(desk.ask("PREREGISTER", **{spelling: DV_URL})["Accounts"]) == 1
    assert desk.refusal("PREREGISTER", serverUrl=DV_URL, serverURL=DV_URL) == invalid("serverUrl")


def test_9_2_and_9_3_each_action_answers_in_its_own_case(sandbox: Sandbox, desk: Desk) -> None:
    tops = {
        "LISTSERVERS": list(desk.ask("LISTSERVERS")),
        "PREREGISTER": list(desk.ask("PREREGISTER", serverURL=OV_URL)),
    }
    account = desk.ask("LISTACCOUNTS")["Accounts"][0]["acmeAccountID"]
    anchor = {"ovAnchorOrderNumber": "1"}
    tops["ADDDOMAIN"] = list(desk.add(account, NAME, **anchor))
    tops["UPDATEDOMAINS"] = list(desk.ask("UPDATEDOMAINS", acmeAccountID=account, **anchor))
    for action in ("LISTDOMAINS", "LISTCONTACTS", "GETLASTORDER", "SUSPENDACCOUNT"):
        tops[action] = list(desk.ask(action, acmeAccountID=account))
    sandbox.advance(days=300)
    tops["EXTENDDOMAINS"] = list(desk.ask("EXTENDDOMAINS", acmeAccountID=account))
    tops["REMOVEDOMAIN"] = list(desk.ask("REMOVEDOMAIN", acmeAccountID=account, domainName=NAME))

    assert tops == {
        "LISTSERVERS": ["Servers"],
        "PREREGISTER": ["Accounts"],
        "ADDDOMAIN": ["success", "orderNumber", "cost", "currency", "domains"],
        "UPDATEDOMAINS": ["nRecordsUpdated", "success"],
        "LISTDOMAINS": ["Domains"],
        "LISTCONTACTS": ["Contacts"],
        "GETLASTORDER": ["Orders"],
        "SUSPENDACCOUNT": ["nRecordsUpdated", "success"],
        "EXTENDDOMAINS": ["success", "orderNumber", "cost", "currency"],
        "REMOVEDOMAIN": ["success", "Domains"],
    }


@pytest.mark.parametrize("differ", [False, True])
def test_9_4_the_account_may_be_called_as_its_key_or_not(sandbox: Sandbox, desk: Desk, *, differ: bool) -> None:
    sandbox.switches.ids_differ = differ
    (entry,) = desk.ask("PREREGISTER", serverURL=DV_URL)["Accounts"]

    assert (entry["acmeAccountID"] != entry["eabMACIDb64url"]) is differ
    assert desk.add(entry["acmeAccountID"], NAME)["success"] is True
    assert desk.ask("LISTACCOUNTS", eabKeyID=entry["eabMACIDb64url"])["Accounts"] == [entry]


def test_9_6_the_window_of_an_extension_can_be_set(sandbox: Sandbox, desk: Desk) -> None:
    account = desk.new_account()
    desk.add(account, NAME)
    sandbox.advance(days=366)  # a day after the end
    sandbox.switches.extension_days_after = 0
    assert desk.refusal("EXTENDDOMAINS", acmeAccountID=account) == EXPIRED
    assert desk.refusal("REMOVEDOMAIN", acmeAccountID=account, domainName=NAME)[0] == 403

    sandbox.switches.extension_days_after = 30
    assert desk.ask("EXTENDDOMAINS", acmeAccountID=account)["success"] is True


@pytest.mark.parametrize(("days", "refunds"), [(29, 1), (30, 0)])
def test_9_7_a_refund_comes_in_less_than_30_days(sandbox: Sandbox, desk: Desk, days: int, refunds: int) -> None:
    account = desk.new_account()
    desk.add(account, NAME)
    sandbox.advance(days=days)
    desk.ask("REMOVEDOMAIN", acmeAccountID=account, domainName=NAME)

    assert len(sandbox.summary()["refunds"]) == refunds


def test_9_8_after_the_extension_period_a_name_begins_a_new_term(sandbox: Sandbox, desk: Desk) -> None:
    account = desk.new_account(years="2")
    desk.add(account, NAME)
    sandbox.advance(days=730 + 31)

    assert desk.add(account, "contoso.example")["cost"] == 100
    (subscription,) = desk.ask("LISTTRANSACTIONS", acmeAccountID=account)["subscriptions"]
    assert subscription["subscriptionStartDate"] == "2028-12-23T10:30:00Z"
    assert subscription["subscriptionEndDate"] == "2030-12-23T23:59:59Z"


def test_9_9_without_names_a_subscription_keeps_its_end(sandbox: Sandbox, desk: Desk) -> None:
    account = desk.new_account()
    desk.add(account, NAME)
    sandbox.advance(days=165)
    desk.ask("REMOVEDOMAIN", acmeAccountID=account, domainName=NAME)

    assert listed(desk, account) == []
    assert desk.add(account, "contoso.example")["cost"] == 27.4  # 50.00 × 200 / 365
    assert listed(desk, account) == [{"domainName": "contoso.example", "expiresAt": "2027-11-23T23:59:59Z"}]


def test_9_10_between_the_end_and_the_end_of_the_extension(sandbox: Sandbox, desk: Desk) -> None:
    account = desk.new_account()
    desk.add(account, NAME)
    desk.add(account, "contoso.example")
    sandbox.advance(days=380)

    assert desk.refusal("ADDDOMAIN", acmeAccountID=account, domainName="fabrikam.example") == EXPIRED
    assert desk.ask("REMOVEDOMAIN", acmeAccountID=account, domainName=NAME)["success"] is True
    assert desk.ask("EXTENDDOMAINS", acmeAccountID=account, quoteOnly="Y")["cost"] == 50


def test_9_12_and_9_13_a_name_that_is_there_in_other_letters(desk: Desk) -> None:
    account = desk.new_account()
    desk.add(account, NAME)

    assert desk.refusal("ADDDOMAIN", acmeAccountID=account, domainName="NorthWind.Example") == (
        403,
        "The domain name is already present in the subscription.",
    )
    for name in (f"{NAME}.", "münchen.example"):
        assert desk.refusal("ADDDOMAIN", acmeAccountID=account, domainName=name) == invalid("domainName")
    assert len(listed(desk, account)) == 1


@pytest.mark.parametrize("action", ["SUSPENDACCOUNT", "UNSUSPENDACCOUNT", "DEACTIVATEACCOUNT"])
def test_9_14_the_account_actions_answer_as_updatedomains_does(desk: Desk, action: str) -> None:
    account = desk.new_account()
    if action == "UNSUSPENDACCOUNT":
        desk.ask("SUSPENDACCOUNT", acmeAccountID=account)

    assert desk.ask(action, acmeAccountID=account) == {"nRecordsUpdated": 1, "success": True}


def test_9_15_left_out_the_scope_is_wide_where_something_changes(
    desk: Desk, registered: AcmeClient, binding: Binding
) -> None:
    assert AcmeClient(registered.send).register(binding.key_id, binding.mac_key).status == 201

    assert len(desk.ask("LISTACCOUNTS", acmeAccountID=binding.key_id)["Accounts"]) == 1
    assert desk.ask("SUSPENDACCOUNT", acmeAccountID=binding.key_id)["nRecordsUpdated"] == 2
    assert desk.ask("UNSUSPENDACCOUNT", acmeAccountID=binding.key_id)["nRecordsUpdated"] == 2
    assert desk.ask("DEACTIVATEACCOUNT", acmeAccountID=binding.key_id)["nRecordsUpdated"] == 2


def test_9_16_the_scope_of_a_list_goes_without_an_account(desk: Desk) -> None:
    account = desk.new_account()

    assert len(desk.ask("LISTACCOUNTS", includeAdditionalAccounts="Y", eabKeyID=account)["Accounts"]) == 1
    assert len(desk.ask("LISTACCOUNTS", includeAdditionalAccounts="Y")["Accounts"]) == 1


def test_9_17_a_deactivated_key_registers_nobody(desk: Desk, client: AcmeClient, binding: Binding) -> None:
    desk.ask("DEACTIVATEACCOUNT", acmeAccountID=binding.key_id, includeAdditionalAccounts="Y")

    assert client.register(binding.key_id, binding.mac_key).status >= 400


def test_9_18_an_organization_that_is_not_validated(sandbox: Sandbox, desk: Desk) -> None:
    sandbox.switches.strict_anchors = frozenset()
    account = desk.new_account(OV_URL)

    refusal = desk.refusal("ADDDOMAIN", acmeAccountID=account, domainName=NAME, ovAnchorOrderNumber="7")

    assert refusal == invalid("ovAnchorOrderNumber")


@pytest.mark.parametrize(
    ("way", "shown"),
    [("text", {"ovAnchorOrderNumber": "7"}), ("number", {"ovAnchorOrderNumber": 7}), ("hidden", {})],
)
def test_9_20_how_a_pre_validation_is_listed(sandbox: Sandbox, desk: Desk, way: str, shown: dict[str, object]) -> None:
    sandbox.switches.anchors_listed_as = way
    account = desk.new_account(OV_URL)
    desk.add(account, NAME, ovAnchorOrderNumber="7")

    assert listed(desk, account) == [{"domainName": NAME, "expiresAt": "2027-11-23T23:59:59Z"} | shown]


@pytest.mark.parametrize(("first_day_counts", "day"), [(False, "2027-11-23"), (True, "2027-11-22")])
def test_9_21_from_which_day_a_term_counts(sandbox: Sandbox, desk: Desk, day: str, *, first_day_counts: bool) -> None:
    sandbox.switches.first_day_counts = first_day_counts
    account = desk.new_account()
    desk.add(account, NAME)

    assert listed(desk, account)[0]["expiresAt"] == f"{day}T23:59:59Z"


def test_9_23_an_account_that_does_not_exist(desk: Desk) -> None:
    assert desk.refusal("LISTDOMAINS", acmeAccountID="nobody") == invalid("acmeAccountID")


def test_9_25_types_of_certificates_are_an_open_list(sandbox: Sandbox, desk: Desk) -> None:
    sandbox.set_servers(LOGIN_NAME, PRODUCTS)

    assert [entry["certValidationType"] for entry in desk.ask("LISTSERVERS")["Servers"]] == list(PRODUCTS)


def test_11_7_eab_keys_are_as_long_as_the_platforms(desk: Desk) -> None:
    (entry,) = desk.ask("PREREGISTER", serverURL=DV_URL)["Accounts"]

    assert (len(entry["eabMACIDb64url"]), len(entry["eabMACKeyb64url"])) == (22, 86)


def test_11_9_each_account_has_its_own_stamp(
    sandbox: Sandbox, desk: Desk, registered: AcmeClient, binding: Binding
) -> None:
    sandbox.advance(hours=1)
    AcmeClient(registered.send).register(binding.key_id, binding.mac_key)
    first, second = "2026-11-23T10:30:00Z", "2026-11-23T11:30:00Z"

    def stamps(**arguments: str) -> list[str | None]:
        whole_key = {"acmeAccountID": binding.key_id, "includeAdditionalAccounts": "Y"}
        return [entry.get("lastActivity") for entry in desk.ask("LISTACCOUNTS", **whole_key, **arguments)["Accounts"]]

    assert stamps() == stamps(lastActivityOf="eab") == [first, second]
    assert stamps(lastActivityOf="account") == [first, None]


def test_11_10_the_url_of_a_server_may_be_long(sandbox: Sandbox, desk: Desk) -> None:
    sandbox.switches.acme_base = "https://acme.certificates.northwind.example"

    assert len(desk.ask("PREREGISTER", serverURL="https://acme.certificates.northwind.example/v2/DV")["Accounts"]) == 1


@pytest.mark.parametrize("checked", [True, False])
def test_11_14_whether_a_quote_looks_at_the_balance(sandbox: Sandbox, desk: Desk, *, checked: bool) -> None:
    sandbox.switches.quotes_check_funds = checked
    sandbox.set_balance(LOGIN_NAME, "1.00")
    name = {"acmeAccountID": desk.new_account(), "domainName": NAME}

    assert desk.reply("ADDDOMAIN", quoteOnly="Y", **name).status == (403 if checked else 200)
    assert json.loads(desk.reply("ADDDOMAIN", **name).body)["detail"].startswith("Insufficient funds")
