"""Which of a binding's ACME accounts the calls to the CA name, where any of them stands for the key.

Any account under an EAB pair stands for it ("Add a domain", "List domains" in the CaaS guide), and clients deactivate
their own (RFC 8555, 7.3.6): where the one that calls name is refused or gone, another of LISTACCOUNTS is named. The
guide does not show what the CA says of an account that it does not take: words that name it are enough, and other
refusals that could be about it are where LISTACCOUNTS says that it is not usable. A refused call has done nothing.
Where none is usable one that can be reinstated is named: the guide does not say that a suspended account is refused.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import transaction

from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import CaasError, RefusalReason, Refused
from subscriptions.caas.types import AccountInfo
from subscriptions.ledger import clock
from subscriptions.ledger.clients import keep_listed
from subscriptions.ledger.gate import HeldBack, react_to_reading
from subscriptions.models import AcmeAccount, EabBinding
from subscriptions.rules.terms import READINGS_APART

T = TypeVar("T")

MAY_BE_ABOUT_IT = frozenset({RefusalReason.PERMISSION, RefusalReason.EXPIRED, RefusalReason.OTHER})
REFUSED_FOR = timedelta(hours=1)  # in which an account that was refused is not named again
LOOKED_AT_FOR = timedelta(minutes=1)  # in which a question refused for what need not be it reads no LISTACCOUNTS again


def ask(
    binding: EabBinding,
    client: CaasClient,
    question: Callable[[str], T],
    *,
    answered: Callable[[], object] = lambda: None,
) -> T:
    """Give the CA's answer to a question about a binding, which changes nothing and names one of its ACME accounts.

    Calls `answered` after each answer before that one. Raises what the client raises; a refusal of the account only
    where there is no other.
    """
    while True:
        named = binding.acme_account_id
        try:
            return question(named)
        except Refused as refusal:
            answered()
            is_about_it = refusal.reason is RefusalReason.ACCOUNT
            if not is_about_it and _was_just_looked_at(binding):
                raise
            if not name_another(binding, client, refused=named, refusal=refusal):
                raise
            answered()


def name_another(binding: EabBinding, client: CaasClient, *, refused: str, refusal: Refused) -> bool:
    """Have calls name another account where a refusal is about the one that a call has named, and give whether they do.

    Each that was refused is left out for REFUSED_FOR, so that this comes to an end. Raises HeldBack where the CA says
    that it is about the account (`refused`) and its others cannot be read now.
    """
    is_about_it = refusal.reason is RefusalReason.ACCOUNT
    if not is_about_it and refusal.reason not in MAY_BE_ABOUT_IT:
        return False
    began_at = clock.now()
    try:
        listed = client.list_accounts(eab_key_id=binding.eab_key_id)
    except (HeldBack, CaasError) as problem:
        if isinstance(problem, CaasError):
            react_to_reading(problem)
        is_an_answer = isinstance(problem, Refused) and problem.is_final  # such as that it knows no such key
        if is_about_it and not is_an_answer:
            raise HeldBack(f"{refusal} The key’s other ACME accounts could not be read.", retry_after=60) from problem
        return False
    with transaction.atomic():
        keep_listed(binding, listed, began_at=began_at)
        statuses = {one.acme_account_id: one.status for one in listed}
        account = AcmeAccount(acme_account_id=refused, status=statuses.get(refused, AcmeAccount.ENDED))
        if is_about_it or not account.is_usable:
            AcmeAccount.objects.update_or_create(
                acme_account_id=refused, defaults={"refused_at": began_at}, create_defaults=_unlisted(binding, began_at)
            )
        chosen = _choose(binding, at=began_at)
        # Where the CA refuses one because it is suspended, it refuses the others that are: of those one try is enough.
        takes_suspended = is_about_it and not account.is_suspended
        return chosen is not None and chosen.acme_account_id != refused and (chosen.is_usable or takes_suspended)


def keep_accounts(binding: EabBinding, listed: Iterable[AccountInfo], *, began_at: datetime) -> None:
    """Take over a complete LISTACCOUNTS of a binding, and name a usable account where the one named is not any more.

    `began_at` is when it was asked for. One that it lacks is gone once another list, READINGS_APART, lacks it too.
    """
    with transaction.atomic():
        keep_listed(binding, listed, began_at=began_at)
        _choose(binding, at=began_at)


def _was_just_looked_at(binding: EabBinding) -> bool:
    read_at = EabBinding.objects.values_list("accounts_read_at", flat=True).get(pk=binding.pk)
    return read_at is not None and clock.now() - read_at < LOOKED_AT_FOR


def _unlisted(binding: EabBinding, at: datetime) -> dict[str, object]:
    return {"binding": binding, "status": "", "refused_at": at, "not_listed_since": at}


def _choose(binding: EabBinding, *, at: datetime) -> AcmeAccount | None:
    """Have calls name the best account there is, and give it; None where there is none to be had.

    The one that they name stays while no other is better. Where a whole key is suspended that is any that can be
    reinstated: readings, removals and the reinstatement itself have to name one too.
    """
    binding.acme_account_id = EabBinding.objects.values_list("acme_account_id", flat=True).get(pk=binding.pk)
    rows = AcmeAccount.objects.filter(binding=binding).order_by("first_seen_at", "pk")
    best = [row for row in rows if _may_be_named(row, at)]
    best.sort(key=lambda row: (row.is_suspended, row.not_listed_since is not None, rank(row.status)))
    as_good = {row.acme_account_id: row for row in best if row.is_suspended == best[0].is_suspended}
    is_known = any(row.acme_account_id == binding.acme_account_id for row in rows)
    if is_known and best and binding.acme_account_id not in as_good:
        EabBinding.objects.filter(pk=binding.pk).update(acme_account_id=best[0].acme_account_id)
        binding.acme_account_id = best[0].acme_account_id
    return as_good.get(binding.acme_account_id)


def rank(status: str) -> int:
    """Give in which order accounts are named, by the CA's word for their state; the lowest goes first.

    That is one that no client has registered yet: nobody else can deactivate it. Last is one that is over for good.
    """
    account = AcmeAccount(status=status)
    if status.lower() == "pending":
        return 0
    return 1 if account.is_usable else 3 if account.is_ended else 2


def _may_be_named(row: AcmeAccount, at: datetime) -> bool:
    is_gone = row.not_listed_since is not None and at - row.not_listed_since >= READINGS_APART
    is_refused = row.refused_at is not None and at - row.refused_at < REFUSED_FOR
    return not row.is_ended and not is_gone and not is_refused
