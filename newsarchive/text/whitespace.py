"""White space and invisible marks: what a line says, without what nobody sees.

Letters, tatweel, harakat, digits and quotation marks stay as printed; nothing is composed or folded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Bidi controls, zero-width space, word joiner, soft hyphen, byte order mark, and every control character
# that is not white space: none of them is printed.
_INVISIBLE = re.compile(
    "[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\u061c\ufeff\u00ad\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]+"
)
# A joiner means something only between two letters (or in an emoji sequence); elsewhere it is debris.
_IN_WORD = r"[\w\u0640\u064b-\u0652\u0670\u2190-\U0010ffff]"
_STRAY_JOINER = re.compile(rf"(?<!{_IN_WORD})[\u200c\u200d]+|[\u200c\u200d]+(?!{_IN_WORD})")
_SURROGATE = re.compile("[\ud800-\udfff]")
# One look decides for nearly every line that it holds nothing of all these.
_SPECIAL = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\u061c\ufeff\u00ad"
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]"
)

# All of these, and every white space but the plain blank.
_UNTIDY = re.compile(
    "[\x00-\x1f\x7f-\xa0\u00ad\u061c\u1680\u2000-\u200f\u2028-\u202f\u205f\u2060\u2066-\u2069\u3000\ufeff\ud800-\udfff]"
)


def tidy(line: str) -> str:
    """Return the line with runs of white space as one blank, and without invisible marks.

    Every kind of white space counts, the no-break space and line breaks too. Zero-width joiners and
    non-joiners stay inside words. A lone surrogate, which no file can hold, becomes U+FFFD.
    """
    if _SPECIAL.search(line):
        line = _INVISIBLE.sub("", _SURROGATE.sub("\ufffd", line))
        line = _STRAY_JOINER.sub("", line)
    return " ".join(line.split())


def are_tidy(lines: Iterable[str]) -> bool:
    """Whether `tidy` surely leaves each line as it is. One that could be either, or is empty, is not."""
    joined = " ".join(lines)
    return not (_UNTIDY.search(joined) or "  " in joined or joined.startswith(" ") or joined.endswith(" "))


def words(table: str) -> frozenset[str]:
    """Return the words of a table that is written as one text."""
    return frozenset(table.split())
