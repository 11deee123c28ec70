"""Days and instants in words, the same on pages, in banners and in the labels of forms."""

from datetime import UTC, date, datetime


def day_text(day: date) -> str:
    """Give a day as people read it: 25 Nov 2026."""
    return f"{day.day} {day:%b %Y}"


def instant_text(instant: datetime) -> str:
    """Give an instant in UTC, to the minute: 25 Nov 2026, 23:40 UTC."""
    at = instant.astimezone(UTC)
    return f"{day_text(at)}, {at:%H:%M} UTC"
