"""The help inside the portal: short topics, each a template, and the search over their text.

A new topic is an entry in `topics.py` and its template, `templates/subscriptions/help/<slug>.html`. Topics are the same
for everybody; pages link to them by `{% help_link %}`. Nothing here imports a model or talks to a network.
"""

from .search import Found, search
from .topics import TOPICS, Topic, topic_by_slug

__all__ = ["TOPICS", "Found", "Topic", "search", "topic_by_slug"]
