"""lego 4 and 5: its provider codes and the variables they read. Traefik and Terraform use the same."""

from subscriptions.recipes.providers import DnsPlugin

PLUGINS = {
    "rfc2136": DnsPlugin(
        "rfc2136", ("RFC2136_NAMESERVER", "RFC2136_TSIG_KEY", "RFC2136_TSIG_SECRET", "RFC2136_TSIG_ALGORITHM")
    ),
    "cloudflare": DnsPlugin("cloudflare", ("CF_DNS_API_TOKEN",)),
    "route53": DnsPlugin("route53", ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")),
    "azure": DnsPlugin("azuredns", ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID"), complete=False),
    "gcloud": DnsPlugin("gcloud", ("GCE_PROJECT", "GCE_SERVICE_ACCOUNT_FILE")),
    "digitalocean": DnsPlugin("digitalocean", ("DO_AUTH_TOKEN",)),
    "ovh": DnsPlugin("ovh", ("OVH_ENDPOINT", "OVH_APPLICATION_KEY", "OVH_APPLICATION_SECRET", "OVH_CONSUMER_KEY")),
    "hetzner": DnsPlugin("hetzner", ("HETZNER_API_TOKEN",)),
    "ionos": DnsPlugin("ionos", ("IONOS_API_KEY",)),
    "gandi": DnsPlugin("gandiv5", ("GANDIV5_PERSONAL_ACCESS_TOKEN",)),
    "godaddy": DnsPlugin("godaddy", ("GODADDY_API_KEY", "GODADDY_API_SECRET")),
    "namecheap": DnsPlugin("namecheap", ("NAMECHEAP_API_USER", "NAMECHEAP_API_KEY")),
    "inwx": DnsPlugin("inwx", ("INWX_USERNAME", "INWX_PASSWORD")),
    "netcup": DnsPlugin("netcup", ("NETCUP_CUSTOMER_NUMBER", "NETCUP_API_KEY", "NETCUP_API_PASSWORD")),
    "transip": DnsPlugin("transip", ("TRANSIP_ACCOUNT_NAME", "TRANSIP_PRIVATE_KEY_PATH")),
    "desec": DnsPlugin("desec", ("DESEC_TOKEN",)),
    "autodns": DnsPlugin("autodns", ("AUTODNS_API_USER", "AUTODNS_API_PASSWORD")),
    "infomaniak": DnsPlugin("infomaniak", ("INFOMANIAK_ACCESS_TOKEN",)),
    "linode": DnsPlugin("linode", ("LINODE_TOKEN",)),
    "dnsimple": DnsPlugin("dnsimple", ("DNSIMPLE_OAUTH_TOKEN",)),
    "ns1": DnsPlugin("ns1", ("NS1_API_KEY",)),
    "porkbun": DnsPlugin("porkbun", ("PORKBUN_API_KEY", "PORKBUN_SECRET_API_KEY")),
    "bunny": DnsPlugin("bunny", ("BUNNY_API_KEY",)),
    "scaleway": DnsPlugin("scaleway", ("SCW_SECRET_KEY", "SCW_PROJECT_ID")),
    "powerdns": DnsPlugin("pdns", ("PDNS_API_URL", "PDNS_API_KEY")),
    "acme-dns": DnsPlugin("acme-dns", ("ACME_DNS_API_BASE", "ACME_DNS_STORAGE_PATH")),
}
