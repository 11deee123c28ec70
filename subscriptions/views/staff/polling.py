"""How a part of a page follows what a worker does: it asks again until there is nothing to wait for."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRefresh

SEEN = "X-Seen"
NO_CONTENT = 204  # htmx leaves the page as it is


def fragment(request: HttpRequest, template: str, context: dict[str, Any], *, version: str) -> HttpResponse:
    """Answer with a fragment, or with nothing where the page says (`X-Seen`) that it shows this version already."""
    if request.headers.get(SEEN) == version:
        return HttpResponse(status=NO_CONTENT)
    return render(request, template, context)


def reload_when_changed(request: HttpRequest, *, version: str) -> HttpResponse:
    """Have the page load itself again, or answer with nothing where it shows this version already."""
    return HttpResponse(status=NO_CONTENT) if request.headers.get(SEEN) == version else HttpResponseClientRefresh()
