"""The lines that matter, to the character: what each client's documentation and test runs say."""

import pytest

from subscriptions.recipes import Challenge, recipe_by_slug, render_recipe

from .builders import HMAC_KEY, setup_values

URL = "'https://acme.sectigo.com/v2/OV'"
PLAIN = "-d 'northwind.example' -d 'www.northwind.example'"
WILDCARD = "-d 'northwind.example' -d '*.northwind.example'"
RELOAD = "'systemctl reload nginx'"
RFC2136_FLAGS = """\
  --dns-rfc2136-credentials /etc/letsencrypt/rfc2136.ini \\
  --dns-rfc2136-propagation-seconds 60 \\
"""
INSTALL = "acme.sh --install-cert -d 'northwind.example' --ecc --key-file '/etc/ssl/northwind.example.key'"


def blocks(slug: str, choice: str) -> dict[str, str]:
    """The blocks for an HTTP-01 mode, or for DNS-01 with a wildcard where the choice is a provider."""
    if choice in ("standalone", "webroot", "nginx"):
        values = setup_values(options={"http_mode": choice})
    else:
        names = ("*.northwind.example", "northwind.example")
        values = setup_values(names=names, challenge=Challenge.DNS_01, options={"dns_provider": choice})
    rendered = render_recipe(recipe_by_slug(slug), values)
    return {block.id.removeprefix(f"{slug}-"): block.text for block in rendered.blocks}


@pytest.mark.parametrize(
    ("choice", "order"),
    [
        ("standalone", f"certbot certonly --server {URL} --standalone {PLAIN} \\\n  --deploy-hook {RELOAD}"),
        ("webroot", f"certbot certonly --server {URL} --webroot -w /var/www/html {PLAIN} \\\n  --deploy-hook {RELOAD}"),
        ("nginx", f"certbot run --server {URL} --nginx {PLAIN} --redirect"),
        (
            "rfc2136",
            f"certbot certonly --server {URL} --dns-rfc2136 \\\n{RFC2136_FLAGS}  {WILDCARD} --deploy-hook {RELOAD}",
        ),
        ("route53", f"certbot certonly --server {URL} --dns-route53 \\\n  {WILDCARD} --deploy-hook {RELOAD}"),
    ],
)
def test_certbot_order(choice: str, order: str) -> None:
    assert blocks("certbot", choice)["order"] == order


def test_certbot_registration() -> None:
    found = blocks("certbot", "standalone")
    assert found["credentials"].splitlines() == [
        " (umask 077; mkdir -p /etc/letsencrypt; cat > /etc/letsencrypt/eab.ini) <<'EOF'",
        "server = https://acme.sectigo.com/v2/OV",
        "email = tls@northwind.example",
        "agree-tos = true",
        "eab-kid = r5xYmBnYZ2fI4LN7RpCEAg",
        f"eab-hmac-key = {HMAC_KEY}",
        "EOF",
    ]
    assert found["register"] == "certbot register -c /etc/letsencrypt/eab.ini --non-interactive"
    assert found["cron"] == "0 3,15 * * * root /opt/certbot/bin/certbot -q renew"


@pytest.mark.parametrize(
    ("choice", "order"),
    [
        ("standalone", f"acme.sh --issue --server {URL} --standalone {PLAIN} --days 60"),
        ("webroot", f"acme.sh --issue --server {URL} -w /var/www/html {PLAIN} --days 60"),
        ("rfc2136", f"acme.sh --issue --server {URL} --dns dns_nsupdate {WILDCARD} --days 60 --dnssleep 60"),
        ("cloudflare", f"acme.sh --issue --server {URL} --dns dns_cf {WILDCARD} --days 60"),
    ],
)
def test_acme_sh_order(choice: str, order: str) -> None:
    found = blocks("acme-sh", choice)
    assert found["order"] == order
    assert found["install-cert"] == (
        f"{INSTALL} \\\n  --fullchain-file '/etc/ssl/northwind.example.pem' --reloadcmd {RELOAD}"
    )


