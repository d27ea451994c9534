"""What changed between two versions of an article, word by word.

White space, harakat, tatweel and the shape of quotation marks are not changes: the newspaper's editor sets and
drops them without meaning anything by it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Final

from newsarchive.publication.stories import paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_IGNORED: Final = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed«»“”„‟\"'‘’‹›]")
_TOKEN: Final = re.compile(r"\w[\w\u0640\u064b-\u065f\u0670]*|[^\w\s]")

SAME, OUT, IN = "same", "out", "in"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that is in both versions (same), only in the older (out) or only in the newer (in)."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions: their headlines and paragraphs in pieces, and how many words went and came."""

    title: tuple[Piece, ...]
    subtitle: tuple[Piece, ...]
    byline: tuple[Piece, ...]
    paragraphs: tuple[tuple[Piece, ...], ...]
    words_out: int
    words_in: int


def compare(older: dict[str, Any], newer: dict[str, Any]) -> Comparison:
    """Compare two revisions as `stories.read_revisions` gives them."""
    title = diff(older["title"], newer["title"])
    subtitle = diff(older["subtitle"] or "", newer["subtitle"] or "")
    byline = diff(older["byline"] or "", newer["byline"] or "")
    body = tuple(diff_paragraphs(_texts(older), _texts(newer)))
    everything = [piece for line in (title, subtitle, byline, *body) for piece in line]
    return Comparison(title, subtitle, byline, body, _words(everything, OUT), _words(everything, IN))


def diff(older: str, newer: str) -> tuple[Piece, ...]:
    """The pieces of two texts, in reading order; equal stretches are printed as the newer version has them."""
    left, right = _tokens(older), _tokens(newer)
    matcher = SequenceMatcher(
        None, [_key(token) for token, _ in left], [_key(token) for token, _ in right], autojunk=False
    )
    pieces: list[Piece] = []
    for operation, a, b, c, d in matcher.get_opcodes():
        if operation == "equal":
            pieces.append(Piece(SAME, _text(newer, right, c, d)))
            continue
        if a < b:
            pieces.append(Piece(OUT, _text(older, left, a, b)))
        if c < d:
            pieces.append(Piece(IN, _text(newer, right, c, d)))
    return tuple(piece for piece in pieces if piece.text)


def diff_paragraphs(older: Sequence[str], newer: Sequence[str]) -> Iterator[tuple[Piece, ...]]:
    """Paragraphs are matched first, so that a long text costs no more than its changed paragraphs."""
    matcher = SequenceMatcher(
        None, [_key(text) for text in older], [_key(text) for text in newer], autojunk=False
    )
    for operation, a, b, c, d in matcher.get_opcodes():
        if operation == "equal":
            for text in newer[c:d]:
                yield (Piece(SAME, text),)
            continue
        paired = min(b - a, d - c)
        for offset in range(paired):
            yield diff(older[a + offset], newer[c + offset])
        for text in older[a + paired : b]:
            yield (Piece(OUT, text),)
        for text in newer[c + paired : d]:
            yield (Piece(IN, text),)


def _texts(revision: dict[str, Any]) -> list[str]:
    return [paragraph.text for paragraph in paragraphs(revision["body"], revision["paragraphs"])]


def _tokens(text: str) -> list[tuple[str, int]]:
    """The words and signs of a text that count, with where each begins."""
    return [(m.group(), m.start()) for m in _TOKEN.finditer(text) if _key(m.group())]


def _text(text: str, tokens: list[tuple[str, int]], start: int, end: int) -> str:
    """The stretch of text from one token up to another, with the space and marks between."""
    first = tokens[start][1] if start else 0
    last = tokens[end][1] if end < len(tokens) else len(text)
    return text[first:last]


def _key(text: str) -> str:
    return " ".join(_IGNORED.sub("", text).split())


def _words(pieces: list[Piece], kind: str) -> int:
    return sum(len(re.findall(r"\w+", piece.text)) for piece in pieces if piece.kind == kind)
