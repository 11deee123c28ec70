"""CAA records (RFC 8659), really looked up, and what becomes of an order that they forbid."""

import pytest

from subscriptions.sandbox import Sandbox
from subscriptions.sandbox.acme.caa import RealCaaCheck
from subscriptions.sandbox.acme.lookups import Lookups
from subscriptions.sandbox.acme.problems import Problem
from subscriptions.sandbox.acme.service import AcmeService
from subscriptions.sandbox.acme.validation import accept_everything

from .acme_client import AcmeClient, direct
from .conftest import Binding, Desk
from .name_server import NameServer

Zone = dict[str, list[str]]


@pytest.fixture
def check(name_server: NameServer) -> RealCaaCheck:
    return RealCaaCheck(Lookups(name_server.address))


def permitted(check: RealCaaCheck, name_server: NameServer, name: str, zone: Zone) -> bool:
    name_server.zone = {(at, "CAA"): records for at, records in zone.items()}
    try:
        check(name)
    except Problem as problem:
        if not problem.document["type"].endswith(":caa"):
            raise
        return False
    return True


@pytest.mark.parametrize(
    ("name", "zone", "expected"),
    [
        ("shop.northwind.example", {}, True),
        ("shop.northwind.example", {"shop.northwind.example": ['0 issue "sectigo.com"']}, True),
        ("shop.northwind.example", {"shop.northwind.example": ['0 ISSUE " Sectigo.com ; policy=ev"']}, True),
        ("shop.northwind.example", {"northwind.example": ['0 issue "usertrust.com"', '0 issue "ca.example"']}, True),
        ("shop.northwind.example", {"example": ['0 issue "trust-provider.com"']}, True),
        ("shop.northwind.example", {"example": ['0 issue "comodoca.com"']}, True),
        ("shop.northwind.example", {"example": ['0 issue "comodo.com"']}, True),
        ("shop.northwind.example", {"example": ['0 issue "entrust.net"']}, False),
        ("shop.northwind.example", {"northwind.example": ['0 issue "ca.example"']}, False),
        ("shop.northwind.example", {"northwind.example": ['0 issue ";"']}, False),
        ("shop.northwind.example", {"northwind.example": ['0 issue "notsectigo.com"']}, False),
        # The nearest records count alone.
        (
            "shop.northwind.example",
            {"northwind.example": ['0 issue "sectigo.com"'], "example": ['0 issue "ca.example"']},
            True,
        ),
        (
            "shop.northwind.example",
            {"shop.northwind.example": ['0 issue "ca.example"'], "northwind.example": ['0 issue "sectigo.com"']},
            False,
        ),
        ("northwind.example", {"shop.northwind.example": ['0 issue "ca.example"']}, True),
        # issuewild is for wildcards only, and for them wins over issue.
        ("*.northwind.example", {"northwind.example": ['0 issue "sectigo.com"']}, True),
        ("*.northwind.example", {"northwind.example": ['0 issue "sectigo.com"', '0 issuewild ";"']}, False),
        ("*.northwind.example", {"northwind.example": ['0 issue ";"', '0 issuewild "sectigo.com"']}, True),
        ("northwind.example", {"northwind.example": ['0 issue ";"', '0 issuewild "sectigo.com"']}, False),
        ("northwind.example", {"northwind.example": ['0 issuewild "ca.example"']}, True),
        # Only what is critical must be understood.
        ("northwind.example", {"northwind.example": ['0 iodef "mailto:ops@northwind.example"']}, True),
        ("northwind.example", {"northwind.example": ['0 tbs "unknown"', '128 issue "sectigo.com"']}, True),
        ("northwind.example", {"northwind.example": ['128 tbs "unknown"', '0 issue "sectigo.com"']}, False),
    ],
)
def test_records(check: RealCaaCheck, name_server: NameServer, name: str, zone: Zone, expected: bool) -> None:
    assert permitted(check, name_server, name, zone) is expected


def test_it_climbs_to_the_top_level_domain(check: RealCaaCheck, name_server: NameServer) -> None:
    check("*.shop.northwind.example")

    assert name_server.asked == [(name, "CAA") for name in ("shop.northwind.example", "northwind.example", "example")]


def test_what_cannot_be_looked_up_forbids(check: RealCaaCheck, name_server: NameServer) -> None:
    name_server.broken = {"northwind.example"}

    with pytest.raises(Problem) as caught:
        check("shop.northwind.example")

    assert caught.value.document["type"].endswith(":dns")
    assert caught.value.document["detail"].startswith("Looking up CAA of northwind.example: ")


@pytest.fixture
def careful(sandbox: Sandbox, binding: Binding, check: RealCaaCheck) -> AcmeClient:
    """A registered client of a server that looks at CAA records."""
    client = AcmeClient(direct(AcmeService(sandbox, accept_everything, check)))
    client.register(binding.key_id, binding.mac_key)
    return client


def test_order_that_is_forbidden(
    desk: Desk, binding: Binding, name_server: NameServer, careful: AcmeClient, sandbox: Sandbox
) -> None:
    name_server.zone["northwind.example", "CAA"] = ['0 issuewild "ca.example"']
    names = ("www.northwind.example", "*.northwind.example")
    order = careful.order(*names)
    careful.validate(order)

    answer = careful.finalize(order, *names)

    assert answer.content["status"] == "invalid"
    assert answer.content["error"] == {
        "type": "urn:ietf:params:acme:error:caa",
        "detail": 'CAA record for northwind.example prevents issuance for "*.northwind.example": it names ca.example',
        "status": 403,
    }
    listed = desk.ask("GETLASTORDER", acmeAccountID=binding.key_id)["Orders"][0]
    assert (listed["acmeOrderStatus"], listed["statusCode"], listed["statusDesc"]) == ("invalid", 3, "PRE-SIGN FAILED")

    sandbox.switches.check_caa = False
    assert len(careful.obtain(*names)) == 2
    sandbox.switches.check_caa = True
    assert len(careful.obtain("www.northwind.example")) == 2
