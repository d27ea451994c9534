"""Server CPU for each request of the site: `python benchmarks/site.py ARCHIVE`, an archive of site_archive.py.

Prints beside each goal the median of the server's CPU in milliseconds, its ratio to Datasette's own
/-/versions.json in the same run, and the bytes of the page as they are and compressed; then twenty clients beside
a download of the whole archive, and the memory. Nothing searched for is asked twice. Exits 1 when a goal is missed.

An archive of a million articles (or `--million`) has goals of its own: the 95th percentile of searches of every
kind, and the memory after them.
"""

from __future__ import annotations

import gzip
import random
import re
import sqlite3
import statistics
import sys
import threading
import time
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "publication"))
from fetching import get
from serving import Server, serve
from site_archive import COMMON, MID

from newsarchive import search

ANCHOR = "/-/versions.json"
FLAGS = ("--setting", "num_sql_threads", "4", "--setting", "suggest_facets", "off")
REPEAT = 40
WORDS = 12
SAMPLED = 150
SEARCHES = 144
MILLION = 900_000
COMPRESSED = 40_000
AGAIN = "the same again"
SLOWEST_SECONDS = 1.0


@dataclass(frozen=True)
class Page:
    """Addresses of one kind of page and the most CPU milliseconds that one of them may take."""

    name: str
    paths: list[str]
    goal: float


class Verdict:
    """Prints figures beside their goals and remembers what was missed."""

    def __init__(self) -> None:
        self.missed: list[str] = []

    def check(self, name: str, figure: float, goal: float) -> str:
        """The goal and whether it is kept, as text."""
        if figure > goal:
            self.missed.append(name)
        return f"≤ {goal:g} {'MISSED' if figure > goal else 'kept'}"


