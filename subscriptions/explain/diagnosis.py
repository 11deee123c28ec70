"""Why an order for a name fails: one sentence and one next step, from what the portal knows and what a check saw.

Pure: no clock, no database. The rules stand in the order in which they decide: the first that fits is said, and below
it stands all that was looked at. What was not learnt is no reason: a rule speaks only of what is known.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from subscriptions.explain.diagnosis_facts import Diagnosis, Facts, Link, day_of
from subscriptions.explain.diagnosis_lines import lines_of
from subscriptions.explain.preflight import words_of
from subscriptions.models import Subscription
from subscriptions.preflight import results as seen
from subscriptions.preflight.results import Outcome

State = Subscription.State


@dataclass(frozen=True, slots=True)
class Said:
    """What a rule says: the sentence, and the next step of the customer and of the provider."""

    sentence: str
    step: str
    staff_step: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A reason: when it is the one, and what is said then."""

    code: str
    tone: str
    fits: Callable[[Facts], object]
    says: Callable[[Facts], Said]
    link: Link | None = None


ASK = "Ask your provider"
HELP_ERROR = Link("error", "Paste what the client says")
SETUP = Link("setup", "Set up a client")

# Whatever way the name is proved, these stop the order. The surest and most basic come first.
ALWAYS_STOPS = (
    seen.NO_ZONE,
    seen.NO_NAME,
    seen.ALIAS_LOOP,
    seen.BROKEN,
    seen.CAA_FORBIDS,
    seen.CAA_FORBIDS_ALL,
    seen.CAA_CRITICAL,
    seen.CAA_FAILED,
    seen.LAME,
    seen.DNS_FAILED,
    seen.SERVERS_DIFFER,
)
# These stop it where it is proved by HTTP-01, which the portal cannot know.
HTTP_STOPS = (seen.NO_ADDRESS, seen.NOT_PUBLIC, seen.HTTP_SILENT, seen.HTTP_REDIRECT_BROKEN)
MAY_STOP = (
    seen.CAA_LIMITED,
    seen.HTTP_PATH_LOST,
    seen.HTTP_ERROR,
    seen.NOT_PUBLIC,
    seen.LAME,
    seen.PARENT_DIFFERS,
    seen.SERIALS_DIFFER,
    seen.SERVER_NOT_PUBLIC,
)


def _of_look(facts: Facts, codes: Sequence[str], *outcomes: Outcome) -> Said:
    look = facts.worst(*outcomes, codes=codes)
    if look is None:
        raise ValueError("the rule does not fit")
    words = words_of(look)
    return Said(words.text, words.step or "Check the name again in some minutes.")


def _account_stopped(facts: Facts) -> Said:
    word = "deactivated for good" if facts.state == State.DEACTIVATED else "suspended"
    remedy = "for new ACME credentials" if facts.state == State.DEACTIVATED else "why, and until when"
    staff = "Create a new ACME account." if facts.state == State.DEACTIVATED else "Reinstate the ACME account."
    return Said(f"The ACME account is {word}: no client can order with it.", f"{ASK} {remedy}.", staff)


def _silent_client(facts: Facts) -> Said:
    since = day_of(facts.client_seen_at) + (f" ({facts.client_name})" if facts.client_name else "")
    return Said(
        f"No client has asked the CA for anything since {since}, so no renewal was tried.",
        "Look at the machine: whether the client’s timer or job is there, and what its log says.",
    )


def _failed(facts: Facts) -> Said:
    words = f" ({facts.last_words})" if facts.last_words else ""
    return Said(
        f"The last order failed at the CA{words}, and nothing was found now that explains it.",
        "Let the client order once more, and paste what it says if it fails again.",
    )


