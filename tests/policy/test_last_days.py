"""A last day is the same day for everyone: what ends with a day is never shown as an instant, in the reader's zone.

Each end of a term, a window or a pre-validation is known here by its name; a new one belongs into `ENDS`. Ends that are
instants are not: a certificate's, a quote's, an invitation's.
"""

import re
from pathlib import Path

from tests.policy.sources import ROOT, modules

ENDS = r"(?:\w+\.)*(?:expires_at|opens_at|closes_at|(?:\w+_)?refundable_until|prevalidation(?:\.|_)valid_until|ends_at)"
# Instants, and what no page shows.
OF_OTHERS = r"invitation\.expires_at|lease_expires_at|(?:\w+\.)*certificate\.ends_at|(?:record|row)\.ends_at"
END = rf"(?<![\w.])(?!{OF_OTHERS})({ENDS})\b"
IN_TEMPLATES = re.compile(rf"{{%\s*(?:day|instant)\s+{END}|{END}\|(?:date|time|from_now)\b")
WRITERS = r"\b(?:day_text|instant_text|utc_day|localtime)\(\s*"
IN_CODE = re.compile(rf"{WRITERS}{END}\)|{END}(?::%|\.strftime|\.isoformat|\.date\(\))")
# The cell of an open invitation, whose record is one.
CELLS = {"templates/subscriptions/cells/_invitation_expiry.html": "record.expires_at"}


def shown_as_instants(path: Path, pattern: re.Pattern[str]) -> list[str]:
    """Give the ends that a file writes in another way than by the one rule."""
    name = str(path.relative_to(ROOT))
    found = {next(filter(None, match.groups())) for match in pattern.finditer(path.read_text(encoding="utf-8"))}
    return [f"{name}: {end}" for end in sorted(found) if CELLS.get(name) != end]


def test_no_page_and_no_mail_shows_a_last_day_as_an_instant() -> None:
    pages = [path for path in sorted((ROOT / "templates").rglob("*")) if path.is_file()]

    assert [each for path in pages for each in shown_as_instants(path, IN_TEMPLATES)] == []


def test_no_export_and_no_sentence_writes_a_last_day_as_an_instant() -> None:
    # The CA's words and the ledger's evidence are exact; `rules/terms.py` is the rule.
    apart = (
        "subscriptions.sandbox",
        "subscriptions.caas",
        "subscriptions.ledger",
        "subscriptions.worker",
        "subscriptions.rules.terms",
    )
    code = [path for name, path in modules().items() if not name.startswith(apart)]

    assert [each for path in code for each in shown_as_instants(path, IN_CODE)] == []


def test_what_it_looks_for_is_found() -> None:
    assert IN_TEMPLATES.search("{% day subscription.expires_at relative=True %}")
    assert IN_TEMPLATES.search("until {{ status.extension.closes_at|date:'j M' }}")
    assert IN_TEMPLATES.search("{{ card.subscription.expires_at|from_now }}")
    assert IN_CODE.search('f"until {day_text(subscription.expires_at)}"')
    assert IN_CODE.search("row.subscription.expires_at.isoformat()")
    assert not IN_TEMPLATES.search(
        "{% day row.valid_until %} {% day invitation.expires_at %} {% last_day record.expires_at %}"
    )
    assert not IN_CODE.search("day_text(last_day(subscription.expires_at))")
