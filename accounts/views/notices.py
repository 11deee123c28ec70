"""What the portal tells somebody: the notices behind the bell, and by which mails they come."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import notice_choices as choices
from accounts import own_tellings
from accounts.access import own_telling, signed_in_user
from accounts.forms import NoticeChoicesForm
from accounts.notice_mails import AT_ONCE, items_of, page_of


@login_required
@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    """List what somebody was told, the newest first, as far as they may still see it."""
    person = signed_in_user(request)
    page = own_tellings.own_page(person, before=_code(request.GET.get("before")))
    context = {
        "items": items_of(page.tellings),
        "newest": page.tellings[0] if page.tellings else None,
        "oldest": page.tellings[-1] if page.has_older else None,
        "is_first": "before" not in request.GET,
        "places": choices.places_of(person),
    }
    return render(request, "accounts/notice_list.html", context)


@login_required
@require_safe
def notice_open(request: HttpRequest, code: UUID) -> HttpResponse:
    """Go to the page that a notice is about, and note that it was read."""
    telling = own_telling(signed_in_user(request), code)
    own_tellings.mark_one_read(telling, timezone.now())
    link = page_of(telling)
    return redirect(link.route, *link.args)


@login_required
@require_POST
def notice_read(request: HttpRequest, code: UUID) -> HttpResponse:
    """Note that a notice was read."""
    own_tellings.mark_one_read(own_telling(signed_in_user(request), code), timezone.now())
    return redirect("accounts:notice-list")


@login_required
@require_POST
def notices_read(request: HttpRequest) -> HttpResponse:
    """Note that all up to the newest one of the page were read."""
    until = _code(request.POST.get("until"))
    if until is not None:
        own_tellings.mark_all_read(signed_in_user(request), until=until, now=timezone.now())
    return redirect("accounts:notice-list")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def notice_choices(request: HttpRequest) -> HttpResponse:
    """Show and change by which mails somebody is told."""
    person = signed_in_user(request)
    form = NoticeChoicesForm(request.POST if request.method == "POST" else None, places=choices.places_of(person))
    if form.is_valid():
        choices.choose(person, form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("accounts:notice-choices")
    context = {"form": form, "kinds": choices.kinds_for(person), "at_once_a_day": AT_ONCE.a_day}
    return render(request, "accounts/notice_choices.html", context)


def _code(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
