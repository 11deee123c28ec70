"""The notices about subscriptions, one module for each. None ever holds a key."""

from accounts.notices import register
from accounts.told_notices import register_told
from subscriptions.notices.account_ready import AccountReadyNotice
from subscriptions.notices.account_unassigned import AccountUnassignedNotice
from subscriptions.notices.ca_away import CaAwayNotice
from subscriptions.notices.certificate_expired import CertificateExpiredNotice
from subscriptions.notices.certificate_failing import CertificateFailingNotice
from subscriptions.notices.certificate_late import CertificateLateNotice
from subscriptions.notices.certificate_revoked import CertificateRevokedNotice
from subscriptions.notices.client_new import ClientNewNotice
from subscriptions.notices.client_registered import ClientRegisteredNotice
from subscriptions.notices.customer_unreachable import CustomerUnreachableNotice
from subscriptions.notices.finding_opened import FindingOpenedNotice
from subscriptions.notices.first_certificate import FirstCertificateNotice
from subscriptions.notices.gate_closed import GateClosedNotice
from subscriptions.notices.handover import HandedOverNotice, HandoverNotice
from subscriptions.notices.key_revealed import KeyRevealedNotice
from subscriptions.notices.names_changed import NamesChangedNotice
from subscriptions.notices.operation_attention import OperationAttentionNotice
from subscriptions.notices.order_stopped import OrderStoppedNotice
from subscriptions.notices.prevalidation_ending import PrevalidationEndingNotice
from subscriptions.notices.refund_not_seen import RefundNotSeenNotice
from subscriptions.notices.requests import (
    RequestAnsweredNotice,
    RequestAskedNotice,
    RequestDoneNotice,
    RequestMadeNotice,
)
from subscriptions.notices.run_missed import RunMissedNotice
from subscriptions.notices.subscription_ending import SubscriptionEndingNotice
from subscriptions.notices.subscription_ends_now import SubscriptionEndsNowNotice

register(HandoverNotice(), RequestMadeNotice(), RequestAnsweredNotice())
register_told(
    # to customers
    AccountReadyNotice(),
    HandedOverNotice(),
    NamesChangedNotice(),
    ClientRegisteredNotice(),
    ClientNewNotice(),
    KeyRevealedNotice(),
    FirstCertificateNotice(),
    CertificateLateNotice(),
    CertificateFailingNotice(),
    CertificateExpiredNotice(),
    CertificateRevokedNotice(),
    SubscriptionEndingNotice(),
    SubscriptionEndsNowNotice(),
    PrevalidationEndingNotice(),
    RequestDoneNotice(),
    # to staff
    OperationAttentionNotice(),
    OrderStoppedNotice(),
    FindingOpenedNotice(),
    GateClosedNotice(),
    CaAwayNotice(),
    AccountUnassignedNotice(),
    CustomerUnreachableNotice(),
    RefundNotSeenNotice(),
    RequestAskedNotice(),
    RunMissedNotice(),
)
