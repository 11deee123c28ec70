"""What was looked at for a diagnosis, each thing in a line with how it ended."""

from datetime import timedelta

from subscriptions.explain.diagnosis_facts import Facts, Line, day_of
from subscriptions.explain.preflight import TOPIC_WORDS, words_of
from subscriptions.models import Subscription
from subscriptions.preflight.results import Outcome, Topic
from subscriptions.rules.instants import instant_text

State = Subscription.State
OLD_READING = timedelta(days=1)


def lines_of(facts: Facts) -> list[Line]:
    """Give what the portal knows of a name, then what was seen from outside."""
    return [*_known(facts), *_seen(facts)]


def _known(facts: Facts) -> list[Line]:
    lines = [_subscription_line(facts), _account_line(facts), _order_line(facts), _client_line(facts)]
    if facts.organization_problem:
        lines.insert(2, Line("Organization", Outcome.PROBLEM, facts.organization_problem))
    return [*lines, _reading_line(facts)]


def _subscription_line(facts: Facts) -> Line:
    if not facts.is_there:
        return Line("Subscription", Outcome.PROBLEM, "The name was removed.")
    if facts.state == State.LAPSED:
        return Line(
            "Subscription", Outcome.PROBLEM, f"The name is in it; its term ended on {day_of(facts.expires_at)}."
        )
    if facts.expires_at is None:
        return Line("Subscription", Outcome.PROBLEM, "Its term has not begun.")
    text = f"The name is in it, and its term runs until {day_of(facts.expires_at)}."
    if not facts.is_listed:
        return Line("Subscription", Outcome.WARNING, f"{text} The CA’s last list does not show the name.")
    return Line("Subscription", Outcome.FINE, text)


def _account_line(facts: Facts) -> Line:
    words = {State.SUSPENDED: "Suspended.", State.DEACTIVATED: "Deactivated for good."}
    if facts.state in words or facts.account_status:
        word = words.get(facts.state) or f"The CA calls it {facts.account_status.lower()}."
        return Line("ACME account", Outcome.PROBLEM, word)
    if facts.state in (State.CREATING, State.FAILED):
        return Line("ACME account", Outcome.PROBLEM, "There is none yet.")
    return Line("ACME account", Outcome.FINE, "It can be used.")


def _order_line(facts: Facts) -> Line:
    if facts.last_seen_at is None:
        return Line("Last order", Outcome.UNKNOWN, "The CA has shown none.")
    words = facts.last_words or "no words"
    if facts.has_failed:
        return Line("Last order", Outcome.PROBLEM, f"It failed. The CA says: {words}.")
    until = f" The certificate is valid until {day_of(facts.valid_until)}." if facts.valid_until else ""
    outcome = Outcome.FINE if facts.has_certificate and not facts.is_due else Outcome.WARNING
    return Line("Last order", outcome, f"The CA says: {words}.{until}")


def _client_line(facts: Facts) -> Line:
    if not facts.clients:
        return Line("Clients", Outcome.WARNING, "None has registered with this key.")
    stopped = f" {facts.stopped_clients} of {facts.clients} stopped." if facts.stopped_clients else ""
    if facts.client_seen_at is None:
        return Line("Clients", Outcome.UNKNOWN, f"When one last asked the CA is not known.{stopped}")
    named = f": {facts.client_name}" if facts.client_name else ""
    text = f"One last asked the CA on {day_of(facts.client_seen_at)}{named}.{stopped}"
    is_bad = (facts.is_due and facts.is_quiet) or facts.stopped_clients
    return Line("Clients", Outcome.WARNING if is_bad else Outcome.FINE, text)


def _reading_line(facts: Facts) -> Line:
    if facts.read_at is None:
        return Line("Reading at the CA", Outcome.UNKNOWN, "The CA was not read for this subscription yet.")
    text = f"What stands above is as the CA listed it on {instant_text(facts.read_at)}."
    if facts.is_held:
        return Line("Reading at the CA", Outcome.WARNING, f"{text} It cannot be read at present.")
    is_old = facts.now - facts.read_at > OLD_READING
    return Line("Reading at the CA", Outcome.WARNING if is_old else Outcome.FINE, text)


def _seen(facts: Facts) -> list[Line]:
    lines, order = [], list(Topic)
    for look in sorted(facts.looks, key=lambda look: order.index(look.topic)):
        words = words_of(look)
        lines.append(Line(TOPIC_WORDS[look.topic], look.outcome, words.text, words.step))
    return lines
