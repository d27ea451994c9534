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
from site_archive import COMMON, MID, vocabulary

from newsarchive import search

ANCHOR = "/-/versions.json"
FLAGS = ("--setting", "num_sql_threads", "4", "--setting", "suggest_facets", "off")
REPEAT = 40
WORDS = 12
MILLION = 900_000
COMPRESSED = 40_000
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


def words_in(connection: sqlite3.Connection, articles: int) -> list[str]:
    """Invented words that a search finds in about so many articles."""
    counted = []
    for word in vocabulary(random.Random(7))[0][:1200]:
        parsed = search.parse(word)
        if parsed:
            sql, parameters = search.matching(parsed)
            (found,) = connection.execute(f"SELECT count(*) FROM ({sql})", parameters).fetchone()
            counted.append((abs(found - articles), word))
    return [word for _, word in sorted(counted)[:WORDS]]


def searches(words: list[str], more: str = "") -> list[str]:
    return [f"/search?q={quote(word)}{more}" for word in words]


def pages(connection: sqlite3.Connection, articles: int) -> list[Page]:
    """The pages that are measured, with their goals."""
    common, middle = words_in(connection, articles * 3 // 5), words_in(connection, articles // 10)
    keys = [f"/article/nahar-{number}" for number in range(7, articles, articles // WORDS)]
    section = f"&section={quote('اقتصاد')}"
    return [
        Page("home", ["/"], 10),
        Page("article", keys, 4),
        Page("search, word in 3/5", searches([COMMON, *common]), 40),
        Page("search, word in 1/10", searches([MID, *middle]), 12),
        Page("the same again", searches(middle[:1]), 12),
        Page("search, newest first", searches(common, "&sort=newest"), 40),
        Page("search in a section", searches(middle, section), 40),
        Page("section", [f"/search?{section[1:]}"], 40),
        Page("month", [f"/search?from={year}-05&until={year}-05" for year in range(2011, 2026)], 40),
        Page("table", ["/archive/articles"], 20),
        Page("table search", [f"/archive/articles?_search={quote(word)}" for word in middle], 40),
        Page("day", [f"/day/{year}-05-10" for year in range(2011, 2026)], 10),
        Page("days", [f"/days?year={year}" for year in range(2011, 2026)], 20),
        Page("writers", ["/writers"], 20),
        Page("sections", ["/sections"], 20),
        Page("changes", ["/changes", "/changes?after=2024-12-08"], 20),
        Page("coverage", ["/coverage"], 20),
        Page("sitemap of a month", [f"/sitemap-{year}-05.xml" for year in range(2011, 2026)], 40),
    ]


def of_every_kind(connection: sqlite3.Connection, articles: int) -> list[str]:
    """Addresses of 120 searches: one to three words, phrases, newest first, within a section or a year."""
    random_ = random.Random(11)
    words, weights = vocabulary(random.Random(7))
    kinds = ("{a}", "{a}", "{a} {b}", "{a} {b} {c}", '"{a} {b}"', "{a}&sort=newest",
             "{a} {b}&section=" + quote("اقتصاد"), "{a}&from=2016&until=2017")  # fmt: skip
    frequent = set(words_in(connection, articles // 3))
    paths = []
    for kind in islice(cycle(kinds), 120):
        a, b, c = (quote(word) for word in random_.choices(words, cum_weights=weights, k=3))
        paths.append("/search?q=" + kind.replace(" ", "%20").replace('"', "%22").format(a=a, b=b, c=c))
    return [path for path in paths if not any(quote(word) in path for word in frequent)]


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


def measure_pages(server: Server, connection: sqlite3.Connection, articles: int, verdict: Verdict) -> None:
    """CPU and bytes of each page."""
    found = pages(connection, articles)
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


def measure_crowd(server: Server, verdict: Verdict) -> None:
    """Wall times of twenty clients beside a download."""
    paths = ["/", "/article/nahar-25000", "/search?q=" + quote(MID), "/archive/articles"]
    for path, times in beside_a_download(server, paths).items():
        slow = percentile(times, 0.95)
        said = verdict.check(f"{path} in a crowd", slow, SLOWEST_SECONDS)
        print(
            f"{path[:40]:42}{len(times):5} pages  p50 {statistics.median(times):.2f} s  p95 {slow:.2f} s  {said}"
        )


def measure_million(server: Server, connection: sqlite3.Connection, articles: int, verdict: Verdict) -> None:
    """Searches of every kind, and what else must not read the archive for each request."""
    get(server.url, "/search?q=" + quote(MID))
    anchor = statistics.median(costs(server, [ANCHOR], REPEAT))
    paths = of_every_kind(connection, articles)
    taken = costs(server, paths, len(paths))
    slow = percentile(taken, 0.95)
    print(
        f"{len(paths)} searches: p50 {statistics.median(taken):.0f} ms, p95 {slow:.0f} ms of CPU"
        f" ({slow / anchor:.0f} × {ANCHOR})  {verdict.check('search p95', slow, 250)}"
    )
    for page in pages(connection, articles):
        if "search" not in page.name:
            get(server.url, page.paths[-1])
            milliseconds = percentile(costs(server, page.paths, WORDS), 0.95)
            print(f"{page.name:22}{milliseconds:8.1f}  {verdict.check(page.name, milliseconds, 60)}")


def main() -> None:
    """Measure, print, say what was missed."""
    archive = Path(sys.argv[1])
    connection = sqlite3.connect(f"file:{archive}?mode=ro", uri=True)
    (articles,) = connection.execute("SELECT count(*) FROM articles").fetchone()
    verdict = Verdict()
    with serve(archive, *FLAGS) as server:
        if articles >= MILLION or "--million" in sys.argv:
            measure_million(server, connection, articles, verdict)
        else:
            measure_pages(server, connection, articles, verdict)
            measure_crowd(server, verdict)
        memory = server.peak_memory() / 1e6
        print(f"\nmemory at most {memory:.0f} MB  {verdict.check('memory', memory, 150)}")
    if verdict.missed:
        sys.exit("missed: " + ", ".join(verdict.missed))


if __name__ == "__main__":
    main()
