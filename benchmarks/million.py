"""CPU of a question at a million articles: `python benchmarks/million.py FILE`, an archive of million_archive.py.

Prints median and 95th percentile of the CPU of `search.ask` with twenty hits, count and snippets, for every kind
of question and every order, beside what the project holds itself to, and of all questions together; exits 1 where
one kind is above. Behind them stands the 95th percentile at the speed of the reference (`yardstick.py`). Before and
after stands what SQLite alone takes on this machine to count a posting of the index: two runs compare by that.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from yardstick import REFERENCE_US, Taken, Yardstick

from newsarchive import search
from newsarchive.search import expressions
from newsarchive.storage.connection import connect_for_reading
from newsarchive.text.arabic import forms, raw_runs

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from newsarchive.text.arabic import Form

RELEVANCE_MS, BY_DATE_MS = 250.0, 25.0
QUESTIONS = 40
# Kind of word → articles per million that have it.
FREQUENCIES = {
    "rare": (1, 1_000),
    "mid": (1_000, 20_000),
    "common": (20_000, 100_000),
    "very common": (100_000, 300_000),
    "stop": (300_000, 1_000_000),
}


class Times:
    """What the questions of a kind cost."""

    def __init__(self, taken: list[Taken]) -> None:
        """Sort them."""
        self.taken = taken
        self._raw = sorted(one.raw for one in taken)
        self._at_reference = sorted(one.at_reference for one in taken)

    def at(self, share: float) -> float:
        """The percentile, CPU milliseconds."""
        return _percentile(self._raw, share)

    def at_reference(self, share: float) -> float:
        """The percentile at the speed of the reference."""
        return _percentile(self._at_reference, share)


def _percentile(times: list[float], share: float) -> float:
    return times[min(len(times) - 1, int(len(times) * share))]


def passages(conn: sqlite3.Connection, chance: random.Random, count: int) -> list[list[str]]:
    """Return the words of random articles."""
    ids = [row[0] for row in conn.execute("SELECT id FROM articles")]
    rows = (conn.execute("SELECT body FROM articles WHERE id = ?", (n,)) for n in chance.sample(ids, count))
    return [raw_runs(row.fetchone()[0]) for row in rows]


def by_frequency(
    conn: sqlite3.Connection, chance: random.Random, texts: list[list[str]]
) -> dict[str, list[str]]:
    """Return words of the texts by how many articles have them in any form."""
    (total,) = conn.execute("SELECT count(*) FROM articles").fetchone()
    words = list(dict.fromkeys(word for text in texts for word in text if len(forms(word)) == 1))
    chance.shuffle(words)
    chosen: dict[str, list[str]] = {kind: [] for kind in FREQUENCIES}
    for word in words[:2_000]:
        per_million = articles_with(conn, forms(word)[0]) * 1_000_000 // total
        kind = next((kind for kind, (low, high) in FREQUENCIES.items() if low <= per_million < high), None)
        if kind and len(chosen[kind]) < QUESTIONS:
            chosen[kind].append(word)
    return chosen


def articles_with(conn: sqlite3.Connection, word: Form) -> int:
    """Return how many articles have the word in any form."""
    sql = "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH ?"
    return int(conn.execute(sql, (expressions.one(word),)).fetchone()[0])


def is_function(run: str) -> bool:
    """Say whether a run is one function word."""
    return [bool(form.stem) for form in forms(run)] == [False]


def questions(conn: sqlite3.Connection, chance: random.Random) -> Iterator[tuple[str, list[str]]]:
    """Yield the kinds of questions."""
    texts = [text for text in passages(conn, chance, 400) if len(text) > 80]
    words = by_frequency(conn, chance, texts)
    yield from ((f"one {kind} word", chosen) for kind, chosen in words.items())
    lists = list(words.values())

    def some(make: Callable[[], str]) -> list[str]:
        return [make() for _ in range(QUESTIONS)]

    def passage(length: int) -> str:
        text = chance.choice(texts)
        start = chance.randrange(len(text) - length)
        return " ".join(text[start : start + length])

    def word(*kinds: int) -> str:
        return chance.choice(lists[chance.choice(kinds)])

    for length in (2, 3, 8, 20, 64):
        yield f"{length} words of an article", some(lambda n=length: passage(n))
    yield "two common words", some(lambda: f"{word(2, 3)} {word(2, 3)}")
    yield "three stop words", some(lambda: f"{word(4)} {word(4)} {word(4)}")
    yield "a phrase of two words", some(lambda: f'"{passage(2)}"')
    yield "a phrase of four words", some(lambda: f'"{passage(4)}"')
    pairs = [f'"{a} {b}"' for text in texts for a, b in pairwise(text) if is_function(a) and is_function(b)]
    yield "a phrase of two function words", chance.sample(pairs, QUESTIONS)
    yield "a beginning of four letters", some(lambda: f"{word(1, 2, 3)[:4]}*")
    yield "eight words in a section", some(lambda: f"{passage(8)} قسم:اقتصاد")
    yield "a stop word in a section", some(lambda: f"{word(4)} قسم:سورية")
    yield "a common word in a section", some(lambda: f"{word(2, 3)} قسم:اقتصاد")
    yield "a stop word of a writer", some(lambda: f'{word(4)} كاتب:"ليلى حداد"')
    yield "a very common word of a month", some(lambda: f"{word(3, 4)} منذ:2017-05 حتى:2017-05")
    yield "a common word of five years", some(lambda: f"{word(2, 3)} منذ:2015 حتى:2019")
    yield "a common word without another", some(lambda: f"{word(2, 3)} -{word(2, 3)}")
    yield "a common word in the headline", some(lambda: f"عنوان:{word(2, 3)}")


def ask(conn: sqlite3.Connection, sort: search.Sort) -> Callable[[str], object]:
    """Ask by an order."""
    return lambda text: search.ask(conn, text, sort=sort)


def table_box(conn: sqlite3.Connection) -> Callable[[str], object]:
    """Ask as the table does without facets: the newest fifty as Datasette does, then the count if there are more."""
    where = "FROM articles WHERE id IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?)"

    def asked(text: str) -> None:
        match = search.table_match(text)
        rows = conn.execute(f"SELECT key, title {where} ORDER BY id DESC LIMIT 51", (match,)).fetchall()
        if len(rows) not in range(1, 51):
            search.table_count(conn, text)

    return asked


def line(kind: str, times: list[Times], limits: list[float]) -> str:
    """A row of the table: what is above its limit has a mark."""
    cells = []
    for time_, most in zip(times, limits, strict=True):
        mark = "!" if time_.at(0.95) > most else " "
        cells.append(f"{time_.at(0.5):.0f}/{time_.at(0.95):.0f}{mark}({time_.at_reference(0.95):.0f})")
    return f"{kind:34}" + "".join(f"{cell:>16}" for cell in cells)


def posting_ns(conn: sqlite3.Connection) -> float:
    """Return the CPU nanoseconds that FTS5 takes to count one article of a frequent word, the best of five."""
    taken = []
    for _ in range(5):
        before = time.process_time()
        (found,) = conn.execute("SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'من'").fetchone()
        taken.append((time.process_time() - before) * 1e9 / found)
    return min(taken)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--only", default="", help="kinds of questions that contain this")
    parser.add_argument("--relevance", action="store_true", help="by relevance and newest first only")
    options = parser.parse_args()
    conn = connect_for_reading(options.archive)
    (total,) = conn.execute("SELECT count(*) FROM articles").fetchone()
    print(
        f"{total:,} articles; CPU ms p50/p95 (p95 at {REFERENCE_US} µs that bm25 takes for an article),"
        f" most {RELEVANCE_MS:.0f} by relevance, {BY_DATE_MS:.0f} by date"
    )
    yardstick = Yardstick(row[0] for row in conn.execute("SELECT body FROM articles"))
    print(f"{yardstick.microseconds():.1f} µs for an article, {posting_ns(conn):.0f} ns a posting")
    print(f"{'':34}{'relevance':>16}{'newest':>16}{'oldest':>16}{'table box':>16}")
    orders: list[tuple[Callable[[str], object], float]] = [
        (ask(conn, "relevance"), RELEVANCE_MS),
        (ask(conn, "newest"), BY_DATE_MS),
        (ask(conn, "oldest"), BY_DATE_MS),
        (table_box(conn), RELEVANCE_MS),
    ]
    orders = orders[:2] if options.relevance else orders
    limits = [most for _, most in orders]
    all_times: list[list[Taken]] = [[] for _ in orders]
    missed = 0
    for kind, texts in questions(conn, random.Random(1)):
        if texts and options.only in kind:
            times = [Times(yardstick.measured(asked, texts)) for asked, _ in orders]
            missed += sum(time_.at(0.95) > most for time_, most in zip(times, limits, strict=True))
            print(line(kind, times, limits), flush=True)
            for all_of_order, of_kind in zip(all_times, times, strict=True):
                all_of_order.extend(of_kind.taken)
    together = [Times(taken) for taken in all_times]
    print(line("every kind of question", together, limits))
    print(f"{yardstick.microseconds():.1f} µs for an article, {posting_ns(conn):.0f} ns a posting")
    print(f"{missed} missed (!)" if missed else "all within")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
