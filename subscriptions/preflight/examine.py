"""All looks at one name, side by side and within one time."""

import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from portal import outbound
from subscriptions.preflight import acme_txt, caa, delegation, dns, dnssec, http, results, served
from subscriptions.preflight.question import Ports, Question
from subscriptions.preflight.results import Look, Outcome, Topic

SECONDS = 25.0  # for all looks at one name together

TopicLook = Callable[[Question], list[Look]]
TOPICS: dict[Topic, TopicLook] = {
    Topic.DNS: dns.look,
    Topic.DELEGATION: delegation.look,
    Topic.DNSSEC: dnssec.look,
    Topic.CAA: caa.look,
    Topic.HTTP: http.look,
    Topic.ACME_TXT: acme_txt.look,
    Topic.SERVED: served.look,
}


def examine(
    name: str,
    *,
    identifiers: Collection[str],
    wants_http: bool,
    seconds: float = SECONDS,
    ports: Ports | None = None,
) -> list[Look]:
    """Look at everything that can be known of a name from outside; one or more looks of each topic, in their order.

    `name` in A-labels, perhaps a wildcard; `identifiers` are the CA's in CAA records; `wants_http` says that the name
    is to be proved by HTTP-01, or may be. Never raises, and is over within about `seconds`. Only for workers.
    """
    order = list(Topic)
    parts = examine_by_topic(name, identifiers=identifiers, wants_http=wants_http, seconds=seconds, ports=ports)
    return sorted((look for part in parts for look in part), key=lambda look: order.index(look.topic))


def examine_by_topic(
    name: str,
    *,
    identifiers: Collection[str],
    wants_http: bool,
    seconds: float = SECONDS,
    ports: Ports | None = None,
) -> Iterator[list[Look]]:
    """Give what `examine` does, the looks of one topic after another, each as soon as it is there."""
    if not outbound.is_on():
        yield from ([Look(topic, Outcome.OFF, results.OFF)] for topic in Topic)
        return
    until = time.monotonic() + seconds
    question = Question(name, frozenset(identifiers), wants_http, until, ports or Ports())
    pool = ThreadPoolExecutor(max_workers=len(Topic), thread_name_prefix="preflight")
    try:
        pending = {pool.submit(look, question): topic for topic, look in TOPICS.items()}
        while pending and (left := until - time.monotonic()) > 0:
            done, _ = wait(pending, timeout=left, return_when=FIRST_COMPLETED)
            yield from (_looks(pending.pop(future), future) for future in done)
        yield from ([Look(topic, Outcome.UNKNOWN, results.OUT_OF_TIME)] for topic in pending.values())
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _looks(topic: Topic, future: Future[list[Look]]) -> list[Look]:
    error = future.exception()
    if error is None:
        return future.result()
    # What strangers answer must never stop what people wait for: a mistake of ours here is an unknown as well.
    return [Look(topic, Outcome.UNKNOWN, results.UNREADABLE, {"detail": type(error).__name__})]
