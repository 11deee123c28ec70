"""What forms say of input that they cannot take: our sentences in the place of Django's, for every form there is.

They say what to do. A field that has its own sentence keeps it. Django has no setting for them but a translation of
English into English, which would be compiled files.
"""

from typing import Any

from django import forms
from django.core.validators import EmailValidator
from django.db import models

NO_ADDRESS = "This is no e-mail address. One looks like name@example.com."
NOT_OFFERED = "This is not offered here. Choose one of those that are."
OF_ONE = {"required": "Choose one.", "invalid_choice": NOT_OFFERED}
OF_SEVERAL = {"required": "Choose one at least.", "invalid_choice": NOT_OFFERED}
SENTENCES: dict[Any, dict[str, str]] = {
    forms.Field: {"required": "Fill this in."},
    forms.CharField: {
        "max_length": "Shorten this to %(limit_value)d characters at most; it has %(show_value)d.",
        "min_length": "Make this %(limit_value)d characters long at least; it has %(show_value)d.",
    },
    forms.EmailField: {
        "required": "Type an e-mail address.",
        "invalid": NO_ADDRESS,
    },
    forms.ChoiceField: OF_ONE,
    forms.MultipleChoiceField: OF_SEVERAL,
    forms.ModelChoiceField: OF_ONE,
    forms.ModelMultipleChoiceField: OF_SEVERAL,
    forms.DateField: {"invalid": "This is no date. Write it like 2026-11-30."},
    forms.DateTimeField: {"invalid": "This is no date with a time. Write it like 2026-11-30 14:00."},
    forms.IntegerField: {
        "invalid": "Type a whole number.",
        "min_value": "Type %(limit_value)s or more.",
        "max_value": "Type %(limit_value)s or less.",
    },
    forms.DecimalField: {"invalid": "Type a number."},
    forms.FileField: {"required": "Choose a file.", "empty": "This file is empty.", "missing": "Choose a file."},
    forms.UUIDField: {"invalid": "This is not understood. Load the page again and choose anew."},
    forms.GenericIPAddressField: {"invalid": "This is no IP address."},
    forms.URLField: {"invalid": "This is no web address. One looks like https://example.com/."},
    models.Field: {
        "unique": "There is one with this %(field_label)s already.",
        "blank": "Fill this in.",
        "null": "Fill this in.",
        "invalid_choice": NOT_OFFERED,
    },
}


def put_in_place() -> None:
    """Have every form made from now on say our sentences."""
    for kind, sentences in SENTENCES.items():
        kind.default_error_messages = vars(kind).get("default_error_messages", {}) | sentences
    EmailValidator.message = NO_ADDRESS  # it is asked without a form, too
