"""One domain name: as it is typed, and the one form in which it is compared, sold and sent."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from unicodedata import category

import idna

from subscriptions.rules.public_names import refuse_not_public, refuse_number, registered_part
from subscriptions.rules.writings import NameProblem, described, host_of
from subscriptions.rules.written_names import A_LABEL, written

MAX_NAME_LENGTH = 255  # of `domainName`, "Add a domain" in the CaaS guide
MAX_DNS_LENGTH = 253  # RFC 1035 2.3.4, without the final dot
MAX_LABEL_LENGTH = 63  # RFC 1035 2.3.4
MAX_NAMES_PER_QUOTE = 500
MOST_WRITINGS = 2  # of each name in a list that is checked: a list of more is cut before it takes long

_TOO_LONG = f"The name is longer than the {MAX_DNS_LENGTH} characters DNS allows."
_LABEL_TOO_LONG = f"A label (the part between two dots) is longer than the {MAX_LABEL_LENGTH} characters DNS allows."
_HYPHEN = "A label cannot begin or end with a hyphen."
_TWO_HYPHENS = "A label cannot have hyphens in its third and fourth place, unless it is an internationalized one: xn--."
_NEVER_REGISTERED = frozenset({"Cc", "Cs", "Zs", "Zl", "Zp"})  # control characters, halves of characters, blanks
_NOT_PLAIN = re.compile(r"[^a-z0-9-]")


@dataclass(frozen=True, slots=True)
class CheckedName:
    """One typed name: `name` in A-labels, or `problem`. `note` tells what was corrected.

    `is_repeated`: the name stands further up in the list already, so this writing of it is left out.
    """

    typed: str
    name: str = ""
    problem: str = ""
    note: str = ""
    is_repeated: bool = False


def normalise_name(typed: str, *, reserved: Collection[str] = ()) -> str:
    """Give the one form of a typed name: mapped by UTS 46 (non-transitional), in A-labels, without a final dot.

    What stands around a name is left out: quotes, brackets, `DNS:`, a scheme, a path, a port. `reserved` are the
    special-use top-level domains that may be sold. Raises NameProblem for what no certificate can be had for: an IP
    address or another number, a single label, a public suffix, a top-level domain that is not public, a wildcard
    anywhere but in front, a label or name that is too long (RFC 1035 2.3.4) or not a host name (RFC 5890).
    """
    mapped = _mapped(host_of(typed), typed)
    wildcard = mapped.startswith("*.")
    bare = mapped.removeprefix("*.").removesuffix(".")
    if not bare:
        raise NameProblem("There is no domain name in this.")
    if "*" in bare:
        raise NameProblem("A wildcard is one asterisk in front, as in *.example.com.")
    name = ".".join(_ascii_label(label, typed) for label in bare.split("."))
    refuse_number(name)
    refuse_not_public(name, wildcard=wildcard, reserved=reserved)
    full = f"*.{name}" if wildcard else name
    if len(name) > MAX_DNS_LENGTH or len(full) > MAX_NAME_LENGTH:
        raise NameProblem(_TOO_LONG)
    return full


def _mapped(host: str, typed: str) -> str:
    # Nothing may be lowered before the mapping: a final Σ becomes ς in lower case, and σ by UTS 46, in another name.
    try:
        return idna.uts46_remap(host, std3_rules=False)
    except idna.InvalidCodepoint as error:
        raise NameProblem(_not_allowed(error, typed)) from error
    except idna.IDNAError as error:
        raise NameProblem(_TOO_LONG) from error


def _ascii_label(label: str, typed: str) -> str:
    if not label:
        raise NameProblem("The name has an empty label: two dots in a row, or a dot in front.")
    if "_" in label:
        raise NameProblem("A name in a certificate cannot hold an underscore.")
    if not label.isascii():
        label = _a_label(label, typed)
    elif found := _NOT_PLAIN.search(label):
        raise NameProblem(f"{described(found[0], typed)} is not allowed in domain names.")
    else:
        _check_hyphens(label)
    if len(label) > MAX_LABEL_LENGTH:
        raise NameProblem(_LABEL_TOO_LONG)
    return label


def _check_hyphens(label: str) -> None:
    if label.startswith("-") or label.endswith("-"):
        raise NameProblem(_HYPHEN)
    if label[2:4] == "--":
        if not label.startswith(A_LABEL):
            raise NameProblem(_TWO_HYPHENS)
        _check_punycode(label)


def _check_punycode(label: str) -> None:
    """Refuse what encodes no label. What IDNA 2008 no longer allows is registered all the same: the CA decides."""
    try:
        decoded = label.removeprefix(A_LABEL).encode().decode("punycode")
        is_a_label = not decoded.isascii() and decoded.encode("punycode").decode() == label.removeprefix(A_LABEL)
    except UnicodeError:
        is_a_label = False
    if not is_a_label or any(category(character) in _NEVER_REGISTERED for character in decoded):
        raise NameProblem(f"{label} is not the coded form of any internationalized label.")


def _a_label(label: str, typed: str) -> str:
    try:
        return idna.alabel(label).decode()
    except idna.InvalidCodepoint as error:
        raise NameProblem(f"{_not_allowed(error, typed)}{_coded(label)}") from error
    except idna.InvalidCodepointContext as error:
        raise NameProblem(_not_allowed(error, typed)) from error
    except idna.IDNABidiError as error:
        raise NameProblem(
            "A label mixes letters that are written from right to left with others, in a way that is not allowed."
        ) from error
    except idna.IDNAError as error:
        raise NameProblem(_idna_problem(error)) from error


def _not_allowed(error: idna.InvalidCodepoint | idna.InvalidCodepointContext, typed: str) -> str:
    character = chr(error.codepoint or 0)
    where = " here" if isinstance(error, idna.InvalidCodepointContext) else ""
    return f"{described(character, typed)} is not allowed in domain names{where}."


def _coded(label: str) -> str:
    if all(category(character) != "So" for character in label):  # emoji are registered in some places
        return ""
    return f" If the name is registered all the same, write this label as {A_LABEL}{label.encode('punycode').decode()}."


def _idna_problem(error: idna.IDNAError) -> str:
    if error.code == "leading_combiner":
        return "A label begins with a mark that belongs to a letter before it."
    return {"hyphen_start_end": _HYPHEN, "hyphen_3_4": _TWO_HYPHENS}.get(error.code or "", _LABEL_TOO_LONG)


def registrable_domain(name: str) -> str:
    """Give the registrable domain of a name: `example.co.uk` for `*.www.example.co.uk`."""
    bare = name.removeprefix("*.")
    return registered_part(bare) or bare


def companion_stem(name: str) -> str:
    """Give what a name shares with those that come free with it ("Remove a domain" in the guide).

    Which names those are, only the CA's answers tell: this tells where one may be.
    """
    return name.removeprefix("*.").removeprefix("www.")


def check_names(
    typed: Sequence[str],
    *,
    present: Iterable[str] = (),
    pending: Iterable[str] = (),
    waiting: Iterable[str] = (),
    asked: Iterable[str] = (),
    reserved: Collection[str] = (),
) -> list[CheckedName]:
    """Check typed names one by one, also against each other, the subscription's names and those under way to it.

    Of those under way, `pending` are being added and `waiting` need a decision of a person first. `asked` are in
    another request of the customer.
    """
    seen: set[str] = set()
    taken = (
        dict.fromkeys(asked, "Asked for already, in a request that is not done yet.")
        | dict.fromkeys(waiting, "Something about it waits for a decision of reseller staff.")
        | dict.fromkeys(pending, "Already being added to this subscription.")
        | dict.fromkeys(present, "Already in this subscription.")
    )
    return [_check_name(text, seen, taken, reserved) for text in typed]


def _check_name(typed: str, seen: set[str], taken: Mapping[str, str], reserved: Collection[str]) -> CheckedName:
    try:
        name = normalise_name(typed, reserved=reserved)
    except NameProblem as problem:
        return CheckedName(typed, problem=str(problem))
    note = "" if typed == name else f"Read as {written(name)}."
    if name in seen:
        return CheckedName(typed, name, note=note, is_repeated=True)
    seen.add(name)
    if name in taken:
        return CheckedName(typed, name, problem=taken[name])
    return CheckedName(typed, name, note=note)


def quoting_order(names: Iterable[str]) -> list[str]:
    """Give names in the order they are quoted: wildcards first, because a wildcard may bring its base name."""
    return sorted(names, key=lambda name: (not name.startswith("*."), name.count("."), name))


def covering_wildcard(name: str, among: Collection[str]) -> str:
    """Give the wildcard among some names whose certificate is good for `name` too, or an empty text.

    A wildcard stands for exactly one label (RFC 9525 6.3): `*.example.com` covers `www.example.com`, but neither
    `example.com` nor `a.b.example.com`. This says nothing of what the CA charges for, or adds at no cost.
    """
    wildcard = f"*.{name.partition('.')[2]}"
    return wildcard if wildcard in among and not name.startswith("*.") else ""
