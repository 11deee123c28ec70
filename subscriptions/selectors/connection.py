"""Reads about the connection to the CA."""

from datetime import datetime

from django.db.models import QuerySet

from subscriptions.models import AcmeServer, Gate, HeldKind


def servers() -> QuerySet[AcmeServer]:
    """Give every ACME server the CA lists or has listed."""
    return AcmeServer.objects.all()


def gate() -> Gate | None:
    """Give the gate before the CA, or None where no worker has started yet."""
    return Gate.objects.filter(pk=Gate.SINGLETON).first()


def closed_servers() -> QuerySet[AcmeServer]:
    """Give the ACME servers for which nothing that costs money is sent, the first closed in front."""
    return AcmeServer.objects.exclude(charges_closed_at=None).order_by("charges_closed_at", "pk")


def held_kinds(now: datetime) -> QuerySet[HeldKind]:
    """Give the kinds of operation that are held because answers of them were lost in a row."""
    return HeldKind.objects.filter(held_until__gt=now).order_by("held_until", "pk")
