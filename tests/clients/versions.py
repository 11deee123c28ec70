"""Other versions of a client than Debian's: the one from PyPI, and those unpacked from Debian sid."""

from pathlib import Path

import pytest

from subscriptions.recipes import recipe_by_slug
from tests.services import require_service

from .namespace import Namespace

CERTBOT_FROM_PYPI = Path("/opt/certbot/bin/certbot")
SYSTEM_CAS = "/etc/ssl/certs/ca-certificates.crt"

# For a fixture of a client's tests: Debian's version, and on demand the one of Debian sid.
DEBIAN_OR_SID = ("debian", pytest.param("sid", marks=pytest.mark.clients_all))


def use_certbot_from_pypi(namespace: Namespace, *, trusting: bool = True) -> None:
    """Lets `certbot` be the one from PyPI, which trusts the system's CAs only where it is told to."""
    require_service("certbot from PyPI", CERTBOT_FROM_PYPI.exists(), "not installed: run .ci/install-certbot")
    (namespace.tools / "certbot").symlink_to(CERTBOT_FROM_PYPI)
    if trusting:
        namespace.environment["REQUESTS_CA_BUNDLE"] = SYSTEM_CAS


def use_acme_sh_from_sid(namespace: Namespace) -> None:
    """Lets `acme.sh` be that of Debian sid, in its package's places."""
    unpacked = acme_sh_of_sid()
    namespace.run(["mount", "--bind", str(unpacked / "usr/share/acme.sh"), "/usr/share/acme.sh"])
    (namespace.tools / "acme.sh").symlink_to(unpacked / "usr/bin/acme.sh")


def acme_sh_of_sid() -> Path:
    """Where the acme.sh of Debian sid is unpacked."""
    return _unpacked("acme-sh", "acme.sh")


def use_lego_from_sid(namespace: Namespace) -> None:
    """Lets `lego` be that of Debian sid."""
    (namespace.tools / "lego").symlink_to(_unpacked("lego", "lego") / "usr/bin/lego")


def _unpacked(slug: str, package: str) -> Path:
    """Where the version is that the recipe names as run from Debian sid."""
    (run,) = [run for run in recipe_by_slug(slug).ran_by_tests if run.source.startswith("Debian sid")]
    directory = Path(f"/opt/clients/{package}-{run.version}")
    require_service(f"{package} {run.version}", directory.exists(), "not unpacked: run .ci/install-newer-clients")
    return directory
