"""How much of a question's letters a text has, and its lead: BM25 over pieces of words, among a few texts.

Pieces see what words do not: compounds, names spelt otherwise, roots that the stemmer misses. The weight of a
piece is its rarity among these very texts, so that what all of them have, having been found by it, says
nothing, and what tells them apart decides. What an article is about stands in its headline and first sentence, in the
words of a reader who looks for it; further on it mentions much else.
"""

from __future__ import annotations

from itertools import pairwise
from math import log
from typing import TYPE_CHECKING, AnyStr

from newsarchive.text.arabic import WITHOUT_OCTET, spaced, spaced_octets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from newsarchive.text.arabic import Form

# Robertson's constants as in SQLite's bm25.
_K1, _B = 1.2, 0.75
_PIECE = 4
# Characters of a text that are read: the beginning of a news article says what it is about.
_READ = 12_000
# Folded characters that count once more by themselves: headline and first sentence are in the words of who asks.
_LEAD = 300


def resemblances(question: Sequence[Form], texts: Iterable[str]) -> list[float]:
    """Return for each text a score to add to its bm25: that of the text and that of its lead; each at least 0."""
    read = [text[:_READ] for text in texts]
    folded = [spaced_octets(text) for text in read]
    lengths = [len(text) for text in folded]
    norms = _norms(lengths), _norms([min(length, _LEAD) for length in lengths])
    scores = [0.0] * len(folded)
    for of_piece in _counts(_pieces(question), read, folded):
        for counts, norms_of_texts in zip(of_piece, norms, strict=True):
            having = len(counts) - counts.count(0)
            if 0 < having < len(counts):
                weight = log(1 + (len(counts) - having + 0.5) / (having + 0.5))
                for at, count in enumerate(counts):
                    if count:
                        scores[at] += weight * count * (_K1 + 1) / (count + norms_of_texts[at])
    return scores


def _norms(lengths: list[int]) -> list[float]:
    average = sum(lengths) / len(lengths) if lengths else 0
    return [_K1 * (1 - _B + _B * length / average) for length in lengths]


def _counts(
    pieces: Iterable[str], texts: list[str], folded: list[bytes]
) -> Iterator[tuple[list[int], list[int]]]:
    """Yield how often each piece occurs in each text, and in its lead."""
    spelt: list[str] = []
    for piece in pieces:
        octets = spaced_octets(piece)
        if WITHOUT_OCTET not in octets:
            sought = octets if piece.startswith(" ") else octets.strip()
            yield _counted(sought, folded)
        else:
            spelt = spelt or [
                spaced(text) if WITHOUT_OCTET in octets else ""
                for text, octets in zip(texts, folded, strict=True)
            ]
            yield _counted(piece, spelt)


def _counted(piece: AnyStr, texts: list[AnyStr]) -> tuple[list[int], list[int]]:
    counts = [text.count(piece) for text in texts]
    # most texts have few of the pieces
    return counts, [text.count(piece, 0, _LEAD) if n else 0 for text, n in zip(texts, counts, strict=True)]


def _pieces(question: Sequence[Form]) -> list[str]:
    """Return parts of the content words, and the words that stand side by side in the question."""
    words = [form.exact for form in question if form.stem] or [form.exact for form in question]
    parts = [word[at : at + _PIECE] for word in words for at in range(max(1, len(word) - _PIECE + 1))]
    pairs = [f" {one.exact} {two.exact} " for one, two in pairwise(question)]
    return list(dict.fromkeys(parts + pairs))
