"""What the portal can sell of the certificate types that the CA lists. The list is open; the rule stands here once.

A type is sold where it is known what an addition to it takes ("Add a domain" in the CaaS guide). EV and QWAC want the
number of a pre-validation of their own kind: a row here, an argument in `caas/wire_requests.py` and a field of
`Prevalidation` sell them.
"""

# Whether names are added under an organization pre-validation, by the type as the CA calls it.
PREVALIDATED = {"DV": False, "OV": True}


def sold_types() -> tuple[str, ...]:
    """Give the types that can be sold."""
    return tuple(PREVALIDATED)


def prevalidation_types() -> tuple[str, ...]:
    """Give the types that a pre-validation can be recorded for."""
    return tuple(name for name, needs_one in PREVALIDATED.items() if needs_one)


def needs_prevalidation(validation_type: str) -> bool:
    """Whether names are added under an organization pre-validation: every type but DV, as far as it is known."""
    return PREVALIDATED.get(validation_type.upper(), True)


def why_not_sold(validation_type: str) -> str:
    """Give why no name of a type can be sold, for whoever would choose it; an empty text where it can."""
    if validation_type.upper() in PREVALIDATED:
        return ""
    if not validation_type:
        return "The CA does not say which type of certificate this server issues."
    return (
        f"The portal cannot add names of this type yet: the CA asks for a pre-validation for {validation_type}, which "
        "cannot be recorded here."
    )
