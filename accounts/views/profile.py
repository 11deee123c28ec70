"""What a person says of themselves."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts import services, undeliverable
from accounts.access import signed_in_user
from accounts.forms import ProfileForm
from accounts.time_zones import zone_names


@login_required
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change one's own name and time zone."""
    person = signed_in_user(request)
    form = ProfileForm(request.POST if request.method == "POST" else None, person=person)
    if form.is_valid():
        services.change_profile(actor=person, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("accounts:profile")
    context = {"form": form, "zones": zone_names(), "mark": undeliverable.mark_of(person)}
    return render(request, "accounts/profile.html", context)
