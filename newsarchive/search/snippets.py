"""Fragments of the original text with the words that matched marked, as safe HTML."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from newsarchive.text.arabic import forms, pair, raw_runs, runs

if TYPE_CHECKING:
    from newsarchive.search.query import Query

# Characters of one fragment, before it is widened to whole words.
_LENGTH = 150
_MOST_FRAGMENTS = 2
_ELLIPSIS = "…"
_SPACES = re.compile(r"\s+")


class _Word(NamedTuple):
    """A matching run of the text: its place, the word asked for, how closely (3 as written … 1 skeleton)."""

    start: int
    end: int
    asked: int
    closeness: int


class Marker:
    """Finds the words of one question in texts. Keeps what it learnt of each spelling."""

    def __init__(self, query: Query) -> None:
        self._asked: dict[str, tuple[int, int]] = {}
        words = [*query.content, *query.title]
        tokens = [
            (3, [w.exact for w in words]),
            (2, [w.stem for w in words]),
            (1, [w.skeleton for w in words]),
        ]
        self._tables = {closeness: {t: i for i, t in enumerate(column) if t} for closeness, column in tokens}
        for phrase in query.phrases:
            for token in phrase:
                self._tables[3].setdefault(token, len(words) + len(self._tables[3]))
        for alias in query.aliases:
            self._tables[2].setdefault(alias, len(words))
        self._beginnings = query.beginnings

    def words(self, text: str) -> list[_Word]:
        """Return the matching words of `text` in their order."""
        asked = self._asked
        for run in set(raw_runs(text)).difference(asked):
            asked[run] = self._match(run)
        found = [
            _Word(run.start(), run.end(), *match) for run in runs(text) if (match := asked[run.group()])[1]
        ]
        return found or self._pairs(text)

    def _pairs(self, text: str) -> list[_Word]:
        found: list[_Word] = []
        previous = None
        for run in runs(text):
            alias = pair(previous.group(), run.group()) if previous else None
            if previous and alias in self._tables[2]:
                found += [
                    _Word(part.start(), part.end(), self._tables[2][alias], 2) for part in (previous, run)
                ]
            previous = run
        return found

    def _match(self, run: str) -> tuple[int, int]:
        for form in forms(run):
            for closeness, token in ((3, form.exact), (2, form.stem), (1, form.skeleton)):
                if token in self._tables[closeness]:
                    return self._tables[closeness][token], closeness
            if form.exact.startswith(self._beginnings):
                return len(self._tables[3]), 3
        return 0, 0

    def marked(self, text: str) -> str:
        """Return all of `text` as HTML, its matching words in `<mark>`."""
        return _html(text, self.words(text), 0, len(text))

    def snippet(self, *texts: str) -> str:
        """Return up to two short fragments of the first of `texts` that matches, else the first's beginning."""
        for text in texts:
            if words := self.words(text):
                return _fragments(text, words)
        return _html(texts[0], [], *_window(texts[0], 0, 0)) if texts else ""


def _fragments(text: str, words: list[_Word]) -> str:
    chosen: list[tuple[int, int]] = []
    covered: dict[int, int] = {}
    while len(chosen) < _MOST_FRAGMENTS:
        best = _best(words, covered)
        if best is None:
            break
        chosen.append(best)
        for word in words:
            if best[0] <= word.start and word.end <= best[1]:
                covered[word.asked] = max(covered.get(word.asked, 0), word.closeness)
    windows = _joined(sorted(_window(text, *span) for span in chosen))
    pieces = [_html(text, words, start, end) for start, end in windows]
    before = f"{_ELLIPSIS} " if windows[0][0] > 0 else ""
    after = f" {_ELLIPSIS}" if windows[-1][1] < len(text.rstrip()) else ""
    return before + f" {_ELLIPSIS} ".join(pieces) + after


def _best(words: list[_Word], covered: dict[int, int]) -> tuple[int, int] | None:
    """Return the span, one fragment long at most, that says most about words not yet shown."""
    best, gain, first = None, 0, 0
    for last, word in enumerate(words):
        while word.end - words[first].start > _LENGTH and first < last:
            first += 1
        shown: dict[int, int] = {}
        for inner in words[first : last + 1]:
            more = (
                inner.closeness + 2 if inner.asked not in covered else inner.closeness - covered[inner.asked]
            )
            shown[inner.asked] = max(shown.get(inner.asked, 0), more)
        if sum(shown.values()) > gain:
            best, gain = (words[first].start, word.end), sum(shown.values())
    return best


def _window(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a span to a fragment's length and to white space, so that no word is cut."""
    room = max(0, _LENGTH - (end - start))
    left, right = max(0, start - room // 2), min(len(text), end + room - room // 2)
    while 0 < left < start and not text[left - 1].isspace():
        left += 1
    while left > 0 and left == start and not text[left - 1].isspace():
        left, start = left - 1, start - 1
    while end < right < len(text) and not text[right].isspace():
        right -= 1
    while right < len(text) and right == end and not text[right].isspace():
        right, end = right + 1, end + 1
    return left, right


def _joined(windows: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined = windows[:1]
    for start, end in windows[1:]:
        if start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _html(text: str, words: list[_Word], start: int, end: int) -> str:
    pieces, at = [], start
    for word in words:
        if start <= word.start and word.end <= end:
            pieces += [_plain(text[at : word.start]), f"<mark>{escape(text[word.start : word.end])}</mark>"]
            at = word.end
    return "".join([*pieces, _plain(text[at:end])]).strip()


def _plain(text: str) -> str:
    return escape(_SPACES.sub(" ", text))
