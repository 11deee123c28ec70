"""NGINX's own ACME module (nginx-acme), a dynamic module that orders and renews inside nginx."""

from .facts import Platform, Recipe
from .quoting import plain_word
from .refusing import refuse_unwritable
from .values import Challenge

RECIPE = Recipe(
    slug="nginx-acme",
    name="NGINX ACME module",
    audience="Servers with nginx's own packages: no other program is needed, but no wildcard names",
    platforms=(Platform.LINUX,),
    challenges=frozenset({Challenge.HTTP_01}),
    supports_wildcards=False,
    homepage="https://nginx.org/en/docs/http/ngx_http_acme_module.html",
    checked_by="`crossplane` reads the configuration back; the page follows the module's documentation (0.4.1)",
    own_refusals=refuse_unwritable("nginx", plain_word),
)
