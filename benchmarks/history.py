"""Articles that the live site has deleted, brought back from stand-ins of the web archives.

    python benchmarks/history.py [ARTICLES]

For each archive: how many of them (500 unless told) came back, how many are whole in every field, the requests
that it took, and the same after a kill -9 in the middle. Pauses are
off; with the defaults the Wayback Machine is asked once in 3 s.
"""

import argparse
import signal
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "history")]

from running import content, home, rows, scrapy, started
from stand_in import WebArchives, deleted, endpoints, pace, paper

from newsarchive.sample.server import serving

HURRY = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False")
FIELDS = ("title", "subtitle", "byline", "writer", "place", "agency", "published_at", "modified_at", "body", "lead",
          "image_url", "language", "url", "section", "word_count")  # fmt: skip


def whole(folder, articles):
    """How many articles say in every field what they were made from."""
    kept = {row["url"]: row for row in rows(folder, "SELECT * FROM articles")}
    return sum(
        a.address in kept and all(kept[a.address][name] == getattr(a.truth, name) for name in FIELDS)
        for a in articles
    )


def killed_in_the_middle(folder, words, count):
    """Run until half of them are there, and kill."""
    process = started(folder, *words)
    while process.poll() is None:
        try:
            if rows(folder, "SELECT count(*) AS n FROM articles")[0]["n"] >= count // 2:
                break
        except sqlite3.OperationalError:
            pass
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return len(content(folder))


def measure(source, articles):
    """One archive from nothing to the end, and once more with a kill in between."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        with serving(paper(), before=WebArchives(articles).answer) as site:
            words = ("crawl", "alwatan", "-a", f"site={site}", "-a", f"source={source}",
                     *endpoints(site), *pace(0), *HURRY)  # fmt: skip
            folder, began = home(Path(first)), time.monotonic()
            scrapy(folder, *words, check=0)
            seconds, requests = time.monotonic() - began, len(site.log)
            torn = home(Path(second))
            before = killed_in_the_middle(torn, words, len(articles))
            scrapy(torn, *words, check=0)
        print(
            f"{source:12} {len(content(folder)):4} of {len(articles)} came back, {whole(folder, articles)} whole,"
            f" {requests} requests, {seconds:.1f} s; killed at {before}: the same in the end:"
            f" {content(torn) == content(folder)}"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("articles", type=int, nargs="?", default=500)
    articles = deleted(parser.parse_args().articles)
    for source in ("wayback", "commoncrawl"):
        measure(source, articles)


if __name__ == "__main__":
    main()
