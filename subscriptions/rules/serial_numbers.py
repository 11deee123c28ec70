"""Serial numbers of certificates, which are written in more than one way."""

import re

_HEX = re.compile(r"[0-9a-f]+")


def plain_serial(written: str) -> str:
    """Give a serial number in lower-case hex without colons, blanks and zeros in front; empty where it is none."""
    text = re.sub(r"[\s:]", "", written).lower().removeprefix("0x")
    return text.lstrip("0") or "0" if _HEX.fullmatch(text) else ""


def is_same_serial(told: str, served: str) -> bool:
    """Whether a serial number that the CA tells is that of a served certificate (hex).

    The CaaS guide does not say whether the CA writes it in hex or in decimal digits: either is taken.
    """
    own = plain_serial(served)
    if not own or not told.strip():
        return False
    digits = told.strip()
    return plain_serial(told) == own or (digits.isdecimal() and f"{int(digits):x}" == own)
