"""The form that takes a CSV file of names."""

from django import forms

from subscriptions.rules.name_files import FileNames, NoNames, read_names
from subscriptions.rules.name_lists import split_names
from subscriptions.rules.names import MAX_NAMES_PER_QUOTE
from subscriptions.selectors.names import reserved_domains

MAX_BYTES = 1_000_000


class NamesFileForm(forms.Form):
    """A CSV file whose names go into the list that is typed."""

    names_file = forms.FileField(
        required=False,
        label="Or read a CSV file",
        help_text=(
            "The column that holds domain names is found by itself. The names are put into the list above, where you "
            "can correct them; nothing is sent yet."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain", "class": "form-control"}),
        error_messages={"empty": "This file is empty."},
    )

    def clean_names_file(self) -> FileNames:
        """Give the names of the file; with those typed already they must fit into one quote."""
        file = self.cleaned_data["names_file"]
        if file is None:
            raise forms.ValidationError("Choose a file first.")
        if file.size > MAX_BYTES:
            raise forms.ValidationError(f"This file is larger than {MAX_BYTES // 1_000_000} MB, too large for a list.")
        try:
            names = read_names(file.read(), reserved=reserved_domains())
        except NoNames as problem:
            raise forms.ValidationError(str(problem)) from problem
        number = len({*split_names(self.typed), *names.names})
        if number > MAX_NAMES_PER_QUOTE:
            raise forms.ValidationError(
                f"With this file these are {number} names; a quote takes {MAX_NAMES_PER_QUOTE} at most. Split it."
            )
        return names

    @property
    def typed(self) -> str:
        """What stands in the list."""
        return str(self.data.get("names", ""))

    @property
    def joined(self) -> str:
        """The list with the names of the file below it; the list alone where the file could not be read."""
        if not self.is_valid():
            return self.typed
        return "\n".join([*self.typed.rstrip().splitlines(), *self.cleaned_data["names_file"].names])
