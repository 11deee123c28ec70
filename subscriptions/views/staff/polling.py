"""How a part of a page follows what a worker does: it asks again until there is nothing to wait for."""

from functools import wraps
from typing import Any, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRefresh

from accounts.access import StaffView

Args = ParamSpec("Args")

SEEN = "X-Seen"
NO_CONTENT = 204  # htmx leaves the page as it is


def fragment(request: HttpRequest, template: str, context: dict[str, Any], *, version: str) -> HttpResponse:
    """Answer with a fragment, or with nothing where the page says (`X-Seen`) that it shows this version already."""
    if request.headers.get(SEEN) == version:
        return HttpResponse(status=NO_CONTENT)
    return render(request, template, context)


def part_of_a_page(view: StaffView[Args]) -> StaffView[Args]:
    """Have the page reload itself where its person was signed out meanwhile, instead of showing the sign-in inside."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: Args.args, **kwargs: Args.kwargs) -> HttpResponseBase:
        if "HX-Request" in request.headers and not request.user.is_authenticated:
            return HttpResponseClientRefresh()
        return view(request, *args, **kwargs)

    return guarded
