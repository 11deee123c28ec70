"""DNS providers and the names of their plug-ins in each ACME client, for DNS-01.

Names and variables are those of acme.sh 3.1, lego 4 and 5 and certbot's own plug-ins. They change between
versions, so pages also link each client's list.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from .facts import Choice, Option
from .values import Challenge


def placeholder(variable: str) -> str:
    """The word that stands where the reader puts the value of a variable."""
    return f"YOUR_{variable.upper()}"


@dataclass(frozen=True)
class DnsPlugin:
    """One client's plug-in for one provider, and the variables it takes its login from.

    For certbot the variables are the lines of its credentials file. `complete` is False where the provider has
    further ways to log in, or settings that depend on it: the client's own page has them.
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
    plugins: Mapping[str, DnsPlugin]


def _provider(
    slug: str, name: str, *, acme_sh: DnsPlugin, lego: DnsPlugin, certbot: DnsPlugin | None = None
) -> Provider:
    plugins = {"acme-sh": acme_sh, "lego": lego}
    if certbot is not None:
        plugins["certbot"] = certbot
    return Provider(slug, name, MappingProxyType(plugins))


RFC2136 = "rfc2136"

PROVIDERS: tuple[Provider, ...] = (
    _provider(
        RFC2136,
        "Own BIND or Knot (RFC 2136)",
        acme_sh=DnsPlugin("dns_nsupdate", ("NSUPDATE_SERVER", "NSUPDATE_KEY")),
        lego=DnsPlugin(
            "rfc2136",
            ("RFC2136_NAMESERVER", "RFC2136_TSIG_KEY", "RFC2136_TSIG_SECRET", "RFC2136_TSIG_ALGORITHM"),
        ),
        certbot=DnsPlugin(
            "rfc2136",
            ("dns_rfc2136_server", "dns_rfc2136_name", "dns_rfc2136_secret", "dns_rfc2136_algorithm"),
        ),
    ),
    _provider(
        "cloudflare",
        "Cloudflare",
        acme_sh=DnsPlugin("dns_cf", ("CF_Token", "CF_Account_ID")),
        lego=DnsPlugin("cloudflare", ("CF_DNS_API_TOKEN",)),
        certbot=DnsPlugin("cloudflare", ("dns_cloudflare_api_token",)),
    ),
    _provider(
        "route53",
        "AWS Route 53",
        acme_sh=DnsPlugin("dns_aws", ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")),
        lego=DnsPlugin("route53", ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")),
        certbot=DnsPlugin("route53", complete=False),
    ),
    _provider(
        "azure",
        "Azure DNS",
        acme_sh=DnsPlugin(
            "dns_azure",
            (
                "AZUREDNS_SUBSCRIPTIONID",
                "AZUREDNS_TENANTID",
                "AZUREDNS_APPID",
                "AZUREDNS_CLIENTSECRET",
            ),
        ),
        lego=DnsPlugin("azuredns", ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID"), complete=False),
    ),
    _provider(
        "gcloud",
        "Google Cloud DNS",
        acme_sh=DnsPlugin("dns_gcloud", complete=False),
        lego=DnsPlugin("gcloud", ("GCE_PROJECT", "GCE_SERVICE_ACCOUNT_FILE")),
        certbot=DnsPlugin("google", complete=False),
    ),
    _provider(
        "digitalocean",
        "DigitalOcean",
        acme_sh=DnsPlugin("dns_dgon", ("DO_API_KEY",)),
        lego=DnsPlugin("digitalocean", ("DO_AUTH_TOKEN",)),
        certbot=DnsPlugin("digitalocean", ("dns_digitalocean_token",)),
    ),
    _provider(
        "ovh",
        "OVH",
        acme_sh=DnsPlugin("dns_ovh", ("OVH_AK", "OVH_AS", "OVH_CK")),
        lego=DnsPlugin("ovh", ("OVH_ENDPOINT", "OVH_APPLICATION_KEY", "OVH_APPLICATION_SECRET", "OVH_CONSUMER_KEY")),
        certbot=DnsPlugin(
            "ovh",
            (
                "dns_ovh_endpoint",
                "dns_ovh_application_key",
                "dns_ovh_application_secret",
                "dns_ovh_consumer_key",
            ),
        ),
    ),
    _provider(
        "hetzner",
        "Hetzner (cloud API)",
        acme_sh=DnsPlugin("dns_hetznercloud", ("HETZNER_TOKEN",)),
        lego=DnsPlugin("hetzner", ("HETZNER_API_TOKEN",)),
    ),
    _provider(
        "ionos",
        "IONOS",
        acme_sh=DnsPlugin("dns_ionos", ("IONOS_PREFIX", "IONOS_SECRET")),
        lego=DnsPlugin("ionos", ("IONOS_API_KEY",)),
    ),
    _provider(
        "gandi",
        "Gandi LiveDNS",
        acme_sh=DnsPlugin("dns_gandi_livedns", ("GANDI_LIVEDNS_KEY",)),
        lego=DnsPlugin("gandiv5", ("GANDIV5_PERSONAL_ACCESS_TOKEN",)),
    ),
    _provider(
        "godaddy",
        "GoDaddy",
        acme_sh=DnsPlugin("dns_gd", ("GD_Key", "GD_Secret")),
        lego=DnsPlugin("godaddy", ("GODADDY_API_KEY", "GODADDY_API_SECRET")),
    ),
    _provider(
        "namecheap",
        "Namecheap",
        acme_sh=DnsPlugin("dns_namecheap", ("NAMECHEAP_API_KEY", "NAMECHEAP_USERNAME", "NAMECHEAP_SOURCEIP")),
        lego=DnsPlugin("namecheap", ("NAMECHEAP_API_USER", "NAMECHEAP_API_KEY")),
    ),
    _provider(
        "inwx",
        "INWX",
        acme_sh=DnsPlugin("dns_inwx", ("INWX_User", "INWX_Password")),
        lego=DnsPlugin("inwx", ("INWX_USERNAME", "INWX_PASSWORD")),
    ),
    _provider(
        "netcup",
        "netcup",
        acme_sh=DnsPlugin("dns_netcup", ("NC_Apikey", "NC_Apipw", "NC_CID")),
        lego=DnsPlugin("netcup", ("NETCUP_CUSTOMER_NUMBER", "NETCUP_API_KEY", "NETCUP_API_PASSWORD")),
    ),
    _provider(
        "transip",
        "TransIP",
        acme_sh=DnsPlugin("dns_transip", ("TRANSIP_Username", "TRANSIP_Key_File")),
        lego=DnsPlugin("transip", ("TRANSIP_ACCOUNT_NAME", "TRANSIP_PRIVATE_KEY_PATH")),
    ),
    _provider(
        "desec",
        "deSEC",
        acme_sh=DnsPlugin("dns_desec", complete=False),
        lego=DnsPlugin("desec", ("DESEC_TOKEN",)),
    ),
    _provider(
        "autodns",
        "InterNetX AutoDNS",
        acme_sh=DnsPlugin("dns_autodns", ("AUTODNS_USER", "AUTODNS_PASSWORD", "AUTODNS_CONTEXT")),
        lego=DnsPlugin("autodns", ("AUTODNS_API_USER", "AUTODNS_API_PASSWORD")),
    ),
    _provider(
        "infomaniak",
        "Infomaniak",
        acme_sh=DnsPlugin("dns_infomaniak", ("INFOMANIAK_API_TOKEN",)),
        lego=DnsPlugin("infomaniak", ("INFOMANIAK_ACCESS_TOKEN",)),
    ),
    _provider(
        "linode",
        "Linode/Akamai",
        acme_sh=DnsPlugin("dns_linode_v4", ("LINODE_V4_API_KEY",)),
        lego=DnsPlugin("linode", ("LINODE_TOKEN",)),
        certbot=DnsPlugin("linode", ("dns_linode_key",)),
    ),
    _provider(
        "dnsimple",
        "DNSimple",
        acme_sh=DnsPlugin("dns_dnsimple", ("DNSimple_OAUTH_TOKEN",)),
        lego=DnsPlugin("dnsimple", ("DNSIMPLE_OAUTH_TOKEN",)),
        certbot=DnsPlugin("dnsimple", ("dns_dnsimple_token",)),
    ),
    _provider(
        "ns1",
        "NS1",
        acme_sh=DnsPlugin("dns_nsone", ("NS1_Key",)),
        lego=DnsPlugin("ns1", ("NS1_API_KEY",)),
        certbot=DnsPlugin("nsone", ("dns_nsone_api_key",)),
    ),
    _provider(
        "porkbun",
        "Porkbun",
        acme_sh=DnsPlugin("dns_porkbun", ("PORKBUN_API_KEY", "PORKBUN_SECRET_API_KEY")),
        lego=DnsPlugin("porkbun", ("PORKBUN_API_KEY", "PORKBUN_SECRET_API_KEY")),
    ),
    _provider(
        "bunny",
        "bunny.net",
        acme_sh=DnsPlugin("dns_bunny", ("BUNNY_API_KEY",)),
        lego=DnsPlugin("bunny", ("BUNNY_API_KEY",)),
    ),
    _provider(
        "scaleway",
        "Scaleway",
        acme_sh=DnsPlugin("dns_scaleway", ("SCALEWAY_API_TOKEN",)),
        lego=DnsPlugin("scaleway", ("SCW_SECRET_KEY", "SCW_PROJECT_ID")),
    ),
    _provider(
        "powerdns",
        "PowerDNS",
        acme_sh=DnsPlugin("dns_pdns", ("PDNS_Url", "PDNS_ServerId", "PDNS_Token", "PDNS_Ttl")),
        lego=DnsPlugin("pdns", ("PDNS_API_URL", "PDNS_API_KEY")),
    ),
    _provider(
        "acme-dns",
        "acme-dns (delegated by CNAME)",
        acme_sh=DnsPlugin("dns_acmedns", ("ACMEDNS_BASE_URL",), complete=False),
        lego=DnsPlugin("acme-dns", ("ACME_DNS_API_BASE", "ACME_DNS_STORAGE_PATH")),
    ),
)

_BY_SLUG = {provider.slug: provider for provider in PROVIDERS}


def provider_by_slug(slug: str) -> Provider:
    """The provider. Raises KeyError for an unknown slug."""
    return _BY_SLUG[slug]


def provider_option(recipe_slug: str) -> Option:
    """The provider picker of one recipe: only the providers its client has a plug-in for."""
    return Option(
        name="dns_provider",
        label="DNS provider",
        challenge=Challenge.DNS_01,
        choices=tuple(
            Choice(provider.slug, provider.name) for provider in PROVIDERS if recipe_slug in provider.plugins
        ),
    )