def test_acme_sh_registration() -> None:
    assert blocks("acme-sh", "cloudflare")["register"] == (
        f" acme.sh --register-account --server {URL} -m 'tls@northwind.example' \\\n"
        f"  --eab-kid 'r5xYmBnYZ2fI4LN7RpCEAg' --eab-hmac-key '{HMAC_KEY}'"
    )
    assert blocks("acme-sh", "cloudflare")["dns-login"] == (
        " export CF_Token='YOUR_CF_TOKEN' CF_Account_ID='YOUR_CF_ACCOUNT_ID'"
    )


@pytest.mark.parametrize(
    ("choice", "flags"),
    [
        ("standalone", "--domains 'northwind.example' --domains 'www.northwind.example' --http"),
        (
            "webroot",
            "--domains 'northwind.example' --domains 'www.northwind.example' --http --http.webroot /var/www/html",
        ),
        ("rfc2136", "--domains 'northwind.example' --domains '*.northwind.example' --dns rfc2136"),
        ("cloudflare", "--domains 'northwind.example' --domains '*.northwind.example' --dns cloudflare"),
    ],
)
def test_lego_script(choice: str, flags: str) -> None:
    found = blocks("lego", choice)
    dns_login = [] if "webroot" in flags or flags.endswith("--http") else [". /etc/lego/dns.env"]
    assert found["script"].splitlines() == [
        "cat > /etc/lego/lego-caas <<'EOF'",
        "#!/bin/sh",
        "set -aeu",
        ". /etc/lego/lego.env",
        *dns_login,
        'exec lego --path /etc/lego --server "$LEGO_SERVER" --email "$LEGO_EMAIL" --accept-tos \\',
        '  --eab --kid "$LEGO_EAB_KID" --hmac "$LEGO_EAB_HMAC" \\',
        f'  {flags} "$@"',
        "EOF",
        "chmod 700 /etc/lego/lego-caas",
    ]
    assert found["order"] == "/etc/lego/lego-caas run"
    assert f'ExecStart=/etc/lego/lego-caas renew --days 30 --renew-hook "{RELOAD[1:-1]}"' in found["timer"]


def test_lego_5_registers_once_and_renews_by_running_again() -> None:
    values = setup_values(options={"lego_version": "5", "http_mode": "standalone"})
    found = {block.id: block.text for block in render_recipe(recipe_by_slug("lego"), values).blocks}
    assert found["lego-register"] == (
        "(set -a; . /etc/lego/lego.env; lego accounts register "
        '--server "$LEGO_SERVER" --email "$LEGO_EMAIL" --accept-tos '
        '--eab --eab.kid "$LEGO_EAB_KID" --eab.hmac "$LEGO_EAB_HMAC")'
    )
    assert 'exec lego run --server "$LEGO_SERVER" --email "$LEGO_EMAIL" \\' in found["lego-script"]
    assert "-d 'northwind.example' -d 'www.northwind.example' --http \"$@\"" in found["lego-script"]
    assert 'ExecStart=/etc/lego/lego-caas --deploy-hook "systemctl reload nginx"' in found["lego-timer"]


def test_each_surprise_stands_on_its_page() -> None:
    expected = {
        "certbot": ["renew --dry-run", "AttributeError: can't set attribute", "letsencrypt.log", "--force-renewal"],
        "acme-sh": [
            "ZeroSSL",
            "--set-default-ca",
            "Changed default CA to",
            "ca.conf",
            "Skipping invalid cert",
        ],
        "lego": [
            "Server requires External Account Binding",
            "up to 8 minutes",
            "not run by a shell",
            "in the same order",
        ],
    }
    for slug, texts in expected.items():
        html = " ".join(render_recipe(recipe_by_slug(slug), setup_values()).html.split())
        assert [text for text in texts if text not in html] == []
