"""cert-manager, which orders for Ingresses and Gateways in Kubernetes and OpenShift."""

from .facts import Choice, Option, Platform, Recipe
from .plugins.cert_manager import PLUGINS
from .values import Challenge

RECIPE = Recipe(
    slug="cert-manager",
    name="cert-manager",
    audience="Kubernetes and OpenShift: certificates as Secrets, for Ingresses and Gateways",
    platforms=(Platform.CONTAINERS,),
    challenges=frozenset(Challenge),
    supports_wildcards=True,
    homepage="https://cert-manager.io/docs/configuration/acme/",
    options=(
        Option(
            name="http_mode",
            label="How HTTP-01 is answered on port 80",
            challenge=Challenge.HTTP_01,
            choices=(
                Choice("ingress", "An ingress controller"),
                Choice("gateway", "The Gateway API"),
            ),
        ),
    ),
    dns_plugins=PLUGINS,
    checked_by="follows its documentation and source (1.21); a YAML parser reads the manifests back",
)
