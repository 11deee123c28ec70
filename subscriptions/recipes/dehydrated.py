"""dehydrated, one bash script that needs only curl and openssl."""

from .facts import ClientRun, Platform, Recipe, Refusal
from .options import RELOAD_OPTION
from .values import Challenge, SetupValues


def _own_refusals(values: SetupValues) -> tuple[Refusal, ...]:
    # dehydrated puts these texts between quotation marks into the JSON it sends, as they are.
    texts = {"contact e-mail address": values.email, "EAB key ID": values.eab_key_id}
    return tuple(
        Refusal(
            code="dehydrated-json",
            message=f"dehydrated cannot send the {label}: it holds a quotation mark or a backslash.",
            remedy="Give another e-mail address, or choose another ACME client.",
        )
        for label, text in texts.items()
        if set(text) & set('"\\')
    )


RECIPE = Recipe(
    slug="dehydrated",
    name="dehydrated",
    audience="Servers that shall have no more than bash, curl and openssl",
    platforms=(Platform.LINUX, Platform.MACOS, Platform.BSD),
    challenges=frozenset(Challenge),
    supports_wildcards=True,
    homepage="https://dehydrated.io/",
    options=(RELOAD_OPTION,),
    ran_by_tests=(
        ClientRun(
            version="0.7.0",
            source="Debian 12",
            proved="HTTP-01 webroot, DNS-01 wildcard by RFC 2136, renewal, wrong credentials",
        ),
    ),
    not_run="hooks for other DNS providers",
    long_names=(
        "dehydrated writes the first name into the request as its common name, which holds 64: the order ends with "
        "“string too long … maxsize=64” (0.7.0 run, 0.7.2 read). Add a shorter name of your subscription to the "
        "certificate, or choose another ACME client."
    ),
    own_refusals=_own_refusals,
)
