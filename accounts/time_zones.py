"""Time zones as people choose them, by the names of the IANA list."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError

from accounts.models.users import User

AREAS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@cache
def zone_names() -> tuple[str, ...]:
    """Give the zones that are suggested: those named by a place, and UTC."""
    return ("UTC", *sorted(name for name in available_timezones() if name.partition("/")[0] in AREAS))


def find_zone(text: str) -> str:
    """Give the zone that is meant by its name, or by its place alone; raise ValidationError for none or several."""
    typed = "_".join(text.split()).casefold()
    named = [name for name in _known() if name.casefold() == typed]
    if named:
        return named[0]
    places = [name for name in zone_names() if name.rpartition("/")[2].casefold() == typed]
    if len(places) == 1:
        return places[0]
    raise ValidationError("There is no time zone of this name. One looks like Europe/Berlin.")


def zone_of(user: User | None) -> ZoneInfo | None:
    """Give the time zone that somebody has chosen; None where nobody has, or where this machine does not know it."""
    name = user.time_zone if user else ""
    return ZoneInfo(name) if name and name in _known() else None


@cache
def _known() -> frozenset[str]:
    return frozenset(available_timezones())
