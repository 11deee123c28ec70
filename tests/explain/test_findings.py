"""Findings in words: every sort has its own, and no line, whatever it holds, is an error."""

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.explain.findings import UNREADABLE, ToldFinding, told
from subscriptions.models import Finding
from subscriptions.templatetags.ui import instant

SORTS = list(Finding.Sort)
KEYS = ["key", "names", "amount", "currency", "ca_order_number", "at", "since", "operation", "recorded", "text"]
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), inner),
    max_leaves=8,
)
LINES = st.dictionaries(st.sampled_from([*KEYS, Finding.RIPE, "recorded_currency", "transaction"]), JSON)


def tell(sort: str, *lines: Any) -> ToldFinding:
    """Give a finding in words."""
    return told(Finding(sort=sort, lines=[line | {"is_ripe": True} for line in lines]))


BOTH = "odd.example.com, www.odd.example.com"
CHARGE = {
    "key": "adddomain:991",
    "names": ["odd.example.com", "www.odd.example.com"],
    "ca_order_number": 991,
    "amount": "30.00",
    "currency": "USD",
    "at": "2026-11-20T10:00:00+00:00",
}


@pytest.mark.parametrize(
    ("sort", "line", "sentence"),
    [
        (
            "unexplained_charge",
            CHARGE,
            f"USD 30.00 for {BOTH} (order 991, 20 Nov 2026): no operation here ordered it.",
        ),
        (
            "unexplained_charge",
            CHARGE | {"key": "extenddomains:991"},
            f"An extension of {BOTH} for USD 30.00 (order 991, 20 Nov 2026): no operation here ordered it.",
        ),
        (
            "unexplained_refund",
            {"names": ["odd.example.com"], "amount": "30", "currency": "USD"},
            "USD 30.00 given back for odd.example.com (no order number): no removal here explains it.",
        ),
        (
            "charged_twice",
            {"names": ["a.example"], "amount": "50.005", "currency": "KWD", "ca_order_number": 7},
            "a.example was charged again: KWD 50.005 (order 7), without its removal before.",
        ),
        (
            "other_amount",
            CHARGE | {"recorded": "25.00", "recorded_currency": "EUR", "names": ["a.example"], "at": None},
            "a.example (order 991): the CA lists USD 30.00, the ledger holds EUR 25.00.",
        ),
        (
            "charge_not_listed",
            {"names": ["a.example"], "amount": "30.00", "currency": "USD", "ca_order_number": 9},
            "USD 30.00 for a.example (order 9) is recorded here; the CA has not listed it for a day.",
        ),
        (
            "unknown_name",
            {"key": "odd.example", "names": ["odd.example"]},
            "odd.example is at the CA; nobody here ordered it, and it came with no other name.",
        ),
        (
            "open_amount",
            {"names": ["a.example"]},
            "a.example was added more than a day ago; the CA’s list still shows no charge for it.",
        ),
        (
            "late_answer",
            {
                "text": "Add a.example: late.",
                "names": ["a.example"],
                "amount": None,
                "currency": "",
                "ca_order_number": 3,
            },
            "Add a.example: late. It names a.example and an unknown amount (order 3).",
        ),
    ],
)
def test_a_line_in_words(sort: str, line: dict[str, Any], sentence: str) -> None:
    assert [line.sentence for line in tell(sort, line).lines] == [sentence]


@pytest.mark.parametrize("sort", SORTS)
def test_every_sort_says_what_it_means_and_whether_money_moved(sort: Finding.Sort) -> None:
    found = tell(sort, CHARGE)

    assert found.title == sort.label
    texts = [found.meaning, found.money, found.advice, found.closing]
    assert all(text.endswith(".") and "{" not in text for text in texts)
    assert "oney" in found.money
    assert len({tell(other, CHARGE).meaning for other in SORTS}) == len(SORTS)


def test_a_sort_of_another_version_is_told_too() -> None:
    assert tell("lost_in_space", CHARGE).lines[0].sentence.startswith("odd.example.com, www.odd.example.com: USD 30.00")


def test_sums_by_currency_and_what_is_not_known() -> None:
    lines = [CHARGE, CHARGE | {"amount": "1.5"}, CHARGE | {"currency": "EUR"}, CHARGE | {"amount": None}]

    odd = [CHARGE | {"amount": amount} for amount in ("NaN", "9E+999999", "1E-400")]
    money = tell("unexplained_charge", *lines, *odd).money

    assert money == "Money moved: EUR 30.00 and USD 31.50 and 4 unknown amounts by the CA’s own list."


def test_many_names_are_counted() -> None:
    names = [f"host{number}.example" for number in range(8)]

    assert "host4.example and 3 more is at the CA" in tell("unknown_name", {"names": names}).lines[0].sentence


def test_a_line_leads_to_its_operation() -> None:
    code = uuid4()

    found = tell("open_amount", {"operation": str(code), "since": "2026-11-20T10:00:00"})

    assert found.lines[0].operation == code
    assert found.lines[0].since is not None
    assert found.lines[0].since.tzinfo is not None


def test_only_lines_that_two_readings_have_shown() -> None:
    finding = Finding(
        sort="unknown_name", lines=[{"names": ["a.example"]}, {"names": ["b.example"], "is_ripe": True}, 7]
    )

    assert [line.sentence[:9] for line in told(finding).lines] == ["b.example", UNREADABLE[:9]]


@given(sort=st.sampled_from([*SORTS, "of another version"]), lines=st.lists(LINES | JSON, max_size=4) | JSON)
def test_no_line_is_an_error(sort: str, lines: Any) -> None:
    ripe = (
        [line | {"is_ripe": True} if isinstance(line, dict) else line for line in lines]
        if isinstance(lines, list)
        else lines
    )
    found = told(Finding(sort=sort, lines=ripe))

    assert all(line.sentence for line in found.lines)
    assert found.money
    for line in found.lines:
        assert instant(line.since)
