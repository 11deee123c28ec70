"""Terraform's provider vancluever/acme 2.48: lego 4.35's provider codes, and the variables its guides name."""

from subscriptions.recipes.providers import DnsPlugin

from . import lego

PLUGINS = {
    **lego.PLUGINS,
    "rfc2136": DnsPlugin(
        "rfc2136",
        ("DNSUPDATE_NAMESERVER", "DNSUPDATE_TSIG_KEY", "DNSUPDATE_TSIG_SECRET", "DNSUPDATE_TSIG_ALGORITHM"),
    ),
}
