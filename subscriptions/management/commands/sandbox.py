"""`manage.py sandbox`: the stand-in for CaaS, its admin API and its ACME server (docs/sandbox.md)."""

import os
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from subscriptions.sandbox import DEMO_LOGIN_NAME, DEMO_LOGIN_PASSWORD, Sandbox, Switches
from subscriptions.sandbox.acme.caa import CaaCheck, RealCaaCheck, permit_everything
from subscriptions.sandbox.acme.lookups import Lookups
from subscriptions.sandbox.acme.validation import RealValidator, Validator, accept_everything
from subscriptions.sandbox.admin_server import ENDPOINT
from subscriptions.sandbox.runner import running, stop_signals


def login(text: str) -> tuple[str, str]:
    """Give NAME:PASSWORD in two."""
    name, colon, password = text.partition(":")
    if not (name and colon and password):
        raise ArgumentTypeError("a login is NAME:PASSWORD")
    return name, password


def resolver(text: str) -> tuple[str, int]:
    """Give HOST:PORT in two; port 53 when it is left out."""
    host, _, port = text.rpartition(":") if ":" in text else (text, "", "53")
    if not port.isdecimal():
        raise ArgumentTypeError("a resolver is ADDRESS or ADDRESS:PORT")
    return host, int(port)


class Command(BaseCommand):
    """Runs until SIGTERM or Ctrl-C; needs neither the database nor a checked configuration."""

    help = "Run a stand-in for CaaS: its admin API and an ACME server, with all state in one file."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8901, help="of the admin API")
        parser.add_argument("--acme-port", type=int, default=8902, help="of the ACME server")
        parser.add_argument("--state", type=Path, default=Path("var/sandbox/state.sqlite3"), metavar="PATH")
        parser.add_argument(
            "--login",
            type=login,
            action="append",
            metavar="NAME:PASSWORD",
            help="a reseller; may be repeated. Default: CAAS_LOGIN_NAME and CAAS_LOGIN_PASSWORD of the environment, "
            f"or else {DEMO_LOGIN_NAME}:{DEMO_LOGIN_PASSWORD}",
        )
        parser.add_argument("--resolver", type=resolver, metavar="HOST:PORT", help="DNS server asked for challenges")
        parser.add_argument("--http-port", type=int, default=80, help="stands for port 80 of HTTP-01")
        parser.add_argument("--https-port", type=int, default=443, help="stands for port 443 of HTTP-01's redirects")
        parser.add_argument(
            "--no-validation", action="store_true", help="every challenge counts as met, and CAA records bind nobody"
        )
        parser.add_argument(
            "--processing", type=int, default=1, metavar="SECONDS", help="how long challenges and orders are processed"
        )
        parser.add_argument(
            "--strict-anchors", metavar="NUMBER,...", help="the only pre-validations that exist; default: any digits"
        )

    def handle(self, *_args: object, **options: Any) -> None:
        anchors = options["strict_anchors"]
        switches = Switches(
            strict_anchors=None if anchors is None else frozenset(anchors.split(",")),
            processing_seconds=options["processing"],
        )
        sandbox = Sandbox(options["state"], logins=dict(options["login"] or [default_login()]), switches=switches)
        address, checks = (options["host"], options["port"]), chosen_checks(options)
        try:
            with stop_signals() as stopped, running(sandbox, address, options["acme_port"], *checks) as server:
                self._announce(sandbox, server.server_address[1], options)
                stopped.wait()
        except OSError as error:
            raise CommandError(f"The sandbox cannot listen: {error}") from error
        finally:
            sandbox.close()

    def _announce(self, sandbox: Sandbox, port: int, options: dict[str, Any]) -> None:
        self.stdout.write(f"Admin API: http://{options['host']}:{port}{ENDPOINT}")
        self.stdout.write(f"ACME:      {sandbox.switches.server_url('OV')} (or /v2/DV)")
        self.stdout.write(f"Trust:     {options['state'].with_name('ca.pem')}")
        self.stdout.flush()


def default_login() -> tuple[str, str]:
    """Give the portal's own login when it stands in the environment, else the demo login."""
    name, password = os.environ.get("CAAS_LOGIN_NAME"), os.environ.get("CAAS_LOGIN_PASSWORD")
    return (name, password) if name and password else (DEMO_LOGIN_NAME, DEMO_LOGIN_PASSWORD)


def chosen_checks(options: dict[str, Any]) -> tuple[Validator, CaaCheck]:
    """Give how challenges and CAA records are checked, by the options."""
    if options["no_validation"]:
        return accept_everything, permit_everything
    lookups = Lookups(options["resolver"])
    ports = {"http_port": options["http_port"], "https_port": options["https_port"]}
    return RealValidator(lookups, **ports), RealCaaCheck(lookups)