RULES: tuple[Rule, ...] = (
    Rule(
        "removed",
        "danger",
        lambda facts: not facts.is_there,
        lambda facts: Said(
            f"{facts.shown} is not in this subscription any more: the CA refuses every order with it.",
            f"{ASK} to add it again, or take it out of the client’s order.",
            "Add the name again, or have the customer take it out of the order.",
        ),
    ),
    Rule(
        "creating",
        "info",
        lambda facts: facts.state == State.CREATING,
        lambda facts: Said("The ACME account is still being created.", "Wait until it is ready, then register."),
    ),
    Rule(
        "failed",
        "danger",
        lambda facts: facts.state == State.FAILED,
        lambda facts: Said(
            "The ACME account could not be created.", f"{ASK} to look at it.", "Look at the operation that failed."
        ),
    ),
    Rule(
        "stopped",
        "danger",
        lambda facts: facts.state in (State.SUSPENDED, State.DEACTIVATED),
        _account_stopped,
        Link("subscription", "See the subscription"),
    ),
    Rule(
        "no-term",
        "danger",
        lambda facts: facts.state == State.READY,
        lambda facts: Said(
            "The subscription’s term has not begun: nothing can be ordered yet.",
            f"{ASK} to add your names.",
            "Add the first name: that starts the term.",
        ),
        Link("subscription", "See the subscription"),
    ),
    Rule(
        "lapsed",
        "danger",
        lambda facts: facts.state == State.LAPSED,
        lambda facts: Said(
            f"The subscription ended on {day_of(facts.expires_at)}: nothing can be ordered or renewed under it.",
            f"{ASK} to extend it.",
            "Extend the subscription, or start a new term where that is no longer possible.",
        ),
        Link("subscription", "See the subscription"),
    ),
    Rule(
        "account",
        "danger",
        lambda facts: facts.account_status,
        lambda facts: Said(
            f"The CA calls the ACME account {facts.account_status.lower()}: no client can order with it.",
            f"{ASK} to reinstate it, or for new ACME credentials.",
            "Reinstate the ACME account, or create a new one.",
        ),
        Link("subscription", "See the subscription"),
    ),
    Rule(
        "organization",
        "danger",
        lambda facts: facts.organization_problem,
        lambda facts: Said(
            facts.organization_problem,
            f"{ASK} about the validation of your organization.",
            "Renew the pre-validation, or move the name to another one.",
        ),
    ),
    Rule(
        "clients-stopped",
        "danger",
        lambda facts: facts.clients and facts.stopped_clients == facts.clients,
        lambda facts: Said(
            "Every client that registered with this key is stopped.",
            f"{ASK} why, or register a client anew.",
            "Reinstate the client, or have the customer register anew.",
        ),
        Link("subscription", "See the clients"),
    ),
    Rule(
        "no-client",
        "warning",
        lambda facts: not facts.clients and not facts.has_certificate and facts.last_seen_at is None,
        lambda facts: Said(
            "No client has registered with this key yet, so nothing was ordered.",
            "Set up a client with the values of this subscription.",
            "Have the customer set up a client; hand the subscription over if that was not done.",
        ),
        SETUP,
    ),
    Rule(
        "outside",
        "danger",
        lambda facts: facts.worst(Outcome.PROBLEM, codes=ALWAYS_STOPS),
        lambda facts: _of_look(facts, ALWAYS_STOPS, Outcome.PROBLEM),
    ),
    Rule(
        "port-80",
        "warning",
        lambda facts: not facts.is_wildcard and facts.worst(Outcome.PROBLEM, codes=HTTP_STOPS),
        lambda facts: _with_http_01(_of_look(facts, HTTP_STOPS, Outcome.PROBLEM)),
    ),
    Rule("failed-order", "danger", lambda facts: facts.has_failed and not facts.is_looking, _failed, HELP_ERROR),
    Rule(
        "quiet",
        "danger",
        lambda facts: facts.is_due and facts.is_quiet,
        _silent_client,
    ),
    Rule(
        "outside-warning",
        "warning",
        lambda facts: not facts.has_certificate and facts.worst(Outcome.WARNING, codes=MAY_STOP),
        lambda facts: _of_look(facts, MAY_STOP, Outcome.WARNING),
    ),
    Rule(
        "looking",
        "info",
        lambda facts: facts.is_looking,
        lambda facts: Said("Looking at the name from outside.", "Wait some seconds: what is seen appears below."),
    ),
    Rule(
        "unlisted",
        "warning",
        lambda facts: not facts.is_listed,
        lambda facts: Said(
            f"The CA’s last list does not show {facts.shown}; one list alone means nothing yet.",
            "Wait for the next reading. If an order is refused meanwhile, ask your provider.",
            "Wait for the next reading; the portal counts the name as present until two lists lack it.",
        ),
    ),
    Rule(
        "due",
        "warning",
        lambda facts: facts.is_due,
        lambda facts: Said(
            f"The certificate should have been renewed since {day_of(facts.due_at)}, and nothing found stops an order.",
            "Run the client by hand on the machine, and paste what it says if it fails.",
        ),
        HELP_ERROR,
    ),
    Rule(
        "well",
        "success",
        lambda facts: facts.has_certificate,
        lambda facts: Said(
            f"Nothing is wrong: the certificate is valid until {day_of(facts.valid_until)}; nothing stops an order.",
            "If an order fails all the same, paste what the client says.",
        ),
        HELP_ERROR,
    ),
    Rule(
        "off",
        "info",
        lambda facts: not facts.was_looked_at or facts.worst(Outcome.OFF),
        lambda facts: Said(
            "Nothing that the portal knows by itself stops an order; the name was not looked at from outside.",
            "Paste what the client says when the order fails.",
        ),
        HELP_ERROR,
    ),
    Rule(
        "unknown",
        "info",
        lambda facts: True,
        lambda facts: Said(
            "Nothing was found that stops an order.", "Order with the client, and paste what it says if it fails."
        ),
        HELP_ERROR,
    ),
)


def _with_http_01(said: Said) -> Said:
    return Said(f"{said.sentence} With HTTP-01 the CA cannot prove the name then.", said.step, said.staff_step)


def diagnose(facts: Facts, *, for_staff: bool = False) -> Diagnosis:
    """Give the one sentence and the one next step for a name, for its customer or for staff, and what was looked at."""
    rule = next(rule for rule in RULES if rule.fits(facts))
    said = rule.says(facts)
    step = said.staff_step if for_staff and said.staff_step else said.step
    return Diagnosis(rule.code, said.sentence, step, rule.tone, rule.link, lines_of(facts))
