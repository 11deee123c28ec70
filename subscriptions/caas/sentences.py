"""What an answer of the CA comes to, in a sentence for people; silence has its sentences in `transport`."""

from .errors import RefusalReason

UNREADABLE = "The CA's answer could not be read."
NO_SUCCESS = "The CA answered that it did not succeed, and did not say why."

_REFUSED = {
    RefusalReason.LOGIN: "The CA refused the portal's login",
    RefusalReason.RATE_LIMIT: "The CA asked to slow down",
    RefusalReason.INSUFFICIENT_FUNDS: "The CA refused to charge",
    RefusalReason.PRICING: "The CA refused to charge",
    RefusalReason.PARENT_ACCOUNT: "The CA refused to charge",
}


def of_refusal(reason: RefusalReason, status: int, detail: str) -> str:
    """The CA's own words where it has any, and what they refuse."""
    said = _REFUSED.get(reason, "The CA refused it")
    return f"{said}: {detail}" if detail else f"{said} (HTTP {status})."


def of_status(status: int) -> str:
    """An answer that is neither a success nor the CA's own refusal."""
    if 300 <= status <= 399:
        return f"The CA's server pointed to another address, which is not followed (HTTP {status})."
    return f"The CA's server answered with an error page (HTTP {status})."


def endless(pages: int) -> str:
    """A list that brought new rows on each of so many pages."""
    return f"The CA's list did not end after {pages} pages."
