"""Pages per CPU-second of a whole crawl beside a Scrapy spider that does nothing with the same pages.

    python benchmarks/crawl.py [--pages 2000] [--rounds 3] [--without-trafilatura]

A newspaper of so many articles of real size (`real_sized.py`) is served on the loopback. Each round runs, one after
the other, each a process of its own whose whole CPU time counts (start, discovery, robots.txt and verdict included):

- null: Scrapy's defaults, the addresses given, every answer thrown away;
- newsarchive: `scrapy crawl alwatan` without pauses into an empty archive: discovery by four sources, captures,
  fields, rules, database, index;
- trafilatura: the null spider with trafilatura's fields in a CSV file (dependency group `bench`), what one would
  write oneself.

Printed are the medians, in pages per CPU-second and as ratio to null (goal of newsarchive 0.70), the peak memory, and
whether every article came out with its own headline and first paragraph.
"""

import argparse
import csv
import gzip
import random
import sqlite3
import statistics
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from generated import Newspaper, command, launch, served
from real_sized import grown

from newsarchive.sample.exchange import Response
from newsarchive.sample.sites import NEWSPAPER

GOAL = 0.70
_HTML = "text/html; charset=UTF-8"
_CODED = (("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))

# Run with Scrapy's own defaults, outside any project.
NULL = """
import scrapy

class Null(scrapy.Spider):
    name = "null"

    async def start(self):
        with open("addresses.txt") as lines:
            for line in lines:
                yield scrapy.Request(line.strip(), headers={"Host": "alwatan.sy"})

    def parse(self, response):
        return None
"""
TRAFILATURA = """
from null import Null
from trafilatura import bare_extraction

class Fields(Null):
    name = "fields"

    def parse(self, response):
        found = bare_extraction(response.text, url=response.url, with_metadata=True)
        if found:
            yield {"title": found.title, "date": found.date, "author": found.author, "body": found.text}
"""


class Run(NamedTuple):
    """What a process took, and how many articles came out with their headline and with their own paragraph."""

    cpu_seconds: float
    peak_bytes: int
    headlines: int
    texts: int


class RealSized(Newspaper):
    """A generated newspaper whose article pages have the size of real ones and come compressed."""

    def prepare(self):
        """Make every article page beforehand, so that serving it costs nothing."""
        chance = random.Random(1)
        pages = ((a, gzip.compress(grown(self.all.render(a), chance), 6)) for a in self.all.articles)
        self.pages = {article.path: Response(200, page, _HTML, _CODED) for article, page in pages}
        return self

    def respond(self, request):
        """The prepared page, or what the newspaper answers."""
        if request.host == NEWSPAPER.host and request.path in self.pages:
            return self.pages[request.path]
        return super().respond(request)

    __hash__ = object.__hash__


def rightly(newspaper, rows):
    """Of how many articles there is the headline as it is, and a text with the paragraph that no other has."""
    titles, texts = zip(*rows, strict=True) if rows else ((), ())
    told = "\n".join(text or "" for text in texts)
    headlines = sum(article.title in set(titles) for article in newspaper.all.articles)
    return headlines, sum(article.parts[0][1].text in told for article in newspaper.all.articles)


def ours(folder, site, newspaper):
    """Crawl into an empty archive."""
    (folder / "scrapy.cfg").write_text("[settings]\ndefault = newsarchive.settings\n")
    code, peak, cpu = launch(folder, command(site), "crawl.log")
    if code:
        raise SystemExit(f"scrapy crawl ended with {code}: {(folder / 'crawl.log').read_text()[-2000:]}")
    with sqlite3.connect(folder / "archive.db") as connection:
        rows = connection.execute("SELECT title, body FROM articles").fetchall()
    return Run(cpu, peak, *rightly(newspaper, rows))


def theirs(folder, site, newspaper, spider):
    """Run one of the two spiders with Scrapy's defaults; it writes what it yields to a CSV file."""
    (folder / "null.py").write_text(NULL)
    (folder / "fields.py").write_text(TRAFILATURA)
    (folder / "addresses.txt").write_text("".join(f"{site}{path}\n" for path in newspaper.pages))
    verb = [sys.executable, "-m", "scrapy", "runspider", f"{spider}.py", "-o", "rows.csv"]
    code, peak, cpu = launch(folder, verb, "spider.log")
    log = (folder / "spider.log").read_text()
    if code or f"'downloader/response_status_count/200': {len(newspaper.pages)}" not in log:
        raise SystemExit(f"{spider} did not fetch every page: {log[-2000:]}")
    with (folder / "rows.csv").open(newline="") as file:
        rows = [(row["title"], row["body"]) for row in csv.DictReader(file)]
    return Run(cpu, peak, *rightly(newspaper, rows))


def measure(newspaper, rounds, *, trafilatura):
    """Every run of every contender, one after the other in each round."""
    contenders = {"null": lambda *given: theirs(*given, "null"), "newsarchive": ours}
    if trafilatura:
        contenders["trafilatura"] = lambda *given: theirs(*given, "fields")
    runs = {name: [] for name in contenders}
    with served(newspaper) as (site, _):
        for _ in range(rounds):
            for name, run in contenders.items():
                with tempfile.TemporaryDirectory() as folder:
                    runs[name].append(run(Path(folder), site, newspaper))
                print(f"  {name}: {runs[name][-1].cpu_seconds:.1f} CPU-s", file=sys.stderr)
    return runs


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without-trafilatura", action="store_true")
    given = parser.parse_args()
    if not given.without_trafilatura and not find_spec("trafilatura"):
        parser.error("trafilatura is not installed: pip install --group bench, or --without-trafilatura")
    newspaper = RealSized.made(given.pages).prepare()
    size = statistics.mean(len(page.body) for page in newspaper.pages.values())
    print(f"{given.pages} articles, {size / 1000:.1f} KB a page as sent, medians of {given.rounds} rounds")
    runs = measure(newspaper, given.rounds, trafilatura=not given.without_trafilatura)
    rates = {
        name: given.pages / statistics.median(run.cpu_seconds for run in of) for name, of in runs.items()
    }
    for name, rate in rates.items():
        last, peak = runs[name][-1], max(run.peak_bytes for run in runs[name]) / 1e6
        told = "" if name == "null" else f", {last.headlines} headlines and {last.texts} texts right"
        print(
            f"  {name:12} {rate:6.0f} pages/CPU-s, {rate / rates['null']:5.2f} x null, peak {peak:.0f} MB{told}"
        )
    print(f"goal of newsarchive: {GOAL} x null")
    return 0


if __name__ == "__main__":
    sys.exit(main())
