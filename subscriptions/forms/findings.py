"""The form that closes a finding."""

from django import forms


class CloseForm(forms.Form):
    """Why a finding needs nobody any more; `seen` says which lines its page has shown."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    reason = forms.CharField(
        max_length=500,
        label="Reason",
        help_text="It stands on this page and in the audit trail, where others will read it.",
        error_messages={"required": "Say why it is closed: others will read it."},
    )

    def look_again(self, seen: str) -> None:
        """Have the form, shown once more, speak of the lines as they are now."""
        self.data = dict(self.data.items()) | {"seen": seen}
