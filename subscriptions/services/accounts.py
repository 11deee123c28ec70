"""ACME accounts at the CA that belong to no subscription: what people say of them. The request half."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.audit import record_event
from accounts.errors import ServiceError
from accounts.models import Customer, User
from subscriptions import tasks
from subscriptions.happenings import Happening
from subscriptions.models import AcmeServer, EabBinding, Prevalidation, Subscription, UnassignedAccount
from subscriptions.selectors.accounts import terms_of
from subscriptions.services.subscriptions import check_prevalidation, write_subscription

State = UnassignedAccount.State
MAY_BE_ASSIGNED = (State.UNASSIGNED, State.NOT_OURS)


def assign_account(
    *,
    actor: User,
    account: UnassignedAccount,
    customer: Customer,
    server: AcmeServer,
    term_years: int,
    prevalidation: Prevalidation | None,
    form_token: UUID,
    label: str = "",
) -> Subscription:
    """Make an account at the CA the subscription of a customer; a worker then reads its key.

    Type and term are the actor's word. The same form sent twice (`form_token`) gives the same subscription. Raises
    ServiceError where the account is somebody's by now, or what is said of it cannot be true.
    """
    if earlier := Subscription.objects.filter(form_token=form_token, created_by=actor).first():
        return earlier
    check_prevalidation(server, customer, prevalidation)
    if term_years not in terms_of(account):
        raise ServiceError("What the CA says of its expiry does not fit this term. Nothing was assigned.")
    with transaction.atomic():
        subscription, is_new = write_subscription(
            customer,
            form_token,
            server=server,
            term_years=term_years,
            prevalidation=prevalidation,
            label=label,
            created_by=actor,
        )
        if is_new:
            _assign(account, subscription, actor)
    return subscription


def _assign(account: UnassignedAccount, subscription: Subscription, actor: User) -> None:
    assigned = UnassignedAccount.objects.filter(pk=account.pk, state__in=MAY_BE_ASSIGNED).update(
        state=State.ASSIGNED,
        subscription=subscription,
        customer=subscription.customer,
        decided_by=actor,
        decided_at=timezone.now(),
        reason="",
        problem="",
    )
    # The row is ours from here on: what records the answer of a PREREGISTER waits for it.
    if assigned != 1 or EabBinding.objects.filter(eab_key_id=account.eab_key_id).exists():
        raise _stale(account)
    record_event(
        Happening.ACCOUNT_ASSIGNED,
        actor=actor,
        target=subscription,
        customer=subscription.customer,
        eab_key_id=account.eab_key_id,
        server=subscription.server.directory_url,
        term_years=subscription.term_years,
    )
    transaction.on_commit(lambda: tasks.read_assigned_account.delay(account.pk), robust=True)


@transaction.atomic
def mark_not_ours(*, actor: User, account: UnassignedAccount, reason: str) -> None:
    """Say that an account at the CA is not the portal's business; it is not asked about again.

    Raises ServiceError where it is not unassigned any more, or no reason is given.
    """
    if not reason.strip():
        raise ServiceError("Say why it is not ours: others will read it. Nothing was changed.")
    marked = UnassignedAccount.objects.filter(pk=account.pk, state=State.UNASSIGNED).update(
        state=State.NOT_OURS, decided_by=actor, decided_at=timezone.now(), reason=reason
    )
    if marked != 1:
        raise _stale(account)
    record_event(Happening.ACCOUNT_NOT_OURS, actor=actor, target=account, eab_key_id=account.eab_key_id, reason=reason)


def _stale(account: UnassignedAccount) -> ServiceError:
    now = UnassignedAccount.objects.filter(pk=account.pk).select_related("customer", "decided_by").first()
    if now is None or EabBinding.objects.filter(eab_key_id=account.eab_key_id).exists():
        return ServiceError("A subscription holds this EAB key ID by now. Nothing was changed.")
    if now.state == State.ASSIGNED and now.customer is not None:
        return ServiceError(f"It was assigned to {now.customer} meanwhile. Nothing was changed.")
    return ServiceError(f"It is “{now.get_state_display()}” by now. Nothing was changed.")
