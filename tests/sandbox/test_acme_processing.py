"""Challenges and orders take a while, as at the sister servers: in processing first, with `Retry-After`."""

import pytest

from subscriptions.sandbox import Sandbox, Switches
from subscriptions.sandbox.acme.problems import Problem
from subscriptions.sandbox.acme.service import AcmeService
from subscriptions.sandbox.acme.validation import Attempt

from .acme_client import AcmeClient, Answer, direct
from .conftest import Binding, Desk

NAME = "northwind.example"


class Checks:
    """A validator that notes what it is asked, and fails while `failing`."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.failing = False

    def __call__(self, attempt: Attempt) -> None:
        self.names.append(attempt.name)
        if self.failing:
            raise Problem("dns", f"Looking up TXT of {attempt.name}: nothing there")


@pytest.fixture
def checks() -> Checks:
    return Checks()


@pytest.fixture
def slow(sandbox: Sandbox, binding: Binding, checks: Checks) -> AcmeClient:
    """A registered client of a server that takes 10 seconds for everything."""
    sandbox.switches.processing_seconds = 10
    client = AcmeClient(direct(AcmeService(sandbox, checks)))
    client.register(binding.key_id, binding.mac_key)
    return client


def state_of(answer: Answer) -> tuple[str, str | None]:
    """The status and `Retry-After`."""
    return answer.content["status"], answer.headers.get("Retry-After")


def code_of(desk: Desk, binding: Binding) -> int:
    return int(desk.ask("GETLASTORDER", acmeAccountID=binding.key_id)["Orders"][0]["statusCode"])


def test_a_second_is_the_default() -> None:
    assert Switches().processing_seconds == 1


def test_first_in_processing_then_done(
    sandbox: Sandbox, desk: Desk, binding: Binding, slow: AcmeClient, checks: Checks
) -> None:
    order = slow.order(NAME)
    (authorization_url,) = order.content["authorizations"]
    order_url = order.headers["Location"]

    challenge = slow.validate(order)[0]
    assert state_of(challenge) == ("processing", "10")
    sandbox.advance(seconds=4)
    assert state_of(slow.post(authorization_url)) == ("pending", "6")
    assert state_of(slow.post(order_url)) == ("pending", "6")
    assert checks.names == []
    sandbox.advance(seconds=6)
    assert state_of(slow.post(authorization_url)) == ("valid", None)
    assert state_of(slow.post(challenge.content["url"])) == ("valid", None)
    assert state_of(slow.post(order_url)) == ("ready", None)
    assert checks.names == [NAME]

    assert state_of(slow.finalize(order, NAME)) == ("processing", "10")
    assert slow.finalize(order, NAME).problem == (403, "orderNotReady", "The order is processing")
    assert "certificate" not in slow.post(order_url).content
    assert code_of(desk, binding) == 0
    sandbox.advance(seconds=10)
    assert state_of(slow.post(order_url)) == ("valid", None)
    assert code_of(desk, binding) == 9


def test_asking_for_the_order_is_enough(sandbox: Sandbox, slow: AcmeClient) -> None:
    order = slow.order(NAME, "www.northwind.example")
    slow.validate(order)
    sandbox.advance(seconds=10)

    assert state_of(slow.post(order.headers["Location"])) == ("ready", None)


def test_a_restart_loses_nothing(sandbox: Sandbox, slow: AcmeClient, checks: Checks) -> None:
    order = slow.order(NAME)
    slow.validate(order)
    slow.send, slow.nonce = direct(AcmeService(sandbox, checks)), ""
    sandbox.advance(seconds=10)

    assert state_of(slow.post(order.headers["Location"])) == ("ready", None)


def test_failed_challenge_is_final(sandbox: Sandbox, slow: AcmeClient, checks: Checks) -> None:
    checks.failing = True
    order = slow.order(NAME)
    challenge = slow.validate(order)[0]
    assert "error" not in challenge.content
    sandbox.advance(seconds=10)

    assert state_of(slow.post(order.headers["Location"])) == ("invalid", None)
    assert slow.post(challenge.content["url"], {}).content["error"]["type"].endswith(":dns")
    assert checks.names == [NAME]


def test_failed_challenge_is_checked_again(sandbox: Sandbox, slow: AcmeClient, checks: Checks) -> None:
    sandbox.switches.retry_failed_after = 86400
    checks.failing = True
    order = slow.order(NAME)
    challenge = slow.validate(order)[0]
    sandbox.advance(seconds=10)

    answer = slow.post(challenge.content["url"])
    assert state_of(answer) == ("processing", "86400")
    assert answer.content["error"]["detail"] == f"Looking up TXT of {NAME}: nothing there"
    assert state_of(slow.post(order.headers["Location"])) == ("pending", "86400")
    checks.failing = False
    sandbox.advance(days=1)
    answer = slow.post(challenge.content["url"])
    assert state_of(answer) == ("valid", None)
    assert "error" not in answer.content
    assert checks.names == [NAME, NAME]


def test_saying_ready_again_brings_the_next_check_forward(sandbox: Sandbox, slow: AcmeClient, checks: Checks) -> None:
    sandbox.switches.retry_failed_after = 86400
    checks.failing = True
    order = slow.order(NAME)
    slow.validate(order)
    sandbox.advance(seconds=10)
    slow.post(order.headers["Location"])

    checks.failing = False
    assert state_of(slow.validate(order)[0]) == ("processing", "10")
    sandbox.advance(seconds=10)
    assert state_of(slow.post(order.headers["Location"])) == ("ready", None)


def test_saying_ready_again_puts_no_check_off(sandbox: Sandbox, slow: AcmeClient) -> None:
    order = slow.order(NAME)
    slow.validate(order)
    sandbox.advance(seconds=8)

    assert state_of(slow.validate(order)[0]) == ("processing", "2")
    sandbox.advance(seconds=2)
    assert state_of(slow.validate(order)[0]) == ("valid", None)


def test_authorization_deactivated_while_in_processing(sandbox: Sandbox, slow: AcmeClient, checks: Checks) -> None:
    order = slow.order(NAME)
    slow.validate(order)

    answer = slow.post(order.content["authorizations"][0], {"status": "deactivated"})

    sandbox.advance(seconds=10)
    assert state_of(answer) == ("deactivated", None)
    assert state_of(slow.post(order.headers["Location"])) == ("invalid", None)
    assert checks.names == []


def test_name_removed_while_in_processing(sandbox: Sandbox, desk: Desk, binding: Binding, slow: AcmeClient) -> None:
    desk.add(binding.key_id, "shop.northwind.example", ovAnchorOrderNumber="4")
    order = slow.order("shop.northwind.example")
    slow.validate(order)
    sandbox.advance(seconds=10)
    slow.post(order.headers["Location"])
    slow.finalize(order, "shop.northwind.example")
    desk.ask("REMOVEDOMAIN", acmeAccountID=binding.key_id, domainName="shop.northwind.example")
    sandbox.advance(seconds=10)

    answer = slow.post(order.headers["Location"])

    assert state_of(answer) == ("invalid", None)
    assert answer.content["error"]["type"].endswith(":rejectedIdentifier")
    desk.add(binding.key_id, "shop.northwind.example", ovAnchorOrderNumber="4")
    assert code_of(desk, binding) == 7


def test_order_lapses_while_its_challenge_is_checked_again(sandbox: Sandbox, slow: AcmeClient, checks: Checks) -> None:
    sandbox.switches.retry_failed_after = 86400
    checks.failing = True
    order = slow.order(NAME)
    slow.validate(order)
    sandbox.advance(days=91)

    assert slow.post(order.headers["Location"]).content["status"] == "invalid"
    assert checks.names == []


def test_open_order_for_the_same_names_is_given_again(
    sandbox: Sandbox, binding: Binding, service: AcmeService, registered: AcmeClient
) -> None:
    def url(client: AcmeClient, *names: str) -> str:
        answer = client.order(*names)
        assert answer.status == 201
        return answer.headers["Location"]

    first = url(registered, NAME, "www.northwind.example")
    other = AcmeClient(direct(service))
    other.register(binding.key_id, binding.mac_key)

    assert url(registered, "www.northwind.example", NAME) == first
    assert url(registered, NAME) != first
    assert url(other, NAME, "www.northwind.example") != first
    registered.validate(registered.order(NAME, "www.northwind.example"))
    assert url(registered, NAME, "www.northwind.example") == first
    registered.finalize(registered.order(NAME, "www.northwind.example"), NAME, "www.northwind.example")
    second = url(registered, NAME, "www.northwind.example")
    assert second != first
    sandbox.advance(days=91)
    assert url(registered, NAME, "www.northwind.example") != second
