"""The words of a rendered page that are not ours: flags, variables, names of plug-ins, settings of the clients."""

import html
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from typing import Any

import yaml

from subscriptions.recipes import (
    Block,
    Challenge,
    Recipe,
    RenderedRecipe,
    SandboxTrust,
    recipe_by_slug,
    render_recipe,
)

from .builders import setup_values

# (kind, word): what a row of the table is about.
Word = tuple[str, str]

# Their login stands in a file of ours, under names of ours.
NAMED_HERE = ("ansible", "cert-manager")
PROGRAMS = {
    "certbot": "certbot",
    "simple-acme": r"(?:\.\\)?wacs\.exe",
    "acme-sh": r"(?:\./)?acme\.sh",
    "hosting-panels": r"(?:\./)?acme\.sh",
    "lego": r"lego|/etc/lego/lego-caas",
    "dehydrated": "dehydrated",
    "uacme": "uacme",
    "caddy": "caddy",
    "proxmox-ve": "pvenode",
    "traefik": "traefik",
}
_FLAG = re.compile(r"(?<![\w/.=:'\"-])--?[A-Za-z][\w.-]*")
_VARIABLE = re.compile(r"(?<![\w.-])(?!YOUR_)[A-Za-z]\w*_\w+(?![\w.-])")
_SHELL = ("shell", "sh", "bash")
_ASSIGNED = re.compile(r"^\s*(?:export )?(?=[A-Za-z_]+=)(.*)$", re.MULTILINE)
_NAME = re.compile(r"(?:(?<=\s)|^)([A-Za-z][A-Za-z0-9_]*)=")
# Variables of the shell, of systemd and of the pages' own scripts.
_OURS = {
    "HISTCONTROL", "PATH", "HOME", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "SECTIGO_EAB_HMAC_KEY",
    "ACME_SERVER", "ACME_EMAIL", "ACME_NAMES", "ACME_RELOAD", "DNS_SERVER", "EAB_KEY_ID", "EAB_HMAC_KEY", "record",
    "change", "After", "Description", "ExecStart", "OnCalendar", "Persistent", "RandomizedDelaySec", "Type", "WantedBy",
    "Wants", "Environment", "EnvironmentFile", "SANDBOX_ROOT_IN_BASE64", "KEY_ID", "cap_net_bind_service",
    "tls_private_key", "CMD_API_SSL", "public_html",
}  # fmt: skip


def pages_of(recipe: Recipe) -> Iterator[RenderedRecipe]:
    """Every page of a client: each challenge with every combination of its options, with the sandbox and without."""
    for challenge in sorted(recipe.challenges):
        options = recipe.options_for(challenge)
        names = ["northwind.example", "www.northwind.example"]
        if challenge is Challenge.DNS_01 and recipe.supports_wildcards:
            names[1] = "*.northwind.example"
        for values in itertools.product(*([choice.value for choice in option.choices] for option in options)):
            chosen = {option.name: value for option, value in zip(options, values, strict=True)}
            if chosen.get("reload", "nginx") != "nginx":
                continue
            for trust in (None, SandboxTrust(ca_url="http://localhost:8000/root.pem")):
                rendered = render_recipe(
                    recipe, setup_values(challenge=challenge, options=chosen, names=tuple(names), trust=trust)
                )
                if not rendered.refusals:
                    yield rendered


def words_of(recipe: Recipe) -> frozenset[Word]:
    """Every word of the client's pages that stands for something in the client."""
    return _words_of(recipe.slug)


@cache  # its pages are many
def _words_of(slug: str) -> frozenset[Word]:
    recipe = recipe_by_slug(slug)
    found: set[Word] = set()
    logins: set[Word] = set()
    for plugin in recipe.dns_plugins.values():
        found.add(("provider", plugin.name))
        if recipe.slug not in NAMED_HERE:
            found |= {("variable", f"{plugin.name} {name}") for name in _logins_of(plugin)}
        logins |= {("setting", plugin.name), *(("setting", name) for name in _logins_of(plugin))}
        logins |= {("flag", f"--{name}") for name in _logins_of(plugin)}
    for rendered in pages_of(recipe):
        for block in rendered.blocks:
            found |= _words_of_block(recipe, block)
        found |= _words_of_prose(recipe, rendered.html)
    return frozenset(found - logins)


