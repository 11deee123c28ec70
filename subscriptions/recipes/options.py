"""Choices that several recipes offer."""

from .facts import Choice, Option

RELOAD_OPTION = Option(
    name="reload",
    label="Program that uses the certificate",
    choices=(
        Choice("nginx", "nginx"),
        Choice("apache2", "Apache (apache2)"),
        Choice("httpd", "Apache (httpd)"),
        Choice("haproxy", "HAProxy"),
        Choice("postfix", "Postfix"),
    ),
)
