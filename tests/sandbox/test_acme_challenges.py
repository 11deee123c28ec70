"""Authorizations and challenges."""

from subscriptions.sandbox import Sandbox
from subscriptions.sandbox.acme.problems import Problem
from subscriptions.sandbox.acme.service import AcmeService
from subscriptions.sandbox.acme.validation import Attempt

from .acme_client import BASE, AcmeClient, direct
from .conftest import Binding, Desk


def test_challenges_offered(registered: AcmeClient) -> None:
    order = registered.order("*.northwind.example", "northwind.example")

    kinds = [[challenge["type"] for challenge in offered] for offered in registered.challenges(order)]
    authorization = registered.post(order.content["authorizations"][0]).content

    assert kinds == [["dns-01"], ["http-01", "dns-01"]]
    assert authorization["identifier"] == {"type": "dns", "value": "northwind.example"}
    assert authorization["wildcard"] is True


def test_challenge_links_to_its_authorization(registered: AcmeClient) -> None:
    order = registered.order("northwind.example")

    answer = registered.validate(order)[0]

    assert answer.links == [f'<{order.content["authorizations"][0]}>;rel="up"', f'<{BASE}/v2/OV>;rel="index"']
    assert answer.content["status"] == "valid"
    assert registered.post(order.headers["Location"]).content["status"] == "ready"
    assert registered.post(f"{registered.kid}/orders").content == {"orders": [order.headers["Location"]]}


def test_validator_is_told_what_to_look_for(sandbox: Sandbox, binding: Binding) -> None:
    attempts: list[Attempt] = []
    client = AcmeClient(direct(AcmeService(sandbox, attempts.append)))
    client.register(binding.key_id, binding.mac_key)
    order = client.order("*.northwind.example")
    token = client.challenges(order)[0][0]["token"]

    client.validate(order)

    assert attempts == [Attempt("dns-01", "northwind.example", token, client.thumbprint)]
    assert attempts[0].key_authorization == f"{token}.{client.thumbprint}"


def test_failed_challenge_ends_the_order(desk: Desk, sandbox: Sandbox, binding: Binding) -> None:
    def fail(_attempt: Attempt) -> None:
        raise Problem("dns", "Looking up northwind.example: nothing there")

    client = AcmeClient(direct(AcmeService(sandbox, fail)))
    client.register(binding.key_id, binding.mac_key)
    order = client.order("northwind.example", "www.northwind.example")

    answer = client.validate(order)[0].content

    error = {
        "type": "urn:ietf:params:acme:error:dns",
        "detail": "Looking up northwind.example: nothing there",
        "status": 400,
    }
    assert (answer["status"], answer["error"]) == ("invalid", error)
    after = client.post(order.headers["Location"]).content
    assert (after["status"], after["error"]) == ("invalid", error)
    assert client.finalize(order, "northwind.example", "www.northwind.example").problem[1] == "orderNotReady"
    listed = desk.ask("GETLASTORDER", acmeAccountID=binding.key_id)["Orders"][0]
    assert (listed["acmeOrderStatus"], listed["statusCode"], listed["statusDesc"]) == ("invalid", 7, "Rejected")


def test_authorization_can_be_deactivated(registered: AcmeClient) -> None:
    order = registered.order("northwind.example")

    answer = registered.post(order.content["authorizations"][0], {"status": "deactivated"})

    assert answer.content["status"] == "deactivated"
    assert registered.post(order.headers["Location"]).content["status"] == "invalid"
