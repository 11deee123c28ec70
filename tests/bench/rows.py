"""What is measured, as rows of one table."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One figure, the target it is to stay at or below (None: for comparison only), and how it was come by."""

    name: str
    measured: float
    unit: str
    target: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The measured figure as a multiple of the target: 1 and below is reached."""
        return self.measured / self.target if self.target else None

    def as_json(self) -> dict[str, Any]:
        """Give the row as it stands in the JSON."""
        return asdict(self) | {"ratio": self.ratio}


def lines(title: str, rows: Iterable[Row]) -> list[str]:
    """Give the table of one measurement, its title first."""
    return [f"{title:58}{'measured':>12}{'target':>12}{'ratio':>8}", *(_line(row) for row in rows), ""]


def _line(row: Row) -> str:
    target = "" if row.target is None else f"{row.target:,.2f}"
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    return f"{row.name:58}{row.measured:>12,.2f}{target:>12}{ratio:>8}  {row.unit}{f'; {row.note}' if row.note else ''}"


def percentile(values: Sequence[float], share: float) -> float:
    """Give the value that `share` of the values do not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, -(-len(ranked) * round(share * 100) // 100) - 1)]
