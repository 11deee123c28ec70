"""simple-acme 2.4: its DNS plug-ins and their arguments, as its list of command line arguments gives them."""

from dataclasses import dataclass

from subscriptions.recipes.providers import DnsPlugin


@dataclass(frozen=True)
class WacsPlugin(DnsPlugin):
    """`asked` are the arguments whose value is secret: PowerShell asks for them instead of showing them."""

    asked: tuple[str, ...] = ()


PLUGINS = {
    "rfc2136": WacsPlugin("rfc2136", ("serverhost", "tsigkeyname", "tsigkeyalgorithm"), asked=("tsigkeysecret",)),
    "cloudflare": WacsPlugin("cloudflare", asked=("cloudflareapitoken",)),
    "route53": WacsPlugin("route53", ("route53accesskeyid",), complete=False, asked=("route53secretaccesskey",)),
    "azure": WacsPlugin(
        "azure", ("azuresubscriptionid", "azuretenantid", "azureclientid"), complete=False, asked=("azuresecret",)
    ),
    "gcloud": WacsPlugin("gcpdns", ("serviceaccountkey", "projectid")),
    "digitalocean": WacsPlugin("digitalocean", asked=("digitaloceanapitoken",)),
    "hetzner": WacsPlugin("hetzner", complete=False, asked=("hetznerapitoken",)),
    "godaddy": WacsPlugin("godaddy", ("apikey",), asked=("apisecret",)),
    "transip": WacsPlugin("transip", ("transip-login", "transip-privatekeyfile")),
    "infomaniak": WacsPlugin("infomaniak", asked=("apitoken",)),
    "linode": WacsPlugin("linode", asked=("apitoken",)),
    "ns1": WacsPlugin("ns1", asked=("apikey",)),
    "bunny": WacsPlugin("bunny", complete=False),
    "acme-dns": WacsPlugin("acme-dns", ("acmednsserver",), complete=False),
}
