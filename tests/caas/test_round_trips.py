"""What goes to the sandbox and comes back is the same, whatever it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subscriptions.caas.client import CaasClient
from subscriptions.caas.wire_requests import PARAMETERS, Action
from subscriptions.sandbox import Sandbox
from subscriptions.sandbox.actions import ACTIONS
from tests.sandbox_transport import sandbox_transport

from .scripted_ca import LOGIN_NAME, LOGIN_PASSWORD, scripted, yes

NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
SERVER = "https://acme.sectigo.com/v2/{}"
LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True).filter(lambda text: text[2:4] != "--")
NAMES = st.sets(st.tuples(st.booleans(), LABEL), min_size=1, max_size=6)
CENTS = st.integers(min_value=0, max_value=10**7)
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclass(frozen=True)
class Both:
    """A client and its CA."""

    client: CaasClient
    sandbox: Sandbox

    def account(self, validation_type: str = "DV") -> str:
        """A new account."""
        url = SERVER.format(validation_type)
        return self.client.preregister(directory_url=url, years=1, last_look=yes).acme_account_id

    def add(self, account: str, name: str, **more: Any) -> Decimal | None:
        """Add a name; gives what it cost."""
        cost = self.client.add_domain(acme_account_id=account, name=name, last_look=yes, **more).cost
        return None if cost is None else cost.amount


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    path = tmp_path_factory.mktemp("sandbox") / "state"
    sandbox = Sandbox(path, clock=lambda: NOW, logins={LOGIN_NAME: LOGIN_PASSWORD})
    transport = sandbox_transport(sandbox)
    with scripted(read_transport=transport, change_transport=transport) as (client, _):
        yield Both(client, sandbox)
    sandbox.close()


@pytest.mark.parametrize("action", Action)
def test_the_sandbox_knows_every_argument_that_the_client_may_send(action: Action) -> None:
    known = ACTIONS[action].parameters
    assert [name for name in PARAMETERS[action] if not any(parameter.matches(name) for parameter in known)] == []


@FEW
@given(labels=NAMES, page_size=st.integers(min_value=1, max_value=3), case=st.sampled_from([str.upper, str.lower]))
def test_names_come_back_in_one_form(both: Both, labels: set[tuple[bool, str]], page_size: int, case: Any) -> None:
    names = {f"{'*.' if is_wildcard else ''}{label}.northwind.example" for is_wildcard, label in labels}
    account = both.account()
    both.sandbox.set_balance(LOGIN_NAME, "1000000.00")
    for name in names:
        both.add(account, case(name))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("subscriptions.caas.calls.PAGE_SIZE", page_size)
        assert {domain.name for domain in both.client.list_domains(acme_account_id=account)} == names
    listed = both.client.list_transactions(acme_account_id=account)
    assert {name for transaction in listed for name in transaction.names} == names


@FEW
@given(cents=CENTS)
def test_amounts_come_back_to_the_cent(both: Both, cents: int) -> None:
    amount = Decimal(cents).scaleb(-2)
    account = both.account()
    both.sandbox.set_balance(LOGIN_NAME, "1000000.00")
    both.sandbox.set_price(LOGIN_NAME, "DV", "FQDN", amount)

    quoted = both.client.quote_domain(acme_account_id=account, name="northwind.example").cost.amount
    charged = both.add(account, "northwind.example")
    (listed,) = both.client.list_transactions(acme_account_id=account)
    both.sandbox.advance(days=300)
    extension = both.client.quote_extension(acme_account_id=account, years=3).cost.amount
    both.sandbox.clock.reset()

    assert listed.cost is not None
    assert [quoted, charged, listed.cost.amount, extension / 3] == [amount] * 4


@FEW
@given(number=st.integers(min_value=1, max_value=10**127), way=st.sampled_from(["text", "number"]))
def test_order_numbers_of_pre_validations_come_back_digit_by_digit(both: Both, number: int, way: str) -> None:
    both.sandbox.switches.anchors_listed_as = way
    both.sandbox.set_balance(LOGIN_NAME, "1000000.00")
    account = both.account("OV")
    both.add(account, "northwind.example", ov_anchor_order_number=str(number))

    (domain,) = both.client.list_domains(acme_account_id=account)
    assert domain.ov_anchor_order_number == str(number)
    moved = both.client.move_domains(
        acme_account_id=account,
        old_ov_anchor_order_number=str(number),
        ov_anchor_order_number=str(number + 1),
        last_look=yes,
    )
    assert moved.count == 1
