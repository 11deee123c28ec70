"""Somebody else who works with the same CA account, by cURL as it were: adds, removes and makes accounts."""

import json
import random
import urllib.parse
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from tests.chaos.installation import LOGIN, PASSWORD, Installation


@dataclass
class SecondUser:
    """`names` are what they added, `removed` what they took out of the portal's subscriptions, `key_ids` their keys."""

    installation: Installation
    names: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    key_ids: set[str] = field(default_factory=set)

    def act(self, chance: random.Random, accounts: list[str], spare: list[tuple[str, str]]) -> None:
        """Do one thing: `accounts` are the portal's, `spare` are names of theirs that nobody will miss.

        A fault that was meant for the workers may meet this call; then it may have been done or not.
        """
        with suppress(OSError, HTTPException, ValueError, KeyError):
            self._act(chance, accounts, spare)

    def _act(self, chance: random.Random, accounts: list[str], spare: list[tuple[str, str]]) -> None:
        way = chance.choice(("add", "remove", "make"))
        if way == "make":
            made = self._call("PREREGISTER", serverURL=self._server(), years="1")
            self.key_ids.add(made["eabMACIDb64url"])
        elif way == "add" and accounts:
            name = f"second-{len(self.names)}-user.com"
            self.names.add(name)
            self._call("ADDDOMAIN", acmeAccountID=chance.choice(accounts), domainName=name)
        elif spare:
            account, name = chance.choice(spare)
            self.removed.add(name)
            self._call("REMOVEDOMAIN", acmeAccountID=account, domainName=name)

    def names_and_terms(self, account: str) -> list[list[str]]:
        """Each name of an ACME account with its pre-validation and the last day of its term."""
        listed = self._call("LISTDOMAINS", acmeAccountID=account, size="1000")["Domains"]
        rows = [[row["domainName"], row.get("ovAnchorOrderNumber", ""), row["expiresAt"][:10]] for row in listed]
        return sorted(rows)

    def account_states(self) -> dict[str, str]:
        """The state of each ACME account there is at the CA."""
        listed = self._call("LISTACCOUNTS", size="1000")["Accounts"]
        return {row["acmeAccountID"]: row["accountStatus"] for row in listed}

    def _server(self) -> str:
        return str(self._call("LISTSERVERS")["Servers"][0]["serverUrl"])

    def all_key_ids(self) -> set[str]:
        """Every EAB key ID there is at the CA."""
        return {str(pair["eabMACIDb64url"]) for pair in self._call("LISTBINDINGS")["Bindings"]}

    def _call(self, action: str, **arguments: str) -> dict[str, Any]:
        form = {"loginName": LOGIN, "loginPassword": PASSWORD, "action": action, **arguments}
        url = f"http://127.0.0.1:{self.installation.port}/products/!ACMEAdmin"
        data = urllib.parse.urlencode(form).encode()
        with urllib.request.urlopen(url, data, timeout=10) as answer:  # loopback, our own sandbox
            given: dict[str, Any] = json.load(answer)
        return given