def _logins_of(plugin: Any) -> list[str]:
    names = [*plugin.variables]
    for field in fields(plugin):
        if field.name in ("secure", "asked"):
            names += getattr(plugin, field.name)
    return names


def _words_of_block(recipe: Recipe, block: Block) -> set[Word]:
    text = block.text.replace("\\\n", " ").replace("`\n", " ")
    found = {("flag", flag) for flag in _flags_of(recipe, text)}
    reader = _READERS.get(recipe.slug)
    if reader:
        found |= {("setting", word) for word in reader(block, text)}
    return found


def _flags_of(recipe: Recipe, text: str) -> set[str]:
    program = PROGRAMS.get(recipe.slug)
    if program is None:
        return set()
    commands = re.findall(rf"(?:^|[\s;(&|/=])(?<!-u )(?:{program})(?=\s)([^\n|;&)]*)", text, re.MULTILINE)
    return {flag for command in commands for flag in _FLAG.findall(re.sub(r"'[^']*'", "''", command))}


def _words_of_prose(recipe: Recipe, page: str) -> set[Word]:
    outside = re.sub(r"<pre.*?</pre>", "", page, flags=re.DOTALL)
    codes = [html.unescape(code) for code in re.findall(r"<code>(.*?)</code>", outside, re.DOTALL)]
    named = {name for code in codes for name in _VARIABLE.findall(code)} - _OURS
    found: set[Word] = {("setting", name) for name in named}
    if recipe.slug not in PROGRAMS and recipe.slug != "posh-acme":
        return found
    for code in codes:
        if code.startswith("-") or re.match(rf"(?:{PROGRAMS.get(recipe.slug, 'New-PA')})", code):
            kind = "setting" if recipe.slug == "posh-acme" else "flag"
            found |= {(kind, flag) for flag in _FLAG.findall(code) if flag not in NOT_THEIRS}
    return found


NOT_THEIRS = {"-value", "-domain"}


# --- Settings -------------------------------------------------------------------------------------------------------


def _assigned(block: Block, text: str) -> set[str]:
    if block.language not in (*_SHELL, "dotenv"):
        return set()
    lines = _ASSIGNED.findall(text)
    return {name for line in lines for name in _NAME.findall(re.sub(r"'[^']*'|\"[^\"]*\"", "''", line))} - _OURS


def _ini(block: Block, text: str) -> set[str]:
    return set(re.findall(r"^\s*([a-z][a-z0-9_-]+) = ", text, re.MULTILINE)) if block.language == "shell" else set()


def _first_words(block: Block, text: str) -> set[str]:
    if block.language not in ("caddyfile", "shell"):
        return set()
    inside = text if block.language == "caddyfile" else "".join(re.findall(r"<<'EOF'\n(.*?)\nEOF", text, re.DOTALL))
    words = re.findall(r"^\s*([a-z_]+)\b(?![.,])", inside, re.MULTILINE)
    return {word for word in words if "_" in word or block.language == "caddyfile"}


def _nginx(block: Block, text: str) -> set[str]:
    return set(re.findall(r"^\s*([a-z_]+)\b", text, re.MULTILINE)) if block.language == "nginx" else set()


def _httpd(block: Block, text: str) -> set[str]:
    return set(re.findall(r"^\s*<?(MD\w+)", text, re.MULTILINE))


def _haproxy(block: Block, text: str) -> set[str]:
    if block.language != "haproxy" and "acme sectigo" not in text:
        return set()
    section = re.findall(r"^acme sectigo\n((?:    .*\n)+)", text + "\n", re.MULTILINE)
    return {line.split()[0] for part in section for line in part.splitlines()}


