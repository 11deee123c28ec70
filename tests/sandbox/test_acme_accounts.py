"""Registration with external account binding, and what the admin API shows of it."""

from subscriptions.sandbox import Sandbox
from subscriptions.sandbox.acme.service import AcmeService

from .acme_client import BASE, AcmeClient, direct
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
        return [(entry["acmeAccountID"], entry["lastActivity"]) for entry in entries]

    first, second = "2026-11-23T10:30:00Z", "2026-11-23T11:30:00Z"
    assert listed(acmeAccountID=other_id) == [(other_id, second)]
    assert listed(eabKeyID=binding.key_id) == [(binding.key_id, second), (other_id, second)]
    assert listed(eabKeyID=binding.key_id, lastActivityOf="account") == [(binding.key_id, first), (other_id, second)]

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
        prefix + "The MAC could not be verified",
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
    assert client.register(binding.key_id, binding.mac_key, contact=["tel:1"]).problem[1] == "unsupportedContact"
    assert client.register(binding.key_id, binding.mac_key, contact=7).problem[1] == "unsupportedContact"


def test_suspended_and_deactivated(sandbox: Sandbox, client: AcmeClient, registered: AcmeClient) -> None:
    with sandbox.state.transaction() as db:
        db.execute("UPDATE bindings SET status = 'suspended'")
    assert registered.order("northwind.example").problem == (403, "unauthorized", "The account has been suspended")
    with sandbox.state.transaction() as db:
        db.execute("UPDATE bindings SET status = 'active'")

    assert registered.post(registered.kid, {"status": "deactivated"}).content["status"] == "deactivated"

    gone = (401, "unauthorized", "The account has been deactivated")
    assert registered.order("northwind.example").problem == gone
    registered.kid = ""
    assert registered.post(registered.directory["newAccount"], {"onlyReturnExisting": True}).problem == gone


def test_suspended_binding_takes_no_new_account(sandbox: Sandbox, client: AcmeClient, binding: Binding) -> None:
    with sandbox.state.transaction() as db:
        db.execute("UPDATE bindings SET status = 'suspended'")

    refused = client.register(binding.key_id, binding.mac_key)

    assert refused.problem[2] == "[External Account Binding] The account is not awaiting external account binding"


def test_contacts_change(desk: Desk, registered: AcmeClient, binding: Binding) -> None:
    registered.post(registered.kid, {"contact": ["mailto:new@northwind.example"]})

    assert desk.ask("LISTCONTACTS", acmeAccountID=binding.key_id)["Contacts"] == [
        {"emailAddress": "new@northwind.example"}
    ]
