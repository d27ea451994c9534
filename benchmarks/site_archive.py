"""An archive of invented articles of real length, for measuring the site: `python benchmarks/site_archive.py FILE N`.

Words are invented and distributed as in a language (Zipf); one word stands in three of five articles, one in
every tenth. The same N gives the same archive.
"""

from __future__ import annotations

import hashlib
import itertools
import random
import sqlite3  # noqa: TC003
import sys
from datetime import date, timedelta
from pathlib import Path

import sqlite_utils

from newsarchive.storage import bitmaps, index
from newsarchive.storage.migrations import migrations

COMMON, MID = "الحكومة", "الزراعة"
SECTIONS = ["محليات", "اقتصاد", "ثقافة", "رياضة", "عربي ودولي", "سورية", "الأولى", "قضايا"]
VOCABULARY = 30_000
LETTERS = "اابتثجحخدذرزسشصضطظعغفقكلللممنننهووييي"
FIRST, YEARS = date(2011, 1, 1), 15
BATCH = 500


def vocabulary(random_: random.Random) -> tuple[list[str], list[float]]:
    """Words and their cumulative weights."""
    words = {
        "".join(random_.choices(LETTERS, k=random_.choice((3, 4, 4, 5, 5, 6, 7)))) for _ in range(VOCABULARY)
    }
    listed = sorted(words)
    random_.shuffle(listed)
    listed = [("ال" if random_.random() < 0.3 else "") + word for word in listed]
    return listed, list(itertools.accumulate(1 / (rank + 3) for rank in range(len(listed))))


def article(random_: random.Random, words: list[str], weights: list[float], number: int, total: int) -> dict:
    """One article; `number` of `total` decides its day."""
    day = FIRST + timedelta(days=number * 365 * YEARS // total)
    length = max(60, int(random_.gauss(270, 90)))
    text = random_.choices(words, cum_weights=weights, k=length)
    if random_.random() < 0.6:
        text[random_.randrange(length)] = COMMON
    if random_.random() < 0.1:
        text[random_.randrange(length)] = MID
    cuts = [0, *sorted(random_.sample(range(10, length - 5), 5)), length]
    body = "\n\n".join(" ".join(text[a:b]) + "." for a, b in itertools.pairwise(cuts))
    title = " ".join(random_.choices(words, cum_weights=weights, k=9))
    minutes = number % 1400
    return {
        "id": ((day - date(1900, 1, 1)).days) * 4096 + number % 2048,
        "key": f"nahar-{number + 1}",
        "newspaper": "nahar",
        "url": f"https://nahar.example/archives/{number + 1}",
        "section": random_.choice(SECTIONS),
        "title": title,
        "byline": words[1000 + number % 150],
        "writer": words[1000 + number % 150] if number % 3 else None,
        "agency": None if number % 3 else "وكالات",
        "published_at": f"{day}T{minutes // 60:02}:{minutes % 60:02}:00+03:00",
        "published_from": "json-ld",
        "published_on": str(day),
        "lead": body.split("\n\n")[0],
        "body": body,
        "word_count": length,
        "language": "ar",
        "status": "gone" if number % 97 == 0 else "live",
        "gone_since": "2025-01-02T00:00:00Z" if number % 97 == 0 else None,
        "body_sha256": hashlib.sha256(body.encode()).hexdigest(),
        "text_sha256": hashlib.sha256((title + body).encode()).hexdigest(),
        "reader": "jannah",
        "reader_version": 1,
    }


def write(path: Path, total: int) -> None:
    """Make the archive at `path`."""
    database = sqlite_utils.Database(path)
    migrations.apply(database)
    connection: sqlite3.Connection = database.conn
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("PRAGMA synchronous = off")
    random_ = random.Random(7)
    words, weights = vocabulary(random_)
    with connection:
        marks = [("kind", "sample"), ("newspaper", "nahar"), ("title", "النهار الدمشقي")]
        connection.executemany("INSERT INTO newsarchive VALUES (?, ?)", marks)
    for start in range(0, total, BATCH):
        rows = [article(random_, words, weights, n, total) for n in range(start, min(start + BATCH, total))]
        with connection:
            names = list(rows[0])
            connection.executemany(
                f"INSERT INTO articles ({', '.join(names)}) VALUES ({', '.join(':' + name for name in names)})",
                rows,
            )
            connection.executemany("INSERT INTO article_keys VALUES (:key, :id)", rows)
            index.refresh(connection)
    connection.commit()
    bitmaps.complete(connection)
    database.close()


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
