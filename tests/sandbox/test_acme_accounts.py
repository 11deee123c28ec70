"""Registration with external account binding, and what the admin API shows of it."""

import pytest

from subscriptions.sandbox import Sandbox
from subscriptions.sandbox.acme.service import AcmeService

from .acme_client import BASE, AcmeClient, Answer, direct
from .conftest import DV_URL, OV_URL, Binding, Desk


def test_registration_shows_in_the_admin_api(desk: Desk, binding: Binding, registered: AcmeClient) -> None:
    listed = desk.ask("LISTACCOUNTS", acmeAccountID=binding.key_id, includeContacts="Y")["Accounts"]

    assert registered.kid == f"{BASE}/v2/OV/account/{binding.key_id}"
    assert listed == [
        {
            "acmeAccountID": binding.key_id,
            "accountStatus": "valid",
            "eabMACKeyb64url": binding.mac_key,
            "eabMACIDb64url": binding.key_id,
            "userAgent": "test-client/1.0",
            "ipAddress": "192.0.2.7",
            "lastActivity": "2026-11-23T10:30:00Z",
            "Contacts": [{"emailAddress": "ops@northwind.example"}],
        }
    ]
    assert desk.ask("LISTBINDINGS")["Bindings"][0]["lastActivity"] == "2026-11-23T10:30:00Z"
    assert desk.ask("LISTCONTACTS", acmeAccountID=binding.key_id)["Contacts"] == [
        {"emailAddress": "ops@northwind.example"}
    ]


def test_second_client_gets_an_account_of_its_own(
    desk: Desk, sandbox: Sandbox, service: AcmeService, binding: Binding, registered: AcmeClient
) -> None:
    other = AcmeClient(direct(service))
    sandbox.advance(hours=1)
    assert other.register(binding.key_id, binding.mac_key).status == 201
    other_id = other.kid.rpartition("/")[2]

    def listed(**arguments: str) -> list[tuple[str, str]]:
        entries = desk.ask("LISTACCOUNTS", **arguments)["Accounts"]
        return [(entry["acmeAccountID"], entry.get("lastActivity", "")) for entry in entries]

    first, second = "2026-11-23T10:30:00Z", "2026-11-23T11:30:00Z"
    assert listed(acmeAccountID=other_id) == [(other_id, second)]
    assert listed(eabKeyID=binding.key_id) == [(binding.key_id, first), (other_id, second)]
    whole_key = {"acmeAccountID": other_id, "includeAdditionalAccounts": "Y"}
    assert listed(**whole_key, lastActivityOf="eab") == [(binding.key_id, first), (other_id, second)]
    assert listed(**whole_key, lastActivityOf="account") == [(binding.key_id, ""), (other_id, second)]

    other.obtain("www.northwind.example")
    assert desk.ask("GETLASTORDER", acmeAccountID=binding.key_id) == {"Orders": []}
    wide = desk.ask("GETLASTORDER", acmeAccountID=binding.key_id, includeAdditionalAccounts="Y")["Orders"]
    assert [(order["domainName"], order["acmeAccountID"]) for order in wide] == [("www.northwind.example", other_id)]


def test_second_client_of_a_binding_that_is_not_reusable(
    desk: Desk, sandbox: Sandbox, service: AcmeService, client: AcmeClient
) -> None:
    sandbox.switches.reusable = False
    binding = Binding(desk, OV_URL)
    client.register(binding.key_id, binding.mac_key)

    assert AcmeClient(direct(service)).register(binding.key_id, binding.mac_key).problem == (
        400,
        "malformed",
        "[External Account Binding] The account is not awaiting external account binding",
    )


def test_registering_again_finds_the_account(client: AcmeClient, registered: AcmeClient) -> None:
    kid, registered.kid = registered.kid, ""

    again = registered.post(registered.directory["newAccount"], {"onlyReturnExisting": True})

    assert (again.status, again.headers["Location"]) == (200, kid)


def test_only_return_existing(client: AcmeClient) -> None:
    answer = client.post(client.directory["newAccount"], {"onlyReturnExisting": True})

    assert answer.problem == (400, "accountDoesNotExist", "The account does not exist")


def test_wrong_credentials(desk: Desk, client: AcmeClient, binding: Binding) -> None:
    prefix = "[External Account Binding] "
    unknown = (400, "malformed", prefix + "The Key Identifier was not recognized")
    dv_binding = Binding(desk, DV_URL)

    assert client.register("nosuchkey", binding.mac_key).problem == unknown
    assert client.register(dv_binding.key_id, dv_binding.mac_key).problem == unknown
    assert client.register(binding.key_id, dv_binding.mac_key).problem == (
        400,
        "malformed",
        prefix + "Invalid MAC on JWS request",
    )
    stolen = AcmeClient(client.send).binding(binding.key_id, binding.mac_key, client.directory["newAccount"])
    assert client.register("", "", externalAccountBinding=stolen).problem == (
        400,
        "malformed",
        prefix + "The binding is for another URL or key",
    )
    assert desk.ask("LISTACCOUNTS", eabKeyID=binding.key_id)["Accounts"][0]["accountStatus"] == "pending"


def test_registration_needs_credentials_terms_and_mail(client: AcmeClient, binding: Binding) -> None:
    bare = client.post(client.directory["newAccount"], {"termsOfServiceAgreed": True})
    assert bare.problem == (
        403,
        "externalAccountRequired",
        'The request must include a value for the "externalAccountBinding" field',
    )
    assert client.register(binding.key_id, binding.mac_key, termsOfServiceAgreed=False).problem[1] == "malformed"


