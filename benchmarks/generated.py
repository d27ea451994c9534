"""A generated newspaper of any size on the loopback, and the crawl verb run on it.

The articles are the sample's, over and over, each with words of its own; the sources are the sample's too,
but each names only its share.
"""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from newsarchive import sample
from newsarchive.sample import Paper, documents
from newsarchive.sample.answers import answer
from newsarchive.sample.exchange import Request, Response
from newsarchive.sample.server import serving
from newsarchive.sample.sites import DAMASCUS, NEWSPAPER
from newsarchive.sample.stories import Block

ROOT = Path(__file__).parent.parent
SOURCES = ("rest", "sitemap", "feed", "listing")
HURRY = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False", "-s", "CONCURRENT_REQUESTS=8",
         "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=8", "-s", "ARCHIVE_AUDITS_PER_DAY=0")  # fmt: skip
# The card's other host: a WordPress without posts.
EMPTY = Response(
    200, b"[]", "application/json; charset=UTF-8", (("X-WP-Total", "0"), ("X-WP-TotalPages", "0"))
)
ABSENT = Response(404, b"nothing here", "text/plain")
# What WordPress itself puts into a file.
documents.CORE_SITEMAP_SIZE = 2000
_FIRST_DAY = datetime(2015, 1, 1, 8, tzinfo=DAMASCUS)
_LAST_DAY = datetime(2026, 1, 1, tzinfo=DAMASCUS)


def make_articles(count):
    """So many articles, oldest first, spread evenly over eleven years that ended long enough ago."""
    models = [a for a in sample.load() if a.site is NEWSPAPER and len(a.parts) == 1 and a.picture]
    step = (_LAST_DAY - _FIRST_DAY) / count
    return tuple(make_article(models[n % len(models)], n, _FIRST_DAY + n * step) for n in range(count))


def make_article(model, number, published):
    """The model's page with an id, a headline and a first line of its own."""
    first, *rest = model.parts[0]
    own = Block("p", f"رقم هذا الخبر في السجل {number}، وهو غير سواه.")
    published = published.replace(microsecond=0)
    return replace(
        model,
        post_id=40_000 + 3 * number,
        title=f"{model.title} ({number})",
        parts=((first, own, *rest),),
        published=published,
        modified=published,
    )


def shares(articles, seed, share=0.6):
    """Which source names which article: most are in all of them, the others in some, at least in one."""
    chance = random.Random(seed)
    named = {source: [] for source in SOURCES}
    for article in articles:
        everywhere = chance.random() < share
        some = SOURCES if everywhere else chance.sample(SOURCES, chance.randint(1, len(SOURCES) - 1))
        for source in some:
            named[source].append(article)
    return named


@dataclass
class Newspaper:
    """What the server shows. `papers` by source; `all` holds every article that can be asked for."""

    all: Paper
    papers: dict
    documents: set = field(default_factory=set)

    @classmethod
    def made(cls, count, seed=1, share=0.6):
        """A newspaper of `count` articles."""
        articles = make_articles(count)
        shown = articles[-12:]
        papers = {
            source: Paper(articles=tuple(named), others=(), shown=shown)
            for source, named in shares(articles, seed, share).items()
        }
        return cls(Paper(articles=articles, others=(), shown=shown), papers)

    def changed(self, change):
        """The newspaper with every paper put through `change`."""
        return Newspaper(change(self.all), {source: change(paper) for source, paper in self.papers.items()})

    def respond(self, request):
        """The answer of the source that the request belongs to."""
        if request.host.removeprefix("www.") != NEWSPAPER.host:
            return EMPTY if request.path.startswith("/wp-json") else ABSENT
        return self._answered(request.target, request.headers.get("if-none-match", ""))

    @lru_cache(maxsize=2048)  # noqa: B019 - a newspaper lives as long as its server
    def _answered(self, target, condition):
        headers = {"if-none-match": condition} if condition else {}
        request = Request("GET", NEWSPAPER.host, target, headers, 0.0)
        source = source_of(request)
        response = answer(self.papers[source] if source else self.all, request)
        if source and response.status == 200:
            self.documents.add(target)
        return response

    __hash__ = object.__hash__


def source_of(request):
    """The source that a discovery document belongs to; None for pages and files."""
    if request.path.startswith("/wp-json") or "rest_route" in request.query:
        return "rest"
    if request.path.endswith(".xml"):
        return "sitemap"
    if request.path.rstrip("/").endswith("/feed"):
        return "feed"
    if request.path == "/" or "/category/" in request.path:
        return "listing"
    return None


@contextmanager
def served(newspaper):
    """The newspaper over HTTP, and a function that shows another one in its place."""
    with serving(newspaper.all, before=newspaper.respond) as site:
        yield site, lambda other: setattr(site, "before", other.respond)


def environment():
    """Where the child finds our package."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}


def command(site, *more):
    """The crawl verb on the stand-in."""
    return [
        sys.executable,
        "-m",
        "scrapy",
        "crawl",
        "alwatan",
        "-a",
        f"site={site}",
        "-L",
        "WARNING",
        *HURRY,
        *more,
    ]


# A process begins with the peak memory of the one that forked it, and the server's is larger than the crawl's: a
# small process stands between the two.
_LAUNCHER = """
import os, subprocess, sys
child = subprocess.Popen(sys.argv[2:])
_, status, usage = os.wait4(child.pid, 0)
child.returncode = os.waitstatus_to_exitcode(status)
with open(sys.argv[1], "w") as figures:
    figures.write(f"{child.returncode} {usage.ru_maxrss} {usage.ru_utime + usage.ru_stime}")
"""


def launch(folder, command, log_name):
    """Run a command in a folder; returns exit code, peak memory in bytes and CPU seconds."""
    figures = folder / "figures"
    with (folder / log_name).open("a") as log:
        launched = [sys.executable, "-c", _LAUNCHER, figures, *command]
        subprocess.run(launched, cwd=folder, env=environment(), stdout=log, stderr=log, check=True)
    code, peak, cpu = figures.read_text().split()
    return int(code), int(peak) * 1024, float(cpu)


def crawl(folder, site, *more):
    """Run it; returns seconds, exit code, peak memory in bytes and the requests that it made."""
    shutil.copy(ROOT / "scrapy.cfg", folder)
    begun, start = len(site.log), time.monotonic()
    code, peak, _ = launch(folder, command(site, *more), "crawl.log")
    return time.monotonic() - start, code, peak, site.log[begun:]


def ask(folder, query, *values):
    """One value out of the archive."""
    connection = sqlite3.connect(f"file:{folder / 'archive.db'}?mode=ro", uri=True)
    try:
        return connection.execute(query, values).fetchone()[0]
    finally:
        connection.close()


def digest(folder):
    """What `scrapy verify --digest` prints: SHA-256 over what must not depend on how often a crawl was disturbed."""
    verb = [sys.executable, "-m", "scrapy", "verify", "--digest"]
    done = subprocess.run(verb, cwd=folder, env=environment(), capture_output=True, text=True, check=True)
    return done.stdout.strip()


def states(folder):
    """(sum of the addresses in the seven states, addresses): the two are one number in a sound archive."""
    known = "'pending', 'article', 'duplicate', 'refused', 'gone', 'blocked', 'failed'"
    query = "SELECT count(*) FROM addresses"
    return ask(folder, f"{query} WHERE state IN ({known})"), ask(folder, query)


def days_ago(days):
    """A moment of the newspaper's, so many days before now."""
    return datetime.now(DAMASCUS).replace(microsecond=0) - timedelta(days=days)
