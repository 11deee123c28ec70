"""Settings of the portal. Everything that differs between installations comes from the environment.

The table of settings is in README.md; `.env.example` has one line for each. A secret named NAME can also be given
as a file, `NAME_FILE`. Wrong combinations are reported by `portal/checks.py`.
"""

from pathlib import Path

from kombu import Queue

from portal.env import Env
from portal.process_secrets import secret_key
from portal.task_plan import QUEUES, beat_schedule, routes

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env.read_env(env.str("ENV_FILE", default=str(BASE_DIR / ".env")), overwrite=False)

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))

# --- Django ---------------------------------------------------------------------------------------------------------

PORTAL_PROCESS = env.str("PORTAL_PROCESS", default="")
SECRET_KEY = secret_key(PORTAL_PROCESS, env.secret("SECRET_KEY"))
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "accounts.admin_app.TrailedAdminConfig",
    "portal",  # before `auth`, two of whose commands it replaces
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "bootstrap",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_filters",
    "django_htmx",
    "django_tables2",
    "heroicons",
    "accounts",
    "subscriptions",
]

MIDDLEWARE = [
    # First: what those behind answer themselves (a redirect, a file, a refusal, an error) has these headers too.
    "portal.middleware.ContentSecurityPolicyMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.middleware.HealthMiddleware",
    "accounts.middleware.TrailMiddleware",
    "accounts.middleware.ClientAddressMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.middleware.PrivatePagesMiddleware",
    "portal.middleware.NoSuchPageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.TimeZoneMiddleware",
    "accounts.middleware.PartsMiddleware",
    "accounts.middleware.TypedMiddleware",
    "accounts.session_limits.SessionLimitsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.StaffMfaMiddleware",
    "portal.middleware.ReferrerPolicyMiddleware",
    "portal.middleware.NulByteMiddleware",
    "portal.middleware.UnreadableSecretMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.portal",
                "subscriptions.banners.banners",
            ],
            "string_if_invalid": "",
            "builtins": ["accounts.templatetags.form_marks"],  # in place of Django's `csrf_token`
        },
    }
]

REDIS_URL = env.str("REDIS_URL", default="")

DATABASES = {"default": env.db_url_config(env.str("DATABASE_URL", default="") or f"sqlite:///{VAR_DIR}/portal.sqlite3")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
    # A process that stops within a transaction, or whose host is gone, keeps its rows from all others for so long at
    # most. None that runs leaves one idle: no transaction is open while anything else is waited for.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c idle_in_transaction_session_timeout=30s")
    if env.bool("DATABASE_PREPARED_STATEMENTS", default=True):
        # From its third time on a connection keeps a statement with its plan: the database's part of a charge was half
        # parsing and planning.
        DATABASES["default"]["OPTIONS"] |= {"server_side_binding": True, "prepare_threshold": 2}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Only the sign-in library uses the cache: which codes of a second factor were used.
CACHES = {"default": {"BACKEND": "portal.cache.DatabaseCache", "LOCATION": "cache"}}

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(VAR_DIR / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# --- Sign-in --------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
# Django's own: allauth's would also take a password with an address that only allauth's table gives a person.
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "accounts.validators.LeakedPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
# In place of allauth's, which writes an address of its own table for whoever is sent a link.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "accounts.reset_links.ResetTokenGenerator"  # noqa: S105 - a class
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
PASSWORD_RESET_TIMEOUT = 3600  # seconds that the link of a reset mail works
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = env.int("RECENT_SIGN_IN_SECONDS", default=300)
MFA_ADAPTER = "accounts.second_factors.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "authenticate": "accounts.sign_in_forms.CodeForm",
    "reauthenticate": "accounts.sign_in_forms.ConfirmCodeForm",
    "add_webauthn": "accounts.passkeys.AddForm",
    "login_webauthn": "accounts.passkeys.SignInForm",
    "authenticate_webauthn": "accounts.passkeys.SecondStepForm",
    "reauthenticate_webauthn": "accounts.passkeys.AskedAgainForm",
}
MFA_ALLOW_UNVERIFIED_EMAIL = True  # people come by invitation, which proves their address
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
# Guessing is limited by accounts/guessing.py: the library's own limits by account shut the right person out too.
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False
ACCOUNT_FORMS = {
    "change_password": "accounts.sign_in_forms.ChangePasswordForm",
    "login": "accounts.sign_in_forms.SignInForm",
    "reset_password": "accounts.sign_in_forms.ResetForm",
}
KNOWN_DEVICE_DAYS = env.int("KNOWN_DEVICE_DAYS", default=180)
ACCOUNT_SESSION_REMEMBER = False  # a session ends with the browser, or by the limits below
SESSION_IDLE_STAFF = env.int("SESSION_IDLE_STAFF", default=30 * 60)
SESSION_IDLE = env.int("SESSION_IDLE", default=2 * 3600)
SESSION_ABSOLUTE = env.int("SESSION_ABSOLUTE", default=12 * 3600)
SESSION_COOKIE_AGE = SESSION_ABSOLUTE + 3600  # a while longer, so that people are told
STAFF_MFA_REQUIRED = env.bool("STAFF_MFA_REQUIRED", default=True)
INVITATION_DAYS = env.int("INVITATION_DAYS", default=7)

# --- Transport security ---------------------------------------------------------------------------------------------

SECURE_COOKIES = env.bool("SECURE_COOKIES", default=not DEBUG)
SESSION_COOKIE_SECURE = SECURE_COOKIES
CSRF_COOKIE_SECURE = SECURE_COOKIES
# Browsers take a cookie of that name only from this host over HTTPS: no neighbour under its domain can plant one.
COOKIE_PREFIX = "__Host-" if SECURE_COOKIES else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
MESSAGE_STORAGE = "portal.messages.Storage"
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "accounts.views.form_expired.form_expired"
CSRF_COOKIE_HTTPONLY = True  # scripts take the token from the form they send
SESSION_ENGINE = "portal.sessions"
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
KNOWN_DEVICE_COOKIE_NAME = f"{COOKIE_PREFIX}known_device"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=False)
SECURE_REDIRECT_EXEMPT = [r"(^|/)healthz/(live|ready)$"]  # probes ask over plain HTTP, past the proxy
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=False)
SECURE_REFERRER_POLICY = "same-origin"
BEHIND_TLS_PROXY = env.bool("BEHIND_TLS_PROXY", default=False)
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Proxies in front that add to X-Forwarded-For: by it people are told apart at sign-in and in the audit trail.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=1 if BEHIND_TLS_PROXY else 0)

CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": [],
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}

# What no page uses, none may use, nor may what someone smuggles into one. A feature that Chromium does not know is an
# error on its console.
_UNUSED = (
    "accelerometer autoplay browsing-topics camera display-capture encrypted-media fullscreen "
    "geolocation gyroscope hid identity-credentials-get idle-detection local-fonts magnetometer microphone midi "
    "otp-credentials payment picture-in-picture screen-wake-lock serial storage-access usb"
)
_USED = "clipboard-write publickey-credentials-create publickey-credentials-get"
PERMISSIONS_POLICY: dict[str, list[str]] = {name: [] for name in _UNUSED.split()} | {
    name: ["self"] for name in _USED.split()
}

# --- Secrets at rest ------------------------------------------------------------------------------------------------

ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS", default=[])

# --- Celery ---------------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL or "atomic-filesystem://localhost"
# A page tells the broker after its rows are written, and does not wait for one that hangs: a connection and its first
# answer take less than a second together, and nothing is tried twice. A sweep sends again what did not go.
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": 3600, "socket_connect_timeout": 0.4, "socket_timeout": 0.4, "max_retries": 0}
    if REDIS_URL
    else {
        "data_folder_in": str(VAR_DIR / "broker" / "queue"),
        "data_folder_out": str(VAR_DIR / "broker" / "queue"),
        "control_folder": str(VAR_DIR / "broker" / "control"),
        "processed_folder": str(VAR_DIR / "broker" / "taken"),
        "store_processed": True,
        "polling_interval": 0.1,
        "max_retries": 0,
    }
)
# What comes from the broker is data: nothing that is written there runs code by being read.
CELERY_ACCEPT_CONTENT = CELERY_RESULT_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = CELERY_EVENT_SERIALIZER = "json"
CELERY_TASK_PUBLISH_RETRY = False
# A worker that holds work already has patience with its broker, comes back to it as often as it takes, and takes a
# refusal (a replica that is read only, a full disk) for one that passes.
WORKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "socket_timeout": 5} if REDIS_URL else {}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CHANNEL_ERROR_RETRY = True
CELERY_TASK_QUEUES = [Queue(name, routing_key=name) for name in QUEUES]
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_DEFAULT_QUEUE = "later"
CELERY_TASK_ROUTES = routes()
# No one asks workers anything through the broker; its queues of answers would pile up where a worker is gone.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_DB_REUSE_MAX = 2**31  # a connection for each task would cost the database more than the task does
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = beat_schedule()

