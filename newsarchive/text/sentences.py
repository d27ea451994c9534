"""The sentences of a text, each in the one form in which two printings of it are the same."""

from __future__ import annotations

import re

from newsarchive.text.arabic import exact

# A stop within a word or a number («3.5») ends nothing.
_END = re.compile(r"[.!?؟…]+(?=\s|$)|\n+")


def sentences(text: str) -> list[str]:
    """The sentences in their order, as folded words with one space between them; none is empty.

    Folding leaves out punctuation, tatweel and harakat, in which two printings of one sentence differ.
    """
    return [words for part in _END.split(text) if (words := exact(part))]
