"""What to do about a refusal of the CA, by its reason (`caas.errors.RefusalReason`, kept with the refused row).

The reasons are those of "Unsuccessful responses" in the CaaS guide; the CA's own words always stand beside the advice.
"""

_OUR_MISTAKE = (
    "The portal sent something that the CA does not take; no other spelling of the name mends that. "
    "Report it with the evidence on the operation’s page."
)

ADVICE = {
    "login": "Check the CA login that the workers use. A reseller admin then reopens the connection.",
    "rate_limit": "The CA asked to slow down. Try again in a few minutes.",
    "missing_argument": _OUR_MISTAKE,
    "invalid_argument": (
        "Check the spelling of the name and, for a type that needs one, the pre-validation’s order number."
    ),
    "unrecognized_argument": _OUR_MISTAKE,
    "base64": _OUR_MISTAKE,
    "https_required": "The CA’s address in the settings must begin with https://.",
    "account": (
        "The CA does not take the ACME account that the call named, and lists no other under the EAB key. "
        "Reinstate it at the CA, or create a new ACME account."
    ),
    "permission": "The reseller’s account may not do this. Ask Sectigo’s support to allow it, then try again.",
    "expired": (
        "The subscription’s term has ended, or it has none. Extend it at the CA while that is possible, "
        "or create a new ACME account."
    ),
    "already_present": (
        "The name is in the subscription at the CA, so nothing is left to add. The next reading shows it here."
    ),
    "dv_only": (
        "This certificate type knows no organization: leave the pre-validation out, or take a type that needs one."
    ),
    "not_removable": "The time in which names can be removed is over. The name stays until the subscription ends.",
    "not_deactivatable": "The ACME account’s state does not allow it. It may be deactivated already.",
    # Of a quote or the question before a charge: neither stops anybody else's work, and neither goes on by itself.
    "insufficient_funds": "Top up the reseller’s account at Sectigo, then try again.",
    "pricing": "Have Sectigo set up or verify the price of this for the reseller’s account, then try again.",
    "parent_account": (
        "The Tier 1 account could not be debited. Settle it with its holder or Sectigo, then try again."
    ),
    "other": "Follow the CA’s words. Where they do not help, show them to Sectigo’s support.",
}


def advice(reason: str) -> str:
    """Give what to do about a refusal; one whose reason is not known gets the advice that fits any."""
    return ADVICE.get(reason, ADVICE["other"])
