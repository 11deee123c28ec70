"""The form that names what takes the place of a misspelt name."""

from typing import Any

from django import forms

from subscriptions.forms.domains import DomainAddForm, check_text
from subscriptions.models import Domain
from subscriptions.rules.written_names import written
from subscriptions.selectors.names import NamesThere


class ReplaceForm(DomainAddForm):
    """One new name, with what else an addition asks; it starts with the old name, in which the mistake is."""

    def __init__(self, *args: Any, old: Domain, **kwargs: Any) -> None:
        start = {"names": written(old.name).first, "add_companions": old.companions.filter(removed_at=None).exists()}
        kwargs["initial"] = start | kwargs.get("initial", {})
        super().__init__(*args, subscription=old.subscription, **kwargs)
        self.old = old
        field = self.fields["names"]
        field.label, field.help_text = "New name", "Correct the mistake. The old name stays until the new one is there."
        attrs = {"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}
        field.widget = forms.TextInput(attrs=attrs)
        field.widget.is_required = True
        self.fields["add_companions"].label = "Also add the companion of the new name"

    def clean_names(self) -> list[str]:
        """Give the one new name; another than the old one, and one that can be added."""
        problems = self._problems()
        if problems:
            raise forms.ValidationError(problems)
        names = super().clean_names()
        if len(names) != 1:
            raise forms.ValidationError("Type one name: it takes the place of one.")
        return names

    def _problems(self) -> list[str]:
        """Say what is wrong with the typed name itself: there is no list of lines beside this field."""
        read = check_text(self.cleaned_data["names"], NamesThere.of(self.subscription))
        if any(one.checked.name == self.old.name for one in read.lines):
            return ["This is the old name as it is."]
        return [one.checked.problem for one in read.problems]
