"""The choices of a set-up page: names, challenge, the contact e-mail address, and the client's own options."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.http import QueryDict

from accounts.fields import AddressFormField
from subscriptions.recipes import Challenge, Option, Recipe, is_wildcard

PRESELECTED_NAMES = 10

_CHALLENGES = {
    Challenge.HTTP_01: "HTTP-01: a file that the CA fetches from the server on port 80",
    Challenge.DNS_01: "DNS-01: a TXT record in the name's DNS zone",
}


class NamesField(forms.MultipleChoiceField):
    """Names to tick. Names that are not on offer are let through: the page says why they cannot work."""

    widget = forms.CheckboxSelectMultiple

    def valid_value(self, value: Any) -> bool:
        """Give True: what may be ordered is judged by `subscriptions/explain/blockers.py`."""
        return True


class SetupForm(forms.Form):
    """What to put into the instructions of one ACME client. Sent by GET, so that a page can be bookmarked."""

    names = NamesField(required=False)
    challenge = forms.ChoiceField(
        widget=forms.RadioSelect,
        help_text="How the CA checks that you control the names. Wildcard names need DNS-01.",
    )
    email = AddressFormField(
        label="Contact e-mail address",
        help_text="Your ACME client gives it to the CA when it registers.",
    )

    def __init__(self, data: QueryDict, *, recipe: Recipe, names: Sequence[str], email: str) -> None:
        self.recipe = recipe
        super().__init__(_with_defaults(data, recipe=recipe, names=names, email=email))
        cast("NamesField", self.fields["names"]).choices = [(name, name) for name in names]
        cast("forms.ChoiceField", self.fields["challenge"]).choices = [
            (challenge.value, label) for challenge, label in _CHALLENGES.items() if challenge in recipe.challenges
        ]
        for option in self._options():
            self.fields[option.name] = _option_field(option)

    @property
    def chosen_challenge(self) -> Challenge:
        """The challenge chosen, or the recipe's first where what was sent is no challenge."""
        sent = self.data.get("challenge")
        return next((challenge for challenge in Challenge if challenge.value == sent), _first_challenge(self.recipe))

    def option_fields(self) -> list[forms.BoundField]:
        """Give the fields of the client's own options that apply to the chosen challenge."""
        return [self[option.name] for option in self._options()]

    def chosen_names(self) -> tuple[str, ...]:
        """Give the names chosen; only for a valid form."""
        return tuple(self.cleaned_data["names"])

    def chosen_options(self) -> Mapping[str, str]:
        """Give the client's options as chosen; only for a valid form."""
        return {option.name: self.cleaned_data[option.name] for option in self._options()}

    def choices_made(self) -> list[tuple[str, str]]:
        """Give everything chosen as pairs of field and value, to be sent again; only for a valid form."""
        single = [(name, str(value)) for name, value in self.cleaned_data.items() if name != "names"]
        return single + [("names", name) for name in self.chosen_names()]

    def _options(self) -> tuple[Option, ...]:
        return self.recipe.options_for(self.chosen_challenge)


def _option_field(option: Option) -> forms.ChoiceField:
    choices = [(choice.value, choice.label) for choice in option.choices]
    return forms.ChoiceField(label=option.label, choices=choices)


def _with_defaults(data: QueryDict, *, recipe: Recipe, names: Sequence[str], email: str) -> QueryDict:
    """Fill in what was not sent. A page opened without choices starts with ones that work."""
    filled = data.copy()
    if "email" not in data:
        filled["email"] = email
        filled.setlist("names", data.getlist("names") or _first_names(names, recipe))
    if "challenge" not in data:
        has_wildcard = any(is_wildcard(name) for name in filled.getlist("names"))
        can_prove_it = has_wildcard and Challenge.DNS_01 in recipe.challenges
        filled["challenge"] = (Challenge.DNS_01 if can_prove_it else _first_challenge(recipe)).value
    for option in recipe.every_option:
        filled.setdefault(option.name, option.default)
    return filled


def _first_names(names: Sequence[str], recipe: Recipe) -> list[str]:
    """Give the names to start with: all, or with many of them the simplest case, plain names and so HTTP-01."""
    if not recipe.supports_wildcards or len(names) > PRESELECTED_NAMES:
        names = [name for name in names if not is_wildcard(name)] or names
    return list(names) if len(names) <= PRESELECTED_NAMES else list(names[:1])


def _first_challenge(recipe: Recipe) -> Challenge:
    return next(challenge for challenge in Challenge if challenge in recipe.challenges)
