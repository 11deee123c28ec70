"""Accepting an invitation.

The link's token leaves the address at once: its digest waits in the session while the person decides.
"""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts import invitations, services
from accounts.access import signed_in_user
from accounts.errors import ServiceError
from accounts.forms import NewPersonForm
from accounts.models import Invitation, User

SESSION_KEY = "invitation_digest"


@sensitive_variables("token")
@never_cache
@require_safe
def invitation_open(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token out of the address. Only an open invitation makes a session: strangers leave no row."""
    digest = invitations.token_digest(token)
    if invitations.open_invitation(digest):
        request.session[SESSION_KEY] = digest
    else:
        request.session.pop(SESSION_KEY, None)
    return redirect("accounts:invitation-accept")


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_accept(request: HttpRequest) -> HttpResponse:
    """Show who invites whom to what, and accept."""
    invitation = invitations.open_invitation(request.session.get(SESSION_KEY, ""))
    if invitation is None:
        return _gone(request)
    if request.user.is_authenticated:
        return _accept_as(request, invitation, signed_in_user(request))
    if invitations.has_user(invitation):
        return _page(request, invitation, needs_sign_in=True)
    return _accept_as_new(request, invitation)


def _accept_as(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponse:
    if user.email != invitation.email:
        return _page(request, invitation, is_other_person=True)
    if request.method != "POST":
        return _page(request, invitation)
    return _accepted(request, invitation, name=user.name, password="")


@sensitive_variables("form")
def _accept_as_new(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    form = NewPersonForm(request.POST if request.method == "POST" else None, email=invitation.email)
    if not form.is_valid():
        return _page(request, invitation, form=form)
    return _accepted(request, invitation, name=form.cleaned_data["name"], password=form.cleaned_data["password"])


@sensitive_variables("password")
def _accepted(request: HttpRequest, invitation: Invitation, *, name: str, password: str) -> HttpResponse:
    try:
        user = services.accept_invitation(invitation=invitation, name=name, password=password)
    except ServiceError:
        can_sign_in = not request.user.is_authenticated and invitations.has_user(invitation)
        return redirect("accounts:invitation-accept") if can_sign_in else _gone(request)
    request.session.pop(SESSION_KEY, None)
    messages.success(request, f"You belong to {invitation.place} now.")
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    if user.check_password(password):  # just chosen: nobody is asked for it again a minute later
        record_authentication(request, user, method="password")
    answer: HttpResponse = perform_login(request, user)
    return answer


def _page(request: HttpRequest, invitation: Invitation, **context: object) -> HttpResponse:
    return render(request, "accounts/invitation_accept.html", {"invitation": invitation} | context)


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/invitation_gone.html", status=410)
