"""Articles that the live site has deleted, brought back from stand-ins of the web archives.

    python benchmarks/history.py [ARTICLES]

For each archive: how many of them (500 unless told) came back whole in every field, the requests that it took and the
shortest time between two of them by the server's own log (the delays are set to 0.05 s; the published ones are the
defaults), and the same after a kill -9 in the middle. Exits with 1 where one is missing, differs or came too soon.
"""

import argparse
import signal
import sqlite3
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "history")]

from running import content, home, rows, scrapy, started
from stand_in import WebArchives, deleted, endpoints, pace, paper

from newsarchive.sample.server import serving

HURRY = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False")
DELAY = 0.05
# For the way from the crawl's clock to the server's.
CLOCKS = 0.01
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
    """One archive from nothing to the end, and once more with a kill in between; whether all of it holds."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        with serving(paper(), before=WebArchives(articles).answer) as site:
            words = ("crawl", "alwatan", "-a", f"site={site}", "-a", f"source={source}",
                     *endpoints(site), *pace(DELAY), *HURRY)  # fmt: skip
            folder, began = home(Path(first)), time.monotonic()
            scrapy(folder, *words, check=0)
            seconds, requests = time.monotonic() - began, len(site.log)
            torn = home(Path(second))
            before = killed_in_the_middle(torn, words, len(articles))
            scrapy(torn, *words, check=0)
            shortest = min(after.at - before.at for before, after in pairwise(site.log))
        came, same = whole(folder, articles), content(torn) == content(folder)
        print(
            f"{source:12} {came:4} of {len(articles)} came back whole, {requests} requests, {seconds:.1f} s,"
            f" {shortest:.3f} s between two at least (goal {DELAY}); killed at {before}: the same in the end: {same}"
        )
        return came == len(content(folder)) == len(articles) and same and shortest >= DELAY - CLOCKS


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("articles", type=int, nargs="?", default=500)
    articles = deleted(parser.parse_args().articles)
    held = [measure(source, articles) for source in ("wayback", "commoncrawl")]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
