"""Search quality and cost: `python benchmarks/search.py [--direct]` beside ../shared/search.

Loads each pool through `scrapy ingest` into a fresh archive and asks the site for every question; `--direct`
inserts by SQL and asks `newsarchive.search` in this process. Prints nDCG@10, MRR@10 and recall beside the
anchors and the floors, then the size of the index, its rate, and the CPU of a question, beside that of the same words
asked of FTS5 as it comes.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib.util
import json
import os
import random
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "publication"))

from fetching import get
from serving import serve
from yardstick import REFERENCE_US, Taken, Yardstick

from newsarchive import search
from newsarchive.storage import bitmaps, index
from newsarchive.storage.connection import (
    connect_for_reading,
    connect_for_writing,
    transaction,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

SHARED = Path(os.environ.get("NEWSARCHIVE_SHARED", ROOT.parent / "shared")) / "search"
# Published with the sets: FTS5 with OR and Lucene's ArabicAnalyzer, nDCG@10 on the halves given here and, for
# headline, on the other half; recall of both for the families of variants where it was published.
ANCHORS = {
    "tydi": "FTS5 .792, Lucene .854",
    "xquad": "Lucene .881",
    "headline": "FTS5 .763, Lucene .824",
    "qry": "Lucene .47",
    "doc": "Lucene .55",
    "mor": "Lucene .46",
    "syr": "Lucene .62",
    "neg": "Lucene .92",
}
# Pool → the hash of its files, and for each set or family the measure that must not be below.
PINNED = json.loads((ROOT / "tests" / "search" / "floors.json").read_text())
FLOORS = {
    name: (measure, least)
    for pinned in PINNED.values()
    for floor, least in pinned["floors"].items()
    for name, measure in [floor.split()]
}
POOLS = {"wiki": ("tydi", "xquad"), "ant": ("headline",), "variants": ("variants",)}
SIZE = 100
# Articles of real length that the cost is measured on: the newspaper articles of a pool, several times.
COST_POOL, COST_ARTICLES = "variants", 30_000
# Of every kind of question with its snippets, milliseconds of CPU; articles per CPU-second; bytes a byte of text.
MOST_P50, MOST_P95 = 30.0, 60.0
ORDERS: tuple[tuple[search.Sort, int], ...] = (("relevance", 20), ("relevance", SIZE), ("newest", 20))
LEAST_RATE, MOST_INDEX = 600, 1.1
# Articles indexed between two looks at the machine's speed; a divisor of all.
PORTION = 500


class Cost(NamedTuple):
    """What the questions of a kind cost."""

    name: str
    taken: list[Taken]

    @property
    def is_within(self) -> bool:
        """Whether median and percentile are within their limits."""
        times = sorted(one.raw for one in self.taken)
        return statistics.median(times) <= MOST_P50 and percentile(times) <= MOST_P95

    def __str__(self) -> str:
        """Median and percentile as they were, and at the speed of the reference."""
        raw = sorted(taken.raw for taken in self.taken)
        at_reference = sorted(taken.at_reference for taken in self.taken)
        cells = (
            f"p50 {statistics.median(t):6.1f} ms  p95 {percentile(t):6.1f} ms" for t in (raw, at_reference)
        )
        return f"{self.name:48} {'   at reference '.join(cells)}"


def percentile(times: list[float]) -> float:
    """The 95th of sorted times."""
    return times[int(len(times) * 0.95)]


def scoring() -> ModuleType:
    """The measures that came with the sets."""
    spec = importlib.util.spec_from_file_location("score", SHARED / "score.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def is_pinned(pool: str) -> bool:
    """Say whether the pool is the one that its floors were measured on."""
    files = sorted((SHARED / pool).iterdir())
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    if digest != PINNED[pool]["sha256"]:
        print(f"{pool} is another set than that of tests/search/floors.json: its floors say nothing")
    return digest == PINNED[pool]["sha256"]


def exported(pool: str, file: Path) -> Path:
    """The pool as article records, one a line."""
    with file.open("wb") as lines:
        subprocess.run([sys.executable, SHARED / "score.py", "export", pool], stdout=lines, check=True)
    return file


def ingest(records: Path, folder: Path) -> Path:
    """An archive filled by the verb."""
    archive = folder / "archive.db"
    settings = ("-s", f"ARCHIVE_DB={archive}", "-s", f"ARCHIVE_WARC_DIR={folder / 'captures'}")
    command = [sys.executable, "-m", "scrapy", "ingest", str(records), "-L", "WARNING", *settings]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return archive


def insert(records: Path, folder: Path) -> Path:
    """An archive filled by SQL."""
    archive = folder / "archive.db"
    connection = connect_for_writing(archive)
    with transaction(connection), records.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            record = json.loads(line)
            connection.execute(
                "INSERT INTO articles (id, key, url, title, body) VALUES (?, ?, ?, ?, ?)",
                (number, f"test-{number}", record["url"], record["title"], record["body"]),
            )
        index.refresh(connection)
    connection.close()
    return archive


def directly(archive: Path) -> Callable[[str], list[str]]:
    """Ask in this process."""
    connection = connect_for_reading(archive)
    return lambda text: [str(hit.url) for hit in search.ask(connection, text, size=SIZE).hits]


def by_http(url: str) -> Callable[[str], list[str]]:
    """Ask the site."""

    def ask(text: str) -> list[str]:
        answer = json.loads(get(url, f"/search.json?q={quote(text)}&size={SIZE}").body)
        return [str(hit["url"]) for hit in answer["results"]]

    return ask


def quality(score: ModuleType, name: str, ask: Callable[[str], list[str]]) -> bool:
    """Print the measures of a set beside anchor and floor; False when one is below."""
    relevant, families = score.judgements(name), {}
    for query, text, label in score.queries(name):
        family = label.split(":")[0] if name == "variants" else name
        found = [score.document_id(url) for url in ask(text)]
        families.setdefault(family, []).append(score.measures(found, relevant.get(query, {})))
    good = True
    for family, rows in families.items():
        means = {measure: sum(row[measure] for row in rows) / len(rows) for measure in rows[0]}
        measure, floor = FLOORS[family]
        good = good and means[measure] >= floor
        shown = "  ".join(f"{key} {value:.4f}" for key, value in means.items())
        print(f"{family:9}{len(rows):5}  {shown}  | floor {measure} {floor:.3f} | {ANCHORS[family]}")
    return good


def real_articles(folder: Path) -> tuple[Path, list[str], bool]:
    """An archive of `COST_ARTICLES` newspaper articles with dated ids, and the texts it repeats.

    The last value says whether its index is made fast enough and small enough.
    """
    lines = exported(COST_POOL, folder / "texts.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [text for line in lines if len(text := json.loads(line)["body"]) > 300]
    connection = connect_for_writing(folder / "archive.db")
    yardstick = Yardstick(texts)

    taken = []
    with transaction(connection):
        for first in range(0, COST_ARTICLES, PORTION):
            _insert(connection, range(first, first + PORTION), texts)
            taken += yardstick.measured(index.refresh, [connection])
    taken += yardstick.measured(bitmaps.complete, [connection])
    rate, rate_at_reference = (
        COST_ARTICLES * 1_000 / sum(milliseconds)
        for milliseconds in ((one.raw for one in taken), (one.at_reference for one in taken))
    )
    octets = sum(len(f"{body}{' '.join(body.split()[:8])}".encode()) for body in texts) / len(texts)
    size = _bytes(connection, "SELECT sum(length(block)) FROM articles_fts_data")
    size += _bytes(connection, "SELECT sum(length(sz)) FROM articles_fts_docsize")
    size += _bytes(connection, "SELECT sum(length(bits) + length(word)) FROM index_bitmaps")
    size += _bytes(connection, "SELECT sum(length(ids)) FROM index_spans")
    connection.close()
    share = size / octets / COST_ARTICLES
    print(
        f"index: {rate:.0f} articles per CPU-second, at reference {rate_at_reference:.0f} | floor {LEAST_RATE}"
    )
    print(f"index: {share:.3f} × text of {octets:.0f} bytes an article | ceiling {MOST_INDEX}")
    return folder / "archive.db", texts, rate >= LEAST_RATE and share <= MOST_INDEX


def _insert(connection: sqlite3.Connection, numbers: range, texts: list[str]) -> None:
    for number in numbers:
        body = texts[number % len(texts)]
        # A hundred ids from one article to the next, as a paper of forty articles a day has.
        connection.execute(
            "INSERT INTO articles (id, key, title, body) VALUES (?, ?, ?, ?)",
            (number * 100, f"test-{number}", " ".join(body.split()[:8]), body),
        )


def _bytes(connection: sqlite3.Connection, sql: str) -> int:
    return int(connection.execute(sql).fetchone()[0])


def stock_table(file: Path, texts: list[str]) -> sqlite3.Connection:
    """The same articles in FTS5 as it comes."""
    connection = sqlite3.connect(file)
    connection.execute("CREATE VIRTUAL TABLE stock USING fts5 (title, body)")
    bodies = (texts[number % len(texts)] for number in range(COST_ARTICLES))
    with connection:
        connection.executemany(
            "INSERT INTO stock VALUES (?, ?)", ((" ".join(body.split()[:8]), body) for body in bodies)
        )
    return connection


def ask_stock(connection: sqlite3.Connection, text: str) -> None:
    """The best articles with any of the words, by bm25, with FTS5's own snippets; neither count nor second stage."""
    match = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", text)) or '""'
    shown = "snippet(stock, 1, '<mark>', '</mark>', '…', 30)"
    connection.execute(
        f"SELECT (SELECT {shown} FROM stock WHERE stock MATCH :match AND rowid = best.rowid)"
        " FROM (SELECT rowid FROM stock WHERE stock MATCH :match ORDER BY rank LIMIT :size) AS best",
        {"match": match, "size": SIZE},
    ).fetchall()


