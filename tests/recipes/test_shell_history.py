"""The key does not end in the history of the shell that the blocks are pasted into."""

import contextlib
import os
import pty
import subprocess
import threading
from pathlib import Path

import pytest

from subscriptions.recipes import RECIPES, Recipe, render_recipe

from .builders import HMAC_KEY, setup_values

# A terminal marks what is pasted, unless it is an old one: then the lines come as if they were typed.
PASTED = ("\x1b[200~", "\x1b[201~")
TYPED = ("", "")

_TOOLS = ("acme.sh", "cat", "mkdir", "chmod")


def type_into_bash(lines: list[str], directory: Path) -> str:
    """Types the lines into an interactive bash on a terminal; what its history file holds afterwards."""
    history = directory / "history"
    for tool in _TOOLS:
        (directory / tool).write_text("#!/bin/sh\n")
        (directory / tool).chmod(0o755)
    ours, theirs = pty.openpty()
    variables = {"HISTFILE": str(history), "HOME": str(directory), "PATH": str(directory), "TERM": "xterm"}
    shell = subprocess.Popen(
        ["/bin/bash", "--norc", "--noprofile", "-i"],
        stdin=theirs, stdout=theirs, stderr=theirs, env=variables, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    for line in [*lines, "exit"]:
        os.write(ours, f"{line}\r".encode())
    reader = threading.Thread(target=_read_to_the_end, args=(ours,), daemon=True)
    reader.start()
    shell.wait(timeout=20)
    reader.join(timeout=20)
    os.close(ours)
    return history.read_text()


def aimed_at(directory: Path, text: str) -> str:
    """The block with its files below a directory of the test: the shell opens them even where the tools do nothing."""
    return text.replace(" /etc/", f" {directory}/")


def _read_to_the_end(terminal: int) -> None:
    # Linux ends a terminal whose other side is closed with an error, not with an empty read.
    with contextlib.suppress(OSError):
        while os.read(terminal, 4096):
            pass


def takes_key_in_shell(recipe: Recipe) -> bool:
    blocks = render_recipe(recipe, setup_values(challenge=sorted(recipe.challenges)[-1])).blocks
    return [block.language for block in blocks if block.secret] == ["shell"]


IN_SHELL = [recipe for recipe in RECIPES if takes_key_in_shell(recipe)]


@pytest.mark.parametrize("recipe", IN_SHELL, ids=lambda recipe: recipe.slug)
@pytest.mark.parametrize("marks", [PASTED, TYPED], ids=["pasted", "typed"])
def test_key_is_not_kept(recipe: Recipe, marks: tuple[str, str], tmp_path: Path) -> None:
    rendered = render_recipe(recipe, setup_values(challenge=sorted(recipe.challenges)[-1]))
    (secret,) = [index for index, block in enumerate(rendered.blocks) if block.secret]
    blocks = [block for block in rendered.blocks[: secret + 1] if block.step == "register"]
    texts = [*(aimed_at(tmp_path, block.text) for block in blocks), "true last"]
    kept = type_into_bash([f"{marks[0]}{text}{marks[1]}" for text in texts], tmp_path)
    assert "HISTCONTROL=ignorespace" in kept
    assert "true last" in kept
    assert HMAC_KEY not in kept


def test_without_the_first_block_the_key_would_be_kept(tmp_path: Path) -> None:
    rendered = render_recipe(RECIPES[0], setup_values())
    (secret,) = [block.text for block in rendered.blocks if block.secret]
    text = aimed_at(tmp_path, secret)
    assert HMAC_KEY in type_into_bash([f"{PASTED[0]}{text}{PASTED[1]}"], tmp_path)
