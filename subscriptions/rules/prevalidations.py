"""Organization pre-validations."""

from datetime import date


def prevalidation_warning(valid_until: date, today: date, *, renewal_mode: str) -> str:
    """Give what to say about a pre-validation whose last day has passed, or an empty text (dates in UTC)."""
    if valid_until >= today:
        return ""
    if renewal_mode == "automatic":
        return (
            f"Its last day, {valid_until.isoformat()}, has passed; the CA renews it by itself. Check its state there."
        )
    return f"Its last day, {valid_until.isoformat()}, has passed: no name can be added under it until it is renewed."
