"""The day counts of the CA's windows stand in `subscriptions/rules` and nowhere else, in no template either."""

import re
from pathlib import Path

from subscriptions.rules import terms
from tests.policy.sources import ROOT, modules

OURS = {terms.REFUND_DAYS, terms.EXTENSION_DAYS_BEFORE, terms.EXTENSION_DAYS_AFTER}
PUBLISHED = {100}  # what the guide says of extensions; its other count, 30, is also one of the ACME clients' own
NUMBERS = "|".join(map(str, sorted(OURS | PUBLISHED)))
STATED = re.compile(rf"\b({NUMBERS})\s+days\b|days=({NUMBERS})\b|_DAYS\w* = ({NUMBERS})\b")


def texts() -> list[Path]:
    """Give what may not state a window: the sandbox is left out, it shares nothing with the rest."""
    apart = ("subscriptions.rules", "subscriptions.sandbox")
    code = [path for name, path in modules().items() if not name.startswith(apart)]
    return [*code, *(path for path in (ROOT / "templates").rglob("*") if path.is_file())]


def test_no_window_is_stated_twice() -> None:
    stated = [
        f"{path.relative_to(ROOT)}: {found[0]}" for path in texts() for found in STATED.finditer(path.read_text())
    ]
    assert stated == []
