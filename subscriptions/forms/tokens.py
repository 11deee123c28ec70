"""The token by which a form sent twice is known as one."""

from uuid import UUID, uuid4, uuid5

from django import forms


class FormTokenField(forms.UUIDField):
    """A hidden token made with the form. A double click repeats it; so does the back button (form-token.js)."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(initial=uuid4, error_messages={"required": "Send this form again.", "invalid": "Send again."})


def token_of(form_token: UUID, *content: object) -> UUID:
    """Give a token for this content of this form.

    The same content sent twice gives the same token, and so makes one thing. Going back and correcting the content
    gives another one: what was typed last is never taken for what was typed first.
    """
    return uuid5(form_token, "\x1f".join(str(part) for part in content))
