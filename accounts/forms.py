"""Forms of people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.db.models import QuerySet

from accounts.changeable import CHANGEABLE, GROUPS
from accounts.fields import AddressFormField
from accounts.happenings import Happening
from accounts.kept_settings import setting
from accounts.meanwhile import EditMixin
from accounts.models import AuditEvent, Membership, NoticeChoice, User
from accounts.notice_choices import Place
from accounts.reach import ALL, EVERYTHING, Reach
from accounts.roles import CustomerRole, ResellerRole
from accounts.time_zones import find_zone
from accounts.validators import validate_no_web_address, validate_single_line

if TYPE_CHECKING:
    from django.forms import ModelForm as ModelForm  # exported, for mypy

    _MultipleChoiceField = forms.ModelMultipleChoiceField[Any]
else:
    _MultipleChoiceField = forms.ModelMultipleChoiceField

    class ModelForm(forms.ModelForm):
        """A form of a model's row that is written with its model, as django-stubs has it: `ModelForm[Customer]`."""

        def __class_getitem__(cls, _model: type) -> type:
            return cls


SOME = "some"


class NewPersonForm(forms.Form):
    """What a person who is invited for the first time tells of itself."""

    name = forms.CharField(
        label="Your name",
        max_length=150,
        validators=[validate_single_line, validate_no_web_address],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label="Password",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=password_validators_help_text_html,
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> None:
        """Hold the password against the validators, which compare it with the name and the address."""
        password = self.cleaned_data.get("password")
        if password is None:
            return
        user = User(email=self.email, name=self.cleaned_data.get("name", ""))
        try:
            validate_password(password, user)
        except forms.ValidationError as error:
            self.add_error("password", error)


class RoleForm(forms.Form):
    """What a person may do within a customer."""

    role = forms.ChoiceField(
        choices=CustomerRole.choices,
        initial=CustomerRole.MEMBER,
        widget=forms.RadioSelect,
        help_text=(
            "An owner sees the ACME credentials, reveals the EAB HMAC key and manages the people. A member sees "
            "and reveals. A viewer sees everything but the EAB HMAC key."
        ),
    )


class _SubscriptionsField(_MultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.title)


class PlaceForm(RoleForm):
    """A person's role within a customer, and which of its subscriptions the person sees.

    `offered` are those to choose from; where there is none, nothing is asked.
    """

    def __init__(self, *args: Any, offered: "QuerySet[Any] | None" = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offered = list(offered) if offered is not None else []
        if offered is None or not self._offered:
            return
        self.fields["sees"] = forms.ChoiceField(
            choices=[(ALL, "All subscriptions, those to come too"), (SOME, "Some only")],
            initial=ALL,
            required=False,
            widget=forms.RadioSelect,
        )
        self.fields["subscriptions"] = _SubscriptionsField(
            offered,
            to_field_name="code",
            required=False,
            widget=forms.CheckboxSelectMultiple,
            label="Those are",
            help_text="Of others the person sees nothing. An owner sees all.",
        )

    def clean(self) -> None:
        """Refuse a limit of an owner, and one to nothing: also where what was offered is gone by now."""
        data = self.cleaned_data
        if "sees" not in self.fields and self.data.get("sees") == SOME:
            raise forms.ValidationError("There is no subscription to choose any more. Nothing was changed.")
        if data.get("sees") != SOME:
            return
        if data.get("role") == CustomerRole.OWNER:
            self.add_error("sees", "An owner sees every subscription. Choose another role, or all.")
        elif "subscriptions" in data and not data["subscriptions"]:
            self.add_error("subscriptions", "Choose at least one.")

    @property
    def reach(self) -> Reach:
        """What was chosen: everything, unless it is said."""
        if self.cleaned_data.get("sees") != SOME:
            return EVERYTHING
        return Reach(is_limited=True, chosen=list(self.cleaned_data["subscriptions"]), offered=self._offered)


class RoleChangeForm(EditMixin, PlaceForm):
    """Another role for a person who belongs to a customer, or other subscriptions to see."""

    def __init__(self, data: Any = None, *, membership: Membership, offered: "QuerySet[Any]") -> None:
        self._membership = membership
        chosen = [str(one.code) for one in membership.subscriptions.all()]
        initial = {"role": membership.role, "sees": SOME if membership.is_limited else ALL, "subscriptions": chosen}
        super().__init__(data, initial=initial, offered=offered)

    @property
    def new_reach(self) -> Reach | None:
        """What was chosen; None where nothing was said, and all stays as it is."""
        return self.reach if self.cleaned_data.get("sees") else None

    def trail(self) -> "QuerySet[AuditEvent]":
        """Give what happened to the person's place."""
        place = self._membership
        return AuditEvent.objects.filter(target_code=place.user.code, customer_code=place.customer.code)


class MemberForm(PlaceForm):
    """A colleague whom an owner invites."""

    email = AddressFormField(widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    field_order = ("email", "role")


class PersonForm(PlaceForm):
    """A person whom staff invite."""

    email = AddressFormField()
    field_order = ("email", "role")


STAFF_ROLES_HELP = (
    "A reseller admin does everything, and manages staff and settings. An operator sells and looks after customers. An "
    "auditor reads, and changes nothing."
)


class StaffInvitationForm(forms.Form):
    """Somebody who is to work for the reseller."""

    email = AddressFormField()
    role = forms.ChoiceField(
        choices=ResellerRole.choices,
        initial=ResellerRole.OPERATOR,
        widget=forms.RadioSelect,
        help_text=STAFF_ROLES_HELP,
    )


class StaffRoleForm(EditMixin, forms.Form):
    """Another role for one of the reseller's staff."""

    role = forms.ChoiceField(choices=ResellerRole.choices, widget=forms.RadioSelect, help_text=STAFF_ROLES_HELP)

    def __init__(self, data: Any = None, *, person: User) -> None:
        self._person = person
        super().__init__(data, initial={"role": person.reseller_role})

    def trail(self) -> "QuerySet[AuditEvent]":
        """Give what happened to the person."""
        return AuditEvent.objects.filter(target_code=self._person.code)


class TimeZoneField(forms.CharField):
    """A time zone by its name, with those there are as suggestions, so that it is searched by typing."""

    def __init__(self, **kwargs: Any) -> None:
        defaults: dict[str, Any] = {"label": "Time zone", "required": False, "max_length": 64}
        super().__init__(**defaults | kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Have the zones suggested."""
        return super().widget_attrs(widget) | {"list": "time-zones", "autocomplete": "off"}

    def clean(self, value: Any) -> str:
        """Give the zone that is meant, empty for none."""
        text = str(super().clean(value) or "")
        return find_zone(text) if text else ""


class ProfileForm(EditMixin, forms.Form):
    """What a person says of themselves."""

    name = forms.CharField(
        label="Your name",
        max_length=150,
        validators=[validate_single_line, validate_no_web_address],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text="Others see it beside what you do.",
    )
    time_zone = TimeZoneField(
        help_text=(
            "Type a part of it, such as Berlin. Pages, files and mails to you are in it. Empty: pages are in the time "
            "zone of your browser, the others in UTC."
        )
    )

    def __init__(self, data: Any = None, *, person: User) -> None:
        self._person = person
        super().__init__(data, initial={"name": person.name, "time_zone": person.time_zone})

    def trail(self) -> "QuerySet[AuditEvent]":
        """Give what happened to the person."""
        return AuditEvent.objects.filter(target_code=self._person.code)


class _SettingsFields(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= {name: one.field() for name, one in CHANGEABLE.items()}


class SettingsForm(EditMixin, _SettingsFields):
    """Every setting that is changed in the portal, as it is kept now."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={name: one.shown(setting(name)) for name, one in CHANGEABLE.items()})

    def trail(self) -> "QuerySet[AuditEvent]":
        """Give when settings were changed."""
        return AuditEvent.objects.filter(action=Happening.SETTINGS_CHANGED)

    def groups(self) -> dict[str, list[forms.BoundField]]:
        """Give the fields as the page shows them."""
        return {title: [self[one.name] for one in group] for title, group in GROUPS.items()}

    def kept(self) -> dict[str, str]:
        """Give what is to be stored, by name."""
        return {name: one.kept(self.cleaned_data[name]) for name, one in CHANGEABLE.items()}


class NoticeChoicesForm(forms.Form):
    """By which mails somebody is told, for each of their customers or for the staff."""

    def __init__(self, *args: Any, places: Sequence[Place], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place in places:
            label = f"Notices about {place.customer}" if place.customer else "Notices for the staff"
            self.fields[place.field] = forms.ChoiceField(
                label=label, choices=NoticeChoice.How.choices, initial=place.how, widget=forms.RadioSelect
            )
