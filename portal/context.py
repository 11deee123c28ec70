"""What every template knows of the installation."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.changeable import SUPPORT_EMAIL


def portal(request: HttpRequest) -> dict[str, object]:
    """Give the portal's name, logo, accent and support address, and whether the CA is the sandbox."""
    return {
        "portal_name": settings.PORTAL_NAME,
        "portal_logo": settings.PORTAL_LOGO,
        "portal_accent": settings.PORTAL_ACCENT,
        "portal_support_email": SimpleLazyObject(SUPPORT_EMAIL.value),
        "is_sandbox": settings.CAAS_SANDBOX,
    }
