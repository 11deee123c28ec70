"""The numbers by which people cite a quote or an order: Q-1024, O-1024. Addresses of pages have their codes instead.

A number is the row's key in the database, counted from FIRST: each is given once, even where a row is deleted.
"""

import re
from typing import Literal

Letter = Literal["Q", "O"]

FIRST = 1001  # of the first row: a number is to look like one from the start
_CITED = re.compile(r"\s*#?([QO])[-\u2010-\u2015\s]*([0-9]{1,15})\s*", re.ASCII | re.IGNORECASE)


def number_of(letter: Letter, key: int) -> str:
    """Give the number of a quote (Q) or an order (O) with a key: "Q-1024"."""
    return f"{letter}-{FIRST - 1 + key}"


def key_of(letter: Letter, typed: str) -> int | None:
    """Give the key that a number means as people write it ("q1024", "#Q-1024"); None for anything else."""
    cited = _CITED.fullmatch(typed)
    if cited is None or cited[1].upper() != letter:
        return None
    return int(cited[2]) - FIRST + 1
