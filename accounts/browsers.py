"""What a browser's user agent says of it, in words that people know. It is a guess: a user agent can say anything."""

import re

from portal.user_agents import product_of

UNKNOWN = "Unknown browser"
# The first that is found counts: browsers also name those they want to be taken for (RFC 9110, 10.1.5).
_BROWSERS = (
    ("Edge", r"\bEdg(?:e|A|iOS)?/(\d+)"),
    ("Opera", r"\bOPR/(\d+)"),
    ("Samsung Internet", r"\bSamsungBrowser/(\d+)"),
    ("Firefox", r"\b(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"\b(?:Headless)?(?:Chrome|CriOS)/(\d+)"),
    ("Safari", r"\bVersion/(\d+)[\d.]* (?:Mobile/\w+ )?Safari/"),
)
_SYSTEMS = (
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("Android", r"\bAndroid\b"),
    ("Windows", r"\bWindows\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("macOS", r"\bMac ?OS ?X\b|\bMacintosh\b"),
    ("Linux", r"\bLinux\b"),
)


def browser_of(user_agent: str) -> str:
    """Give "Firefox 140 on Linux" of a browser's user agent; of another program its name and version."""
    system = next((name for name, pattern in _SYSTEMS if re.search(pattern, user_agent)), "")
    for name, pattern in _BROWSERS:
        if found := re.search(pattern, user_agent):
            return f"{name} {found[1]} on {system}" if system else f"{name} {found[1]}"
    product = product_of(user_agent)
    if product.partition(" ")[0] not in ("", "Mozilla"):  # which all browsers say of themselves
        return product
    return f"{UNKNOWN} on {system}" if system else UNKNOWN
