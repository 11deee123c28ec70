"""Imports flow one way. The table below is the law; a module without a place in it fails."""

import ast
import re
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.policy.sources import PACKAGES, imports, modules

# Each place, and the modules that live there (a package stands for all that is in it).
PLACES = {
    "root": (
        "portal portal.apps portal.celery portal.checks portal.context portal.health portal.local_env "
        "portal.management portal.processes portal.urls portal.views portal.wsgi accounts subscriptions "
        "accounts.apps subscriptions.apps"
    ),
    "leaves": (
        "portal.broker portal.cache portal.crypto portal.env portal.fields portal.middleware portal.redaction "
        "portal.settings"
    ),
    "urls": "accounts.urls subscriptions.urls",
    "surface": (
        "accounts.adapter accounts.admin accounts.middleware accounts.templatetags accounts.views "
        "subscriptions.admin subscriptions.context subscriptions.management subscriptions.templatetags "
        "subscriptions.views"
    ),
    "request": (
        "accounts.access accounts.forms accounts.recent "
        "subscriptions.access subscriptions.filters subscriptions.forms subscriptions.selectors subscriptions.setup "
        "subscriptions.tables"
    ),
    "services": "accounts.services subscriptions.services",
    "tasks": "accounts.tasks subscriptions.tasks",
    "worker": (
        "accounts.emails subscriptions.additions subscriptions.claims subscriptions.connection subscriptions.emails "
        "subscriptions.execution subscriptions.gate subscriptions.heartbeat subscriptions.lanes "
        "subscriptions.drift subscriptions.preregistrations subscriptions.pricing subscriptions.reconcile "
        "subscriptions.sync"
    ),
    "ground": (
        "accounts.addresses accounts.audit accounts.errors accounts.invitations accounts.models accounts.roles "
        "accounts.second_factors accounts.validators "
        "subscriptions.guide subscriptions.health subscriptions.ledger subscriptions.models subscriptions.objections "
        "subscriptions.advice subscriptions.rules subscriptions.vocabulary"
    ),
    "recipes": "subscriptions.recipes",
    "help": "subscriptions.help",
    "caas": "subscriptions.caas",
    "sandbox": "subscriptions.sandbox",
    "sandbox command": "subscriptions.management.commands.sandbox",
}

# From each place, where its modules may import from besides their own place.
MAY_IMPORT = {
    "root": {"leaves", "urls", "surface", "request", "services", "ground"},
    "leaves": set(),
    "urls": {"surface"},
    "surface": {"request", "services", "ground", "recipes", "help"},
    "request": {"services", "ground", "recipes"},
    "services": {"request", "tasks", "ground"},  # tasks: to enqueue only
    "tasks": {"worker", "ground"},
    "worker": {"ground", "caas", "leaves"},
    "ground": {"leaves"},
    "recipes": set(),
    "help": set(),
    "caas": set(),
    "sandbox": set(),
    "sandbox command": {"sandbox"},
}

MODULE_PLACES = {module: place for place, members in PLACES.items() for module in members.split()}
PROJECT_IMPORTS = sorted(
    (importer, imported)
    for importer, many in imports().items()
    for imported in many
    if imported.split(".")[0] in PACKAGES
)


def place_of(module: str) -> str | None:
    """Give the place of the longest package of `module` that has one; a bare package is no place for a module."""
    name = module
    while name:
        if name in MODULE_PLACES and (name not in PACKAGES or name == module):
            return MODULE_PLACES[name]
        name = name.rpartition(".")[0]
    return None


def test_every_module_has_a_place() -> None:
    assert [module for module in modules() if place_of(module) is None] == []


def test_the_table_names_no_module_that_is_gone() -> None:
    assert [module for module in MODULE_PLACES if module not in modules()] == []


def test_imports_flow_one_way() -> None:
    against = [
        f"{importer} ({place_of(importer)}) imports {imported} ({place_of(imported)})"
        for importer, imported in PROJECT_IMPORTS
        if place_of(imported) not in {place_of(importer), *MAY_IMPORT[place_of(importer) or ""]}
    ]
    assert against == []


def tasks_called_at_once(module: str) -> set[str]:
    """What a module takes from `tasks` without enqueueing it by `.delay`."""
    nodes = list(ast.walk(ast.parse(modules()[module].read_text())))
    attributes = [node for node in nodes if isinstance(node, ast.Attribute)]
    named = [node for node in nodes if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(".tasks")]
    enqueued = {node.value for node in attributes if node.attr == "delay"}
    taken = [node for node in attributes if isinstance(node.value, ast.Name) and node.value.id == "tasks"]
    by_name = {alias.name for node in named for alias in node.names}
    return by_name | {node.attr for node in taken if node not in enqueued}


def test_the_request_half_uses_tasks_only_to_enqueue() -> None:
    services = [name for name in modules() if name == "accounts.services" or name.startswith("subscriptions.services")]
    # It sends messages for what is next in its lane, and does nothing else.
    assert {name for service in services for name in tasks_called_at_once(service)} == {"send_due_operations"}


def test_views_fetch_only_through_access_and_selectors() -> None:
    views = [path for name, path in modules().items() if ".views" in name]
    assert views
    doors = re.compile(r"\.objects\b|_default_manager|get_object_or_404|get_list_or_404")
    assert [f"{path.name}: {one}" for path in views for one in doors.findall(path.read_text())] == []


def test_people_know_nothing_of_what_is_sold() -> None:
    assert [pair for pair in PROJECT_IMPORTS if pair[0].startswith("accounts") and pair[1].startswith("sub")] == []


@pytest.mark.parametrize(
    "island", ["subscriptions.caas", "subscriptions.sandbox", "subscriptions.recipes", "subscriptions.help"]
)
def test_islands_import_nothing_of_the_project(island: str) -> None:
    out = [pair for pair in PROJECT_IMPORTS if pair[0].startswith(island) and not pair[1].startswith(island)]
    assert out == []


def test_only_the_client_of_the_ca_speaks_http() -> None:
    speakers = {name for name, many in imports().items() for imported in many if imported.split(".")[0] == "httpx"}
    assert {name for name in speakers if not name.startswith("subscriptions.caas")} == set()
    assert speakers


def test_the_client_of_the_ca_knows_no_setting_and_no_model() -> None:
    django = [
        (name, imported)
        for name, many in imports().items()
        for imported in many
        if name.startswith("subscriptions.caas") and imported.split(".")[0] == "django"
    ]
    assert django == []


def test_there_is_no_cycle() -> None:
    graph = {name: {imported for imported in many if imported in modules()} for name, many in imports().items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))
