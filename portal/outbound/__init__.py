"""Every call to a host that somebody else names: the only way out for DNS, HTTP and TLS, for workers only.

A name is resolved first, each of its addresses is judged, and exactly what was judged is connected to. Only public
addresses are, and what `OUTBOUND_ALLOWED_NETWORKS` adds; `OUTBOUND` turns it all off. No credentials go out, no
cookies, and no proxy of the environment is used. Each call ends within its time, whatever the other side does.
"""

from .addresses import is_public, is_reachable, unreadable_networks
from .certificates import Served, served_certificate
from .errors import Off, OutboundError, Refused, TimedOut, Unreachable, Unreadable
from .fetching import Fetched, get, get_json
from .names import Answer, HostAddresses, addresses_of, ask, resolve
from .times import is_on

__all__ = [
    "Answer",
    "Fetched",
    "HostAddresses",
    "Off",
    "OutboundError",
    "Refused",
    "Served",
    "TimedOut",
    "Unreachable",
    "Unreadable",
    "addresses_of",
    "ask",
    "get",
    "get_json",
    "is_on",
    "is_public",
    "is_reachable",
    "resolve",
    "served_certificate",
    "unreadable_networks",
]
