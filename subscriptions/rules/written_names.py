"""A domain name as people write it, beside the one the DNS holds: `bücher.example` and `xn--bcher-kva.example`.

Which of the two stands first is a matter of safety. The DNS has one name, the A-labels; what a person reads can look
like another one. A name comes first as people write it only where each label is that of its letters by IDNA 2008 and
back, and where these are of one script, or of those that are written together, and not all of them twins of Latin ones.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import idna

A_LABEL = "xn--"
_MOST_REMEMBERED = 4096
# Which scripts one word is written in, of those that Unicode's names of characters begin with (as in UTS 39, 5.2).
_TOGETHER = (
    frozenset({"LATIN", "CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}),
    frozenset({"LATIN", "CJK", "IDEOGRAPHIC", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "IDEOGRAPHIC", "HANGUL"}),
    frozenset({"ARABIC", "ARABIC-INDIC", "EXTENDED"}),  # the digits, and those of Persian
)
_OF_NO_SCRIPT = frozenset({"DIGIT", "HYPHEN-MINUS", "COMBINING", "MIDDLE"})
# Letters of other scripts that look like Latin ones: a label of nothing else reads as a Latin word (UTS 39, 4).
_TWINS = frozenset("аԁеһіјӏԛорсѕԝхуѵү" + "οινκρυχωα")
_AS_LATIN = str.maketrans("аԁеһіјӏԛорсѕԝхуѵүοινκρυχωαıłøđ", "adehijlqopcswxyvyoivkpuxwailod")
_NEVER_SHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class WrittenName:
    """A name in the writing that is read first and, where there is one, the other writing of it.

    `unicode` is the one of the two that people write; the other is `name`, in A-labels.
    """

    name: str
    unicode: str
    is_safe: bool

    @property
    def first(self) -> str:
        """The writing to read."""
        return self.unicode if self.is_safe else self.name

    @property
    def other(self) -> str:
        """The writing that stands beside it; empty where the two are the same."""
        if self.name == self.unicode:
            return ""
        return self.name if self.is_safe else self.unicode

    def __str__(self) -> str:
        return f"{self.first} ({self.other})" if self.other else self.first


@lru_cache(_MOST_REMEMBERED)
def written(name: str) -> WrittenName:
    """Give a name, which is in A-labels as all names here are, in both its writings."""
    if A_LABEL not in name:
        return WrittenName(name, name, is_safe=True)
    labels = [_decoded(label) for label in name.split(".")]
    return WrittenName(name, ".".join(label for label, _ in labels), is_safe=all(is_safe for _, is_safe in labels))


def written_list(names: Iterable[str]) -> str:
    """Give names for a sentence, each in both its writings."""
    return ", ".join(str(written(name)) for name in names)


def unicode_form(name: str) -> str:
    """Give a name as people write it, for a column of its own; the A-labels where it has no such writing."""
    return written(name).unicode


def looked_for(text: str) -> str:
    """Give what a person looks for among names in the form that names have here: labels of other letters as A-labels.

    A label is found by all of its letters only: a part of one has other A-labels.
    """
    try:
        mapped = idna.uts46_remap(text, std3_rules=False)
        return ".".join(part if part.isascii() else idna.alabel(part).decode() for part in mapped.split("."))
    except idna.IDNAError:
        return text


def looks(text: str) -> str:
    """Give how a text looks: without accents and case, letters of other scripts as the Latin ones they look like."""
    letters = unicodedata.normalize("NFKD", text.translate(_AS_LATIN)).casefold()
    return "".join(one for one in letters.translate(_AS_LATIN) if not unicodedata.combining(one))


def _decoded(label: str) -> tuple[str, bool]:
    """Give a label as people write it, and whether it can be read as that; itself where there is nothing to show."""
    if not label.startswith(A_LABEL):
        return label, True
    try:
        decoded = label.removeprefix(A_LABEL).encode().decode("punycode")
    except UnicodeError:
        return label, True
    if not decoded or any(unicodedata.category(one) in _NEVER_SHOWN for one in decoded):
        return label, True
    return decoded, _comes_back(decoded, label) and not _misleads(decoded)


def _comes_back(decoded: str, label: str) -> bool:
    try:
        return idna.alabel(decoded).decode() == label
    except idna.IDNAError:
        return False


def _misleads(decoded: str) -> bool:
    scripts = {_script(one) for one in decoded} - _OF_NO_SCRIPT
    is_mixed = len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER)
    return is_mixed or all(one in _TWINS or one.isascii() for one in decoded)


def _script(character: str) -> str:
    return unicodedata.name(character, "UNKNOWN").partition(" ")[0]
