"""Names of people: the form that is shown, and what joins the spellings of one name.

Rules, each reversible because every spelling is kept beside the name:

- `as-printed`: the spelling is the name.
- `marks`: white space and invisible marks tidied, tatweel and harakat taken out, a stop or comma at the end too,
  blanks around an initial's stop made one.
- `hamza`: besides, spellings that differ only in the hamza or madda of an alef are one; the name is the spelling
  that writes the most of them.

No other letter is touched: «عبده» and «عبدة», «هدى» and «هدي» can be two people.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsarchive.text.whitespace import tidy

if TYPE_CHECKING:
    from collections.abc import Iterable

SEPARATOR = "، "
"""What stands between the names of several writers."""

_MARKS = re.compile("[\u0640\u064b-\u0652\u0670]")
_ALEFS = str.maketrans("أإآ", "ااا")
_HAMZAS = re.compile("[أإآ]")


def canonical_name(name: str) -> str:
    """Return the name as it is shown: by the rule `marks`."""
    plain = _MARKS.sub("", tidy(name)).strip(" .،,:-–_|")
    return re.sub(r"(?<=\b\w)\s*\.\s*", ". ", plain)


def name_key(name: str) -> str:
    """Return what the spellings of one name have in common: by the rules `marks` and `hamza`."""
    return canonical_name(name).translate(_ALEFS)


def shown_name(spellings: Iterable[str]) -> str:
    """Return the name of spellings with one key, the same in any order. Raises ValueError for none."""
    return max(map(canonical_name, spellings), key=lambda name: (len(_HAMZAS.findall(name)), name))


def joining_rule(spelling: str, name: str) -> str:
    """Return the rule by which a spelling belongs to a name with the same key."""
    if spelling == name:
        return "as-printed"
    return "marks" if canonical_name(spelling) == name else "hamza"
