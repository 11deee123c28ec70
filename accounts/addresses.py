"""Where a request comes from, and from whom."""

import ipaddress

from allauth.account.adapter import get_adapter
from allauth.core import context
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest

from accounts.models import User


def client_address(request: HttpRequest) -> str | None:
    """Give the IP address of the person's device (behind ALLAUTH_TRUSTED_PROXY_COUNT proxies), or None if unknown."""
    try:
        return str(get_adapter(request).get_client_ip(request))
    except (PermissionDenied, ImproperlyConfigured):  # the latter for fewer proxies than there should be
        return None


def client_network(request: HttpRequest) -> str:
    """Give the network that a request comes from: the address, or the 64 bits of IPv6 that one customer has.

    It is "unknown" where the address is: those of whom nothing is known count as one.
    """
    try:
        address = ipaddress.ip_address(client_address(request) or "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
    return str(address)


def signed_in_person(request: HttpRequest) -> User | None:
    """Give who is signed in, if anyone."""
    user = getattr(request, "user", None)  # missing where a request is refused before anybody asked who it is
    return user if isinstance(user, User) else None


def user_agent(request: HttpRequest) -> str:
    """Give what the person's browser says it is, printable characters only."""
    said = request.headers.get("User-Agent", "")
    return "".join(one if one.isprintable() else " " for one in said).strip()


def current_request() -> HttpRequest | None:
    """Give the request that is being answered, or None in a task or a command."""
    request: HttpRequest | None = context.request
    return request
