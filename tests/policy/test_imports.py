"""Imports flow one way. The table below is the law; a module without a place in it fails."""

import ast
import re
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.policy.sources import PACKAGES, imports, modules

# What each folder of `subscriptions` may import besides itself, the leaves of `portal` and the like step of `accounts`.
# A module has its place by where it lies; a module that lies in no folder is a place of its own.
REQUEST = {"services", "selectors", "access", "forms", "lists", "explain", "kinds", "models", "rules", "happenings"}
MAY_IMPORT = {
    "caas": set(),
    "sandbox": set(),
    "recipes": set(),
    "help": set(),
    "preflight": {"rules"},
    "rules": set(),
    "happenings": set(),
    "models": {"rules"},
    "ledger": {"models", "rules", "caas", "happenings"},
    "kinds": {"ledger", "models", "rules", "caas"},
    "explain": {"models", "rules", "recipes", "happenings", "preflight"},
    "access": {"models"},
    "selectors": {"kinds", "explain", "models", "rules"},
    "worker": {"kinds", "ledger", "models", "rules", "caas", "happenings", "preflight"},
    "notices": {"selectors", "explain", "models", "rules"},
    "tasks": {"worker", "notices", "kinds", "ledger", "models"},
    "services": {"tasks", "kinds", "ledger", "selectors", "models", "rules", "happenings"},
    "forms": {"selectors", "kinds", "models", "rules", "recipes"},
    "lists": {"forms", "selectors", "explain", "models"},
    "views": REQUEST | {"recipes", "help"},
    "admin": REQUEST | {"recipes", "help"},
    "templatetags": REQUEST | {"recipes", "help"},
    "banners": REQUEST | {"recipes", "help"},
    "management": REQUEST | {"recipes", "help"},
    "urls": {"views"},
    "apps": {"notices", "services"},
    "": set(),
}
# `services` may use of these folders only what is named here: to enqueue, to ask, to write a row.
ONLY = {
    ("services", "ledger"): {"moves", "charges", "gate", "clock", "restored"},
    ("selectors", "kinds"): {""},
    ("services", "kinds"): {""},
    ("explain", "preflight"): {"results"},
    ("preflight", "rules"): {"names"},
}
SANDBOX_STARTERS = {"subscriptions.management.commands.sandbox"}

# The steps of `accounts`, from the ground up, and the step of `accounts` that each folder of `subscriptions` stands on.
ACCOUNTS_STEPS = (
    (
        "models fields roles validators addresses browsers address_guard email_addresses errors happenings admin_app"
        " plain_names clearing time_zones"
    ),
    (
        "audit kept_settings changeable contact invitations joining reach second_factors devices throttles guessing"
        " notices planned tallies trail admin_site sessions reset_links told_notices own_tellings recipients"
        " notice_choices undeliverable mail_events"
    ),
    "emails notice_mails sending",
    "tasks",
    "outbox telling",
    "staff",
    "services",
    "access recent meanwhile typed form_filling forms sign_in_forms passkeys",
    "admin admin_told admin_bases adapter middleware receivers session_limits templatetags views",
    "urls apps",
)
LIKE_STEP = (
    {"models": 0, "explain": 0, "selectors": 1, "ledger": 1, "kinds": 1, "worker": 1, "notices": 1, "tasks": 4}
    | dict.fromkeys(("services",), 6)
    | dict.fromkeys(("access", "forms", "lists"), 7)
    | dict.fromkeys(("views", "admin", "templatetags", "banners", "management", "urls"), 8)
)
# The leaves of `portal` know no app; all else of it is the root, which knows all but what only a worker runs.
LEAVES = {
    "broker",
    "redis_broker",
    "cache",
    "crypto",
    "csv_files",
    "env",
    "fields",
    "lookups",
    "middleware",
    "redaction",
    "sealing",
    "settings",
    "smtp",
    "outbound",
    "process_secrets",
    "sessions",
    "task_plan",
    "user_agents",
}
NOT_FOR_THE_ROOT = {"worker", "kinds", "caas"}

