"""A domain name is shown as people write it, with its A-labels: by `{% name %}`, `|written` or `rules.written_names`.

Commands and files of set-up pages hold the A-labels alone; so do values, addresses and what only a program reads.
"""

import re

from tests.policy.sources import ROOT, modules

NAME = r"(?:\w+\.)*(?:domain_name|domain\.name|covered_by\.name|companion_of\.name|expired_name)"
BARE = re.compile(
    rf"{{{{\s*(?:{NAME})\s*(?:\|(?!written)\w+[^}}]*)?}}}}|class=\"name\">{{{{\s*(?:\w+\.)*(?:\w+_)?names?\b|names\|(?:\w+:\"[^\"]*\"\|)?join"
)
IN_SENTENCES = re.compile(rf"f\"[^\"]*{{(?:{NAME}|', '\.join\(\w*\.?names\))}}[^\"]*\"")
KEYS = re.compile(r"f\"[\w:]*:{")  # the ledger's own marks: `name:7:example.com`


def test_no_page_and_no_mail_shows_a_bare_name() -> None:
    bare = {
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in (ROOT / "templates").rglob("*.*")
        if "recipes" not in path.parts
        for found in BARE.finditer(path.read_text(encoding="utf-8"))
    }
    assert bare == set()


def test_no_sentence_holds_a_bare_name() -> None:
    bare = {
        f"{name}: {found[0]}"
        for name, path in modules().items()
        if not name.startswith(("subscriptions.sandbox", "subscriptions.recipes", "subscriptions.caas"))
        for found in IN_SENTENCES.finditer(path.read_text(encoding="utf-8"))
        if not KEYS.match(found[0])
    }
    assert bare == set()


def test_what_it_looks_for_is_found() -> None:
    assert BARE.search("<td>{{ row.domain.name }}</td>")
    assert BARE.search('<span class="name">{{ line.name }}</span>')
    assert BARE.search('<span class="name">{{ effects.first_name }}</span>')
    assert BARE.search('{{ known.names|join:", " }}')
    assert not BARE.search("{% name record.domain_name %} {{ record.domain_name|written }}")
    assert IN_SENTENCES.search('f"Add {operation.domain_name}"')
    assert not IN_SENTENCES.search('f"Add {written(operation.domain_name)}"')
