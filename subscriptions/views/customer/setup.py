"""Set-up pages: the instructions of one ACME client with the customer's own values in them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import signed_in_user
from accounts.recent import recent_sign_in_required
from accounts.roles import Permission
from subscriptions import access
from subscriptions.access import CustomerView
from subscriptions.explain.blockers import name_problems, portal_refusals
from subscriptions.forms.setup import SetupForm
from subscriptions.models import Subscription
from subscriptions.recipes import (
    RECIPES,
    Challenge,
    Platform,
    Recipe,
    RenderedRecipe,
    SandboxTrust,
    SetupValues,
    recipe_by_slug,
    render_recipe,
)
from subscriptions.selectors import customer as selectors
from subscriptions.selectors.prevalidations import renewal_mode, today
from subscriptions.services import subscriptions as services
from subscriptions.views.customer.account import account_callouts


@login_required
@require_safe
def my_setup(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show the ACME clients there are instructions for, by name and platform."""
    view = access.subscription_for_customer(signed_in_user(request), code)
    search, platform = request.GET.get("q", "").strip(), request.GET.get("platform", "")
    context = {
        "subscription": view.subscription,
        "recipes": [recipe for recipe in RECIPES if _is_found(recipe, search, platform)],
        "platforms": [platform for platform in Platform if any(platform in recipe.platforms for recipe in RECIPES)],
        "platform": platform,
        "search": search,
        **account_callouts(view.subscription),
    }
    return render(request, "subscriptions/my_setup.html", context)


def _is_found(recipe: Recipe, search: str, platform: str) -> bool:
    text = f"{recipe.name} {recipe.audience} {' '.join(recipe.platforms)}".lower()
    return search.lower() in text and (not platform or platform in recipe.platforms)


@dataclass(frozen=True, kw_only=True)
class SetupPage:
    """One set-up page: who opened it, for which client, and what was chosen."""

    view: CustomerView
    recipe: Recipe
    problems: dict[str, str]
    form: SetupForm
    trust: SandboxTrust | None

    @property
    def subscription(self) -> Subscription:
        """The subscription that the page is about."""
        return self.view.subscription

    def rendered(self, hmac_key: str | None = None) -> RenderedRecipe | None:
        """Give the instructions, masked without `hmac_key`, or why there are none; None while the form has errors."""
        if not self.form.is_valid():
            return None
        names = self.form.chosen_names()
        refused = portal_refusals(
            state=self.subscription.state,
            account_status=selectors.account_status_of(self.subscription),
            chosen=names,
            names=self.problems,
        )
        if refused:
            html = render_to_string("subscriptions/recipes/_refusals.html", {"refusals": refused})
            return RenderedRecipe(html=html, blocks=(), refusals=refused)
        return render_recipe(self.recipe, self._values(hmac_key))

    def _values(self, hmac_key: str | None) -> SetupValues:
        return SetupValues(
            directory_url=self.subscription.binding.directory_url,
            eab_key_id=self.subscription.binding.eab_key_id,
            eab_hmac_key=hmac_key,
            email=self.form.cleaned_data["email"],
            names=self.form.chosen_names(),
            challenge=Challenge(self.form.cleaned_data["challenge"]),
            trust=self.trust,
            options=self.form.chosen_options(),
            lifetime_days=selectors.lifetime_days_of(self.subscription),
        )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_setup_client(request: HttpRequest, code: UUID, client: str) -> HttpResponse:
    """Show the instructions of one client; the EAB HMAC key stays masked until it is revealed by POST."""
    view = access.subscription_for_customer(signed_in_user(request), code)
    page = _setup_page(request, view, client)
    if request.method != "POST":
        return _answer(request, page, page.rendered())
    view.require(Permission.REVEAL_KEY)
    masked = page.rendered()
    if masked is None or masked.refusals:
        return _answer(request, page, masked)
    return _reveal(request, page)


@never_cache
@recent_sign_in_required
def _reveal(request: HttpRequest, page: SetupPage) -> HttpResponse:
    hmac_key = services.reveal_hmac_key(actor=signed_in_user(request), subscription=page.subscription)
    return _answer(request, page, page.rendered(hmac_key), is_revealed=True)


