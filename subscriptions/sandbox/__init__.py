"""A stand-in for CaaS with both its faces, for those who cannot try a paid API (docs/sandbox.md).

Shares no code with the rest of the project, so that a misreading of the documentation shows.
"""

from .calls import Switches
from .core import Sandbox
from .faults import Fault
from .replies import Reply
from .resellers import DEMO_LOGIN_NAME, DEMO_LOGIN_PASSWORD

__all__ = ["DEMO_LOGIN_NAME", "DEMO_LOGIN_PASSWORD", "Fault", "Reply", "Sandbox", "Switches"]
