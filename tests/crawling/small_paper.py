"""A newspaper of a few articles on one host, crawled by the real verb over real HTTP."""

from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from running import check_states, rows, scrapy

from newsarchive import sample
from newsarchive.sample import Paper
from newsarchive.sample.exchange import Response
from newsarchive.sample.server import serving

HOST = "alwatan.sy"
# Politeness has tests of its own; the others ask a machine that is theirs.
HURRY = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False", "-s", "ARCHIVE_PAUSE=0.2")


def articles(count):
    """The last few plain articles of the sample's newspaper, newest last."""
    plain = [a for a in sample.load() if a.host == HOST and len(a.parts) == 1 and a.picture]
    return tuple(plain[-count:])


def paper(count=4):
    """A newspaper that holds them and nothing else."""
    chosen = articles(count)
    return Paper(articles=chosen, others=(), shown=chosen)


def path(address):
    """The path of a normal address, as the server's log prints it."""
    return urlsplit(address).path


@dataclass
class Crawl:
    """A crawl that ended: its exit code, its archive's folder and every request that the server saw."""

    code: int
    output: str
    folder: object
    log: list

    def states(self):
        """State and reason of every address, by path."""
        query = "SELECT url, state, reason FROM addresses"
        return {path(row["url"]): (row["state"], row["reason"]) for row in rows(self.folder, query)}

    def kept(self):
        """The paths of the articles that are shown as live."""
        return sorted(
            path(row["url"]) for row in rows(self.folder, "SELECT url FROM articles WHERE status = 'live'")
        )

    def source(self, name):
        """The row of the first host's source of this name."""
        (row,) = rows(self.folder, "SELECT * FROM sources WHERE url = ?", f"https://{HOST}{name}")
        return row

    def asked(self, host=HOST):
        """The targets that were asked of a host, in order."""
        return [request.target for request in self.log if request.host.removeprefix("www.") == host]

    def run(self):
        """The row of the last run."""
        return rows(self.folder, "SELECT * FROM runs ORDER BY id DESC LIMIT 1")[0]


def one_host(hook=None):
    """The second host of the card has nothing; `hook` sees the requests to the first."""

    def before(request):
        if request.host.removeprefix("www.") == "alwatanonline.com":
            return Response(404, b"nothing here", content_type="text/plain")
        return hook(request) if hook else None

    return before


@contextmanager
def stand_in(hook=None, count=4):
    """The small paper over HTTP, answered by `hook` where it answers at all."""
    with serving(paper(count), before=one_host(hook)) as site:
        yield site


def crawl(folder, site, *words, hurry=HURRY, tracebacks=False, **options):
    """Crawl the stand-in to the crawl's own end, and check what holds after every crawl."""
    begun = len(site.log)
    done = scrapy(folder, "crawl", "alwatan", "-a", f"site={site}", *hurry, *words, **options)
    ended = Crawl(done.returncode, done.stdout + done.stderr, folder, site.log[begun:])
    check_promises(ended, tracebacks=tracebacks)
    return ended


def check_promises(ended, *, tracebacks=False):
    """What no fault of a server may break: one state an address, an honest run, nobody else asked."""
    assert tracebacks or "Traceback" not in ended.output, ended.output[-4000:]
    check_states(ended.folder)
    assert ended.run()["exit_code"] == ended.code
    assert ended.run()["verdict"] in ended.output
    hosts = {request.host.removeprefix("www.") for request in ended.log}
    assert hosts <= {"alwatan.sy", "alwatanonline.com"}
