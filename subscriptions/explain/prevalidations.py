"""What to say of pre-validations: that they end, what to do then, and what is expected of a customer. Pure."""

from subscriptions.rules.prevalidations import PrevalidationStatus, RenewalMode, step_words

URGENT = (0, 7)  # steps: whose last day has passed, and the last warning before it


def ending_level(step: int) -> str:
    """Give how pressing it is that one ends in the days of a step (0: whose last day has passed)."""
    return "danger" if step in URGENT else "warning"


def ending_label(step: int) -> str:
    """Name those that end in the days of a step, or have ended, with names under them."""
    return "Lapsed, with names" if step == 0 else f"Ends {step_words(step)}, with names"


def ending_title(step: int, number: int) -> str:
    """Say how many end in the days of a step, or have ended."""
    if step == 0:
        return "1 pre-validation has lapsed" if number == 1 else f"{number} pre-validations have lapsed"
    words = step_words(step)
    return f"1 pre-validation ends {words}" if number == 1 else f"{number} pre-validations end {words}"


def ending_text(step: int, mode: RenewalMode) -> str:
    """Say what to do about one that names are under and that ends, or has ended."""
    if mode is RenewalMode.AUTOMATIC:
        if step == 0:
            return "Names are under it. The CA renews it by itself: check that it did, and record its new last day."
        return "Names are under it. Check at the CA that it is being renewed, then record its new last day."
    if step == 0:
        return "Names are under it, and none can be added. Record the new one, and move the names to it."
    return "Names are under it. Order the new one at the CA, record it here, and move the names to it."


def expected_of_customer(status: PrevalidationStatus, mode: RenewalMode, *, contact: str, has_names: bool) -> str:
    """Say what a customer is to do about an organization of theirs; `contact` is who is recorded, or empty."""
    who = f"your contact, {contact}," if contact else "your contact"
    answers = f"The CA may call or write to {who} to check it: see that the questions are answered."
    if status is PrevalidationStatus.REQUESTED:
        return f"Your provider has asked the CA to validate it. {answers}"
    if status is PrevalidationStatus.IN_VALIDATION:
        return f"The CA is validating it. {answers}"
    if status is PrevalidationStatus.VALID:
        return "Nothing now. Tell your provider when its name, its address or the contact changes."
    if mode is RenewalMode.AUTOMATIC:
        return f"The CA renews it by itself. {answers}"
    if status is PrevalidationStatus.EXPIRING:
        return f"Your provider has it validated anew before it ends. {answers}"
    if not has_names:
        return "Nothing: no name of yours is under it any more."
    return "Ask your provider to have it validated anew: until then certificates for its names may be refused."