@pytest.mark.parametrize(
    ("contact", "kind"),
    [
        (["tel:1"], "unsupportedContact"),
        (["mailto:ops@northwind.example", "https://northwind.example"], "unsupportedContact"),
        (["mailto:"], "invalidContact"),
        (["mailto:ops"], "invalidContact"),
        (["mailto:ops@localhost"], "invalidContact"),
        (["mailto:ops@192.0.2.7"], "invalidContact"),
        (["mailto:ops@northwind.example,two@northwind.example"], "invalidContact"),
        (["mailto:ops@northwind.example?subject=certificates"], "invalidContact"),
        (["mailto:öps@northwind.example"], "invalidContact"),
        (7, "malformed"),
        ([7], "malformed"),
    ],
)
def test_bad_contacts(client: AcmeClient, binding: Binding, contact: object, kind: str) -> None:
    assert client.register(binding.key_id, binding.mac_key, contact=contact).problem[:2] == (400, kind)

    client.register(binding.key_id, binding.mac_key)
    assert client.post(client.kid, {"contact": contact}).problem[:2] == (400, kind)
    assert client.post(client.kid).content["contact"] == ["mailto:ops@northwind.example"]


SUSPENDED = (403, "unauthorized", "The account has been suspended")
DEACTIVATED = (401, "unauthorized", "The account has been deactivated")
NOT_AWAITING = (400, "malformed", "[External Account Binding] The account is not awaiting external account binding")


def requests_of(client: AcmeClient, order: Answer) -> list[Answer]:
    """One request of each sort, by an account that has an order."""
    new = AcmeClient(client.send)
    urls = (client.kid, f"{client.kid}/orders", order.headers["Location"], order.content["authorizations"][0])
    again = AcmeClient(client.send)
    again.private_key = client.private_key
    return [
        client.order("northwind.example"),
        client.finalize(order, "northwind.example"),
        client.post(client.kid, {"contact": []}),
        client.change_key(new),
        *(client.post(url) for url in urls),
        again.post(again.directory["newAccount"], {"onlyReturnExisting": True}),
    ]


@pytest.mark.parametrize(("action", "problem"), [("SUSPENDACCOUNT", SUSPENDED), ("DEACTIVATEACCOUNT", DEACTIVATED)])
@pytest.mark.parametrize("scope", ["N", "Y"])
def test_account_that_the_reseller_stops(
    desk: Desk, registered: AcmeClient, binding: Binding, action: str, problem: tuple[int, str, str], scope: str
) -> None:
    order = registered.order("northwind.example")
    desk.ask(action, acmeAccountID=binding.key_id, includeAdditionalAccounts=scope)

    assert {answer.problem for answer in requests_of(registered, order)} == {problem}
    # Another client registers with the key unless the key is stopped too.
    answer = AcmeClient(registered.send).register(binding.key_id, binding.mac_key)
    assert answer.status == 201 if scope == "N" else answer.problem == NOT_AWAITING


def test_reinstated_account_goes_on_where_it_was(
    desk: Desk, registered: AcmeClient, binding: Binding, sandbox: Sandbox
) -> None:
    order = registered.order("northwind.example")
    scope = {"acmeAccountID": binding.key_id, "includeAdditionalAccounts": "Y"}
    desk.ask("SUSPENDACCOUNT", **scope)
    assert registered.order("northwind.example").problem == SUSPENDED
    stopped_at = desk.ask("LISTACCOUNTS", acmeAccountID=binding.key_id)["Accounts"][0]["lastActivity"]
    sandbox.advance(hours=1)
    assert registered.post(registered.kid).problem == SUSPENDED
    listed = desk.ask("LISTACCOUNTS", acmeAccountID=binding.key_id)["Accounts"][0]
    assert (listed["accountStatus"], listed["lastActivity"]) == ("suspended", stopped_at)

    desk.ask("UNSUSPENDACCOUNT", **scope)

    assert registered.order("northwind.example").headers["Location"] == order.headers["Location"]
    assert len(registered.obtain("northwind.example")) == 2
    assert AcmeClient(registered.send).register(binding.key_id, binding.mac_key).status == 201


def test_key_suspended_before_its_first_client(desk: Desk, client: AcmeClient, binding: Binding) -> None:
    scope = {"acmeAccountID": binding.key_id, "includeAdditionalAccounts": "Y"}
    desk.ask("SUSPENDACCOUNT", **scope)
    assert client.register(binding.key_id, binding.mac_key).problem == NOT_AWAITING

    desk.ask("UNSUSPENDACCOUNT", **scope)

    assert client.register(binding.key_id, binding.mac_key).status == 201
    assert client.kid.endswith(f"/{binding.key_id}")


def test_account_that_its_client_deactivates(registered: AcmeClient) -> None:
    order = registered.order("northwind.example")

    assert registered.post(registered.kid, {"status": "deactivated"}).content["status"] == "deactivated"

    assert {answer.problem for answer in requests_of(registered, order)} == {DEACTIVATED}


def test_contacts_change(desk: Desk, registered: AcmeClient, binding: Binding) -> None:
    registered.post(registered.kid, {"contact": ["mailto:new@northwind.example"]})

    assert desk.ask("LISTCONTACTS", acmeAccountID=binding.key_id)["Contacts"] == [
        {"emailAddress": "new@northwind.example"}
    ]
