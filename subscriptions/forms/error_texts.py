"""A text that somebody pastes to have it explained."""

from typing import Any

from django import forms

MAX_PASTED = 200_000  # characters


class UnkeptTextarea(forms.Textarea):
    """A box for a text that is not shown again."""

    def format_value(self, value: Any) -> str:
        """Give nothing, whatever was typed."""
        return ""


class ErrorTextForm(forms.Form):
    """What a client said. It is read once and kept nowhere: it may hold keys."""

    text = forms.CharField(
        label="What the client says",
        max_length=MAX_PASTED,
        widget=UnkeptTextarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
        help_text="A line, a screen or a whole log. It is read once, kept nowhere and not shown again.",
        error_messages={"required": "Paste what the client says."},
    )
