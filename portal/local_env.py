"""Makes the settings of a local installation, once: `python -m portal.local_env var/local.env`."""

import os
import secrets
import sys
from pathlib import Path

from cryptography.fernet import Fernet

_TEMPLATE = """\
# The settings of this local installation, made on the first `make run`. Keep it as long as the data in this folder:
# without ENCRYPTION_KEYS the stored EAB HMAC keys cannot be read.
DEBUG=true
SECRET_KEY={secret_key}
ENCRYPTION_KEYS={encryption_key}
SECURE_COOKIES=false
STAFF_MFA_REQUIRED=false
CAAS_SANDBOX=true
CAAS_API_URL=http://127.0.0.1:8901/products/!ACMEAdmin
CAAS_LOGIN_NAME=northwind-reseller
CAAS_LOGIN_PASSWORD={ca_password}
DEMO_STAFF_EMAIL=staff@reseller.example
DEMO_STAFF_PASSWORD={staff_password}
DEMO_CUSTOMER_EMAIL=owner@northwind.example
DEMO_CUSTOMER_PASSWORD={customer_password}
"""


def local_settings() -> str:
    """Give the text of a new environment file: fresh secrets, the sandbox as CA, the demo's sign-ins."""
    return _TEMPLATE.format(
        secret_key=secrets.token_urlsafe(50),
        encryption_key=Fernet.generate_key().decode(),
        ca_password=secrets.token_urlsafe(18),
        staff_password=secrets.token_urlsafe(12),
        customer_password=secrets.token_urlsafe(12),
    )


def ensure_local_settings(path: Path) -> bool:
    """Write `path` if there is no such file, readable by its owner only; give whether it was written."""
    if path.exists():
        return False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(local_settings())
    partial.replace(path)
    return True


if __name__ == "__main__":
    ensure_local_settings(Path(sys.argv[1]))
