"""certbot's own plug-ins; the variables are the lines of a plug-in's credentials file."""

from subscriptions.recipes.providers import DnsPlugin

PLUGINS = {
    "rfc2136": DnsPlugin(
        "rfc2136", ("dns_rfc2136_server", "dns_rfc2136_name", "dns_rfc2136_secret", "dns_rfc2136_algorithm")
    ),
    "cloudflare": DnsPlugin("cloudflare", ("dns_cloudflare_api_token",)),
    "route53": DnsPlugin("route53", complete=False),
    "gcloud": DnsPlugin("google", complete=False),
    "digitalocean": DnsPlugin("digitalocean", ("dns_digitalocean_token",)),
    "ovh": DnsPlugin(
        "ovh", ("dns_ovh_endpoint", "dns_ovh_application_key", "dns_ovh_application_secret", "dns_ovh_consumer_key")
    ),
    "linode": DnsPlugin("linode", ("dns_linode_key",)),
    "dnsimple": DnsPlugin("dnsimple", ("dns_dnsimple_token",)),
    "ns1": DnsPlugin("nsone", ("dns_nsone_api_key",)),
}
