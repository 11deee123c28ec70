"""Plain builders of set-up values for the recipe tests."""

from collections.abc import Mapping
from typing import Any

from subscriptions.recipes import RECIPES, Challenge, Recipe, SandboxTrust, SetupValues

HMAC_KEY = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"


def setup_values(
    *,
    directory_url: str = "https://acme.sectigo.com/v2/OV",
    eab_key_id: str = "r5xYmBnYZ2fI4LN7RpCEAg",
    eab_hmac_key: str | None = HMAC_KEY,
    email: str = "tls@northwind.example",
    names: tuple[str, ...] = ("northwind.example", "www.northwind.example"),
    challenge: Challenge = Challenge.HTTP_01,
    trust: SandboxTrust | None = None,
    options: Mapping[str, str] | None = None,
    lifetime_days: int | None = 90,
) -> SetupValues:
    return SetupValues(
        directory_url=directory_url,
        eab_key_id=eab_key_id,
        eab_hmac_key=eab_hmac_key,
        email=email,
        names=names,
        challenge=challenge,
        trust=trust,
        options=options or {},
        lifetime_days=lifetime_days,
    )


def values_with(field: str, value: Any) -> SetupValues:
    """Give the values with one of them replaced."""
    changes: dict[str, Any] = {field: value}
    return setup_values(**changes)


def every_page() -> list[tuple[Recipe, Challenge, dict[str, str]]]:
    """Every recipe with each challenge it can use, and each choice of each of its options in turn."""
    pages: list[tuple[Recipe, Challenge, dict[str, str]]] = []
    for recipe in RECIPES:
        for challenge in sorted(recipe.challenges):
            options = recipe.options_for(challenge)
            pages += [
                (recipe, challenge, {option.name: choice.value}) for option in options for choice in option.choices
            ]
            if not options:
                pages.append((recipe, challenge, {}))
    return pages
