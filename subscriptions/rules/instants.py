"""Days and instants in words, the same on pages, in banners and in the labels of forms."""

from datetime import UTC, date, datetime, tzinfo


def day_text(day: date) -> str:
    """Give a day as people read it: 25 Nov 2026."""
    return f"{day.day} {day:%b %Y}"


def instant_text(instant: datetime, zone: tzinfo = UTC) -> str:
    """Give an instant in a time zone, to the minute: 25 Nov 2026, 23:40 UTC."""
    at = instant.astimezone(zone)
    name = f"{at:%Z}"
    return f"{day_text(at)}, {at:%H:%M} {name if name.isalpha() else f'UTC{name}'}"
