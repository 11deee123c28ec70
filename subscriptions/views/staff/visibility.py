"""From when on customers see a subscription."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in_user, staff_only
from accounts.roles import Permission
from subscriptions.forms.subscriptions import VisibilityForm
from subscriptions.selectors import visibility as selectors
from subscriptions.services.visibility import set_visibility


@staff_only(Permission.CHANGE_SETTINGS)
@require_http_methods(["GET", "POST"])
def visibility(request: HttpRequest) -> HttpResponse:
    """Set from when on customers see a subscription."""
    form = VisibilityForm(request.POST or None, initial={"visibility": selectors.visibility()})
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["visibility"]
        shown = set_visibility(actor=signed_in_user(request), chosen=chosen)
        more = f" {shown} more {'is' if shown == 1 else 'are'} seen now." if shown else ""
        messages.success(request, f"Customers see a subscription {chosen}.{more}")
        return redirect("subscriptions:subscription-list")
    return render(request, "subscriptions/visibility.html", {"form": form})
