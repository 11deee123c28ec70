"""The reading actions and PREREGISTER: exact shapes."""

from subscriptions.sandbox import Sandbox

from .conftest import LOGIN_NAME, OV_URL, Desk


def test_list_servers(sandbox: Sandbox, desk: Desk) -> None:
    assert desk.ask("LISTSERVERS") == {
        "Servers": [
            {
                "serverUrl": "https://localhost:8902/v2/DV",
                "productID": 608,
                "productDescription": "CaaS DV TLS Certificate",
                "certValidationType": "DV",
            },
            {
                "serverUrl": "https://localhost:8902/v2/OV",
                "productID": 609,
                "productDescription": "CaaS OV TLS Certificate",
                "certValidationType": "OV",
            },
        ]
    }

    sandbox.set_servers(LOGIN_NAME, [])

    assert desk.ask("LISTSERVERS") == {"Servers": []}


def test_preregister(desk: Desk) -> None:
    content = desk.ask("PREREGISTER", serverURL=OV_URL, years="2")

    entry = content["Accounts"][0]
    assert content == {
        "Accounts": [
            {
                "acmeAccountID": entry["eabMACIDb64url"],
                "accountStatus": "pending",
                "eabMACKeyb64url": entry["eabMACKeyb64url"],
                "eabMACIDb64url": entry["eabMACIDb64url"],
            }
        ]
    }
    assert (len(entry["eabMACIDb64url"]), len(entry["eabMACKeyb64url"])) == (22, 86)


def test_preregister_takes_either_spelling_and_the_local_url(desk: Desk) -> None:
    for spelling in ("serverURL", "serverUrl", "serverurl"):
        assert len(desk.ask("PREREGISTER", **{spelling: "https://localhost:8902/v2/OV"})["Accounts"]) == 1


def test_preregister_refuses_a_foreign_server_and_odd_terms(sandbox: Sandbox, desk: Desk) -> None:
    invalid = "The value of the '{}' argument is invalid!"
    assert desk.refusal("PREREGISTER", serverURL="https://acme.sectigo.com/v2/EV") == (400, invalid.format("serverUrl"))
    assert desk.refusal("PREREGISTER", serverURL=OV_URL, years="4") == (400, invalid.format("years"))
    assert desk.refusal("PREREGISTER", serverURL=OV_URL, days="366") == (400, invalid.format("days"))

    sandbox.set_servers(LOGIN_NAME, ["DV"])

    assert desk.refusal("PREREGISTER", serverURL=OV_URL) == (400, invalid.format("serverUrl"))
    assert desk.ask("LISTACCOUNTS") == {"Accounts": []}


def test_list_accounts_pages(desk: Desk, other_desk: Desk) -> None:
    ids = [desk.new_account() for _ in range(12)]
    other_desk.new_account()

    pages = [desk.ask("LISTACCOUNTS", page=str(page))["Accounts"] for page in range(3)]
    wide = desk.ask("LISTACCOUNTS", size="50")["Accounts"]

    assert [len(page) for page in pages] == [10, 2, 0]
    assert [entry["acmeAccountID"] for page in pages for entry in page] == ids
    assert [entry["acmeAccountID"] for entry in wide] == ids


def test_list_accounts_of_one(desk: Desk) -> None:
    desk.new_account()
    entry = desk.ask("PREREGISTER", serverURL=OV_URL)["Accounts"][0]

    for arguments in (
        {"acmeAccountID": entry["acmeAccountID"]},
        {"eabKeyID": entry["eabMACIDb64url"]},
        {"eabKeyID": entry["eabMACIDb64url"], "includeAdditionalAccounts": "Y"},
        {"acmeAccountID": entry["acmeAccountID"], "includeAdditionalAccounts": "Y"},
    ):
        assert desk.ask("LISTACCOUNTS", **arguments) == {"Accounts": [entry]}

    with_contacts = desk.ask("LISTACCOUNTS", acmeAccountID=entry["acmeAccountID"], includeContacts="Y")
    assert with_contacts == {"Accounts": [entry | {"Contacts": []}]}


