"""From a reply's bytes to checked values; what fields there are is told in `wire`."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    WrapValidator,
    model_validator,
)

from .types import Secret


class Unreadable(ValueError):  # noqa: N818
    """A body is not the documented JSON; the text names fields, never values."""


MAX_DEPTH = 50


class WrittenNumber(Decimal):
    """A number that keeps how it was written: `1e3` and `1000.0` are the same amount, and not the same text."""

    def __new__(cls, text: str) -> Self:
        number = super().__new__(cls, text)
        number._text = text
        return number

    def __str__(self) -> str:
        return self._text

    _text: str


def decode(body: bytes) -> Any:
    """The JSON value of a body, numbers with a point as WrittenNumber, texts storable; raises Unreadable."""
    try:
        return _storable_value(json.loads(body, parse_float=WrittenNumber, parse_constant=_refuse_constant), depth=0)
    except (ValueError, ArithmeticError, RecursionError) as failure:
        problem = type(failure).__name__
    raise Unreadable(f"not JSON ({problem})")


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def storable(text: str) -> str:
    """The text without what PostgreSQL cannot store: NUL and lone surrogates, both legal in JSON."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")


def _storable_value(value: Any, *, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        return {storable(name): _storable_value(item, depth=depth + 1) for name, item in value.items()}
    if isinstance(value, list):
        return [_storable_value(item, depth=depth + 1) for item in value]
    return storable(value) if isinstance(value, str) else value


def lowered(value: Mapping[str, Any]) -> dict[str, Any]:
    """An object's fields by lower-case name, without null and empty text."""
    return {name.lower(): item for name, item in value.items() if item is not None and item != ""}


def named(*names: str, default: Any = ...) -> Any:
    """A field under the first of these names that is there, in any case."""
    return Field(default, validation_alias=AliasChoices(*(name.lower() for name in names)))


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("out of range") from None


def _secret(value: object) -> Secret:
    if not isinstance(value, str):
        raise ValueError("not text")
    return Secret(value)


def _none_if_unreadable(value: Any, handler: Callable[[Any], Any]) -> Any:
    try:
        return handler(value)
    except ValidationError:
        return None


# A quote's total of 500 of them still fits its column of 12 digits before the point.
TOO_MUCH = 10**9
SIX_DECIMALS = Decimal("0.000001")
MAX_AMOUNT_TEXT = 100

WHOLE_DAY = timedelta(days=1) - timedelta(microseconds=1)

_AMOUNT = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,9})?")
_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})\s*(Z|[+-]\d{2}:?\d{2})?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WrittenAmount:
    """An amount and how it was written."""

    value: Decimal
    text: str


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """The earliest and the latest instant that a text can mean."""

    start: datetime
    end: datetime


def _amount(value: object) -> WrittenAmount:
    """An amount to six decimals, further digits rounded half up; what is no plain number is refused, not guessed."""
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise ValueError("not an amount")
    text = str(value).strip()
    if not _AMOUNT.fullmatch(text):
        raise ValueError("not an amount")
    exact = Decimal(text)
    if abs(exact) >= TOO_MUCH or abs(rounded := exact.quantize(SIX_DECIMALS, rounding=ROUND_HALF_UP)) >= TOO_MUCH:
        raise ValueError("more than can be kept")
    return WrittenAmount(exact if exact == rounded else rounded, text[:MAX_AMOUNT_TEXT])


def _span(value: object) -> TimeSpan:
    if isinstance(value, str) and (day := _DAY.fullmatch(value.strip())):
        start = INSTANT.validate_python(f"{day[1]}-{day[2]}-{day[3]}T00:00:00{day[4] or 'Z'}".upper())
        try:
            return TimeSpan(start, start + WHOLE_DAY)
        except OverflowError:
            raise ValueError("out of range") from None
    instant = INSTANT.validate_python(value)
    return TimeSpan(instant, instant)


Instant = Annotated[datetime, AfterValidator(_in_utc)]
INSTANT = TypeAdapter[datetime](Instant)
Number = Annotated[int, Field(ge=0, lt=2**63)]
SmallNumber = Annotated[int, Field(gt=-(2**31), lt=2**31)]
Amount = Annotated[WrittenAmount, PlainValidator(_amount)]
Span = Annotated[TimeSpan, PlainValidator(_span)]
Currency = Annotated[str, Field(pattern=r"^[A-Za-z]{3}$")]
SecretText = Annotated[Secret, PlainValidator(_secret)]
Lenient = WrapValidator(_none_if_unreadable)


class WireModel(BaseModel):
    """An object in a reply: names match in any case, unknown fields are ignored, absent is also null or empty."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _by_lower_case_name(cls, value: object) -> object:
        return lowered(value) if isinstance(value, Mapping) else value


M = TypeVar("M", bound=WireModel)


def read(model: type[M], payload: object) -> M:
    """The payload as the model; raises Unreadable, which names fields and no values."""
    try:
        return model.model_validate(payload)
    except ValidationError as failure:
        errors = failure.errors(include_url=False, include_context=False, include_input=False)
        problems = [f"{'.'.join(map(str, error['loc']))}: {error['type']}" for error in errors[:5]]
    # Outside the handler: the validation error carries the reply, keys included, and must not hang on to this one.
    raise Unreadable("; ".join(problems))