# --- The CA ---------------------------------------------------------------------------------------------------------

CAAS_API_URL = env.str("CAAS_API_URL", default="")
CAAS_LOGIN_NAME = env.secret("CAAS_LOGIN_NAME")
CAAS_LOGIN_PASSWORD = env.secret("CAAS_LOGIN_PASSWORD")
CAAS_SANDBOX = env.bool("CAAS_SANDBOX", default=False)
CAAS_SANDBOX_ALLOWED = env.bool("CAAS_SANDBOX_ALLOWED", default=False)
CAAS_SANDBOX_CA_FILE = env.str("CAAS_SANDBOX_CA_FILE", default=str(VAR_DIR / "sandbox" / "ca.pem"))
CAAS_CONNECT_TIMEOUT = env.float("CAAS_CONNECT_TIMEOUT", default=5)
CAAS_READ_TIMEOUT = env.float("CAAS_READ_TIMEOUT", default=30)
CAAS_TIMEOUT = env.float("CAAS_TIMEOUT", default=60)
CAAS_LEASE = env.float("CAAS_LEASE", default=120)
CAAS_MAX_CONCURRENCY = env.int("CAAS_MAX_CONCURRENCY", default=4)
CAAS_REQUESTS_PER_SECOND = env.float("CAAS_REQUESTS_PER_SECOND", default=5)
CELERY_WORKER_CONCURRENCY = CAAS_MAX_CONCURRENCY + 4  # threads: one for each call, and some for what needs none
CAAS_SETTLE_AFTER = env.int("CAAS_SETTLE_AFTER", default=900)
CAAS_SETTLE_GIVE_UP = env.int("CAAS_SETTLE_GIVE_UP", default=86400)
CAAS_PRICE_MAX_AGE = env.int("CAAS_PRICE_MAX_AGE", default=60)
CAAS_SETTLE_INTERVAL = env.int("CAAS_SETTLE_INTERVAL", default=300)
CAAS_SYNC_INTERVAL = env.int("CAAS_SYNC_INTERVAL", default=3 * 3600)
CAAS_WATCH_INTERVAL = env.int("CAAS_WATCH_INTERVAL", default=60)
CAAS_QUOTE_VALIDITY = env.int("CAAS_QUOTE_VALIDITY", default=3600)
CERTIFICATE_LATE_PERCENT = env.float("CERTIFICATE_LATE_PERCENT", default=10)

# --- Reaching out (portal/outbound/) --------------------------------------------------------------------------------

OUTBOUND = env.bool("OUTBOUND", default=True)
OUTBOUND_ALLOWED_NETWORKS = env.list("OUTBOUND_ALLOWED_NETWORKS", default=[])
OUTBOUND_RESOLVERS = env.list("OUTBOUND_RESOLVERS", default=[])  # without one: the system's
# 4.2.4 of the Sectigo TLS CP/CPS: the first three are in use, the last two are accepted and deprecated.
CAA_IDENTIFIERS = env.list(
    "CAA_IDENTIFIERS", default=["sectigo.com", "usertrust.com", "trust-provider.com", "comodo.com", "comodoca.com"]
)

# --- Mail and branding ----------------------------------------------------------------------------------------------

_MAIL = env.email_url_config(env.secret("EMAIL_URL") or "consolemail://")
vars().update(_MAIL)
if _MAIL["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend":
    EMAIL_BACKEND = "portal.smtp.EmailBackend"
# What the mail provider has to show when it reports about mails, "name:password"; django-anymail reads it.
ANYMAIL = {"WEBHOOK_SECRET": env.secret("ANYMAIL_WEBHOOK_SECRET")}
EMAIL_TIMEOUT = env.float("EMAIL_TIMEOUT", default=10)  # of each answer of the mail server, in seconds
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="portal@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
PORTAL_NAME = env.str("PORTAL_NAME", default="Certificate Portal")
PORTAL_SUPPORT_EMAIL = env.str("PORTAL_SUPPORT_EMAIL", default="")
PORTAL_LOGO = env.str("PORTAL_LOGO", default="")
PORTAL_ACCENT = env.str("PORTAL_ACCENT", default="blue")  # the names are in static/css/tokens.css
PORTAL_URL = env.str("PORTAL_URL", default="http://localhost:8000")

# --- Forms and logs -------------------------------------------------------------------------------------------------

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
DJANGO_TABLES2_TEMPLATE = "includes/table.html"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redact": {"()": "portal.redaction.RedactingFilter"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["redact"], "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": [], "propagate": True},  # Django's own handler would print each line again, unredacted
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
    },
}
