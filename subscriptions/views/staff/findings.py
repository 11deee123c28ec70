"""Findings: differences between the CA and the ledger, and closing one."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import signed_in_user, staff_only
from accounts.errors import ServiceError
from accounts.roles import Permission
from subscriptions.access import finding_for_staff
from subscriptions.explain.findings import told
from subscriptions.forms.findings import CloseForm
from subscriptions.lists import exports
from subscriptions.lists.filters import FindingFilter
from subscriptions.models import Finding
from subscriptions.selectors import findings as selectors
from subscriptions.services.findings import close_finding
from subscriptions.views.listing import list_file, list_page


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def finding_list(request: HttpRequest) -> HttpResponse:
    """List findings, the open ones first."""
    return list_page(request, "subscriptions/finding_list.html", _listed(request))


def _listed(request: HttpRequest) -> FindingFilter:
    return FindingFilter(request.GET, queryset=selectors.findings())


@staff_only(Permission.READ_STAFF_PAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def finding_export(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    """Give the findings of the list, as it is searched, filtered and ordered, as a CSV file."""
    return list_file(request, _listed(request), exports.FINDINGS, list_url=reverse("subscriptions:finding-list"))


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def finding_detail(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show in words what differs, what it means and whether money moved."""
    finding = finding_for_staff(signed_in_user(request), code)
    return _show(request, finding, CloseForm(initial={"seen": selectors.seen_version(finding)}))


def _show(request: HttpRequest, finding: Finding, form: CloseForm) -> HttpResponse:
    may_close = finding.state == Finding.State.OPEN and signed_in_user(request).may(Permission.SETTLE)
    context = {"finding": finding, "told": told(finding), "form": form, "may_close": may_close}
    return render(request, "subscriptions/finding_detail.html", context)


@staff_only(Permission.SETTLE)
@require_POST
def finding_close(request: HttpRequest, code: UUID) -> HttpResponse:
    """Close a finding with a reason."""
    user = signed_in_user(request)
    finding = finding_for_staff(user, code)
    form = CloseForm(request.POST)
    if form.is_valid():
        try:
            close_finding(actor=user, finding=finding, **form.cleaned_data)
        except ServiceError as error:
            form.add_error(None, error.message)
            finding = finding_for_staff(user, code)
            form.look_again(selectors.seen_version(finding))
            if finding.state != Finding.State.OPEN:  # closed meanwhile: the form is gone with its errors
                messages.error(request, error.message)
        else:
            messages.success(request, "Closed. It is not raised again.")
            return redirect("subscriptions:finding-detail", finding.code)
    return _show(request, finding, form)
