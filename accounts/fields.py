"""Fields of models and forms that hold an e-mail address: every door, and every row, knows the one writing of it."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from accounts.email_addresses import MAX_LENGTH, normal_form

if TYPE_CHECKING:
    _EmailField = models.EmailField[str, str]
else:
    _EmailField = models.EmailField


class AddressFormField(forms.EmailField):
    """An e-mail address as a person types it; it is cleaned to its one writing."""

    def __init__(self, **kwargs: Any) -> None:
        defaults: dict[str, Any] = {"max_length": MAX_LENGTH, "label": "E-mail address"}
        super().__init__(**defaults | kwargs)

    def to_python(self, value: Any) -> Any:
        """Give the one writing; raise ValidationError for what is no address."""
        text = str(value or "")
        return normal_form(text) if text.strip(" \t\r\n") else ""


class AddressField(_EmailField):
    """An e-mail address in its one writing, whatever it was written in: looked for, and stored.

    What is no address is never stored: saving it raises ValidationError. Looking for it finds nothing.
    """

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Give it as Django's own: to the database it is no other field."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.EmailField", args, kwargs

    def formfield(self, **kwargs: Any) -> Any:
        """Give the form's field of the same kind."""
        return super().formfield(**{"form_class": AddressFormField} | kwargs)

    def to_python(self, value: Any) -> Any:
        """Give the one writing; raise ValidationError for what is no address."""
        return normal_form(value) if isinstance(value, str) and value else value

    def get_prep_value(self, value: Any) -> Any:
        """Give what the database is asked for: the one writing, or the text itself, such as a part of an address."""
        try:
            return super().get_prep_value(value)
        except ValidationError:
            return value

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """Give what is stored."""
        return super().get_db_prep_save(self.to_python(value), connection)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001 - Django's
        """Give what is stored, and let the object in memory have it too."""
        value = self.to_python(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value
