"""The certificate signing request of an order (RFC 8555, section 7.4)."""

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa

from .jose import decode, thumbprint
from .keys import jwk_of
from .problems import Problem

MIN_RSA_BITS = 2048
UNREADABLE = (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)


def checked_csr(encoded: object, names: list[str], account_thumbprint: str) -> x509.CertificateSigningRequest:
    """The CSR, which is for exactly these names and a key other than the account's; raises Problem (badCSR) if not."""
    try:
        csr = x509.load_der_x509_csr(decode(str(encoded)))
        signed = csr.is_signature_valid
        asked = _csr_names(csr)
    except UNREADABLE as error:
        raise Problem("badCSR", "The CSR cannot be read") from error
    if not signed:
        raise Problem("badCSR", "The CSR's signature is invalid")
    if asked != set(names):
        raise Problem("badCSR", "The names of the CSR are not those of the order")
    _check_public_key(csr, account_thumbprint)
    return csr


def _csr_names(csr: x509.CertificateSigningRequest) -> set[str]:
    names = {str(part.value).lower() for part in csr.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)}
    try:
        extension = csr.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return names
    if not all(isinstance(name, x509.DNSName) for name in extension.value):
        raise Problem("badCSR", "The CSR has other names than DNS names, such as an IP or e-mail address")
    return names | {name.lower() for name in extension.value.get_values_for_type(x509.DNSName)}


def _check_public_key(csr: x509.CertificateSigningRequest, account_thumbprint: str) -> None:
    try:
        public_key = csr.public_key()
        jwk = jwk_of(public_key)
    except UNREADABLE as error:
        raise Problem("badCSR", "The CSR's key cannot be used") from error
    except Problem as problem:
        raise Problem("badCSR", str(problem)) from problem
    if isinstance(public_key, rsa.RSAPublicKey) and public_key.key_size < MIN_RSA_BITS:
        raise Problem("badCSR", f"The key is shorter than {MIN_RSA_BITS} bits")
    if thumbprint(jwk) == account_thumbprint:
        raise Problem("badCSR", "The key is the account's own")
