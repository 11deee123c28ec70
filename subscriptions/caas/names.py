"""One form for one name, in what is sent to the CA and what comes from it."""

import re

import idna

MAX_NAME = 255  # of `domainName`, "Add a domain"
MAX_LABEL = 63  # RFC 1035 2.3.4

# What UTS 46 maps to a final dot, and blanks among them.
_END = re.compile(r"[\s.\u3002\uff0e\uff61]+\Z")


def domain_name(text: str) -> str:
    """The name as it is compared and sent: mapped by UTS 46 (non-transitional), without final dot, in A-labels.

    An A-label is taken as it is, for the CA to judge. What UTS 46 maps to no name stays readable and compares equal
    to itself only. The form is a fixed point: the form of a form is the same.
    """
    name = _END.sub("", text.lstrip())
    if len(name) > MAX_NAME:
        return _lowered(name)
    try:
        mapped = idna.uts46_remap(name, std3_rules=False)
    except idna.IDNAError:
        return _lowered(name)
    return ".".join(map(_a_label, _END.sub("", mapped.lstrip()).split(".")))


def _lowered(name: str) -> str:
    # Of ASCII only: to lower anything else before it is mapped gives another registrable name.
    return "".join(letter.lower() if letter.isascii() else letter for letter in name)


def _a_label(label: str) -> str:
    if label.isascii():
        return label
    try:
        return idna.alabel(label).decode()
    except idna.IDNAError:
        # Valid by UTS 46 but not in IDNA 2008, such as a registered emoji: the CA decides.
        encoded = f"xn--{label.encode('punycode').decode()}"
        return encoded if len(encoded) <= MAX_LABEL else label
