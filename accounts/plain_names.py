"""The form in which names that people cannot tell apart are one, on every database."""

import unicodedata
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    _CharField = models.CharField[str, str]
else:
    _CharField = models.CharField


def plain_name(name: str) -> str:
    """Give a name composed (NFC), without case, and with one blank where there are several or other blanks."""
    folded = unicodedata.normalize("NFC", name).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split())


class PlainNameField(_CharField):
    """The plain form of the name in another column, written whenever the row is."""

    def __init__(self, of: str = "name", **kwargs: Any) -> None:
        self.of = of
        defaults: dict[str, Any] = {"max_length": 450, "editable": False, "default": ""}
        super().__init__(**defaults | kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Give it as Django's own: to the database it is no other field."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: FBT001 - Django's
        """Give what is stored, and let the object in memory have it too."""
        plain = plain_name(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, plain)
        return plain
