"""What people do with names that are there in the fault runs: they have them removed, or replaced by another."""

from contextlib import suppress
from uuid import UUID

from accounts.errors import ServiceError
from accounts.models import User
from subscriptions.models import Domain, Replacement, Subscription
from subscriptions.services.names import remove_names
from subscriptions.services.quotes import request_quote
from subscriptions.services.replacements import call_off as call_off_replacement


def remove(code: str, name: str) -> None:
    """Take a name out, unless something is under way about it or it is gone."""
    domain = Domain.objects.present().filter(subscription__code=code, name=name).first()
    if domain is not None:
        with suppress(ServiceError):
            remove_names(actor=User.objects.get(), domains=[domain])


def replace(code: str, old: str, new: str, form: str) -> str:
    """Ask for the price of the name that takes another's place; give the quote's code, nothing where that cannot be."""
    subscription = Subscription.objects.get(code=code)
    with suppress(ServiceError, Domain.DoesNotExist):
        made = request_quote(
            actor=User.objects.get(),
            subscription=subscription,
            names=[new],
            add_companions=False,
            prevalidation=subscription.prevalidation,
            form_token=UUID(form),
            replaces=Domain.objects.present().get(subscription=subscription, name=old),
        )
        return str(made.code)
    return ""


def call_off(old: str) -> bool:
    """Keep the old name of a replacement; give whether that could still be."""
    with suppress(ServiceError, Replacement.DoesNotExist):
        replacement = Replacement.objects.open().get(old__name=old)
        call_off_replacement(actor=User.objects.get(), replacement=replacement)
        return True
    return False


COMMANDS = (remove, replace, call_off)
