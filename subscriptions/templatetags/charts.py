"""Charts, drawn on the server as SVG: positions are percentages, so that a chart fits every width."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any

from django import template

from subscriptions.selectors.costs import Costs, CostYear

register = template.Library()

STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
MOST_STEPS = 4  # up or down
LAST_WITH_YEAR = 10  # a later first month is too near to January for two years side by side
BAR = Decimal("0.6")  # of the place of a month
UNITS = ((Decimal(10) ** 9, "G"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "k"))


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the chart, with the amount it stands for."""

    y: str
    label: str
    is_zero: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: where it starts and how high it is."""

    y: str
    height: str


@dataclass(frozen=True, slots=True)
class Column:
    """A month: its place, its bar of charges above the line and its bar of refunds below.

    The label of a minor month is left out on small screens.
    """

    costs: Costs
    left: str
    middle: str
    bar_left: str
    charged: Bar | None
    refunded: Bar | None
    shows_year: bool
    is_minor: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """From which amount to which the chart reaches, and the step between two of its lines."""

    top: Decimal
    bottom: Decimal
    step: Decimal

    def y(self, amount: Decimal) -> Decimal:
        """Give how far from the top an amount stands, in percent."""
        return (self.top - amount) / (self.top - self.bottom) * 100

    def bar(self, start: Decimal, end: Decimal) -> Bar | None:
        """Give the bar between two amounts, or None where they are the same."""
        if start == end:
            return None
        return Bar(_percent(self.y(start)), _percent(self.y(end) - self.y(start)))


@register.inclusion_tag("subscriptions/_cost_chart.html")
def cost_chart(year: CostYear, chart_id: str) -> dict[str, Any]:
    """`{% cost_chart year "costs-usd" %}`: charges and refunds month by month; needs css/charts.css."""
    scale = scale_of([month.charged for month in year.months], [month.refunded for month in year.months])
    width = Decimal(100) / len(year.months)
    return {
        "id": chart_id,
        "year": year,
        "largest": max(year.months, key=lambda month: month.charged),
        "ticks": _ticks(scale),
        "columns": [_column(place, month, scale, width) for place, month in enumerate(year.months)],
        "column_width": _percent(width),
        "bar_width": _percent(width * BAR),
    }


def scale_of(up: Sequence[Decimal], down: Sequence[Decimal]) -> Scale:
    """Give the scale on which the amounts above and below the line have room, with few and round steps."""
    highest, lowest = max(up), max(down)
    step = _round_up(max(highest, lowest) / MOST_STEPS) if highest or lowest else Decimal(1)
    return Scale(max(_whole_steps(highest, step), step), -_whole_steps(lowest, step), step)


def _round_up(amount: Decimal) -> Decimal:
    magnitude = Decimal(10) ** amount.adjusted()
    return next(step * magnitude for step in STEPS if step * magnitude >= amount)


def _whole_steps(amount: Decimal, step: Decimal) -> Decimal:
    return (amount / step).to_integral_value(ROUND_CEILING) * step


def _ticks(scale: Scale) -> list[Tick]:
    number = int((scale.top - scale.bottom) / scale.step)
    amounts = [scale.bottom + scale.step * index for index in range(number + 1)]
    return [Tick(_percent(scale.y(amount)), short(amount), amount == 0) for amount in amounts]


def _column(place: int, costs: Costs, scale: Scale, width: Decimal) -> Column:
    left, zero = place * width, Decimal(0)
    return Column(
        costs=costs,
        left=_percent(left),
        middle=_percent(left + width / 2),
        bar_left=_percent(left + width * (1 - BAR) / 2),
        charged=scale.bar(costs.charged, zero),
        refunded=scale.bar(zero, -costs.refunded),
        shows_year=costs.month.month == 1 or (place == 0 and costs.month.month <= LAST_WITH_YEAR),
        is_minor=costs.month.month % 2 == 0,
    )


def _percent(value: Decimal) -> str:
    return f"{value:.2f}%"


def short(amount: Decimal) -> str:
    """Give an amount in few characters: "2.5k", "−500"."""
    sign, size = "−" if amount < 0 else "", abs(amount)
    factor, unit = next(((factor, unit) for factor, unit in UNITS if size >= factor), (Decimal(1), ""))
    figures = f"{size / factor:f}"
    return f"{sign}{figures.rstrip('0').rstrip('.') if '.' in figures else figures}{unit}"
