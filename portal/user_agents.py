"""What the user agent of a program (an ACME client's: RFC 8555, 6.1) says of it: its name and version. Pure."""

import re

LONGEST = 60  # characters of a program and its version
# "product/version", and what stands behind it: comments and libraries (RFC 9110, 10.1.5).
_PRODUCT = re.compile(r"(?P<name>[^\s/();,]+)(?:/(?P<version>[^\s();,]+))?")


def product_of(user_agent: str) -> str:
    """Give the first product with its version: "certbot 2.9.0" of "certbot/2.9.0 (…) Python/3.11"; empty for none."""
    found = _PRODUCT.match(user_agent.strip())
    if found is None:
        return ""
    name, version = found["name"], found["version"]
    return f"{name} {version}"[:LONGEST] if version else name[:LONGEST]
