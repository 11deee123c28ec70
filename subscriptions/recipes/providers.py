"""DNS providers, for DNS-01. What each ACME client calls its plug-in for them stands in `plugins/`.

Names and variables change between versions, so pages also link each client's own list.
"""

from collections.abc import Mapping
from dataclasses import dataclass


def placeholder(variable: str) -> str:
    """Give the word that stands where the reader puts the value of a variable."""
    return f"YOUR_{variable.upper()}"


@dataclass(frozen=True)
class DnsPlugin:
    """One client's plug-in for one provider, and the variables it takes its login from.

    `complete` is False where the provider has further ways to log in, or settings that depend on it: the client's own
    page has them.
    """

    name: str
    variables: tuple[str, ...] = ()
    complete: bool = True

    @property
    def fill_in(self) -> str:
        """The words that stand for the variables' values, blank-separated."""
        return " ".join(placeholder(variable) for variable in self.variables)


@dataclass(frozen=True)
class Provider:
    slug: str
    name: str


RFC2136 = "rfc2136"

PROVIDERS: tuple[Provider, ...] = (
    Provider(RFC2136, "Own BIND or Knot (RFC 2136)"),
    Provider("cloudflare", "Cloudflare"),
    Provider("route53", "AWS Route 53"),
    Provider("azure", "Azure DNS"),
    Provider("gcloud", "Google Cloud DNS"),
    Provider("digitalocean", "DigitalOcean"),
    Provider("ovh", "OVH"),
    Provider("hetzner", "Hetzner (cloud API)"),
    Provider("ionos", "IONOS"),
    Provider("gandi", "Gandi LiveDNS"),
    Provider("godaddy", "GoDaddy"),
    Provider("namecheap", "Namecheap"),
    Provider("inwx", "INWX"),
    Provider("netcup", "netcup"),
    Provider("transip", "TransIP"),
    Provider("desec", "deSEC"),
    Provider("autodns", "InterNetX AutoDNS"),
    Provider("infomaniak", "Infomaniak"),
    Provider("linode", "Linode/Akamai"),
    Provider("akamai", "Akamai Edge DNS"),
    Provider("dnsimple", "DNSimple"),
    Provider("ns1", "NS1"),
    Provider("porkbun", "Porkbun"),
    Provider("bunny", "bunny.net"),
    Provider("scaleway", "Scaleway"),
    Provider("powerdns", "PowerDNS"),
    Provider("acme-dns", "acme-dns (delegated by CNAME)"),
)

_BY_SLUG = {provider.slug: provider for provider in PROVIDERS}


def provider_by_slug(slug: str) -> Provider:
    """Give the provider. Raises KeyError for an unknown slug."""
    return _BY_SLUG[slug]


def providers_of(plugins: Mapping[str, DnsPlugin]) -> tuple[Provider, ...]:
    """Give the providers that a client with these plug-ins serves, in the order of the list."""
    return tuple(provider for provider in PROVIDERS if provider.slug in plugins)
