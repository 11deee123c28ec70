"""Keeps secrets out of log lines, whoever writes them."""

import logging
import re

from django.conf import settings

_FIELDS = re.compile(
    r"(?i)(loginPassword|eabMACKeyb64url|eab[-_]hmac[-_]key|password|hmac|token)(\"?'?\s*[=:]\s*\"?'?)([^\s\"'&,}]+)"
)

TOKEN_PATHS = ("/invitations/", "/auth/password/reset/key/")  # behind them stands a token that lets somebody in
_LINKS = re.compile(rf"({'|'.join(map(re.escape, TOKEN_PATHS))})(?!accept/)[^/\s\"'?]+")


def redact(text: str) -> str:
    """Give `text` with secret-looking fields, the tokens of links and the CA's password replaced by `[redacted]`."""
    text = _LINKS.sub(r"\1[redacted]", _FIELDS.sub(r"\1\2[redacted]", text))
    password: str = settings.CAAS_LOGIN_PASSWORD
    return text.replace(password, "[redacted]") if password else text


class RedactingFilter(logging.Filter):
    """Redacts the finished message of every record that passes, and its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let the record pass with its message redacted."""
        record.msg, record.args = redact(record.getMessage()), None
        if record.exc_info and record.exc_info[0] is not None:
            # A formatter takes the text that is there instead of making its own.
            record.exc_text = redact(record.exc_text or logging.Formatter().formatException(record.exc_info))
        return True
