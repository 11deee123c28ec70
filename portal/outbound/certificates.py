"""Reading the certificate that a TLS server serves for a name."""

import ssl
from dataclasses import dataclass

from cryptography import x509

from .connections import STEP, connect, told
from .errors import Unreadable
from .times import end_of, seconds_left


@dataclass(frozen=True, slots=True)
class Served:
    """What one address serves for a name."""

    address: str
    certificate: x509.Certificate


def served_certificate(name: str, address: str, *, port: int = 443, until: float | None = None) -> Served:
    """Read what an address serves for a name (SNI), whatever it is: nothing is checked, and nothing else is sent.

    `address` is judged first. Raises an OutboundError.
    """
    end = end_of(until, name)
    with told(name):
        name.encode("idna")  # what no TLS name can be made of is known before anybody is connected to
    with connect(address, port, until=end) as raw, told(address):
        raw.settimeout(seconds_left(end, STEP, address))
        with _reading().wrap_socket(raw, server_hostname=name) as secured:
            content = secured.getpeercert(binary_form=True)
    if not content:
        raise Unreadable(address)
    try:
        return Served(address, x509.load_der_x509_certificate(content))
    except Exception as error:  # not only ValueError: InvalidVersion, for one, is none
        raise Unreadable(address) from error


def _reading() -> ssl.SSLContext:
    """For reading only: nothing is sent over such a connection, so that nobody has to be who they claim to be."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # What an old server still speaks is worth reading as well.
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context
