"""An archive of a million articles of real length: `python benchmarks/million_archive.py FILE [N [UP_TO]]`.

Every article is three passages of real newspaper articles (the pool `variants` of ../shared/search), so words,
inflections and phrases are as frequent as in a newspaper, and three invented names, so the vocabulary grows with
the archive as a real one does. The same N gives the same archive; UP_TO stops before N, the next call goes on.
A million take some twenty minutes of a core and eight gigabytes.
"""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import os
import random
import sys
import time
from datetime import date, timedelta
from pathlib import Path

from tqdm import tqdm

from newsarchive.storage import bitmaps, index
from newsarchive.storage.connection import connect_for_writing, transaction

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("NEWSARCHIVE_SHARED", ROOT.parent / "shared")) / "search"
POOL = SHARED / "variants" / "docs.jsonl.gz"
SHORTEST_TEXT = 300
SECTIONS = (
    "سورية",
    "محليات",
    "اقتصاد",
    "عربي ودولي",
    "رياضة",
    "ثقافة وفن",
    "الأولى",
    "قضايا وآراء",
    "شباب",
    "منوعات",
)
GIVEN = (
    "أحمد",
    "نبال",
    "محمد",
    "ليلى",
    "سامر",
    "هناء",
    "فادي",
    "رنا",
    "خالد",
    "ميساء",
    "ناصر",
    "عبير",
    "طلال",
    "سوسن",
)
FAMILY = (
    "إبراهيم",
    "النجار",
    "الحلبي",
    "حداد",
    "العلي",
    "درويش",
    "المصري",
    "شاهين",
    "الخطيب",
    "قاسم",
    "الأحمد",
)
LETTERS = "بتثجحدرزسشصضطعغفقكلمنه"
NAMES, NAMES_AN_ARTICLE = 2_000_000, 3
FIRST, YEARS = date(2006, 11, 8), 20
BATCH = 5_000


def texts() -> list[list[str]]:
    """Return the words of every article of the pool that is long enough to be one."""
    with gzip.open(POOL, "rt", encoding="utf-8") as lines:
        bodies = [json.loads(line)["text"] for line in lines]
    return [body.split() for body in bodies if len(body) >= SHORTEST_TEXT]


def invented(rank: int) -> str:
    """Return the invented name of a rank, five or six letters without vowels."""
    letters = []
    rank = rank * 7_919 % len(LETTERS) ** 5
    for _ in range(5):
        rank, letter = divmod(rank, len(LETTERS))
        letters.append(LETTERS[letter])
    return "".join(letters)


def body(chance: random.Random, sources: list[list[str]]) -> list[str]:
    """Return the paragraphs of an article."""
    paragraphs = []
    for _ in range(3):
        words = chance.choice(sources)
        length = max(20, int(chance.gauss(88, 45)))
        start = chance.randrange(max(1, len(words) - length))
        # The rank of a name is log-uniform, which is Zipf's law.
        paragraphs.append([*words[start : start + length], invented(int(NAMES ** chance.random()))])
    return [" ".join(words) for words in paragraphs]


def record(sources: list[list[str]], number: int, total: int) -> dict[str, object]:
    """Return article `number` of `total`, which decides its day."""
    chance = random.Random(number)
    day = FIRST + timedelta(days=number * 365 * YEARS // total)
    of_the_day = number - (-(-(day - FIRST).days * total) // (365 * YEARS))
    paragraphs = body(chance, sources)
    text = "\n\n".join(paragraphs)
    title = " ".join(paragraphs[0].split()[:8])
    writer = f"{chance.choice(GIVEN)} {chance.choice(FAMILY)}" if chance.random() < 0.6 else None
    return {
        "id": (day - date(1900, 1, 1)).days * 4096 + of_the_day * 2,
        "key": f"million-{number + 1}",
        "newspaper": "million",
        "url": f"https://million.example/archives/{number + 1}",
        "section": SECTIONS[min(int(chance.expovariate(0.4)), len(SECTIONS) - 1)],
        "title": title,
        "byline": writer,
        "writer": writer,
        "agency": None if writer else "وكالات",
        "published_at": f"{day}T{of_the_day % 24:02}:{of_the_day % 60:02}:00+03:00",
        "published_from": "json-ld",
        "published_on": str(day),
        "lead": paragraphs[0],
        "body": text,
        "word_count": len(text.split()),
        "language": "ar",
        "status": "live",
        "body_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "text_sha256": hashlib.sha256(f"{title}{text}".encode()).hexdigest(),
        "reader": "jannah",
        "reader_version": 1,
    }


def write(path: Path, total: int, up_to: int) -> None:
    """Make the archive at `path` as the archive itself writes: rows, then their index, in one transaction."""
    sources = texts()
    connection = connect_for_writing(path)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -400000")
    marks = [("kind", "sample"), ("newspaper", "million"), ("title", "صحيفة المليون")]
    connection.executemany("INSERT OR IGNORE INTO newsarchive VALUES (?, ?)", marks)
    (done,) = connection.execute("SELECT count(*) FROM articles").fetchone()
    rows = (record(sources, number, total) for number in range(done, up_to))
    indexing = 0.0
    with tqdm(total=up_to, initial=done, unit=" articles") as bar:
        while batch := list(itertools.islice(rows, BATCH)):
            with transaction(connection):
                names = list(batch[0])
                values = ", ".join(f":{name}" for name in names)
                connection.executemany(f"INSERT INTO articles ({', '.join(names)}) VALUES ({values})", batch)
                connection.executemany("INSERT INTO article_keys VALUES (:key, :id)", batch)
                before = time.process_time()
                index.refresh(connection)
                indexing += time.process_time() - before
            bar.update(len(batch))
    before = time.process_time()
    counted = bitmaps.complete(connection)
    connection.close()
    if counted:
        print(f"{counted / (time.process_time() - before):.0f} articles given bitmaps per CPU-second")
    if up_to > done:
        print(f"{(up_to - done) / indexing:.0f} articles indexed per CPU-second")


if __name__ == "__main__":
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    write(Path(sys.argv[1]), wanted, int(sys.argv[3]) if len(sys.argv) > 3 else wanted)