PROJECT_IMPORTS = sorted(
    (importer, imported)
    for importer, many in imports().items()
    for imported in many
    if imported.split(".")[0] in PACKAGES
)


def place_of(module: str) -> str:
    """Give the folder of `subscriptions`, or the module of `accounts` or `portal`, that a module lies in."""
    return [*module.split("."), ""][1]


def step_of(module: str) -> int:
    """Give how high in `accounts` a module stands."""
    place = place_of(module) or "models"
    return next(number for number, names in enumerate(ACCOUNTS_STEPS) if place in names.split())


def is_allowed(importer: str, imported: str) -> bool:
    """Whether the table lets one module import another."""
    app, place = importer.split(".")[0], place_of(importer)
    target, wanted = imported.split(".")[0], place_of(imported)
    if target == "portal":
        return wanted in LEAVES or (app == "portal" and place not in LEAVES)
    if app == "portal":
        return place not in LEAVES and (target == "accounts" or wanted not in NOT_FOR_THE_ROOT)
    if app == "accounts":
        return target == "accounts" and (step_of(imported) <= step_of(importer))
    if target == "accounts":
        return step_of(imported) <= LIKE_STEP.get(place, -1)
    if importer in SANDBOX_STARTERS and wanted == "sandbox":
        return True
    only = ONLY.get((place, wanted))
    below = imported.split(".")[2:3] or [""]
    return place == wanted or (wanted in MAY_IMPORT[place] and (only is None or below[0] in only))


def test_every_module_has_a_place() -> None:
    homeless = [
        module for module in modules() if module.startswith("subscriptions") and place_of(module) not in MAY_IMPORT
    ]
    homeless += [
        module
        for module in modules()
        if module.startswith("accounts.") and not any(place_of(module) in names.split() for names in ACCOUNTS_STEPS)
    ]
    assert homeless == []


def test_the_table_names_no_folder_that_is_gone() -> None:
    there = {place_of(module) for module in modules() if module.startswith("subscriptions")}
    assert set(MAY_IMPORT) - there == set()


def test_imports_flow_one_way() -> None:
    against = [
        f"{importer} imports {imported}" for importer, imported in PROJECT_IMPORTS if not is_allowed(importer, imported)
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


# What connects: the CA's client, the way out for all else, and the demo, which turns the sandbox's switches.
SPEAKERS = ("subscriptions.caas", "portal.outbound", "subscriptions.management.sandbox_switches")
WAYS_OUT = {"httpx", "httpcore", "requests", "urllib3", "dns", "urllib.request", "http.client"}
OWN_HEALTH = {"portal.processes", "portal.management.commands.probe"}  # they ask this machine how it is


def test_only_the_client_of_the_ca_and_the_way_out_speak_to_others() -> None:
    speakers = {
        name
        for name, many in imports().items()
        for imported in many
        if not WAYS_OUT.isdisjoint({imported, imported.split(".")[0]}) and not name.startswith("subscriptions.sandbox")
    }
    assert {name for name in speakers if not name.startswith(SPEAKERS)} == OWN_HEALTH
    assert speakers


def test_only_workers_reach_out() -> None:
    users = {name for name, imported in PROJECT_IMPORTS if imported.startswith("portal.outbound")}
    own = {"portal.outbound", "portal.checks"}  # the check reads its settings
    assert {name for name in users if not name.startswith(tuple(own))} <= {
        name for name in modules() if place_of(name) in {"preflight", "worker", "watch"}
    }
    hidden = [
        name
        for name, imported in PROJECT_IMPORTS
        if imported.startswith("subscriptions.preflight")
        and place_of(name) not in {"preflight", "worker", "watch"}
        and imported != "subscriptions.preflight.results"
    ]
    assert hidden == []


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
