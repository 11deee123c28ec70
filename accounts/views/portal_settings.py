"""The settings that a reseller admin changes in the portal."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in_user, staff_only
from accounts.forms import SettingsForm
from accounts.roles import Permission
from accounts.services import change_settings


@staff_only(Permission.CHANGE_SETTINGS)
@require_http_methods(["GET", "POST"])
def portal_settings(request: HttpRequest) -> HttpResponse:
    """Show and change what the environment leaves to a reseller admin."""
    form = SettingsForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        changed = change_settings(actor=signed_in_user(request), kept=form.kept())
        messages.success(request, "Saved." if changed else "Nothing was changed.")
        return redirect("subscriptions:portal-settings")
    return render(request, "subscriptions/portal_settings.html", {"form": form})
