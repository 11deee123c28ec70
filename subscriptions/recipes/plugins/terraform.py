"""Terraform's provider vancluever/acme: lego 5's provider codes and variables."""

from subscriptions.recipes.providers import DnsPlugin

from . import lego

PLUGINS = {
    **lego.PLUGINS,
    "rfc2136": DnsPlugin(
        "dnsupdate",
        ("DNSUPDATE_NAMESERVER", "DNSUPDATE_TSIG_KEY", "DNSUPDATE_TSIG_SECRET", "DNSUPDATE_TSIG_ALGORITHM"),
    ),
    "acme-dns": DnsPlugin("acmedns", lego.PLUGINS["acme-dns"].variables),
}