def costs(score: ModuleType, archive: Path, texts: list[str]) -> bool:
    """Print the CPU of questions with their snippets, in this process; False when a kind is above its limit."""
    chance = random.Random(3)
    pieces = [" ".join(chance.choice(texts).split()[20:28]) for _ in range(150)]
    asked = {
        "eight words of an article": pieces,
        "one word of an article": [piece.split()[0] for piece in pieces],
        "headlines": [text for _, text, _ in score.queries("headline")][:150],
        "questions": [text for _, text, _ in score.queries("tydi")][:150],
    }
    connection = connect_for_reading(archive)
    stock, yardstick = stock_table(archive.with_name("stock.db"), texts), Yardstick(texts)
    found = []
    for name, questions in asked.items():
        for sort, size in ORDERS:
            taken = yardstick.measured(partial(search.ask, connection, sort=sort, size=size), questions)
            found.append(Cost(f"{name}, {sort}, {size}", taken))
            print(found[-1], "" if found[-1].is_within else "!")
        theirs = Cost(
            f"{name}, FTS5 as it comes, {SIZE}", yardstick.measured(partial(ask_stock, stock), questions)
        )
        print(theirs)
    print(f"CPU of a question with snippets | p50 {MOST_P50:.0f} ms, p95 {MOST_P95:.0f} ms, above it: !")
    print(f"reference: {REFERENCE_US} µs that bm25 takes for an article; here {yardstick.microseconds():.1f}")
    return all(cost.is_within for cost in found)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--direct", action="store_true", help="no ingest, no server")
    parser.add_argument("--no-cost", action="store_true", help="quality only")
    options = parser.parse_args()
    if not SHARED.is_dir():
        print(f"{SHARED} is not here: nothing to measure")
        return 0
    score, good = scoring(), True
    for pool, names in POOLS.items():
        good = is_pinned(pool) and good
        with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as open_things:
            records = exported(pool, Path(folder) / "articles.jsonl")
            archive = (insert if options.direct else ingest)(records, Path(folder))
            ask = (
                directly(archive)
                if options.direct
                else by_http(open_things.enter_context(serve(archive)).url)
            )
            for name in names:
                good = quality(score, name, ask) and good
    if not options.no_cost:
        with tempfile.TemporaryDirectory() as name:
            archive, texts, is_sound = real_articles(Path(name))
            good = costs(score, archive, texts) and is_sound and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
