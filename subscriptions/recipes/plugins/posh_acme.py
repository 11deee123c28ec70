"""Posh-ACME 4: its DNS plug-ins and the arguments that its guide to each of them gives."""

from dataclasses import dataclass

from subscriptions.recipes.providers import DnsPlugin


@dataclass(frozen=True)
class PoshPlugin(DnsPlugin):
    """`secure` are the arguments that take a SecureString: PowerShell asks for them.

    `dns_sleep` are the seconds to wait where a provider publishes slower than Posh-ACME's two minutes.
    """

    secure: tuple[str, ...] = ()
    dns_sleep: int = 0


PLUGINS = {
    "rfc2136": PoshPlugin("RFC2136", ("DDNSNameserver", "DDNSKeyName", "DDNSKeyType"), secure=("DDNSKeyValue",)),
    "cloudflare": PoshPlugin("Cloudflare", secure=("CFToken",)),
    "route53": PoshPlugin("Route53", ("R53AccessKey",), complete=False, secure=("R53SecretKey",)),
    "azure": PoshPlugin("Azure", complete=False),
    "gcloud": PoshPlugin("GCloud", ("GCKeyFile",)),
    "digitalocean": PoshPlugin("DOcean", secure=("DOTokenSecure",)),
    "ovh": PoshPlugin("OVH", ("OVHAppKey", "OVHRegion"), secure=("OVHAppSecret", "OVHConsumerKey")),
    "hetzner": PoshPlugin("HetznerCloud", secure=("HCToken",)),
    "ionos": PoshPlugin("IONOS", ("IONOSKeyPrefix",), secure=("IONOSKeySecret",)),
    "gandi": PoshPlugin("Gandi", secure=("GandiPAT",)),
    "godaddy": PoshPlugin("GoDaddy", ("GDKey",), secure=("GDSecretSecure",)),
    "namecheap": PoshPlugin("Namecheap", ("NCUsername",), secure=("NCApiKey",)),
    "inwx": PoshPlugin("INWX", ("INWXUsername",), complete=False, secure=("INWXPassword",)),
    "netcup": PoshPlugin("Netcup", complete=False, dns_sleep=900),
    "transip": PoshPlugin("TransIP", ("TIPUsername", "TIPKeyPath"), complete=False),
    "desec": PoshPlugin("DeSEC", secure=("DSCToken",)),
    "autodns": PoshPlugin("AutoDNS", ("AutoDNSUser", "AutoDNSContext"), complete=False, secure=("AutoDNSPassword",)),
    "infomaniak": PoshPlugin("Infomaniak", secure=("InfomaniakToken",)),
    "linode": PoshPlugin("Linode", secure=("LIToken",), dns_sleep=1020),
    "dnsimple": PoshPlugin("DNSimple", secure=("DSToken",)),
    "ns1": PoshPlugin("NS1", secure=("NS1Key",)),
    "porkbun": PoshPlugin("Porkbun", secure=("PorkbunAPIKey", "PorkbunSecret")),
    "bunny": PoshPlugin("Bunny", secure=("BunnyAccessKey",)),
    "powerdns": PoshPlugin("PowerDNS", ("PowerDNSApiHost",), complete=False, secure=("PowerDNSApiKey",)),
    "acme-dns": PoshPlugin("AcmeDns", ("ACMEServer",), complete=False),
}
