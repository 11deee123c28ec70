"""How a list is answered: as a page, and as a file of the same rows in the same order."""

from contextlib import suppress
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render

from subscriptions.lists.activity import ActivityForm, OwnActivityForm
from subscriptions.lists.base import FilterSet
from subscriptions.lists.exports import Export
from subscriptions.lists.paging import JumpForm
from subscriptions.selectors import activity

NOTHING_CHOSEN = "Select rows first."
CHOSEN = "row"  # the name of the boxes by which rows are chosen


def list_page(
    request: HttpRequest, template: str, selection: FilterSet, *, exclude: tuple[str, ...] = (), **context: Any
) -> HttpResponse:
    """Show a list."""
    table = selection.table(request, exclude=exclude)
    return with_address(request, render(request, template, {"filter": selection, "table": table, **context}))


def with_address(request: HttpRequest, page: HttpResponse) -> HttpResponse:
    """Have a page whose filters act at once stand under the address that says what they are."""
    if "HX-Request" in request.headers:
        asked = [(name, value) for name in request.GET for value in request.GET.getlist(name) if value]
        page["HX-Push-Url"] = f"{request.path}?{urlencode(asked)}" if asked else request.path
    return page


def activity_page(request: HttpRequest, form: ActivityForm | OwnActivityForm) -> tuple[activity.Page | None, JumpForm]:
    """Give the page of the trail that the address asks for, None where the form is wrong; and the form of a jump."""
    asked = request.GET
    jump_form = JumpForm(asked if "jump" in asked else None, field=activity.EVENT_TIME)
    if not form.is_valid():
        return None, jump_form
    day = jump_form.place
    return activity.page_of(
        form.wanted,
        before=asked.get("before", ""),
        after=asked.get("after", ""),
        is_end="end" in asked,
        day=day if isinstance(day, date) else None,
    ), jump_form


def list_file(
    request: HttpRequest, selection: FilterSet, export: Export, *, list_url: str, chosen: str = CHOSEN
) -> StreamingHttpResponse | HttpResponse:
    """Give the rows of a list as a file: those that are chosen, or, by GET, all; a wrong filter is told by the list."""
    codes = chosen_codes(request, chosen)
    back = f"{list_url}?{request.GET.urlencode()}"
    if request.method == "POST" and not codes:
        messages.warning(request, NOTHING_CHOSEN)
        return redirect(back)
    return export.answer(selection.in_order(codes)) if selection.is_valid() else redirect(back)


def chosen_codes(request: HttpRequest, name: str = CHOSEN) -> list[UUID]:
    """Give the codes of the rows that are chosen; what is no code is nobody's."""
    asked = request.POST if request.method == "POST" else request.GET
    codes = []
    for text in asked.getlist(name):
        with suppress(ValueError):
            codes.append(UUID(text))
    return codes
