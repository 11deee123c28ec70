"""The form that adds names to a subscription."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, ClassVar, cast
from uuid import UUID

from django import forms

from subscriptions.forms.tokens import FormTokenField, token_of
from subscriptions.models import Prevalidation, Subscription
from subscriptions.rules.name_lists import TypedName, typed_names
from subscriptions.rules.names import (
    MAX_NAME_LENGTH,
    MAX_NAMES_PER_QUOTE,
    MOST_WRITINGS,
    CheckedName,
    covering_wildcard,
)
from subscriptions.rules.writings import visible
from subscriptions.selectors.anchor_moves import moving_of, why_left_by
from subscriptions.selectors.names import NamesThere, holders_of, other_holder
from subscriptions.selectors.organizations import other_organization, say_why
from subscriptions.selectors.prevalidations import Offer, OfferFor, offers_of

MAX_TEXT = MAX_NAMES_PER_QUOTE * (MAX_NAME_LENGTH + 20)
MAX_SHOWN = 50  # of a list's problems, and of each kind of note: what a person corrects before looking again


@dataclass(frozen=True, slots=True)
class TypedLine:
    """One typed name with the line it stands in, and the wildcard whose certificate covers it, if there is one."""

    line: int
    checked: CheckedName
    wildcard: str = ""

    @property
    def shown(self) -> str:
        """What was typed, with what cannot be seen in it."""
        return visible(self.checked.typed)


@dataclass(frozen=True, slots=True)
class TypedList:
    """What a text was read as: its lines, the names left out because they stood there before, and how many it has.

    Where these are more than a quote takes (`is_cut`), only the beginning was checked.
    """

    lines: Sequence[TypedLine]
    repeated: Sequence[TypedName]
    number: int
    is_cut: bool

    @property
    def problems(self) -> list[TypedLine]:
        """The lines that need a correction."""
        return [one for one in self.lines if one.checked.problem]


def check_text(text: str, there: NamesThere) -> TypedList:
    """Check a typed list of names, no more of them than a quote takes; each result knows its line (from 1)."""
    first: dict[str, TypedName] = {}
    repeated = [typed for typed in typed_names(text) if first.setdefault(typed.text, typed) is not typed]
    distinct = list(islice(first.values(), MAX_NAMES_PER_QUOTE * MOST_WRITINGS))
    checked = list(zip(distinct, there.check([typed.text for typed in distinct]), strict=True))
    repeated += [typed for typed, one in checked if one.is_repeated]
    known = there.present | there.pending | {one.name for _, one in checked if one.name}
    lines = [TypedLine(typed.line, one, _wildcard_of(one, known)) for typed, one in checked if not one.is_repeated]
    number = len(first) - len(checked) + len(lines)
    repeated.sort(key=lambda typed: typed.line)
    return TypedList(lines[:MAX_NAMES_PER_QUOTE], repeated, number, is_cut=number > MAX_NAMES_PER_QUOTE)


def _wildcard_of(checked: CheckedName, known: frozenset[str]) -> str:
    return "" if checked.problem else covering_wildcard(checked.name, known)


@dataclass(frozen=True, slots=True)
class NamesCheck:
    """What a list of names reads as; `holders` names the customer for each name that another one has.

    `is_cut`: the list is longer than a quote can be, and only its beginning was checked. `repeated` are left out: their
    names stand further up already.
    """

    lines: Sequence[TypedLine]
    holders: Mapping[str, str]
    is_cut: bool = False
    repeated: Sequence[TypedName] = ()

    shown: ClassVar[str] = f":{MAX_SHOWN}"  # a slice, for templates
    most: ClassVar[int] = MAX_NAMES_PER_QUOTE

    @property
    def good(self) -> int:
        """How many names can be added."""
        return len(self.lines) - len(self.problems)

    @property
    def problems(self) -> list[TypedLine]:
        """The lines that need a correction."""
        return [one for one in self.lines if one.checked.problem]

    @property
    def notes(self) -> list[TypedLine]:
        """The lines that were read as something else than was typed."""
        return [one for one in self.lines if one.checked.note]

    @property
    def covered(self) -> list[TypedLine]:
        """The lines whose name a wildcard covers."""
        return [one for one in self.lines if one.wildcard]

    @property
    def held(self) -> list[tuple[str, str]]:
        """The names that another customer has, with that customer's name."""
        return sorted(self.holders.items())

    @property
    def more_problems(self) -> int:
        """How many problems are not shown."""
        return max(0, len(self.problems) - MAX_SHOWN)

    @property
    def more_notes(self) -> int:
        """How many notes, of all kinds, are not shown."""
        return sum(max(0, len(notes) - MAX_SHOWN) for notes in (self.held, self.covered, self.notes, self.repeated))


def names_check(text: str, subscription: Subscription) -> NamesCheck | None:
    """Check a list of names for a subscription, no more of it than a quote takes; None where nothing is typed."""
    if not text.strip():
        return None
    read = check_text(text[:MAX_TEXT], NamesThere.of(subscription))
    good = [one.checked.name for one in read.lines if not one.checked.problem]
    held = holders_of(good)
    holders = {name: holder for name in good if (holder := other_holder(held, [name], subscription))}
    return NamesCheck(read.lines, holders, read.is_cut or len(text) > MAX_TEXT, read.repeated)


