"""The types of certificates that the service sells: a row each, and nothing else in the sandbox knows one by name.

Of DV the guide shows all but the prices, of OV the anchor's argument; the other rows are guesses in their style.
"""

from dataclasses import dataclass

from .names import FQDN, WILDCARD

OV_ANCHOR, EV_ANCHOR = "ovAnchorOrderNumber", "evAnchorOrderNumber"


@dataclass(frozen=True)
class Product:
    """A type of certificate.

    `anchor` is the argument that names the organization pre-validation, empty where none is needed. A year costs so
    many cents for each type of name; what has no price cannot be had. `policy` is what its certificates declare.
    """

    validation_type: str
    product_id: int
    description: str
    anchor: str
    policy: str
    annual_cents: dict[str, int]
    is_listed: bool = True


PRODUCTS = {
    product.validation_type: product
    for product in (
        Product("DV", 608, "CaaS DV TLS Certificate", "", "2.23.140.1.2.1", {FQDN: 5_000, WILDCARD: 20_000}),
        Product("OV", 609, "CaaS OV TLS Certificate", OV_ANCHOR, "2.23.140.1.2.2", {FQDN: 20_000, WILDCARD: 60_000}),
        Product("EV", 610, "CaaS EV TLS Certificate", EV_ANCHOR, "2.23.140.1.1", {FQDN: 40_000}, is_listed=False),
        Product("QWAC", 611, "CaaS QWAC-Legal", EV_ANCHOR, "0.4.0.194112.1.4", {FQDN: 80_000}, is_listed=False),
    )
}
ANCHORS = (OV_ANCHOR, EV_ANCHOR)


def old_anchor(anchor: str) -> str:
    """What UPDATEDOMAINS calls the number that is to be replaced; note the capitals."""
    return f"old{anchor[:2].upper()}{anchor[2:]}"
