"""Moving names from one pre-validation to another: the page that says what it does, and the way to confirm it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in_user, staff_only
from accounts.errors import ServiceError
from accounts.roles import Permission
from subscriptions.access import prevalidation_for_staff
from subscriptions.forms.domains import PrefillForm
from subscriptions.forms.prevalidations import MoveForm
from subscriptions.lists import tables
from subscriptions.models import Prevalidation
from subscriptions.selectors import anchor_moves as selectors
from subscriptions.selectors.anchor_moves import MovePlan
from subscriptions.services.anchor_moves import confirm_move


@staff_only(Permission.BUY)
@require_http_methods(["GET", "POST"])
def prevalidation_move(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show what moving all names from a pre-validation does, and confirm it; `to=` is the one to start with."""
    old = prevalidation_for_staff(signed_in_user(request), code)
    plan = selectors.plan_of(old, timezone.now())
    form = _form(request, old, plan)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            moves = confirm_move(
                actor=signed_in_user(request), old=old, new=data["new"], seen=data["seen"], reason=data["reason"]
            )
        except ServiceError as error:
            form.add_error(None, error.message)
            plan = selectors.plan_of(old, timezone.now())
            form.data = dict(form.data.items()) | {"seen": plan.seen}
        else:
            many = "1 subscription are" if len(moves) == 1 else f"{len(moves)} subscriptions are"
            messages.success(request, f"The names of {many} being moved.")
            return redirect("subscriptions:prevalidation-detail", code)
    return render(request, "subscriptions/prevalidation_move.html", _context(request, old, plan, form))


def _form(request: HttpRequest, old: Prevalidation, plan: MovePlan) -> MoveForm:
    choices = [offer.prevalidation for offer in plan.choices]
    start = {"new": wanted} if (wanted := PrefillForm.codes(request.GET).get("to")) else {}
    return MoveForm(request.POST or None, old=old, choices=choices, seen=plan.seen, initial=start)


def _context(request: HttpRequest, old: Prevalidation, plan: MovePlan, form: MoveForm) -> dict[str, Any]:
    now = timezone.now()
    subscriptions = selectors.affected_subscriptions(old, now)
    names = selectors.affected_names(old, now)
    return {
        "prevalidation": old,
        "plan": plan,
        "form": form,
        "chosen": str(form["new"].value() or ""),
        "subscriptions": tables.show(tables.ToMoveTable(subscriptions), request),
        "names": tables.show(tables.NameUnderTable(names), request),
    }
