"""The DNS solvers that cert-manager has built in; the variables are the entries of the Secret with the login."""

from subscriptions.recipes.providers import DnsPlugin

PLUGINS = {
    "rfc2136": DnsPlugin("rfc2136", ("tsig_secret",)),
    "cloudflare": DnsPlugin("cloudflare", ("api_token",)),
    "route53": DnsPlugin("route53", ("access_key_id", "secret_access_key"), complete=False),
    "azure": DnsPlugin("azureDNS", ("client_secret",), complete=False),
    "gcloud": DnsPlugin("cloudDNS", ("key.json",), complete=False),
    "digitalocean": DnsPlugin("digitalocean", ("access_token",)),
    "akamai": DnsPlugin("akamai", ("client_token", "client_secret", "access_token")),
    "acme-dns": DnsPlugin("acmeDNS", ("acmedns.json",)),
}
