"""Certify The Web (Certify Certificate Manager), a Windows program with a window of its own."""

from .facts import Choice, Option, Platform, Recipe
from .quoting import field_text
from .refusing import refuse_unwritable
from .values import Challenge

RECIPE = Recipe(
    slug="certify-the-web",
    name="Certify The Web",
    audience="Windows servers, set up by mouse",
    platforms=(Platform.WINDOWS,),
    challenges=frozenset(Challenge),
    supports_wildcards=True,
    homepage="https://certifytheweb.com/",
    options=(
        Option(
            name="http_mode",
            label="What uses port 80",
            challenge=Challenge.HTTP_01,
            choices=(
                Choice("iis", "IIS, or nothing"),
                Choice("webroot", "Another web server serves a folder"),
            ),
        ),
    ),
    checked_by="no configuration file; the page follows the labels in its source, each value in a block of its own",
    not_checked="the labels of other versions than the one read, and whether each step does what it says",
    long_names=(
        "What Certify The Web does then was not checked. If the order fails, add a shorter name of your subscription."
    ),
    own_refusals=refuse_unwritable("Certify The Web", field_text),
)