def test_list_bindings(sandbox: Sandbox, desk: Desk) -> None:
    first = desk.ask("PREREGISTER", serverURL=OV_URL)["Accounts"][0]
    sandbox.switches.reusable = False
    second = desk.ask("PREREGISTER", serverURL=OV_URL)["Accounts"][0]

    assert desk.ask("LISTBINDINGS") == {
        "Bindings": [
            {
                "reusable": reusable,
                "eabMACKeyb64url": entry["eabMACKeyb64url"],
                "eabMACIDb64url": entry["eabMACIDb64url"],
            }
            for reusable, entry in ((True, first), (False, second))
        ]
    }


def test_list_contacts(desk: Desk) -> None:
    assert desk.ask("LISTCONTACTS", acmeAccountID=desk.new_account()) == {"Contacts": []}


def test_list_domains_pages_and_shows_the_anchor(desk: Desk) -> None:
    acme_account_id = desk.new_account(OV_URL)
    for number in range(11):
        desk.add(acme_account_id, f"host{number:02}.northwind.example", ovAnchorOrderNumber=str(7000 + number))

    first = desk.ask("LISTDOMAINS", acmeAccountID=acme_account_id)["Domains"]
    second = desk.ask("LISTDOMAINS", acmeAccountID=acme_account_id, page="1")["Domains"]

    assert len(first) == 10
    assert second == [
        {
            "domainName": "host10.northwind.example",
            "expiresAt": "2027-11-23T23:59:59Z",
            "ovAnchorOrderNumber": "7010",
        }
    ]


def test_list_transactions(sandbox: Sandbox, desk: Desk) -> None:
    acme_account_id = desk.new_account()
    assert desk.ask("LISTTRANSACTIONS", acmeAccountID=acme_account_id) == {"subscriptions": []}
    desk.add(acme_account_id, "*.northwind.example", addAssociatedFQDN="Y")
    sandbox.advance(days=29)
    desk.ask("REMOVEDOMAIN", acmeAccountID=acme_account_id, domainName="*.northwind.example")

    removed = "2026-12-22T10:30:00Z"
    domains = [
        {"name": "*.northwind.example", "type": "Wildcard", "removeDate": removed},
        {"name": "northwind.example", "type": "FQDN", "removeDate": removed},
    ]
    money = {"cost": 200.0, "currency": "USD", "debitedFor": 365, "domains": domains}
    assert desk.ask("LISTTRANSACTIONS", acmeAccountID=acme_account_id) == {
        "subscriptions": [
            {
                "subscriptionStartDate": "2026-11-23T10:30:00Z",
                "subscriptionEndDate": "2027-11-23T23:59:59Z",
                "subscriptionStatus": "valid",
                "transactions": [
                    {
                        "orderNumber": 200000001,
                        "transactionType": "addDomain",
                        "transactionDate": "2026-11-23T10:30:00Z",
                    }
                    | money,
                    {"orderNumber": 200000002, "transactionType": "refundDomain", "transactionDate": removed} | money,
                ],
            }
        ]
    }


def test_list_transactions_of_one_name_and_of_the_past(sandbox: Sandbox, desk: Desk) -> None:
    acme_account_id = desk.new_account()
    desk.add(acme_account_id, "northwind.example")
    desk.add(acme_account_id, "contoso.example")
    sandbox.advance(days=500)
    desk.add(acme_account_id, "fabrikam.example")

    def names(**arguments: str) -> list[list[str]]:
        content = desk.ask("LISTTRANSACTIONS", acmeAccountID=acme_account_id, **arguments)
        return [
            [entry["name"] for transaction in subscription["transactions"] for entry in transaction["domains"]]
            for subscription in content["subscriptions"]
        ]

    assert names() == [["fabrikam.example"]]
    assert names(includePastSubscriptions="Y") == [["fabrikam.example"], ["northwind.example", "contoso.example"]]
    assert names(includePastSubscriptions="Y", domainName="contoso.example") == [[], ["contoso.example"]]
