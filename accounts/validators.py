"""What a text that people give must be like."""

from django.core.exceptions import ValidationError


def validate_single_line(text: str) -> None:
    """Raise ValidationError for more than one line: such a text stands in mails, under the portal's name."""
    if not text.isprintable():
        raise ValidationError("Line breaks and other characters that do not print cannot stand here.")