def _keys(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield (f"{path}.{key}" if path else str(key)), value
            yield from _keys(value, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list):
        for one in node:
            yield from _keys(one, path)


def _traefik(block: Block, text: str) -> set[str]:
    if block.language != "yaml":
        return set()
    loaded = yaml.safe_load(text)
    settings = {name.removeprefix("certificatesResolvers.sectigo.") for name, _ in _keys(loaded)}
    acme = {f"acme.{name.partition('acme.')[2]}" for name in settings if "acme." in name}
    flags = re.findall(r"--certificatesresolvers\.sectigo\.(acme\.[\w.]+)=", text)
    return {name.lower() for name in (*acme, *flags)}


def _cert_manager(block: Block, text: str) -> set[str]:
    if block.language == "yaml":
        loaded = yaml.safe_load(text)
        if loaded["kind"] in ("ClusterIssuer", "Certificate"):
            return {f"{loaded['kind']} {name.rpartition('.')[2]}" for name, _ in _keys(loaded["spec"])}
    return {f"helm {name}" for name in re.findall(r"--set ([\w.]+)=", text)}


def _posh(block: Block, text: str) -> set[str]:
    if block.language != "powershell":
        return set()
    found: set[str] = set()
    for line in text.splitlines():
        for statement in re.split(r"[|{}]", line):
            words = statement.split()
            if words and re.fullmatch(r"[A-Z][a-z]+-(?:PA\w+|Renewal)", words[0]):
                bare = re.sub(r"'[^']*'", "''", statement)
                found |= {words[0], *_FLAG.findall(bare)}
    return found


def _terraform(block: Block, text: str) -> set[str]:
    if block.language != "hcl":
        return set()
    resources = re.findall(r'^resource "acme_\w+" "\w+" \{\n(.*?)^\}', text, re.MULTILINE | re.DOTALL)
    names = {name for part in resources for name in re.findall(r"^\s+([a-z_0-9]+)\s*(?:=|\{)", part, re.MULTILINE)}
    return names | set(re.findall(r'resource "(acme_\w+)"', text)) | {"server_url"}


def _ansible(block: Block, text: str) -> set[str]:
    if block.language != "yaml":
        return set()
    return {
        name if isinstance(options, str) else f"{name} {option}"
        for name, options in _keys(yaml.safe_load(text))
        for name in [re.sub(r"^.*?((?:community|amazon|hetzner)\.\w+\.\w+)$", r"\1", name)]
        if re.fullmatch(r"(?:community|amazon|hetzner)\.\w+\.\w+", name)
        for option in (options if isinstance(options, Mapping) else [""])
    }


_NODE_OPTIONS = """
directoryUrl accountKey accountUrl externalAccountBinding kid hmacKey termsOfServiceAgreed contact altNames csr
challengePriority challengeCreateFn challengeRemoveFn skipChallengeVerification notBefore notAfter domains
"""


def _node(block: Block, text: str) -> set[str]:
    if block.language != "javascript":
        return set()
    called = set(re.findall(r"\b(?:acme(?:\.crypto)?|client)\.(\w+)\(", text))
    return called | {word for word in _NODE_OPTIONS.split() if re.search(rf"\b{word}\b", text)}


def _panels(block: Block, text: str) -> set[str]:
    words = set(re.findall(r"--deploy-hook (\w+)", text)) | set(re.findall(r"--dns (dns_\w+)", text))
    return words | _assigned(block, text)


_READERS: dict[str, Any] = {
    "certbot": _ini,
    "acme-sh": _assigned,
    "hosting-panels": _panels,
    "lego": _assigned,
    "dehydrated": _assigned,
    "uacme": _assigned,
    "caddy": _first_words,
    "nginx-acme": _nginx,
    "apache-mod-md": _httpd,
    "haproxy": _haproxy,
    "traefik": _traefik,
    "cert-manager": _cert_manager,
    "posh-acme": _posh,
    "terraform": _terraform,
    "ansible": _ansible,
    "node-acme-client": _node,
}
