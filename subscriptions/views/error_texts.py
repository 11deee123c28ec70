"""Pasted error texts: what one means, on a page of the help and on the page of a name's check."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in_user
from subscriptions.explain.acme_errors import Recognition, recognize
from subscriptions.forms.error_texts import ErrorTextForm


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What a text that was sent is about, and the form for another; nothing of the text itself is shown."""

    form: ErrorTextForm
    was_read: bool = False
    recognition: Recognition | None = None


def explained(request: HttpRequest) -> Explained:
    """Read the text of a request once, and give what it is about with an empty form."""
    if request.method != "POST" or "text" not in request.POST:
        return Explained(form=ErrorTextForm())
    form = ErrorTextForm(request.POST)
    if not form.is_valid():
        return Explained(form=form)
    is_staff = signed_in_user(request).is_reseller_staff
    recognition = recognize(form.cleaned_data["text"], for_staff=is_staff)
    return Explained(form=ErrorTextForm(), was_read=True, recognition=recognition)


@never_cache
@sensitive_post_parameters("text")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def error_explain(request: HttpRequest) -> HttpResponse:
    """Explain a pasted text, for customers and staff alike."""
    context: dict[str, Any] = {"explained": explained(request)}
    return render(request, "subscriptions/error_explain.html", context)
