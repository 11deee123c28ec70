"""Ansible's modules for TXT records; the variables are those that the page's playbook hands to them."""

from subscriptions.recipes.providers import DnsPlugin

PLUGINS = {
    "rfc2136": DnsPlugin("community.general.nsupdate", ("dns_server", "tsig_name", "tsig_secret")),
    "cloudflare": DnsPlugin("community.general.cloudflare_dns", ("dns_zone", "cloudflare_token")),
    "route53": DnsPlugin("amazon.aws.route53", ("dns_zone", "aws_access_key", "aws_secret_key")),
    "hetzner": DnsPlugin("hetzner.hcloud.zone_rrset", ("dns_zone", "hcloud_token")),
    "gandi": DnsPlugin("community.general.gandi_livedns", ("dns_zone", "gandi_token")),
}
