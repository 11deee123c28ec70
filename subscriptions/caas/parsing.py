"""From a reply's bytes to checked values; what fields there are is told in `wire`."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    WrapValidator,
    model_validator,
)

from .types import Secret


class Unreadable(ValueError):  # noqa: N818
    """A body is not the documented JSON; the text names fields, never values."""


MAX_DEPTH = 50


def decode(body: bytes) -> Any:
    """The JSON value of a body, numbers with a point as Decimal, texts storable; raises Unreadable."""
    try:
        return _storable_value(json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant), depth=0)
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


Instant = Annotated[datetime, AfterValidator(_in_utc)]
Number = Annotated[int, Field(ge=0, lt=2**63)]
SmallNumber = Annotated[int, Field(gt=-(2**31), lt=2**31)]
# A quote's total of 500 of them still fits its column of 12 digits before the point.
Amount = Annotated[Decimal, Field(gt=-(10**9), lt=10**9, max_digits=18, decimal_places=6, allow_inf_nan=False)]
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
