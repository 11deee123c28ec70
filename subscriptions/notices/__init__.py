"""The notices about subscriptions, one module for each. None ever holds a key."""

from accounts.notices import register
from accounts.told_notices import register_told
from subscriptions.notices.handover import HandoverNotice
from subscriptions.notices.key_revealed import KeyRevealedNotice
from subscriptions.notices.requests import RequestAnsweredNotice, RequestMadeNotice

register(HandoverNotice(), RequestMadeNotice(), RequestAnsweredNotice())
register_told(KeyRevealedNotice())
