"""What people do with ACME accounts in the fault runs: a whole key, or one of its clients, is stopped and goes on."""

from contextlib import suppress

from accounts.errors import ServiceError
from accounts.models import User
from subscriptions.models import AcmeAccount, EabBinding, Operation, Subscription
from subscriptions.selectors.account_states import clients_of, unsettled_change_of
from subscriptions.services import account_states


def suspend(code: str) -> bool:
    """Have an account suspended with its key; give whether that could be confirmed."""
    with suppress(ServiceError, EabBinding.DoesNotExist):
        account_states.suspend(actor=User.objects.get(), subscription=Subscription.objects.get(code=code))
        return True
    return False


def reinstate(code: str) -> bool:
    """Have it reinstated; give whether that could be confirmed."""
    with suppress(ServiceError):
        account_states.reinstate(actor=User.objects.get(), subscription=Subscription.objects.get(code=code))
        return True
    return False


def deactivate(code: str) -> bool:
    """Have an account deactivated for good with its key; give whether that could be confirmed."""
    with suppress(ServiceError, EabBinding.DoesNotExist):
        account_states.deactivate(actor=User.objects.get(), subscription=Subscription.objects.get(code=code))
        return True
    return False


def keys() -> dict[str, list[str]]:
    """What a customer is handed of each subscription that has a key, by its code."""
    return {
        str(one.subscription.code): [one.directory_url, one.eab_key_id, one.eab_hmac_key.reveal()]
        for one in EabBinding.objects.select_related("subscription")
    }


def usable_clients(code: str) -> list[str]:
    """The ACME account IDs of a subscription's clients that can be suspended, each by itself."""
    clients = clients_of(Subscription.objects.get(code=code))
    return sorted(one.acme_account_id for one in clients if one.is_usable)


def suspend_client(acme_account_id: str) -> bool:
    """Have one client suspended, while the others of its key go on; give whether that could be confirmed."""
    account = AcmeAccount.objects.select_related("binding__subscription").get(acme_account_id=acme_account_id)
    with suppress(ServiceError):
        account_states.suspend(actor=User.objects.get(), subscription=account.binding.subscription, account=account)
        return True
    return False


def reinstate_client(acme_account_id: str) -> bool:
    """Have one client go on; give whether that could be confirmed, or there is nothing left to reinstate."""
    account = AcmeAccount.objects.select_related("binding__subscription").get(acme_account_id=acme_account_id)
    with suppress(ServiceError):
        account_states.reinstate(actor=User.objects.get(), subscription=account.binding.subscription, account=account)
        return True
    return _goes_on(account)


def _goes_on(account: AcmeAccount) -> bool:
    """Whether the CA has shown it usable since the last change of its key: that let it go on, or never suspended it."""
    binding = account.binding
    changes = Operation.objects.filter(binding=binding, lane=Operation.Lane.ACCOUNT)
    last = changes.order_by("-finished_at").exclude(finished_at=None).first()
    is_read = binding.accounts_read_at is not None and (
        last is None or last.finished_at is None or binding.accounts_read_at > last.finished_at
    )
    return is_read and account.is_usable and unsettled_change_of(binding.subscription) is None


COMMANDS = (suspend, reinstate, deactivate, keys, usable_clients, suspend_client, reinstate_client)
