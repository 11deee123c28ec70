"""What cannot work, found before a command is shown."""

import re
from collections.abc import Callable

from .facts import Recipe, Refusal
from .values import Challenge, SetupValues

_HOST_NAME = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?", re.ASCII | re.IGNORECASE)
_EMAIL = re.compile(r"[^\s\"\\,;:<>()\[\]@]+@[^\s\"'\\,;:<>()\[\]@]+")


def refusals(recipe: Recipe, values: SetupValues) -> tuple[Refusal, ...]:
    """Give every reason why this recipe cannot work with these values; empty when its commands can be shown."""
    return (
        *_names_refused(values),
        *_challenge_refused(recipe, values),
        *_text_refused(values),
        *_options_refused(recipe, values),
        *recipe.own_refusals(values),
    )


def _names_refused(values: SetupValues) -> tuple[Refusal, ...]:
    if not values.names:
        return (
            Refusal(
                code="no-names",
                message="No name is chosen for the certificate.",
                remedy="Choose one or more of the names in your subscription.",
            ),
        )
    return tuple(
        Refusal(
            code="bad-name",
            message=f"“{name}” is not a name that a certificate from this CA can hold.",
            remedy="Leave it out. Names with other letters than a–z are given in their xn-- form.",
        )
        for name in values.names
        if not _HOST_NAME.fullmatch(name)
    )


def _challenge_refused(recipe: Recipe, values: SetupValues) -> tuple[Refusal, ...]:
    if values.challenge not in recipe.challenges:
        return (
            Refusal(
                code="challenge-unsupported",
                message=f"{recipe.name} cannot use {values.challenge.value.upper()}.",
                remedy="Choose the other challenge, or another ACME client.",
            ),
        )
    if values.wildcards and not recipe.supports_wildcards:
        return (
            Refusal(
                code="wildcard-unsupported",
                message=f"{recipe.name} cannot order wildcard names: {', '.join(values.wildcards)}.",
                remedy="Leave the wildcard names out, or choose another ACME client.",
            ),
        )
    if values.wildcards and values.challenge is Challenge.HTTP_01:
        return (
            Refusal(
                code="wildcard-needs-dns-01",
                message=f"HTTP-01 cannot prove wildcard names: {', '.join(values.wildcards)}.",
                remedy="Choose DNS-01, or leave the wildcard names out.",
            ),
        )
    return ()


def _text_refused(values: SetupValues) -> tuple[Refusal, ...]:
    refused = []
    if not _EMAIL.fullmatch(values.email):
        refused.append(
            Refusal(
                code="bad-email",
                message="The contact e-mail address is missing or holds characters that clients misread.",
                remedy="Give another e-mail address: letters, digits and the usual signs before one @.",
            )
        )
    if not values.directory_url.startswith("https://"):
        refused.append(
            Refusal(
                code="bad-url",
                message="The ACME server URL does not start with https://.",
                remedy="Ask your provider to look at your ACME credentials.",
            )
        )
    credentials = {
        "ACME server URL": values.directory_url,
        "EAB key ID": values.eab_key_id,
        "EAB HMAC key": values.hmac_key_text,
    }
    refused += [
        Refusal(
            code="bad-credential",
            message=f"The {label} is empty or holds a character that does not print.",
            remedy="Ask your provider to look at your ACME credentials.",
        )
        for label, text in credentials.items()
        if not text.strip() or not text.isprintable()
    ]
    return tuple(refused)


def _options_refused(recipe: Recipe, values: SetupValues) -> tuple[Refusal, ...]:
    chosen = recipe.chosen(values)
    return tuple(
        Refusal(
            code="unknown-choice",
            message=f"{recipe.name} has no choice “{chosen[option.name]}” for {option.label}.",
            remedy="Choose one from the list.",
        )
        for option in recipe.options_for(values.challenge)
        if not option.allows(chosen[option.name])
    )


def refuse_unwritable(
    client: str, writer: Callable[[str], str], *, with_eab: bool = True
) -> Callable[[SetupValues], tuple[Refusal, ...]]:
    """Give the `own_refusals` of a client whose format cannot hold every value: `writer` raises ValueError for those.

    The mask stands for a key that is not shown, so it is not judged. `with_eab` is False where the EAB values are
    written in another format.
    """

    def own_refusals(values: SetupValues) -> tuple[Refusal, ...]:
        texts = {"ACME server URL": values.directory_url, "contact e-mail address": values.email}
        eab_texts = {"EAB key ID": values.eab_key_id, "EAB HMAC key": values.eab_hmac_key}
        return tuple(
            Refusal(
                code="unwritable",
                message=f"{client}'s configuration cannot hold the {label}: its format would misread it.",
                remedy="Give another e-mail address, or choose another ACME client.",
            )
            for label, text in (texts | (eab_texts if with_eab else {})).items()
            if text is not None and not _can_write(writer, text)
        )

    return own_refusals


def _can_write(writer: Callable[[str], str], text: str) -> bool:
    try:
        writer(text)
    except ValueError:
        return False
    return True
