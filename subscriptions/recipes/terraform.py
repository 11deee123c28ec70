"""Terraform and OpenTofu with the provider vancluever/acme, which has lego inside."""

from .facts import Choice, Option, Platform, Recipe
from .plugins.terraform import PLUGINS
from .values import Challenge

RECIPE = Recipe(
    slug="terraform",
    name="Terraform / OpenTofu",
    audience="Certificates as resources beside what uses them: the provider vancluever/acme",
    platforms=(Platform.AUTOMATION,),
    challenges=frozenset(Challenge),
    supports_wildcards=True,
    homepage="https://registry.terraform.io/providers/vancluever/acme/latest/docs",
    options=(
        Option(
            name="program",
            label="Program",
            choices=(Choice("terraform", "Terraform"), Choice("tofu", "OpenTofu")),
        ),
        Option(
            name="http_mode",
            label="How HTTP-01 is answered on port 80",
            challenge=Challenge.HTTP_01,
            choices=(
                Choice("webroot", "A web server on this machine serves /var/www/html"),
                Choice("standalone", "Port 80 is free: the provider answers itself"),
            ),
        ),
    ),
    dns_plugins=PLUGINS,
    checked_by="follows the provider's documentation (2.48); an HCL parser reads the configuration back",
)
