"""Reads about the connection to the CA."""

from django.db.models import QuerySet

from subscriptions.models import AcmeServer, Gate


def servers() -> QuerySet[AcmeServer]:
    """Give every ACME server the CA lists or has listed."""
    return AcmeServer.objects.all()


def gate() -> Gate | None:
    """Give the gate before the CA, or None where no worker has started yet."""
    return Gate.objects.filter(pk=Gate.SINGLETON).first()
