"""How much of a question's letters a text has: BM25 over pieces of words, among a few texts.

Pieces see what words do not: compounds, names spelt otherwise, roots that the stemmer misses. The weight of a
piece is its rarity among these very texts, so that what all of them have, having been found by it, says
nothing, and what tells them apart decides.
"""

from __future__ import annotations

from itertools import pairwise
from math import log
from typing import TYPE_CHECKING

from newsarchive.text.arabic import WITHOUT_OCTET, spaced, spaced_octets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from newsarchive.text.arabic import Form

# Robertson's constants as in SQLite's bm25.
_K1, _B = 1.2, 0.75
_PIECE = 4
# Characters of a text that are read: the beginning of a news article says what it is about.
_READ = 12_000


def resemblances(question: Sequence[Form], texts: Iterable[str]) -> list[float]:
    """Return for each text a score to add to its bm25; each at least 0."""
    read = [text[:_READ] for text in texts]
    folded = [spaced_octets(text) for text in read]
    lengths = [len(text) for text in folded]
    average = sum(lengths) / len(lengths) if lengths else 0
    norms = [_K1 * (1 - _B + _B * length / average) for length in lengths]
    scores = [0.0] * len(folded)
    for counts in _counts(_pieces(question), read, folded):
        having = len(counts) - counts.count(0)
        if 0 < having < len(counts):
            weight = log(1 + (len(counts) - having + 0.5) / (having + 0.5))
            for at, count in enumerate(counts):
                if count:
                    scores[at] += weight * count * (_K1 + 1) / (count + norms[at])
    return scores


def _counts(pieces: Iterable[str], texts: list[str], folded: list[bytes]) -> Iterator[list[int]]:
    """Yield how often each piece occurs in each text."""
    spelt: list[str] = []
    for piece in pieces:
        octets = spaced_octets(piece)
        if WITHOUT_OCTET not in octets:
            sought = octets if piece.startswith(" ") else octets.strip()
            yield [text.count(sought) for text in folded]
        else:
            spelt = spelt or [
                spaced(text) if WITHOUT_OCTET in octets else ""
                for text, octets in zip(texts, folded, strict=True)
            ]
            yield [text.count(piece) for text in spelt]


def _pieces(question: Sequence[Form]) -> list[str]:
    """Return parts of the content words, and the words that stand side by side in the question."""
    words = [form.exact for form in question if form.stem] or [form.exact for form in question]
    parts = [word[at : at + _PIECE] for word in words for at in range(max(1, len(word) - _PIECE + 1))]
    pairs = [f" {one.exact} {two.exact} " for one, two in pairwise(question)]
    return list(dict.fromkeys(parts + pairs))
