"""What the sandbox answers has the shape of the answers that the CA's guide shows (tests/caas/samples/)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from subscriptions.sandbox import Sandbox
from subscriptions.sandbox.actions import ACTIONS

from .acme_client import AcmeClient
from .conftest import LOGIN_NAME, OV_URL, Binding, Desk

SAMPLES = Path(__file__).parents[1] / "caas" / "samples"
INCOMPLETE = {"LISTACCOUNTS-two"}  # the guide's copy ends before its last fields

Answer = dict[str, Any]


def shape(value: Any) -> Any:
    """The names in a JSON value and the kind of each; numbers are of one kind, as prices have digits or not."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__


def covers(answer: Any, sample: Any) -> bool:
    """Whether everything in the sample's shape is in the answer's."""
    if isinstance(sample, dict):
        return isinstance(answer, dict) and all(covers(answer.get(name), sample[name]) for name in sample)
    if isinstance(sample, list):
        return len(answer) == len(sample) and all(map(covers, answer, sample))
    return bool(answer == sample)


class Situation:
    """A reseller with an OV key that a client uses, and the ways to come to each answer."""

    def __init__(self, desk: Desk, binding: Binding, client: AcmeClient) -> None:
        self.desk, self.client = desk, client
        self.account = {"acmeAccountID": binding.key_id}
        self.anchor = {"ovAnchorOrderNumber": "4"}

    def answer(self, name: str) -> Answer:
        """The sandbox's answer where the guide has this sample."""
        action, _, what = name.partition("-")
        way: Callable[[], Answer] | None = getattr(self, f"{action.lower()}_{what}", None)
        return self.desk.ask(action, **self.account) if way is None else way()

    def listservers_one(self) -> Answer:
        self.desk.sandbox.set_servers(LOGIN_NAME, ["DV"])
        return self.desk.ask("LISTSERVERS")

    def listservers_none(self) -> Answer:
        self.desk.sandbox.set_servers(LOGIN_NAME, [])
        return self.desk.ask("LISTSERVERS")

    def preregister_pending(self) -> Answer:
        return self.desk.ask("PREREGISTER", serverURL=OV_URL, years="1")

    def listaccounts_two(self) -> Answer:
        self.desk.new_account()
        accounts = self.desk.ask("LISTACCOUNTS")["Accounts"]
        return {"Accounts": accounts[::-1]}  # in the guide the pending one stands first

    def listaccounts_none(self) -> Answer:
        return self.desk.ask("LISTACCOUNTS", page="7")

    def listbindings_two(self) -> Answer:
        self.desk.new_account()
        return {"Bindings": self.desk.ask("LISTBINDINGS")["Bindings"][::-1]}

    def listbindings_none(self) -> Answer:
        return Desk(self.desk.sandbox, "contoso-reseller", "another secret").ask("LISTBINDINGS")

    def listcontacts_two(self) -> Answer:
        self.client.post(self.client.kid, {"contact": ["mailto:a@example.com", "mailto:b@example.com"]})
        return self.desk.ask("LISTCONTACTS", **self.account)

    def listcontacts_none(self) -> Answer:
        return self.desk.ask("LISTCONTACTS", acmeAccountID=self.desk.new_account())

    def unsuspendaccount_assumed(self) -> Answer:
        self.desk.ask("SUSPENDACCOUNT", **self.account)
        return self.desk.ask("UNSUSPENDACCOUNT", **self.account)

    def adddomain_done(self) -> Answer:
        return self.desk.ask("ADDDOMAIN", domainName="domain.com", **self.account, **self.anchor)

    def adddomain_quote(self) -> Answer:
        return self.desk.ask("ADDDOMAIN", domainName="domain.com", quoteOnly="Y", **self.account, **self.anchor)

    def removedomain_with_companion(self) -> Answer:
        self.desk.ask("ADDDOMAIN", domainName="domain.com", addAssociatedFQDN="Y", **self.account, **self.anchor)
        return self.desk.ask("REMOVEDOMAIN", domainName="domain.com", **self.account)

    def listdomains_three(self) -> Answer:
        self.desk.sandbox.switches.anchors_listed_as = "hidden"  # the guide's sample is of DV
        return self.desk.ask("LISTDOMAINS", **self.account)

    def listdomains_none(self) -> Answer:
        return self.desk.ask("LISTDOMAINS", acmeAccountID=self.desk.new_account())

    def extenddomains_done(self) -> Answer:
        self.desk.sandbox.advance(days=300)
        return self.desk.ask("EXTENDDOMAINS", **self.account)

    def extenddomains_quote(self) -> Answer:
        self.desk.sandbox.advance(days=300)
        return self.desk.ask("EXTENDDOMAINS", quoteOnly="Y", **self.account)

    def getlastorder_completed(self) -> Answer:
        self.client.obtain("northwind.example")
        return self.desk.ask("GETLASTORDER", **self.account)

    def listtransactions_assumed(self) -> Answer:
        return self.desk.ask("LISTTRANSACTIONS", domainName="northwind.example", **self.account)

    def updatedomains_five(self) -> Answer:
        return self.desk.ask("UPDATEDOMAINS", oldOVAnchorOrderNumber="4", ovAnchorOrderNumber="5", **self.account)


@pytest.fixture
def situation(desk: Desk, binding: Binding, registered: AcmeClient) -> Situation:
    """See the class."""
    return Situation(desk, binding, registered)


@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES.glob("[A-Z]*-*.json")))
def test_each_answer_has_the_shape_of_the_sample(situation: Situation, name: str) -> None:
    sample = shape(json.loads((SAMPLES / f"{name}.json").read_text()))

    answer = shape(situation.answer(name))

    if name in INCOMPLETE:
        assert covers(answer, sample)
    else:
        assert answer == sample


def test_the_refusal_has_the_sample_s_words(sandbox: Sandbox, desk: Desk) -> None:
    sample = json.loads((SAMPLES / "refusal-missing_argument.json").read_text())

    reply = desk.reply("LISTDOMAINS")

    assert (reply.status, json.loads(reply.body)) == (400, sample)


def test_the_sandbox_has_the_actions_that_there_are_samples_of() -> None:
    assert {path.stem.partition("-")[0] for path in SAMPLES.glob("[A-Z]*-*.json")} == set(ACTIONS)
