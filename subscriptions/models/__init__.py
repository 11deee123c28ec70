"""What is sold: servers, subscriptions, quotes and orders, the ledger, and what the CA reports."""

from subscriptions.models.certificates import Certificate
from subscriptions.models.gate import CallSlot, Gate, WorkerHeartbeat
from subscriptions.models.operations import Operation, OperationEvent
from subscriptions.models.orders import Order, Quote, QuoteLine
from subscriptions.models.prevalidations import Prevalidation
from subscriptions.models.servers import AcmeServer
from subscriptions.models.subscriptions import AcmeAccount, Domain, EabBinding, OrphanBinding, Subscription
from subscriptions.models.transactions import Transaction

__all__ = [
    "AcmeAccount",
    "AcmeServer",
    "CallSlot",
    "Certificate",
    "Domain",
    "EabBinding",
    "Gate",
    "Operation",
    "OperationEvent",
    "Order",
    "OrphanBinding",
    "Prevalidation",
    "Quote",
    "QuoteLine",
    "Subscription",
    "Transaction",
    "WorkerHeartbeat",
]
