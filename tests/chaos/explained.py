"""What must hold once a random run has come to rest: both ledgers alike, every difference explained."""

from collections import Counter
from decimal import Decimal
from typing import Any

from tests.chaos.ledgers import lines_of_ca, lines_of_portal
from tests.chaos.story import Story
from tests.waiting import wait_for


def assert_all_is_explained(story: Story) -> None:
    """Check the ledgers line by line, amounts, findings, accounts and the gate."""
    installation, second = story.installation, story.second
    ask, stand_in = installation.ask, installation.stand_in
    assert stand_in is not None
    # The portal counts on a CA that ends a call within that time: one that was slower proves nothing.
    assert stand_in.slowest < int(installation.environ["CAAS_SETTLE_AFTER"]), "the sandbox was too slow"
    ours, theirs = lines_of_portal(installation), lines_of_ca(installation, not_ours=second.names)
    by_second = [line for line in theirs if line[0] == "refund" and line[2] in second.removed]
    assert ours == sorted(line for line in theirs if line not in by_second), _differences(story, ours, theirs)
    rows = ask("operations")
    assert Counter(row["state"] for row in rows).keys() <= {"succeeded", "canceled", "refused"}
    assert [row for row in rows if row["open"]] == []
    assert sum(Decimal(row["charged"]) for row in rows) > 0
    strangers = second.names | second.removed
    for finding in ask("findings"):
        # What the second user removed took its companion with it, which is refunded with it.
        unexpected = [line for line in finding["lines"] if strangers.isdisjoint(line["names"])]
        assert unexpected == [], finding["sort"]
    for account, told in ask("names_and_terms").items():
        assert told == second.names_and_terms(account)
    _assert_accounts_are_as_they_were_left(story)
    _assert_names_were_replaced(story)
    assert ask("gate")["closings"] == []
    wait_for(lambda: _are_all_accounts_known(story), what="every account at the CA known here")
    assert second.key_ids <= set(ask("stray_key_ids"))


def _assert_accounts_are_as_they_were_left(story: Story) -> None:
    """What was suspended is reinstated, what is over is over, and each client was told of once."""
    ask, states, ended = story.installation.ask, story.second.account_states(), story.business.ended
    clients: Counter[str] = Counter()
    for account, (code, state) in ask("account_states").items():
        assert (account, state) == (account, states[account])
        as_left = ("deactivated",) if code == ended else ("pending", "valid")
        assert (account, state in as_left) == (account, True), state
        clients[code] += state == "valid"
    assert ask("key_states") == {code: "deactivated" if code == ended else "open" for code in ask("ready_accounts")}
    registered = story.customers.registered
    assert clients == Counter({code: number for code, number in registered.items() if code != ended})
    told = Counter(ask("told_clients"))
    assert max(told.values(), default=1) == 1, "a client was told of twice"
    assert told.total() == registered.total()


def _assert_names_were_replaced(story: Story) -> None:
    """An old name went by its replacement only where the new one came, and stayed where that was called off."""
    rows = story.installation.ask("replacements")
    assert {row["state"] for row in rows} <= {"done", "not_added", "not_removed", "called_off"}, rows
    for row in rows:
        assert (row["old"], row["is_in_order"]) == (row["old"], True)
        if row["removed_by_it"]:
            assert (row["old"], row["addition"], row["is_called_off"]) == (row["old"], "succeeded", False)


def _are_all_accounts_known(story: Story) -> bool:
    ask = story.installation.ask
    return story.second.all_key_ids() == set(ask("key_ids")) | set(ask("stray_key_ids"))


def _differences(story: Story, ours: list[Any], theirs: list[Any]) -> str:
    differing = sorted(set(ours) ^ set(theirs))
    told = [f"{line}: {story.installation.ask('history', line[2])}" for line in differing[:5]]
    return "\n".join([f"seed {story.seed}", *told])
