"""The catalogue of what goes wrong when a certificate is ordered, and recognising it in a pasted text."""

from .catalogue import AcmeError, Certainty, Wording, acme_errors, wordings
from .recognition import Recognition, recognize

__all__ = ["AcmeError", "Certainty", "Recognition", "Wording", "acme_errors", "recognize", "wordings"]