def _setup_page(request: HttpRequest, view: CustomerView, client: str) -> SetupPage:
    try:
        recipe = recipe_by_slug(client)
    except KeyError:
        raise Http404 from None
    problems = _problems(view.subscription)
    data = request.POST if request.method == "POST" else request.GET
    return SetupPage(
        view=view,
        recipe=recipe,
        problems=problems,
        form=SetupForm(data, recipe=recipe, names=list(problems), email=signed_in_user(request).email),
        trust=_sandbox_trust(request),
    )


def _problems(subscription: Subscription) -> dict[str, str]:
    return name_problems(
        selectors.names_of(subscription),
        needs_prevalidation=subscription.server.needs_prevalidation,
        prevalidations=selectors.prevalidations_by_number(subscription),
        today=today(),
        renewal_mode=renewal_mode(),
    )


def _answer(
    request: HttpRequest, page: SetupPage, rendered: RenderedRecipe | None, *, is_revealed: bool = False
) -> HttpResponse:
    can_work = rendered is not None and not rendered.refusals
    context: dict[str, Any] = {
        "subscription": page.subscription,
        "heading": f"Set up {page.recipe.name}",
        "recipe": page.recipe,
        "form": page.form,
        "rendered": rendered,
        "can_work": can_work,
        "choices": page.form.choices_made() if can_work else [],
        "choices_query": urlencode(page.form.choices_made()) if can_work else "",
        "announcement": "Instructions shown" if can_work else "These choices cannot work",
        "is_revealed": is_revealed,
        "may_reveal": page.view.may(Permission.REVEAL_KEY),
        **account_callouts(page.subscription),
    }
    return render(request, "subscriptions/my_setup_client.html", context)


# --- Files to download ----------------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_setup_file(request: HttpRequest, code: UUID, client: str, block: str) -> HttpResponse:
    """Give one file of the instructions. The one that holds the EAB HMAC key comes by POST, as a reveal."""
    view = access.subscription_for_customer(signed_in_user(request), code)
    page = _setup_page(request, view, client)
    if request.method != "POST":
        return _file(page.rendered(), block)
    view.require(Permission.REVEAL_KEY)
    if block not in _secret_files(page.rendered()):
        raise Http404
    return _reveal_file(request, page, block)


@never_cache
@recent_sign_in_required
def _reveal_file(request: HttpRequest, page: SetupPage, block: str) -> HttpResponse:
    hmac_key = services.reveal_hmac_key(actor=signed_in_user(request), subscription=page.subscription)
    return _file(page.rendered(hmac_key), block)


def _secret_files(rendered: RenderedRecipe | None) -> set[str]:
    return {block.id for block in rendered.blocks if block.is_file and block.secret} if rendered else set()


def _file(rendered: RenderedRecipe | None, block: str) -> HttpResponse:
    file = next((each for each in rendered.files if each.id == block), None) if rendered else None
    if file is None:
        raise Http404
    answer = HttpResponse(f"{file.text}\n", content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=file.download_name)
    return answer


# --- The sandbox's root ---------------------------------------------------------------------------------------------


def _sandbox_trust(request: HttpRequest) -> SandboxTrust | None:
    if not settings.CAAS_SANDBOX:
        return None
    return SandboxTrust(ca_url=request.build_absolute_uri(reverse("subscriptions:my-sandbox-ca")))


@require_safe
def my_sandbox_ca(request: HttpRequest) -> HttpResponse:
    """Give the root of the sandbox's throw-away CA. Without a sign-in: the customer's server fetches it by curl."""
    path = Path(settings.CAAS_SANDBOX_CA_FILE)
    if not settings.CAAS_SANDBOX or not path.is_file():
        raise Http404
    # Parsed and written again, so that nothing but certificates can ever leave from here.
    certificates = x509.load_pem_x509_certificates(path.read_bytes())
    pem = b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)
    answer = HttpResponse(pem, content_type="application/x-pem-file")
    answer["Content-Disposition"] = 'attachment; filename="sandbox-root.pem"'
    return answer
