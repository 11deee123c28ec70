"""What is sold: servers, subscriptions, quotes and orders, the ledger, and what the CA reports."""

from subscriptions.models.baselines import Baseline
from subscriptions.models.bindings import AcmeAccount, EabBinding, UnassignedAccount
from subscriptions.models.certificates import Certificate, IssuedCertificate
from subscriptions.models.findings import Finding
from subscriptions.models.gate import CallSlot, Gate, HeldKind, WorkerHeartbeat
from subscriptions.models.name_checks import NameCheck
from subscriptions.models.operations import Operation, OperationEvent
from subscriptions.models.orders import Order, Quote, QuoteLine
from subscriptions.models.prevalidations import Prevalidation
from subscriptions.models.replacements import Replacement
from subscriptions.models.requests import CustomerRequest
from subscriptions.models.seen_tasks import SeenTask
from subscriptions.models.served import ServedCertificate
from subscriptions.models.servers import AcmeServer
from subscriptions.models.subscriptions import Domain, Subscription
from subscriptions.models.transactions import Transaction

__all__ = [
    "AcmeAccount",
    "AcmeServer",
    "Baseline",
    "CallSlot",
    "Certificate",
    "CustomerRequest",
    "Domain",
    "EabBinding",
    "Finding",
    "Gate",
    "HeldKind",
    "IssuedCertificate",
    "NameCheck",
    "Operation",
    "OperationEvent",
    "Order",
    "Prevalidation",
    "Quote",
    "QuoteLine",
    "Replacement",
    "SeenTask",
    "ServedCertificate",
    "Subscription",
    "Transaction",
    "UnassignedAccount",
    "WorkerHeartbeat",
]
