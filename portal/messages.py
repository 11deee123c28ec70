"""Where a message to the next page is kept on its way: in a cookie, or in the session where it is too long for one."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class Cookie(CookieStorage):
    """Django's cookie under a name that binds it to this host, as the session's."""

    cookie_name = f"{settings.COOKIE_PREFIX}messages"


class Storage(FallbackStorage):
    """Django's own, with that cookie."""

    storage_classes = (Cookie, SessionStorage)