class DomainAddForm(forms.Form):
    """Names, one per line, with the choice of companions and, where the type needs it, the pre-validation."""

    names = forms.CharField(
        max_length=MAX_TEXT,
        label="Names",
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 10, "spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}
        ),
        help_text=(
            "One per line, or as you have them: commas, quotes, numbers, DNS: in front and whole addresses are read "
            "as names too."
        ),
        error_messages={
            "required": "Type at least one name.",
            "max_length": f"A quote takes {MAX_NAMES_PER_QUOTE} names at most. Split the list.",
        },
    )
    add_companions = forms.BooleanField(
        required=False,
        label="Also add each name’s companion",
        help_text=(
            "A companion is a second name the CA adds with a paid one at no cost, such as www.example.com with "
            "example.com. Only the CA decides which; the quote shows what each name brings."
        ),
    )
    prevalidation = forms.ModelChoiceField(
        Prevalidation.objects.none(),
        to_field_name="code",
        label="Pre-validation",
        empty_label="Choose a pre-validation",
        help_text="The organization that the certificates of these names will show.",
    )
    organization_reason = forms.CharField(
        max_length=300,
        required=False,
        label="Reason",
        help_text="Why names of two organizations share a subscription. It stays with the order and in the activity.",
    )
    form_token = FormTokenField()

    def __init__(
        self,
        *args: Any,
        subscription: Subscription,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.subscription = subscription
        self.offers: list[Offer] = []
        if not subscription.server.needs_prevalidation:
            del self.fields["prevalidation"], self.fields["organization_reason"]
            return
        field = cast("forms.ModelChoiceField[Prevalidation]", self.fields["prevalidation"])
        field.queryset = Prevalidation.objects.filter(customer=subscription.customer)
        self.moving = moving_of(subscription)
        self.offers = [self._offer(offer) for offer in offers_of(subscription.customer, OfferFor.NAMES)]
        field.initial = self._first_choice()

    def _offer(self, offer: Offer) -> Offer:
        """Give an offer as it is for this subscription, whose names may be on their way to another one."""
        why = offer.why_not or why_left_by(self.moving, offer.prevalidation.ov_anchor_order_number)
        return replace(offer, why_not=why)

    def _first_choice(self) -> UUID | None:
        if self.moving is not None:
            target = self.moving.ov_anchor_order_number
            to = (one.prevalidation for one in self.offers if one.prevalidation.ov_anchor_order_number == target)
            return next((prevalidation.code for prevalidation in to), None)
        own = self.subscription.prevalidation
        return None if own is None else own.code

    def clean_names(self) -> list[str]:
        """Give each name once, in its one form; every line must be one that can be added."""
        read = check_text(self.cleaned_data["names"], NamesThere.of(self.subscription))
        if read.is_cut:
            raise forms.ValidationError(
                f"These are {read.number} names; a quote takes {MAX_NAMES_PER_QUOTE} at most. Split the list."
            )
        if not read.lines:
            raise forms.ValidationError("Type at least one name.")
        if wrong := len(read.problems):
            number = "One name needs" if wrong == 1 else f"{wrong} names need"
            raise forms.ValidationError(f"{number} a correction; see below. Nothing was sent.")
        return [one.checked.name for one in read.lines]

    def clean_prevalidation(self) -> Prevalidation:
        """Refuse a pre-validation under which no name may be added now."""
        prevalidation: Prevalidation = self.cleaned_data["prevalidation"]
        if reason := next((one.why_not for one in self.offers if one.prevalidation == prevalidation), ""):
            raise forms.ValidationError(reason)
        return prevalidation

    def clean(self) -> dict[str, Any]:
        """Ask why names of two organizations go together, where they would."""
        data = self.cleaned_data
        prevalidation: Prevalidation | None = data.get("prevalidation")
        if prevalidation is None or data.get("organization_reason"):
            return data
        if other := other_organization(self.subscription, prevalidation):
            self.add_error("organization_reason", say_why(other, prevalidation))
        return data

    @property
    def token(self) -> UUID:
        """The token of what was sent."""
        data = self.cleaned_data
        about = (self.subscription.code, data["names"], data["add_companions"])
        return token_of(data["form_token"], *about, data.get("prevalidation"), data.get("organization_reason", ""))


class PrefillForm(forms.Form):
    """What an address may ask a form to start with."""

    customer = forms.UUIDField(required=False)
    quote = forms.UUIDField(required=False)
    order = forms.UUIDField(required=False)
    to = forms.UUIDField(required=False)
    request = forms.UUIDField(required=False)

    @classmethod
    def codes(cls, data: Any) -> dict[str, UUID]:
        """Give the codes that can be read; what cannot is left out."""
        form = cls(data)
        form.is_valid()
        return {name: code for name, code in form.cleaned_data.items() if code}
