"""Server CPU for each request of the site: `python benchmarks/site.py ARCHIVE`, an archive of site_archive.py.

Prints the median of server CPU in milliseconds, its ratio to Datasette's own /-/versions.json in the same run, the
bytes of the page as they are and compressed. Then twenty clients beside a download of the whole archive.
"""

from __future__ import annotations

import gzip
import statistics
import sys
import threading
import time
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "publication"))
from fetching import get
from serving import serve
from site_archive import COMMON, MID

ANCHOR = "/-/versions.json"
FLAGS = ("--setting", "num_sql_threads", "4", "--setting", "suggest_facets", "off")
REPEAT = 30


def pages(middle: str) -> dict[str, tuple[str, float]]:
    """Name → (address, the most CPU milliseconds it may take)."""
    return {
        "anchor": (ANCHOR, 1e9),
        "home": ("/", 10),
        "article": (f"/article/{middle}", 4),
        "search common": ("/search?q=" + quote(COMMON), 40),
        "search mid": ("/search?q=" + quote(MID), 12),
        "search common newest": ("/search?sort=newest&q=" + quote(COMMON), 40),
        "search common in a section": ("/search?q=" + quote(COMMON) + "&section=" + quote("اقتصاد"), 40),
        "browse a section": ("/search?section=" + quote("اقتصاد"), 40),
        "browse a month": ("/search?from=2016-05&until=2016-05", 40),
        "table": ("/archive/articles", 20),
        "table search mid": ("/archive/articles?_search=" + quote(MID), 40),
        "day": ("/day/2016-05-10", 10),
        "days": ("/days?year=2016", 20),
        "writers": ("/writers", 20),
        "changes": ("/changes", 20),
        "coverage": ("/coverage", 20),
    }


def cost(server, path: str, repeat: int = REPEAT) -> float:
    """CPU milliseconds of the server for one request: medians of five rounds."""
    rounds = []
    for _ in range(5):
        before = server.cpu_seconds()
        for _ in range(repeat):
            assert get(server.url, path).status == 200, path
        rounds.append((server.cpu_seconds() - before) * 1000 / repeat)
    return statistics.median(rounds)


def beside_a_download(
    server, paths: list[str], clients: int = 20, seconds: float = 12.0
) -> dict[str, list[float]]:
    """Wall seconds of each page with many clients and one large download going on."""
    taken: dict[str, list[float]] = {path: [] for path in paths}
    end = time.monotonic() + seconds
    size = []
    download = threading.Thread(
        target=lambda: size.append(len(get(server.url, "/archive/articles.csv").body))
    )

    def client(number: int) -> None:
        turn = number
        while time.monotonic() < end:
            path = paths[turn % len(paths)]
            began = time.monotonic()
            assert get(server.url, path).status == 200
            taken[path].append(time.monotonic() - began)
            turn += 1
            time.sleep(0.5)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    download.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    download.join()
    print(
        f"download of {size[0] / 1e6:.0f} MB beside {clients} clients, each with half a second between pages"
    )
    return taken


def main() -> None:
    """Measure and print."""
    archive = Path(sys.argv[1])
    middle = sys.argv[2] if len(sys.argv) > 2 else "nahar-25000"
    with serve(archive, *FLAGS) as server:
        for path, _ in pages(middle).values():
            get(server.url, path)
        anchor = cost(server, ANCHOR)
        print(f"{'page':28}{'CPU ms':>8}{'ratio':>8}{'target':>8}{'bytes':>9}{'gzip':>8}")
        for name, (path, most) in pages(middle).items():
            milliseconds = cost(server, path)
            body = get(server.url, path).body
            target = "" if most > 1e6 else f"{most:.0f}"
            row = f"{name:28}{milliseconds:8.1f}{milliseconds / anchor:8.1f}{target:>8}"
            print(f"{row}{len(body):9}{len(gzip.compress(body)):8}")
        print(f"memory after these: {server.peak_memory() / 1e6:.0f} MB at most")
        chosen = [
            path
            for name, (path, _) in pages(middle).items()
            if name in ("home", "article", "search mid", "table")
        ]
        for path, times in beside_a_download(server, chosen).items():
            ordered = sorted(times)
            p95 = ordered[int(len(ordered) * 0.95)] if ordered else 0
            print(
                f"{path[:40]:42}{len(ordered):5} pages  p50 {statistics.median(ordered):.2f} s  p95 {p95:.2f} s"
            )
        print(f"memory at the end: {server.peak_memory() / 1e6:.0f} MB at most")


if __name__ == "__main__":
    main()
