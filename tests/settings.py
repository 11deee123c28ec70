"""The portal's settings with the values a test needs: throw-away secrets, no external service but those asked for."""

import os
import tempfile

os.environ.setdefault("ENV_FILE", os.devnull)
os.environ.setdefault("SECRET_KEY", "only-for-tests")
os.environ.setdefault("DEBUG", "false")
os.environ.setdefault("ENCRYPTION_KEYS", "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=")
os.environ.setdefault("EMAIL_URL", "memorymail://")
os.environ.setdefault("CAAS_API_URL", "http://127.0.0.1:1/products/!ACMEAdmin")
os.environ.setdefault("CAAS_LOGIN_NAME", "northwind")
os.environ.setdefault("CAAS_LOGIN_PASSWORD", "not-a-real-password")
os.environ.setdefault("STAFF_MFA_REQUIRED", "false")
os.environ.setdefault("SECURE_COOKIES", "false")
os.environ.setdefault("OUTBOUND", "false")  # whoever tests it turns it on, with a name server on loopback

from portal.settings import *  # noqa: F403
from portal.settings import DATABASES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True  # nothing is collected for tests
WHITENOISE_MAX_AGE = 3600  # a browser that is used for many tests fetches styles and scripts once

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, as in an embedded installation: threads of a test then meet the same locks as there.
    DATABASES["default"]["TEST"] = {"NAME": f"{tempfile.gettempdir()}/portal-test-{os.getpid()}.sqlite3"}