class Reader:
    """What there is to ask of an archive: words as frequent as in its texts, articles, a section, years."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        (self.articles,) = connection.execute("SELECT count(*) FROM articles").fetchone()
        # ids are spread over the years, so one at random finds an article of any time
        first, last = connection.execute(
            "SELECT min(id), max(id) FROM articles WHERE published_on > ''"
        ).fetchone()
        random_ = random.Random(11)
        near = "SELECT key, title, body FROM articles WHERE id >= ? ORDER BY id LIMIT 1"
        rows = [connection.execute(near, (random_.randint(first, last),)).fetchone() for _ in range(SAMPLED)]
        self.keys = [row[0] for row in rows]
        self.titles = [row[1] for row in rows]
        self.words = [word for row in rows for word in random_.choices(re.findall(r"\w{3,}", row[2]), k=3)]
        (self.section,) = connection.execute(
            "SELECT section FROM articles WHERE key = ?", (self.keys[0],)
        ).fetchone()
        self.years = [
            year
            for (year,) in connection.execute(
                "SELECT DISTINCT substr(published_on, 1, 4) FROM articles WHERE key IN "
                f"({', '.join('?' * len(self.keys))}) ORDER BY 1",
                self.keys,
            )
        ]
        self._counted = [(self.count(word), word) for word in dict.fromkeys([COMMON, MID, *self.words])]

    def count(self, words: str) -> int:
        """Articles that a search finds."""
        parsed = search.parse(words)
        if not parsed:
            return 0
        sql, parameters = search.matching(parsed)
        (count,) = self._connection.execute(f"SELECT count(*) FROM ({sql})", parameters).fetchone()
        return int(count)

    def words_in(self, articles: int) -> list[str]:
        """The words that a search finds in about so many articles."""
        return [word for _, word in sorted(self._counted, key=lambda pair: abs(pair[0] - articles))[:WORDS]]


def searches(words: list[str], more: str = "") -> list[str]:
    return [f"/search?q={quote(word)}{more}" for word in words]


def pages(reader: Reader) -> list[Page]:
    """The pages that are measured, with their goals."""
    common, middle = reader.words_in(reader.articles * 3 // 5), reader.words_in(reader.articles // 10)
    section = f"&section={quote(reader.section)}"
    years = reader.years
    return [
        Page("home", ["/"], 10),
        Page("article", [f"/article/{key}" for key in reader.keys], 4),
        Page("search, word in 3/5", searches(common), 40),
        Page("search, word in 1/10", searches(middle), 12),
        Page(AGAIN, searches(middle[:1]), 12),
        Page("search, newest first", searches(common, "&sort=newest"), 40),
        Page("search in a section", searches(middle, section), 40),
        Page("section", [f"/search?{section[1:]}"], 40),
        Page("month", [f"/search?from={year}-05&until={year}-05" for year in years], 40),
        Page("table", ["/archive/articles"], 20),
        Page("table search", [f"/archive/articles?_search={quote(word)}" for word in middle], 40),
        Page("day", [f"/day/{year}-05-10" for year in years], 10),
        Page("days", [f"/days?year={year}" for year in years], 20),
        Page("writers", ["/writers"], 20),
        Page("sections", ["/sections"], 20),
        Page("changes", ["/changes", "/changes?after=2024-12-08"], 20),
        Page("coverage", ["/coverage"], 20),
        Page("sitemap of a month", [f"/sitemap-{year}-05.xml" for year in years], 40),
    ]


def of_every_kind(reader: Reader) -> list[str]:
    """Addresses of searches: headlines, one to three words, phrases, newest first, within a section or a year."""
    random_ = random.Random(12)
    section = f"&section={quote(reader.section)}"
    kinds = ("{a}", "{a}", "{a} {b}", "{a} {b} {c}", '"{t}"', "{t}", "{a}&sort=newest",
             "{a} {b}" + section, "{a}&from=2016&until=2017")  # fmt: skip
    paths = []
    for kind in islice(cycle(kinds), SEARCHES):
        a, b, c = map(quote, random_.sample(reader.words, 3))
        title = quote(" ".join(re.findall(r"\w+", random_.choice(reader.titles))[:4]))
        paths.append(
            "/search?q=" + kind.replace(" ", "%20").replace('"', "%22").format(a=a, b=b, c=c, t=title)
        )
    return paths


def costs(server: Server, paths: list[str], repeat: int) -> list[float]:
    """CPU milliseconds of the server for each of `repeat` requests."""
    taken = []
    for path in islice(cycle(paths), repeat):
        before = server.cpu_seconds()
        answer = get(server.url, path)
        taken.append((server.cpu_seconds() - before) * 1000)
        assert answer.status == 200, path
    return taken


def percentile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def beside_a_download(
    server: Server, paths: list[str], clients: int = 20, seconds: float = 12.0
) -> dict[str, list[float]]:
    """Wall seconds of each page with many clients and one large download going on."""
    taken: dict[str, list[float]] = {path: [] for path in paths}
    ended: list[float] = []
    size = []

    def download() -> None:
        size.append(len(get(server.url, "/archive/articles.csv").body))
        ended.append(time.monotonic())

    def client(number: int) -> None:
        turn = number
        while not ended and time.monotonic() < end:
            path = paths[turn % len(paths)]
            began = time.monotonic()
            assert get(server.url, path).status == 200
            taken[path].append(time.monotonic() - began)
            turn += 1
            time.sleep(0.5)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    began = time.monotonic()
    end = began + seconds
    for thread in [threading.Thread(target=download), *threads]:
        thread.start()
    for thread in threads:
        thread.join()
    while not ended:
        time.sleep(0.1)
    print(
        f"\ndownload of {size[0] / 1e6:.0f} MB in {ended[0] - began:.1f} s beside {clients} clients,"
        " each with half a second between pages"
    )
    return taken


def measure_pages(server: Server, reader: Reader, verdict: Verdict) -> None:
    """CPU and bytes of each page."""
    found = pages(reader)
    for page in found:
        get(server.url, page.paths[-1])
    anchor = statistics.median(costs(server, [ANCHOR], REPEAT))
    print(f"{ANCHOR} {anchor:.2f} ms of CPU\n")
    print(f"{'page':22}{'CPU ms':>8}{'ratio':>7}{'bytes':>9}{'gzip':>8}  goal")
    for page in found:
        # what is searched for is asked once: an answer that is remembered is not measured
        repeat = len(page.paths) - 1 if len(page.paths) > 2 and "search" in page.name else REPEAT
        milliseconds = statistics.median(costs(server, page.paths, repeat))
        body = get(server.url, page.paths[0]).body
        compressed = len(gzip.compress(body))
        said = verdict.check(page.name, milliseconds, page.goal)
        if page.name.startswith(("search", "article")):
            said += f", {verdict.check(page.name + ' bytes', compressed, COMPRESSED)} bytes"
        print(
            f"{page.name:22}{milliseconds:8.1f}{milliseconds / anchor:7.1f}{len(body):9}{compressed:8}  {said}"
        )


def measure_crowd(server: Server, reader: Reader, verdict: Verdict) -> None:
    """Wall times of twenty clients beside a download."""
    paths = ["/", f"/article/{reader.keys[0]}", "/search?q=" + quote(MID), "/archive/articles"]
    for path, times in beside_a_download(server, paths).items():
        slow = percentile(times, 0.95)
        said = verdict.check(f"{path} in a crowd", slow, SLOWEST_SECONDS)
        print(
            f"{path[:40]:42}{len(times):5} pages  p50 {statistics.median(times):.2f} s  p95 {slow:.2f} s  {said}"
        )


def measure_million(server: Server, reader: Reader, verdict: Verdict) -> None:
    """Searches of every kind, and what else must not read the archive for each request."""
    get(server.url, "/search?q=" + quote(MID))
    anchor = statistics.median(costs(server, [ANCHOR], REPEAT))
    paths = of_every_kind(reader)
    taken = costs(server, paths, len(paths))
    slow = percentile(taken, 0.95)
    print(
        f"{len(paths)} searches: p50 {statistics.median(taken):.0f} ms, p95 {slow:.0f} ms of CPU"
        f" ({slow / anchor:.0f} × {ANCHOR})  {verdict.check('search p95', slow, 250)}"
    )
    for page in pages(reader):
        if page.name == "table search" or ("search" not in page.name and page.name != AGAIN):
            get(server.url, page.paths[-1])
            milliseconds = percentile(costs(server, page.paths, WORDS), 0.95)
            goal = 250 if page.name == "table search" else 60
            print(f"{page.name:22}{milliseconds:8.1f}  {verdict.check(page.name, milliseconds, goal)}")


def main() -> None:
    """Measure, print, say what was missed."""
    archive = Path(sys.argv[1])
    reader = Reader(sqlite3.connect(f"file:{archive}?mode=ro", uri=True))
    verdict = Verdict()
    with serve(archive, *FLAGS) as server:
        if reader.articles >= MILLION or "--million" in sys.argv:
            measure_million(server, reader, verdict)
        else:
            measure_pages(server, reader, verdict)
            measure_crowd(server, reader, verdict)
        memory = server.peak_memory() / 1e6
        print(f"\nmemory at most {memory:.0f} MB  {verdict.check('memory', memory, 150)}")
    if verdict.missed:
        sys.exit("missed: " + ", ".join(verdict.missed))


if __name__ == "__main__":
    main()
