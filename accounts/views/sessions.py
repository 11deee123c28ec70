"""Where a person is signed in: one's own page of it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts import sessions
from accounts.access import signed_in_user


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_sessions(request: HttpRequest) -> HttpResponse:
    """Show where a person is signed in, and end it everywhere but here.

    In place of the sign-in library's page, which looks for sessions by the keys that browsers have.
    """
    user = signed_in_user(request)
    if request.method == "POST":
        sessions.end_other_sessions(request, user, reason="by the person, elsewhere")
        messages.success(request, "You are signed out everywhere else.")
        return redirect("usersessions_list")
    context = {"sessions": sessions.sessions_of(user), "current": sessions.row_of(request)}
    return render(request, "usersessions/usersession_list.html", context)
