"""The notices about subscriptions, one module for each. None ever holds a key."""

from accounts.notices import register
from subscriptions.notices.handover import HandoverNotice
from subscriptions.notices.requests import RequestAnsweredNotice, RequestMadeNotice

register(HandoverNotice(), RequestMadeNotice(), RequestAnsweredNotice())
