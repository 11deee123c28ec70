"""acme.sh 3.1: the scripts of its `dnsapi` directory and the variables they read."""

from subscriptions.recipes.providers import DnsPlugin

PLUGINS = {
    "rfc2136": DnsPlugin("dns_nsupdate", ("NSUPDATE_SERVER", "NSUPDATE_KEY")),
    "cloudflare": DnsPlugin("dns_cf", ("CF_Token", "CF_Account_ID")),
    "route53": DnsPlugin("dns_aws", ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")),
    "azure": DnsPlugin(
        "dns_azure", ("AZUREDNS_SUBSCRIPTIONID", "AZUREDNS_TENANTID", "AZUREDNS_APPID", "AZUREDNS_CLIENTSECRET")
    ),
    "gcloud": DnsPlugin("dns_gcloud", complete=False),
    "digitalocean": DnsPlugin("dns_dgon", ("DO_API_KEY",)),
    "ovh": DnsPlugin("dns_ovh", ("OVH_AK", "OVH_AS", "OVH_CK")),
    "hetzner": DnsPlugin("dns_hetznercloud", ("HETZNER_TOKEN",)),
    "ionos": DnsPlugin("dns_ionos", ("IONOS_PREFIX", "IONOS_SECRET")),
    "gandi": DnsPlugin("dns_gandi_livedns", ("GANDI_LIVEDNS_KEY",)),
    "godaddy": DnsPlugin("dns_gd", ("GD_Key", "GD_Secret")),
    "namecheap": DnsPlugin("dns_namecheap", ("NAMECHEAP_API_KEY", "NAMECHEAP_USERNAME", "NAMECHEAP_SOURCEIP")),
    "inwx": DnsPlugin("dns_inwx", ("INWX_User", "INWX_Password")),
    "netcup": DnsPlugin("dns_netcup", ("NC_Apikey", "NC_Apipw", "NC_CID")),
    "transip": DnsPlugin("dns_transip", ("TRANSIP_Username", "TRANSIP_Key_File")),
    "desec": DnsPlugin("dns_desec", complete=False),
    "autodns": DnsPlugin("dns_autodns", ("AUTODNS_USER", "AUTODNS_PASSWORD", "AUTODNS_CONTEXT")),
    "infomaniak": DnsPlugin("dns_infomaniak", ("INFOMANIAK_API_TOKEN",)),
    "linode": DnsPlugin("dns_linode_v4", ("LINODE_V4_API_KEY",)),
    "dnsimple": DnsPlugin("dns_dnsimple", ("DNSimple_OAUTH_TOKEN",)),
    "ns1": DnsPlugin("dns_nsone", ("NS1_Key",)),
    "porkbun": DnsPlugin("dns_porkbun", ("PORKBUN_API_KEY", "PORKBUN_SECRET_API_KEY")),
    "bunny": DnsPlugin("dns_bunny", ("BUNNY_API_KEY",)),
    "scaleway": DnsPlugin("dns_scaleway", ("SCALEWAY_API_TOKEN",)),
    "powerdns": DnsPlugin("dns_pdns", ("PDNS_Url", "PDNS_ServerId", "PDNS_Token", "PDNS_Ttl")),
    "acme-dns": DnsPlugin("dns_acmedns", ("ACMEDNS_BASE_URL",), complete=False),
}
