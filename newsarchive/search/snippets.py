"""Fragments of the original text with the words that matched marked, as safe HTML."""

from __future__ import annotations

import re
from html import escape
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from newsarchive.search.query import printed_beginnings
from newsarchive.search.scanning import finders, stretches
from newsarchive.text.arabic import PAIR_STEMS, forms, letters, pair, runs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsarchive.search.query import Query

# Characters of one fragment, before it is widened to whole words.
_LENGTH = 150
_MOST_FRAGMENTS = 2
_ELLIPSIS = "…"
_SPACES = re.compile(r"\s+")
_TO_LAST_SPACE = re.compile(r"(.*\S|)\s", re.DOTALL)
_AS_WRITTEN, _BY_STEM, _BY_SKELETON = 3, 2, 1
# What a word that is not shown yet counts more than one that is shown in a less close form.
_NOT_SHOWN = 2


# A matching run of the text: where it begins and ends, the word asked for, and how closely it matches.
_Word = tuple[int, int, int, int]


class Marker:
    """Finds the words of one question in texts. Keeps what it learnt of each spelling."""

    def __init__(self, query: Query) -> None:
        words = [*query.content, *query.title]
        phrased = [token for phrase in query.phrases for token in phrase]
        exact = [*phrased, *(word.exact for word in words)]
        meant = list(enumerate([*words, *query.aliases], len(phrased)))
        self._tables = (
            (_AS_WRITTEN, {token: at for at, token in enumerate(exact)}),
            (_BY_STEM, {token: at for at, word in meant for token in word[1:3]}),
            (_BY_SKELETON, {word.skeleton: at for at, word in meant}),
        )
        self._paired = not PAIR_STEMS.isdisjoint(self._tables[1][1])
        self._beginnings = tuple(chain.from_iterable(map(printed_beginnings, query.beginnings)))
        self._known: dict[str, list[_Word]] = {}
        inflected = chain.from_iterable(letters(word) for _, word in meant if word.stem)
        alone = (word.exact for _, word in meant if not word.stem)
        self._finders = finders(inflected, [*phrased, *alone], query.beginnings)

    def words(self, text: str) -> list[_Word]:
        """Return the matching words of `text` in their order."""
        (found,) = self._words_of([text])
        return found

    def _words_of(self, texts: Sequence[str]) -> Iterator[list[_Word]]:
        for text, found in zip(texts, stretches(texts, self._finders), strict=True):
            words = [
                (start + first, start + last, asked, closeness)
                for start, stretch in found
                for first, last, asked, closeness in (
                    self._known[stretch] if stretch in self._known else self._of_stretch(stretch)
                )
            ]
            yield words or self._pairs(text)

    def _of_stretch(self, stretch: str) -> list[_Word]:
        matches = ((run, self._match(run.group())) for run in runs(stretch))
        words = self._known[stretch] = [(run.start(), run.end(), *match) for run, match in matches if match]
        return words

    def _pairs(self, text: str) -> list[_Word]:
        """Return words that mean together what the question says in one («كانون الثاني», يناير)."""
        stems = self._tables[1][1]
        if not self._paired:
            return []
        return [
            (run.start(), run.end(), stems[meant.stem], _BY_STEM)
            for two in pairwise(runs(text))
            if (meant := pair(two[0].group(), two[1].group())) and meant.stem in stems
            for run in two
        ]

    def _match(self, run: str) -> tuple[int, int] | None:
        for form in forms(run):
            # The same columns as in the index: a stem may be the word as written, a skeleton any of its forms.
            for (closeness, table), tokens in zip(self._tables, (form[:1], form[:3], form), strict=True):
                for token in tokens:
                    if token and token in table:
                        return table[token], closeness
            if form.exact.startswith(self._beginnings):
                return len(self._tables[0][1]), _AS_WRITTEN
        return None

    def marked(self, text: str) -> str:
        """Return all of `text` as HTML, its matching words in `<mark>`."""
        return _html(text, self.words(text), 0, len(text))

    def snippet(self, *texts: str) -> str:
        """Return up to two short fragments of the first of `texts` that matches, else the first's beginning."""
        return self._snippet(texts, self.words(texts[0])) if texts else ""

    def page(self, articles: Sequence[tuple[str, Sequence[str]]]) -> Iterator[tuple[str, str]]:
        """Yield what `marked` returns of each title, and `snippet` of the texts beside it; all are scanned at once."""
        titles = self._words_of([title for title, _ in articles])
        firsts = self._words_of([texts[0] if texts else "" for _, texts in articles])
        for (title, texts), of_title, of_first in zip(articles, titles, firsts, strict=True):
            yield _html(title, of_title, 0, len(title)), self._snippet(texts, of_first)

    def _snippet(self, texts: Sequence[str], of_first: list[_Word]) -> str:
        if of_first:
            return _fragments(texts[0], of_first)
        for text in texts[1:]:
            if words := self.words(text):
                return _fragments(text, words)
        return _html(texts[0], [], *_window(texts[0], 0, 0)) if texts else ""


