"""What a server may say about being asked, and what the crawl makes of it."""

import itertools
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from running import home, started
from small_paper import HOST, crawl, one_host, paper, path, stand_in

from newsarchive.sample.exchange import Response
from newsarchive.sample.server import serving

HTML = b"<!DOCTYPE html><html><head><title>Welcome</title></head><body>User-agent: *</body></html>"


@pytest.fixture
def folder(tmp_path):
    return home(tmp_path)


def robots(response):
    """A hook that answers robots.txt, and nothing else, with this."""
    return lambda request: response if request.path == "/robots.txt" else None


@pytest.mark.parametrize(
    "response",
    [
        Response(503, b"busy", "text/plain"),
        Response(200, HTML),
        Response(200, b"User-agent: *\nDisall", "text/plain", (("Content-Length", "400"),), cut_after=20),
    ],
    ids=["503", "html", "cut"],
)
def test_while_robots_txt_cannot_be_had_nothing_else_is_asked_and_the_exit_code_is_6(folder, response):
    with stand_in() as site:
        first = crawl(folder, site, "-a", "limit=2")
        assert first.code == 0
        site.before = one_host(robots(response))
        away = crawl(folder, site)
        assert away.code == 6
        assert set(away.asked()) == {"/robots.txt"}
        assert sorted(state for state, _ in away.states().values())[:2] == ["article", "article"]
        assert {reason for _, reason in away.states().values()} <= {None, "robots-unreachable"}
        assert "robots" in away.run()["verdict"]


def test_when_robots_txt_comes_back_the_crawl_goes_on_to_the_end(folder):
    with stand_in(robots(Response(503, b"busy", "text/plain"))) as site:
        assert crawl(folder, site).code == 6
        site.before = one_host()
        assert crawl(folder, site).code == 0
        assert len(crawl(folder, site).kept()) == 4


def test_what_robots_txt_disallows_is_blocked_and_never_asked(folder):
    (closed, *_) = paper().articles
    body = f"User-agent: *\nDisallow: {closed.path}\n".encode()
    with stand_in(robots(Response(200, body, "text/plain"))) as site:
        ended = crawl(folder, site)
    assert ended.states()[closed.path] == ("blocked", "robots-disallowed")
    assert closed.path not in {path(f"https://{HOST}{target}") for target in ended.asked()}
    assert len(ended.kept()) == 3


def test_a_robots_txt_that_says_429_is_asked_again_after_the_pause_it_names(folder):
    stamps = []

    def busy_once(request):
        if request.path != "/robots.txt" or stamps:
            return None
        stamps.append(request.at)
        return Response(429, b"slow down", "text/plain", (("Retry-After", "3"),))

    with stand_in(busy_once) as site:
        ended = crawl(folder, site)
    assert ended.code == 0
    assert len(ended.kept()) == 4
    later = [request for request in ended.log if request.host == HOST and request.at > stamps[0]]
    assert later[0].path == "/robots.txt"
    assert later[0].at - stamps[0] >= 2.9


@pytest.mark.parametrize(
    ("status", "form"), [(429, "seconds"), (503, "date")], ids=["429-seconds", "503-date"]
)
def test_retry_after_holds_the_whole_host_and_then_nothing_is_missing(folder, status, form):
    stamps = []
    pages = {article.path for article in paper().articles}

    def busy_once(request):
        if request.path not in pages or stamps:
            return None
        stamps.append(request.at)
        later = format_datetime(datetime.now(UTC) + timedelta(seconds=6), usegmt=True)
        wait = "5" if form == "seconds" else later
        return Response(status, b"busy", "text/plain", (("Retry-After", wait),))

    with stand_in(busy_once) as site:
        ended = crawl(folder, site)
    after = [request.at for request in ended.log if request.at > stamps[0] and request.host == HOST]
    assert after[0] - stamps[0] >= 4.9
    assert after[0] - stamps[0] < 15
    assert ended.code == 0
    assert len(ended.kept()) == 4


def test_a_crawl_delay_is_kept_between_any_two_requests(folder):
    body = b"User-agent: *\nCrawl-delay: 2\n"
    with serving(paper(), before=one_host(robots(Response(200, body, "text/plain")))) as site:
        process = started(folder, "crawl", "alwatan", "-a", f"site={site}", "-s", "DOWNLOAD_DELAY=0")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and sum(r.host == HOST for r in site.log) < 5:
            time.sleep(0.1)
        process.terminate()
        output, _ = process.communicate(timeout=60)
    stamps = [request.at for request in site.log if request.host == HOST]
    assert len(stamps) >= 5, output
    # robots.txt itself is asked before anybody can know of the delay
    gaps = [later - earlier for earlier, later in itertools.pairwise(stamps[1:])]
    # A busy machine may notice one request late, and so the next one's gap is shorter; the sum is not.
    assert min(gaps) >= 1.2, gaps
    assert sum(gaps) >= 1.9 * len(gaps), gaps
    assert process.returncode == 130
