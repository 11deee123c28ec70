"""The cert-manager page: its manifests, read back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.recipes import Challenge, SandboxTrust
from subscriptions.recipes.plugins.cert_manager import PLUGINS

from .builders import HMAC_KEY, setup_values
from .parsed import block_text, few, hostile, names, page_text, render, urls, yaml_of

FROM_FILES = {"gcloud", "acme-dns"}


def entry(key: str) -> dict[str, str]:
    """A reference to one entry of the Secret with the DNS login."""
    return {"name": "dns-login", "key": key}


def test_manifests() -> None:
    rendered = render("cert-manager", setup_values())
    assert yaml_of(rendered, "cert-manager-credentials") == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "sectigo-eab", "namespace": "cert-manager"},
        "stringData": {"secret": HMAC_KEY},
    }
    assert yaml_of(rendered, "cert-manager-issuer") == {
        "apiVersion": "cert-manager.io/v1",
        "kind": "ClusterIssuer",
        "metadata": {"name": "sectigo"},
        "spec": {
            "acme": {
                "server": "https://acme.sectigo.com/v2/OV",
                "email": "tls@northwind.example",
                "privateKeySecretRef": {"name": "sectigo-account-key"},
                "externalAccountBinding": {
                    "keyID": "r5xYmBnYZ2fI4LN7RpCEAg",
                    "keySecretRef": {"name": "sectigo-eab", "key": "secret"},
                },
                "solvers": [{"http01": {"ingress": {"ingressClassName": "YOUR_INGRESS_CLASS"}}}],
            }
        },
    }
    assert yaml_of(rendered, "cert-manager-certificate") == {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": {"name": "site", "namespace": "default"},
        "spec": {
            "secretName": "site-tls",
            "issuerRef": {"name": "sectigo", "kind": "ClusterIssuer"},
            "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
            "dnsNames": ["northwind.example", "www.northwind.example"],
        },
    }


def solver(**values: Any) -> dict[str, Any]:
    (found,) = yaml_of(render("cert-manager", setup_values(**values)), "cert-manager-issuer")["spec"]["acme"]["solvers"]
    assert isinstance(found, dict)
    return found


def test_gateway() -> None:
    gateway = {"kind": "Gateway", "name": "YOUR_GATEWAY", "namespace": "YOUR_NAMESPACE"}
    assert solver(options={"http_mode": "gateway"}) == {"http01": {"gatewayHTTPRoute": {"parentRefs": [gateway]}}}


SOLVERS = {
    "rfc2136": {
        "nameserver": "192.0.2.53:53",
        "tsigKeyName": "YOUR_TSIG_NAME",
        "tsigAlgorithm": "HMACSHA256",
        "tsigSecretSecretRef": entry("tsig_secret"),
    },
    "cloudflare": {"apiTokenSecretRef": entry("api_token")},
    "route53": {
        "region": "YOUR_REGION",
        "accessKeyIDSecretRef": entry("access_key_id"),
        "secretAccessKeySecretRef": entry("secret_access_key"),
    },
    "azure": {
        "environment": "AzurePublicCloud",
        "tenantID": "YOUR_TENANT_ID",
        "subscriptionID": "YOUR_SUBSCRIPTION_ID",
        "resourceGroupName": "YOUR_RESOURCE_GROUP",
        "hostedZoneName": "YOUR_ZONE",
        "clientID": "YOUR_CLIENT_ID",
        "clientSecretSecretRef": entry("client_secret"),
    },
    "gcloud": {"project": "YOUR_PROJECT", "serviceAccountSecretRef": entry("key.json")},
    "digitalocean": {"tokenSecretRef": entry("access_token")},
    "akamai": {
        "serviceConsumerDomain": "YOUR_API_HOST",
        "clientTokenSecretRef": entry("client_token"),
        "clientSecretSecretRef": entry("client_secret"),
        "accessTokenSecretRef": entry("access_token"),
    },
    "acme-dns": {"host": "YOUR_ACME_DNS_URL", "accountSecretRef": entry("acmedns.json")},
}


@pytest.mark.parametrize("provider", PLUGINS)
def test_solver_and_its_login(provider: str) -> None:
    values: dict[str, Any] = {"challenge": Challenge.DNS_01, "options": {"dns_provider": provider}}
    assert solver(**values) == {"dns01": {PLUGINS[provider].name: SOLVERS[provider]}}
    rendered = render("cert-manager", setup_values(**values))
    registered = block_text(rendered, "cert-manager-register")
    if provider in FROM_FILES:
        (file,) = PLUGINS[provider].variables
        assert block_text(rendered, "cert-manager-dns-login") == (
            f"kubectl create secret generic dns-login --namespace cert-manager --from-file={file}"
        )
        assert "dns-secret.yaml" not in registered
    else:
        secret = yaml_of(rendered, "cert-manager-dns-login")
        assert secret["metadata"] == {"name": "dns-login", "namespace": "cert-manager"}
        assert tuple(secret["stringData"]) == PLUGINS[provider].variables
        assert "-f eab-secret.yaml -f dns-secret.yaml -f cluster-issuer.yaml" in registered


def test_every_word_to_fill_in_is_named() -> None:
    for provider in PLUGINS:
        values = setup_values(challenge=Challenge.DNS_01, options={"dns_provider": provider})
        (issuer,) = [b for b in render("cert-manager", values).blocks if b.id == "cert-manager-issuer"]
        words = {word for word in issuer.text.replace('"', " ").split() if word.startswith("YOUR_")}
        assert words <= set(issuer.fill_in)


def test_sandbox_root() -> None:
    rendered = render("cert-manager", setup_values(trust=SandboxTrust(ca_url="http://localhost:8000/sandbox.pem")))
    assert yaml_of(rendered, "cert-manager-issuer")["spec"]["acme"]["caBundle"] == "SANDBOX_ROOT_IN_BASE64"
    assert "base64 -w 0 < 'sandbox-root.pem'" in block_text(rendered, "cert-manager-trust")


@few
@given(key_id=hostile, hmac_key=hostile, email=st.emails(), directory_url=urls, names=names)
def test_values_read_back(key_id: str, hmac_key: str, email: str, directory_url: str, names: tuple[str, ...]) -> None:
    values = setup_values(
        eab_key_id=key_id, eab_hmac_key=hmac_key, email=email, directory_url=directory_url, names=names
    )
    rendered = render("cert-manager", values)
    if rendered.refusals:
        assert rendered.blocks == ()
        return
    acme = yaml_of(rendered, "cert-manager-issuer")["spec"]["acme"]
    assert (acme["server"], acme["email"]) == (directory_url, email)
    assert acme["externalAccountBinding"]["keyID"] == key_id
    assert yaml_of(rendered, "cert-manager-credentials")["stringData"] == {"secret": hmac_key}
    assert yaml_of(rendered, "cert-manager-certificate")["spec"]["dnsNames"] == list(names)


def test_surprises_stand_on_the_page() -> None:
    text = page_text(render("cert-manager", setup_values()))
    expected = [
        "applied to this one it encodes twice",
        "in cert-manager's own namespace",
        "Leave <code>keyAlgorithm</code> out",
        "two thirds of the lifetime",
        "disableAccountKeyGeneration: true",
        "cert-manager.io/cluster-issuer: sectigo",
        "Failed to register ACME account",
    ]
    assert [words for words in expected if words not in text] == []
