"""Names that can be bought, and the writings of each that UTS 46 maps to it."""

import unicodedata

from hypothesis import strategies as st

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = (
    "shop",
    "www",
    "a",
    "bücher",
    "straße",
    "οδοσ-αθηνα",
    "βόλος",
    "例え",
    "пример",
    "한국",
    "café",
    "faß",
    "i-9",
    "7seas",
)
LABELS = st.sampled_from(WORDS) | st.text(LETTERS + "0123456789", min_size=1, max_size=12).map("x{}".format)
ENDINGS = st.sampled_from(["com", "net", "de", "co.uk", "jp", "gr", "рф", "xn--p1ai"])
DOTS = (".", "\u3002", "\uff0e", "\uff61")
IGNORED = ("\u00ad", "\u200b", "\u2060", "\ufeff")  # UTS 46 maps these to nothing


@st.composite
def u_names(draw: st.DrawFn) -> str:
    """A name in its mapped form: lower case, NFC, U-labels."""
    labels = draw(st.lists(LABELS, min_size=1, max_size=3))
    wildcard = draw(st.sampled_from(["", "*."]))
    return wildcard + ".".join([*labels, draw(ENDINGS)])


@st.composite
def writings(draw: st.DrawFn, name: str) -> str:
    """Another writing of a mapped name: case, width, composition, full stops, ignored characters, A-labels."""
    labels = [draw(_label_writings(label)) for label in name.split(".")]
    dots = draw(st.lists(st.sampled_from(DOTS), min_size=len(labels), max_size=len(labels)))
    text = "".join(label + dot for label, dot in zip(labels, dots, strict=True))
    return text if draw(st.booleans()) else text[:-1]


@st.composite
def _label_writings(draw: st.DrawFn, label: str) -> str:
    if not label.isascii() and draw(st.booleans()):
        label = "xn--" + label.encode("punycode").decode()
    text = "".join(draw(_character_writings(character)) for character in label)
    text = unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD"])), text)
    at = draw(st.integers(1, len(text)))
    return text[:at] + draw(st.sampled_from(("", *IGNORED))) + text[at:]


def _character_writings(character: str) -> st.SearchStrategy[str]:
    forms = [character]
    if character.upper().lower() == character and character not in "ßς":
        forms.append(character.upper())
    if "!" <= character <= "~":
        forms += [chr(ord(one) + 0xFEE0) for one in forms]
    return st.sampled_from(forms)