def _fragments(text: str, words: list[_Word]) -> str:
    chosen: list[tuple[int, int]] = []
    covered: dict[int, int] = {}
    while len(chosen) < _MOST_FRAGMENTS and (best := _best(words, covered)):
        chosen.append(best)
        for start, end, asked, closeness in words:
            if best[0] <= start and end <= best[1] and closeness > covered.get(asked, 0):
                covered[asked] = closeness
    windows = _joined(sorted(_window(text, *span) for span in chosen))
    pieces = [_html(text, words, start, end) for start, end in windows]
    before = f"{_ELLIPSIS} " if windows[0][0] > 0 else ""
    after = f" {_ELLIPSIS}" if windows[-1][1] < len(text.rstrip()) else ""
    return before + f" {_ELLIPSIS} ".join(pieces) + after


def _best(words: list[_Word], covered: dict[int, int]) -> tuple[int, int] | None:
    """Return the span, one fragment long at most, that says most about words not yet shown."""
    telling = [
        (start, end, asked, gain)
        for start, end, asked, closeness in words
        if (gain := closeness - covered.get(asked, -_NOT_SHOWN)) > 0
    ]
    most = sum(_shown(telling).values())
    best, best_gain, first = None, 0, 0
    shown: dict[int, int] = {}
    for last, (_, end, asked, gain) in enumerate(telling):
        if end - telling[first][0] > _LENGTH and first < last:
            while end - telling[first][0] > _LENGTH and first < last:
                first += 1
            shown = _shown(telling[first:last])
        if gain > shown.get(asked, 0):
            shown[asked] = gain
            if (total := sum(shown.values())) > best_gain:
                best, best_gain = (telling[first][0], end), total
                if total == most:
                    break
    return best


def _shown(telling: list[tuple[int, int, int, int]]) -> dict[int, int]:
    """Return each word asked for with the most that one of its matches says."""
    most: dict[int, int] = {}
    for _, _, asked, gain in telling:
        if gain > most.get(asked, 0):
            most[asked] = gain
    return most


def _window(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a span to a fragment's length, to white space on both sides: no word is cut."""
    room = max(0, _LENGTH - (end - start))
    left = max(0, start - room // 2)
    right = min(len(text), end + room - (start - left))
    if left > 0:
        space = _SPACES.search(text, left - 1, start)
        left = space.end() if space else _start_of_word(text, start)
    if right < len(text):
        space = _TO_LAST_SPACE.match(text, end, right + 1)
        right = space.end(1) if space else _end_of_word(text, end)
    return left, right


def _start_of_word(text: str, at: int) -> int:
    while at > 0 and not text[at - 1].isspace():
        at -= 1
    return at


def _end_of_word(text: str, at: int) -> int:
    space = _SPACES.search(text, at)
    return space.start() if space else len(text)


def _joined(windows: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined = windows[:1]
    for start, end in windows[1:]:
        if start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _html(text: str, words: list[_Word], start: int, end: int) -> str:
    shown = text[start:end]
    plain = str if escape(shown) == shown else escape
    pieces, at = [], start
    for first, last, _, _ in words:
        if start <= first and last <= end:
            pieces += [plain(text[at:first]), "<mark>", plain(text[first:last]), "</mark>"]
            at = last
    html = "".join([*pieces, plain(text[at:end])])
    # white space other than a space is not printable
    return html.strip() if shown.isprintable() and "  " not in shown else " ".join(html.split())
