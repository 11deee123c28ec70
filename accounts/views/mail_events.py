"""Where the mail provider reports what became of mails."""

from http import HTTPStatus

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.urls import urlpatterns as anymail_routes
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.addresses import client_network
from accounts.guessing import MAIL_EVENTS

# Those that prove themselves by the secret in the address alone: the others want keys of their own.
PROVIDERS = ("brevo", "mailjet", "postmark", "resend", "sendgrid", "sparkpost")
_VIEWS = {str(route.name): route.callback for route in anymail_routes}


@csrf_exempt  # a mail provider has no form of ours: the secret in its request stands for the token
@require_POST
def mail_events(request: HttpRequest, provider: str) -> HttpResponse:
    """Take a provider's reports; 404 without ANYMAIL_WEBHOOK_SECRET, and 429 for one who guesses it."""
    if not settings.ANYMAIL["WEBHOOK_SECRET"] or provider not in PROVIDERS:
        raise Http404
    tries = MAIL_EVENTS.of(client_network(request))
    if not tries.take(timezone.now()):
        return HttpResponse(status=HTTPStatus.TOO_MANY_REQUESTS)
    try:
        response: HttpResponse = _VIEWS[f"{provider}_tracking_webhook"](request)
    except AnymailWebhookValidationFailure:
        return HttpResponseBadRequest()
    except (ValueError, LookupError, TypeError, AttributeError):  # it is not written as this provider writes
        tries.give_back()
        return HttpResponseBadRequest()
    tries.give_back()
    return response
