"""Which secrets each kind of process needs: none is told another's. PORTAL_PROCESS says which kind a process is."""

import secrets

NEEDED = {
    "web": {"SECRET_KEY", "ENCRYPTION_KEYS", "DATABASE_URL", "REDIS_URL", "ANYMAIL_WEBHOOK_SECRET"},
    "worker": {
        "SECRET_KEY",
        "ENCRYPTION_KEYS",
        "DATABASE_URL",
        "REDIS_URL",
        "EMAIL_URL",
        "CAAS_LOGIN_NAME",
        "CAAS_LOGIN_PASSWORD",
    },
    "beat": {"REDIS_URL"},
    "migrate": {"DATABASE_URL"},
}
ALL = set().union(*NEEDED.values())


def needs(process: str, name: str) -> bool:
    """Whether a process of this kind needs the secret `name`; one of no named kind, such as a command, needs all."""
    return name in NEEDED.get(process, ALL)


def secret_key(process: str, given: str) -> str:
    """Give SECRET_KEY, or where the process signs nothing one for its life: Django wants to have one."""
    return given if needs(process, "SECRET_KEY") else secrets.token_urlsafe(50)
