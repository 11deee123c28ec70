"""Forms of people."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.db.models import QuerySet

from accounts.changeable import CHANGEABLE, GROUPS
from accounts.fields import AddressFormField
from accounts.happenings import Happening
from accounts.kept_settings import setting
from accounts.meanwhile import EditMixin
from accounts.models import AuditEvent, Membership, User
from accounts.roles import CustomerRole
from accounts.validators import validate_no_web_address, validate_single_line

if TYPE_CHECKING:
    from django.forms import ModelForm as ModelForm  # exported, for mypy
else:

    class ModelForm(forms.ModelForm):
        """A form of a model's row that is written with its model, as django-stubs has it: `ModelForm[Customer]`."""

        def __class_getitem__(cls, _model: type) -> type:
            return cls


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


class RoleChangeForm(EditMixin, RoleForm):
    """Another role for a person who belongs to a customer."""

    def __init__(self, data: Any = None, *, membership: Membership) -> None:
        self._membership = membership
        super().__init__(data, initial={"role": membership.role})

    def trail(self) -> "QuerySet[AuditEvent]":
        """Give what happened to the person's place."""
        place = self._membership
        return AuditEvent.objects.filter(target_code=place.user.code, customer_code=place.customer.code)


class MemberForm(RoleForm):
    """A colleague whom an owner invites."""

    email = AddressFormField(widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    field_order = ("email", "role")


class PersonForm(RoleForm):
    """A person whom staff invite."""

    email = AddressFormField()
    field_order = ("email", "role")


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
