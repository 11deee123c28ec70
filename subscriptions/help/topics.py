"""The topics of the help, in the order of their tiles: those needed first come first."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A page of the help; its text is the template named after the slug. `terms` are the words it explains."""

    slug: str
    title: str
    summary: str
    terms: tuple[str, ...]

    @property
    def template_name(self) -> str:
        """The template with the topic's text."""
        return f"subscriptions/help/{self.slug}.html"


TOPICS: tuple[Topic, ...] = (
    Topic(
        slug="eab",
        title="External account binding (EAB)",
        summary="The three values that tie an ACME client to your subscription, and which goes where.",
        terms=("ACME server URL", "EAB key ID", "EAB HMAC key"),
    ),
    Topic(
        slug="challenges",
        title="HTTP-01 or DNS-01",
        summary="How the CA checks that you control a name, which way to choose, and what each needs.",
        terms=("HTTP-01", "DNS-01", "port 80", "firewall", "CNAME", "TLS-ALPN-01"),
    ),
    Topic(
        slug="wildcards",
        title="Wildcard names",
        summary="What *.example.com takes, and why example.com is a name of its own.",
        terms=("wildcard",),
    ),
    Topic(
        slug="renewal",
        title="How renewal works",
        summary="Your ACME client renews by itself: when, how to check it, and what has to stay in place.",
        terms=("renewal", "reload"),
    ),
    Topic(
        slug="serving",
        title="Serving the certificate",
        summary="Which certificates to serve, what not to pin, and what these certificates are not for.",
        terms=("full chain", "intermediate", "mutual TLS", "client authentication", "pin"),
    ),
    Topic(
        slug="errors",
        title="What goes wrong when ordering",
        summary="What clients and the CA say when an order is refused, what it means, and what to do.",
        terms=(
            "rejectedIdentifier",
            "externalAccountRequired",
            "unauthorized",
            "malformed",
            "userActionRequired",
            "serverInternal",
            "CAA",
            "DNSSEC",
            "processing",
        ),
    ),
    Topic(
        slug="keys",
        title="Keys and secrets",
        summary="Revealing and keeping the EAB HMAC key, replacing it, and what to do when a key leaked.",
        terms=("EAB HMAC key", "account key", "private key"),
    ),
    Topic(
        slug="ov",
        title="Organization validation (OV)",
        summary="What is validated, what stands in the certificate, and what happens when the validation ends.",
        terms=("OV", "DV", "pre-validation"),
    ),
    Topic(
        slug="term",
        title="The end of the term",
        summary="What happens to certificates and renewals when a subscription expires, and when to extend it.",
        terms=("term", "extension", "lapsed"),
    ),
    Topic(
        slug="requests",
        title="Asking your provider",
        summary="How to ask for names, an extension or a removal, and what the states of a request mean.",
        terms=("request", "withdraw", "declined"),
    ),
    Topic(
        slug="glossary",
        title="Words used here",
        summary="Each term of these pages in a sentence.",
        terms=(
            "ACME",
            "authorization",
            "challenge",
            "directory",
            "order",
            "quote",
            "operation",
            "companion",
            "hand over",
            "name",
        ),
    ),
)

_BY_SLUG = {topic.slug: topic for topic in TOPICS}


def topic_by_slug(slug: str) -> Topic:
    """Give the topic of that slug. Raises KeyError for an unknown slug."""
    return _BY_SLUG[slug]
