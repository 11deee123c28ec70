"""What every template knows of the installation."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.contact import support_email


def portal(request: HttpRequest) -> dict[str, object]:
    """Give the portal's name, logo, accent and support address, and whether the CA is the sandbox."""
    return {
        "portal_name": settings.PORTAL_NAME,
        "portal_logo": settings.PORTAL_LOGO,
        "portal_accent": settings.PORTAL_ACCENT,
        "portal_support_email": SimpleLazyObject(support_email),
        "is_sandbox": settings.CAAS_SANDBOX,
    }
