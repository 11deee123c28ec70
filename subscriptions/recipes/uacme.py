"""uacme, a small program in C."""

import re

from .facts import ClientRun, Platform, Recipe, Refusal
from .options import RELOAD_OPTION
from .values import Challenge, SetupValues

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def _own_refusals(values: SetupValues) -> tuple[Refusal, ...]:
    key = values.eab_hmac_key
    unusable = {
        # The first colon separates the key ID from the key, and the key ID is put into JSON as it is.
        "the EAB key ID is not plain text, or holds a colon, a quotation mark or a backslash": (
            not values.eab_key_id.isascii() or bool(set(values.eab_key_id) & set(':"\\'))
        ),
        # The mask of a key that is not shown is not judged.
        "the EAB HMAC key is not base64url text without =": key is not None and not _BASE64URL.fullmatch(key),
        "the contact e-mail address starts like an option": values.email.startswith("-"),
    }
    return tuple(
        Refusal(
            code="uacme-argument",
            message=f"uacme cannot register: {reason}.",
            remedy="Give another e-mail address, or choose another ACME client.",
        )
        for reason, applies in unusable.items()
        if applies
    )


RECIPE = Recipe(
    slug="uacme",
    name="uacme",
    audience="Small machines and routers (OpenWrt): a C program with few dependencies",
    platforms=(Platform.LINUX, Platform.BSD, Platform.APPLIANCES),
    challenges=frozenset(Challenge),
    supports_wildcards=True,
    homepage="https://github.com/ndilieto/uacme",
    options=(RELOAD_OPTION,),
    ran_by_tests=(
        ClientRun(
            version="1.7.4",
            source="Debian 12",
            proved="HTTP-01 webroot, DNS-01 wildcard by RFC 2136, renewal, wrong credentials",
        ),
    ),
    not_run="OpenWrt; hooks for other DNS providers",
    own_refusals=_own_refusals,
)
