"""The provider's contact, for pages that are rendered without a request too."""

from django import template
from django.conf import settings
from django.template.context import Context

from accounts.contact import support_email_without_database

register = template.Library()


@register.inclusion_tag("includes/_contact.html", takes_context=True)
def contact(context: Context, *, css: str) -> dict[str, object]:
    """`{% contact css="footer" %}`: who runs the portal and where help is.

    A page of an error may be rendered with no context: then nothing is asked of the database, which may be what failed.
    """
    email = context.get("portal_support_email", None)
    return {
        "css": css,
        "portal_name": settings.PORTAL_NAME,
        "support_email": support_email_without_database() if email is None else email,
    }
