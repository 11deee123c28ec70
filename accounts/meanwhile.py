"""Two people who edit one thing: the second to save is told what the first changed, and loses nothing that was typed.

A form that edits carries, signed, what it showed of each field and when. That is compared with what is there now.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django import forms
from django.core import signing
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import AuditEvent

if TYPE_CHECKING:
    _Form = forms.Form
else:
    _Form = object

VERSION = "version"  # the hidden field
LONGEST_SHOWN = 80  # characters of a value that is told
EVENTS_LOOKED_AT = 20
TOLD = (
    "This was changed while you were editing it. Nothing was saved, and what you typed is kept: save again to keep it."
)


class VersionField(forms.CharField):
    """What a form showed, and when. It is no change of its own."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Give False."""
        return False


@dataclass(frozen=True, slots=True)
class Seen:
    """What a form showed of each field, and since when."""

    values: Mapping[str, str]
    at: datetime

    @classmethod
    def of(cls, text: str) -> "Seen | None":
        """Read what a form sends back; None where it does not say, or nobody here has signed it."""
        try:
            kept = signing.loads(text, salt=VERSION)
            return cls(kept["values"], datetime.fromtimestamp(kept["at"], UTC))
        except (signing.BadSignature, KeyError, TypeError, ValueError):
            return None

    def signed(self) -> str:
        """Give the text that the hidden field holds."""
        return signing.dumps({"values": dict(self.values), "at": self.at.timestamp()}, salt=VERSION, compress=True)


class EditMixin(_Form):
    """A form that edits what is there; its `initial` is read anew at each request.

    A value that somebody else changed meanwhile, and who saves now did not, is taken over as it is now. A template that
    writes the fields one by one writes `{{ form.version }}` too.
    """

    is_edit = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_edit:
            self.fields[VERSION] = VersionField()
            self.initial[VERSION] = Seen(self._there, timezone.now()).signed()

    def trail(self) -> "QuerySet[AuditEvent]":
        """Give the audit events that may tell who changed it."""
        raise NotImplementedError

    def full_clean(self) -> None:
        """Clean, and refuse to save over what was changed meanwhile."""
        told = self._changed_meanwhile() if self.is_bound and self.is_edit else []
        super().full_clean()
        if self.is_bound:
            self.cleaned_data.pop(VERSION, None)
        for sentence in [TOLD, *told] if told else []:
            self.add_error(None, sentence)

    @cached_property
    def _there(self) -> dict[str, str]:
        """What is there now, as the form shows it."""
        return {name: _text(self.get_initial_for_field(field, name)) for name, field in self._edited()}

    def _edited(self) -> list[tuple[str, forms.Field]]:
        hidden = {name for name, field in self.fields.items() if field.widget.is_hidden or field.disabled}
        return [(name, field) for name, field in self.fields.items() if name not in hidden]

    def _changed_meanwhile(self) -> list[str]:
        """Say what others changed since the form was shown; the form takes it over where nothing else was typed."""
        seen = Seen.of(str(self.data.get(self.add_prefix(VERSION), "")))
        if seen is None:
            return []
        data: Any = copy(self.data)
        sentences = []
        for name, field in self._edited():
            key, before, now = self.add_prefix(name), seen.values.get(name), self._there[name]
            typed = _text(field.widget.value_from_datadict(self.data, self.files, key))
            if before in (None, now) or typed == now:
                continue
            if typed == before:
                _put(data, key, self.get_initial_for_field(field, name))
            sentences.append(self._sentence(field, name, before, now, seen.at))
        data[self.add_prefix(VERSION)] = self.initial[VERSION]
        self.data = data
        return sentences

    def _sentence(self, field: forms.Field, name: str, before: str, now: str, since: datetime) -> str:
        label = str(field.label or name.replace("_", " ").capitalize())
        who = self._by(name, label, since) or "somebody"
        return f"{label}: {who} changed it from {_shown(field, before)} to {_shown(field, now)}."

    def _by(self, name: str, label: str, since: datetime) -> str:
        """Give the name of who changed a field, as far as the trail tells."""
        for event in self.trail().filter(at__gte=since)[:EVENTS_LOOKED_AT]:
            told = {str(key).casefold() for key in (*(event.detail.get("changes") or {}), *event.detail)}
            if {name.casefold(), label.casefold()} & told:
                return event.actor_name
        return ""


def _text(value: Any) -> str:
    """Give a field's value as one text, whether it comes from the row or from what was sent."""
    if value in (None, False):
        return ""
    if isinstance(value, list | tuple):
        return "\n".join(sorted(str(one) for one in value))
    if isinstance(value, date):
        return value.isoformat()
    return str(value).replace("\r\n", "\n").strip()


def _put(data: Any, key: str, value: Any) -> None:
    """Write a value into what was sent, as a browser would send it."""
    if isinstance(value, list | tuple):
        data.setlist(key, [str(one) for one in value])
    elif value is False:
        data.pop(key, None)
    else:
        data[key] = "on" if value is True else _text(value)


def _shown(field: forms.Field, text: str) -> str:
    words = {str(value): str(label) for value, label in getattr(field, "choices", ()) if not isinstance(label, list)}
    chosen = [words.get(one, one) for one in text.split("\n")] if words else [text]
    text = " ".join(", ".join(chosen).split())
    cut = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
    return f"“{cut}”" if cut else "nothing"
