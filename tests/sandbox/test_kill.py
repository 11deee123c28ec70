"""A sandbox killed with SIGKILL: what was answered is kept, what was half done never was."""

import signal
import subprocess
import sys
from pathlib import Path

from subscriptions.sandbox import Sandbox

from .conftest import LOGIN_NAME, LOGIN_PASSWORD, Desk

SCRIPT = """
import os, signal, sys
from subscriptions.sandbox import Sandbox
from subscriptions.sandbox.actions import add_domain
from tests.sandbox.conftest import Desk

desk = Desk(Sandbox(sys.argv[1], logins={sys.argv[2]: sys.argv[3]}), sys.argv[2], sys.argv[3])
acme_account_id = desk.new_account()
desk.add(acme_account_id, "northwind.example")
add_domain._insert = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
desk.add(acme_account_id, "contoso.example")
"""


def test_charge_and_change_are_one(tmp_path: Path) -> None:
    state = tmp_path / "state"
    command = [sys.executable, "-c", SCRIPT, str(state), LOGIN_NAME, LOGIN_PASSWORD]
    killed = subprocess.run(command, cwd=Path(__file__).parents[2], timeout=60, check=False)
    sandbox = Sandbox(state, logins={LOGIN_NAME: LOGIN_PASSWORD})
    desk = Desk(sandbox, LOGIN_NAME, LOGIN_PASSWORD)
    acme_account_id = desk.ask("LISTACCOUNTS")["Accounts"][0]["acmeAccountID"]

    assert killed.returncode == -signal.SIGKILL
    assert [charge["domains"] for charge in sandbox.summary()["charges"]] == [["northwind.example"]]
    assert sandbox.summary()["resellers"][LOGIN_NAME]["balance"] == "99950.00"
    names = [entry["domainName"] for entry in desk.ask("LISTDOMAINS", acmeAccountID=acme_account_id)["Domains"]]
    assert names == ["northwind.example"]
    sandbox.close()
