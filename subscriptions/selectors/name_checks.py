"""Reads about checks of names: why an order for one fails, and what was seen of the names of a quote."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from subscriptions.explain.blockers import name_problems
from subscriptions.explain.certificates import failure_of
from subscriptions.explain.diagnosis import diagnose
from subscriptions.explain.diagnosis_facts import Diagnosis, Facts
from subscriptions.explain.preflight import looks_of
from subscriptions.models import AcmeAccount, Certificate, Domain, Gate, NameCheck, Prevalidation, Subscription
from subscriptions.rules.certificates import FAILED_CODES, Standing
from subscriptions.selectors.connection import gate
from subscriptions.selectors.customer import account_status_of, prevalidations_by_number
from subscriptions.selectors.prevalidations import renewal_mode, today
from subscriptions.selectors.rows import version_of

FRESH = timedelta(hours=1)  # what was seen longer ago is nothing to go by
LONG_AGO = datetime.min.replace(tzinfo=UTC)
USABLE = AcmeAccount.USABLE | {""}


@dataclass(frozen=True, slots=True)
class NameCheckPage:
    """A name with its last check and what follows from all that is known."""

    domain: Domain
    check: NameCheck | None
    diagnosis: Diagnosis

    @property
    def is_working(self) -> bool:
        """Whether more will be seen by itself."""
        return self.check is not None and self.check.is_working

    @property
    def version(self) -> str:
        """A text that differs when what is shown differs."""
        check = self.check
        seen = (check.pk, check.state, len(check.looks)) if check else ()
        return version_of(*seen, self.diagnosis.code, self.domain.subscription.synced_at)


def name_check_page(domain: Domain, now: datetime, *, for_staff: bool) -> NameCheckPage:
    """Give a name's last check and the diagnosis at `now`, in the words for staff or for its customer."""
    check = NameCheck.objects.filter(domain=domain).order_by("-asked_at", "-pk").first()
    facts = facts_of(domain, check, now)
    return NameCheckPage(domain, check, diagnose(facts, for_staff=for_staff))


def facts_of(domain: Domain, check: NameCheck | None, now: datetime) -> Facts:
    """Give what is known of a name at `now`; looks of a check that is too old are left out."""
    subscription = domain.subscription
    certificate = Certificate.objects.filter(domain=domain).first()
    status = account_status_of(subscription)
    clients = list(AcmeAccount.objects.of_clients().filter(binding__subscription=subscription))
    seen = max(clients, key=lambda one: one.last_activity_at or LONG_AGO, default=None)
    is_fresh = check is not None and now - check.asked_at < FRESH
    the_gate = gate()
    return Facts(
        name=domain.name,
        now=now,
        state=subscription.state,
        expires_at=subscription.expires_at,
        is_there=domain.removed_at is None,
        is_listed=domain.not_listed_since is None,
        account_status="" if status.lower() in USABLE else status,
        organization_problem=_organization_problem(domain, subscription),
        clients=len(clients),
        stopped_clients=sum(not one.is_usable for one in clients),
        client_seen_at=seen.last_activity_at if seen else None,
        client_name=seen.client_name if seen else "",
        read_at=subscription.synced_at,
        is_held=the_gate is not None and the_gate.closed_for == Gate.Closed.ALL,
        looks=looks_of(check.looks) if check is not None and is_fresh else [],
        is_looking=check is not None and check.is_working,
        was_looked_at=check is not None and is_fresh and bool(check.looks or check.is_working),
        **_last_order(certificate),
    )


def _last_order(certificate: Certificate | None) -> dict[str, Any]:
    """Give what the CA last showed of a name's orders; a failure after the last certificate before that."""
    if certificate is None:
        return {}
    words = failure_of(certificate) or certificate.status_description
    is_there = certificate.is_issued and certificate.standing != Standing.REVOKED
    return {
        "has_failed": bool(failure_of(certificate)) or certificate.status_code in FAILED_CODES,
        "last_words": words.rstrip("."),
        "last_seen_at": certificate.seen_at if certificate.status_code is not None else None,
        "valid_until": certificate.ends_at if is_there else None,
        "due_at": certificate.due_at,
    }


def _organization_problem(domain: Domain, subscription: Subscription) -> str:
    if not subscription.server.needs_prevalidation:
        return ""
    known: Mapping[str, Prevalidation] = prevalidations_by_number(subscription)
    problems = name_problems(
        [domain], needs_prevalidation=True, prevalidations=known, today=today(), renewal_mode=renewal_mode()
    )
    return problems[domain.name]
