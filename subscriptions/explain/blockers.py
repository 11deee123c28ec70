"""Why no certificate can be ordered yet, seen from the portal. Pure: no clock, no database, no setting.

What an ACME client itself cannot do stands in `subscriptions/recipes`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from subscriptions.explain.account_states import OF_STATES
from subscriptions.models import AcmeAccount, Domain, Prevalidation, Subscription
from subscriptions.recipes import Refusal
from subscriptions.rules.instants import day_text
from subscriptions.rules.prevalidations import RenewalMode, has_run_out, status_of
from subscriptions.rules.written_names import written

State = Subscription.State

_STATE_REFUSALS = {
    State.CREATING: Refusal(
        code="creating",
        message="Your ACME account is being created.",
        remedy="Open this page again once it is ready.",
    ),
    State.FAILED: Refusal(
        code="failed",
        message="Your ACME account could not be created.",
        remedy="Ask your provider to look at it.",
    ),
    State.READY: Refusal(
        code="no-names-yet",
        message="There are no names in this subscription yet, so no certificate can be ordered.",
        remedy="Ask your provider to add your names.",
    ),
    State.LAPSED: Refusal(
        code="lapsed",
        message="This subscription has lapsed: nothing can be issued or renewed under it.",
        remedy="Ask your provider to extend it, or to start a new term where that is no longer possible.",
    ),
    **{
        state: Refusal(code=state.value, message=f"{words.title}.", remedy=words.remedy)
        for state, words in OF_STATES.items()
    },
}

_USABLE_STATUSES = AcmeAccount.USABLE | {""}  # of which none is known yet


def _unusable_account(status: str) -> Refusal:
    return Refusal(
        code="account-unusable",
        message=f"Your ACME account is {status.lower()} at the CA: no client can register or order with it.",
        remedy="Ask your provider to reinstate it, or for new ACME credentials.",
    )


def name_problems(
    domains: Iterable[Domain],
    *,
    needs_prevalidation: bool,
    prevalidations: Mapping[str, Prevalidation],
    today: date,
    renewal_mode: RenewalMode,
) -> dict[str, str]:
    """Give each name with why it cannot be ordered now, or an empty text where it can.

    `prevalidations` holds the known ones by order number; one that the portal does not know is the CA's to judge.
    """
    if not needs_prevalidation:
        return {domain.name: "" for domain in domains}
    return {
        domain.name: _prevalidation_problem(domain, prevalidations, today=today, renewal_mode=renewal_mode)
        for domain in domains
    }


def _prevalidation_problem(
    domain: Domain, prevalidations: Mapping[str, Prevalidation], *, today: date, renewal_mode: RenewalMode
) -> str:
    if not domain.ov_anchor_order_number:
        return f"{written(domain.name)} has no validated organization, which this certificate type needs."
    known = prevalidations.get(domain.ov_anchor_order_number)
    if known is None or known.valid_until is None:
        return ""
    recorded, days = known.recorded_status, {"valid_from": known.valid_from, "valid_until": known.valid_until}
    if not has_run_out(status_of(recorded, **days, today=today), renewal_mode):
        return ""
    return f"The validation of the organization for {written(domain.name)} ended on {day_text(known.valid_until)}."


def portal_refusals(
    *, state: State, account_status: str, chosen: Sequence[str], names: Mapping[str, str]
) -> tuple[Refusal, ...]:
    """Give every reason why a certificate for the `chosen` names cannot be had now; empty where it can.

    `account_status` is the CA's word for the state of the ACME account that stands for the key, empty where it is not
    known;
    `names` holds the subscription's names with their problem (`name_problems`).
    """
    if state in _STATE_REFUSALS:
        return (_STATE_REFUSALS[state],)
    if account_status.lower() not in _USABLE_STATUSES:
        return (_unusable_account(account_status),)
    foreign = [name for name in chosen if name not in names]
    refusals = [
        Refusal(
            code="foreign-name",
            message=f"{written(name)} is not in this subscription: the CA would refuse the whole order.",
            remedy="Leave it out, or ask your provider to add it.",
        )
        for name in foreign
    ]
    refusals += [
        Refusal(code="no-prevalidation", message=problem, remedy="Leave the name out, or ask your provider about it.")
        for problem in (names.get(name, "") for name in chosen)
        if problem
    ]
    return tuple(refusals)
