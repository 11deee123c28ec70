"""PREREGISTER: make an ACME account with its EAB pair (the guide's "Create an ACME account"). It costs nothing."""

from django.db import transaction
from django.utils import timezone

from subscriptions import ledger
from subscriptions.caas.types import PreregisteredAccount
from subscriptions.claims import Claim
from subscriptions.models import AcmeAccount, EabBinding, Operation, OrphanBinding, Subscription

FREE = ledger.Outcome(charged=None, currency="", ca_order_number=None, is_charge_confirmed=True)


def prepare(claim: Claim) -> None:
    """Read which key IDs exist right before the call, so that a new one can be told apart afterwards."""
    key_ids = sorted(binding.eab_key_id for binding in claim.client.list_bindings())
    claim.save(baseline={"eab_key_ids": key_ids})


def send(claim: Claim) -> None:
    """Call PREREGISTER and keep the new EAB pair with the operation's success, in one transaction."""
    subscription = claim.operation.subscription
    made = claim.client.preregister(
        directory_url=subscription.server.directory_url, years=subscription.term_years, last_look=lambda: True
    )
    with transaction.atomic():
        recorded = ledger.succeed(
            claim.operation, FREE, token=claim.token, by=claim.by, now=timezone.now(), reply=made.evidence
        )
        if recorded:
            keep_binding(claim.operation, made, status=made.status)
        else:
            keep_orphan(claim.operation, made.eab_key_id)


def keep_binding(operation: Operation, made: PreregisteredAccount, *, status: str, is_adopted: bool = False) -> None:
    """Write the EAB pair of a subscription and that its ACME account is created."""
    subscription = operation.subscription
    binding = EabBinding.objects.create(
        subscription=subscription,
        directory_url=subscription.server.directory_url,
        eab_key_id=made.eab_key_id,
        eab_hmac_key=made.eab_hmac_key.reveal(),
        acme_account_id=made.acme_account_id,
        is_adopted=is_adopted,
    )
    AcmeAccount.objects.create(binding=binding, acme_account_id=made.acme_account_id, status=status or "pending")
    Operation.objects.filter(pk=operation.pk).update(binding=binding)
    Subscription.objects.filter(pk=subscription.pk).update(creation=Subscription.Creation.CREATED)


def keep_orphan(operation: Operation, eab_key_id: str) -> None:
    """Write down a key ID at the CA that belongs to no subscription; one that reading has adopted belongs to one."""
    if EabBinding.objects.filter(eab_key_id=eab_key_id).exists():
        return
    OrphanBinding.objects.get_or_create(eab_key_id=eab_key_id, defaults={"operation": operation})
