"""Every class that a stylesheet styles is given to something, by us or by a library's templates."""

import re

from tests.policy.sources import ROOT, modules

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
BLOCK = re.compile(r"([^{}]+)\{")
CLASS = re.compile(r"\.([a-zA-Z_][\w-]*)")
# Given by crispy_bootstrap5: the box of a form's errors, the mark of a required field.
GIVEN_BY_LIBRARIES = {"alert-block", "alert-danger", "asteriskField"}


def styled() -> set[str]:
    """Give the classes in the selectors of our stylesheets."""
    sheets = [COMMENT.sub("", path.read_text()) for path in (ROOT / "static" / "css").rglob("*.css")]
    return {name for sheet in sheets for selector in BLOCK.findall(sheet) for name in CLASS.findall(selector)}


def test_no_class_is_styled_for_nothing() -> None:
    pages = [path for path in (ROOT / "templates").rglob("*") if path.is_file()]
    scripts = list((ROOT / "static").rglob("*.js"))
    text = "\n".join(path.read_text() for path in [*pages, *scripts, *modules().values()])
    # A modifier is often put together: "state--" and a tone.
    given = set(re.findall(r"[\w-]+--(?=\{\{|\{%)", text)) | set(re.findall(r"[\w-]+", text))

    def is_given(name: str) -> bool:
        base, dashes, _ = name.rpartition("--")
        return name in given or (dashes != "" and f"{base}--" in given)

    assert sorted(name for name in styled() - GIVEN_BY_LIBRARIES if not is_given(name)) == []
