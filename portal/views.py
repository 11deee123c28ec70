"""The home redirect and health. The error pages are Django's own views with our templates (`404.html` and so on)."""

from dataclasses import asdict
from typing import NoReturn

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from accounts.access import signed_in_user
from portal.health import readiness


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Send each person where their work is; who has none here yet gets a page that says so."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    user = signed_in_user(request)
    if user.is_reseller_staff:
        return redirect("/staff/")
    if user.memberships.exists():
        return redirect("/my/")
    return render(request, "home.html")


def no_such_page(request: HttpRequest, **parts: str) -> NoReturn:
    """Raise Http404: for a page of a package that the portal does not offer."""
    raise Http404


@require_GET
@never_cache
def health_live(request: HttpRequest) -> HttpResponse:
    """Answer while the process can answer."""
    return JsonResponse({"live": True})


@require_GET
@never_cache
def health_ready(request: HttpRequest) -> HttpResponse:
    """Say part by part whether the installation can work: 503 where a part is not well, but for the broker alone."""
    state = readiness()
    return JsonResponse({"ready": state.is_ready, **asdict(state)}, status=200 if state.is_ready else 503)
