"""Caddy's modules for DNS providers (`github.com/caddy-dns/NAME`); the variables are the lines of their block.

Names and lines are those of each module's own documentation; no module is loaded by the tests.
"""

from dataclasses import dataclass

from subscriptions.recipes.providers import DnsPlugin


@dataclass(frozen=True)
class CaddyModule(DnsPlugin):
    """A module; with `on_one_line` it takes its one value on the line of its name, not in a block.

    `repository` is where it is built from, where that is not the module's own; `repository_note` says why.
    """

    on_one_line: bool = False
    repository: str = ""
    repository_note: str = ""

    @property
    def built_from(self) -> str:
        """The Go module that `xcaddy build --with` takes."""
        return self.repository or f"github.com/caddy-dns/{self.name}"


PLUGINS = {
    "rfc2136": CaddyModule("rfc2136", ("key_name", "key_alg", "key", "server")),
    "cloudflare": CaddyModule("cloudflare", ("api_token",), on_one_line=True),
    "route53": CaddyModule("route53", ("access_key_id", "secret_access_key"), complete=False),
    "azure": CaddyModule(
        "azure", ("subscription_id", "resource_group_name", "tenant_id", "client_id", "client_secret"), complete=False
    ),
    "gcloud": CaddyModule("googleclouddns", ("gcp_project",), complete=False),
    "digitalocean": CaddyModule("digitalocean", ("auth_token",), on_one_line=True),
    "ovh": CaddyModule("ovh", ("endpoint", "application_key", "application_secret", "consumer_key")),
    "hetzner": CaddyModule("hetzner", ("api_token",), on_one_line=True, repository="github.com/caddy-dns/hetzner/v2"),
    "ionos": CaddyModule("ionos", ("api_token",), on_one_line=True),
    "gandi": CaddyModule(
        "gandi",
        ("bearer_token",),
        on_one_line=True,
        repository_note=(
            "Its issue 12 says that it does not build with Caddy 2.10 or newer. Where the build fails, begin the "
            "command with “xcaddy build v2.9.1”."
        ),
    ),
    "godaddy": CaddyModule("godaddy", ("api_token",), on_one_line=True),
    "namecheap": CaddyModule("namecheap", ("api_key", "user"), complete=False),
    "inwx": CaddyModule("inwx", ("username", "password"), complete=False),
    "netcup": CaddyModule("netcup", ("customer_number", "api_key", "api_password")),
    "transip": CaddyModule("transip", ("login", "private_key")),
    "desec": CaddyModule("desec", ("token",)),
    "infomaniak": CaddyModule("infomaniak", ("api_token",), on_one_line=True),
    "linode": CaddyModule("linode", ("api_token",), on_one_line=True),
    "dnsimple": CaddyModule("dnsimple", ("api_access_token",), on_one_line=True),
    "porkbun": CaddyModule("porkbun", ("api_key", "api_secret_key")),
    "bunny": CaddyModule("bunny", ("access_key",), on_one_line=True),
    "scaleway": CaddyModule("scaleway", complete=False),
    "powerdns": CaddyModule(
        "powerdns",
        ("server_url", "api_token"),
        repository="github.com/victories/powerdns",
        repository_note=(
            "Since Caddy 2.10 the module's own repository, caddy-dns/powerdns, does not build (its issue 4). This is "
            "a fork by somebody else, offered there as pull request 5: look at it before you use it. Caddy's download "
            "page does not have it."
        ),
    ),
    "acme-dns": CaddyModule("acmedns", ("username", "password", "subdomain", "server_url")),
}
