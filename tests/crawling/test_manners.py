"""What a server may say about being asked, and what the crawl makes of it."""

import itertools
import json
import shutil
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from running import change, home, make_due, rows, scrapy, started
from scrapy.http import TextResponse
from small_paper import HOST, crawl, one_host, paper, path, stand_in

from newsarchive.middlewares.robots import text_of, trouble_with
from newsarchive.sample.exchange import Response
from newsarchive.sample.server import serving

HTML = b"<!DOCTYPE html><html><head><title>Welcome</title></head><body>User-agent: *</body></html>"


@pytest.fixture
def folder(tmp_path):
    return home(tmp_path)


def robots(response):
    """A hook that answers robots.txt, and nothing else, with this."""
    return lambda request: response if request.path == "/robots.txt" else None


def hang_up(_request):
    raise ConnectionResetError("the server hangs up")


@pytest.fixture(scope="module")
def two_kept(tmp_path_factory):
    """An archive of two of the four articles."""
    folder = home(tmp_path_factory.mktemp("two"))
    with stand_in() as site:
        assert crawl(folder, site, "-a", "limit=2").code == 0
    return folder


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: Response(503, b"busy", "text/plain"),
        lambda _: Response(200, HTML),
        lambda _: Response(
            200, b"User-agent: *\nDisall", "text/plain", (("Content-Length", "400"),), cut_after=20
        ),
        hang_up,
    ],
    ids=["503", "html", "cut", "hangs up"],
)
def test_while_robots_txt_cannot_be_had_nothing_else_is_asked_and_the_exit_code_is_6(
    tmp_path, two_kept, answer
):
    folder = shutil.copytree(two_kept, tmp_path / "archive")
    with stand_in(lambda request: answer(request) if request.path == "/robots.txt" else None) as site:
        away = crawl(folder, site)
    assert away.code == 6
    assert set(away.asked()) == {"/robots.txt"}
    assert sorted(state for state, _ in away.states().values())[:2] == ["article", "article"]
    assert {reason for _, reason in away.states().values()} <= {None, "robots-unreachable"}
    assert "robots" in away.run()["verdict"]


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, b"User-agent: *\nDisallow: /", ""), (200, b"", ""), (404, b"<html>none</html>", ""),
        (401, b"", ""), (403, b"<html>no</html>", ""), (410, b"", ""),
        (200, b" <!DOCTYPE html><html>", "answered an HTML page"), (429, b"", "answered 429"),
        (500, b"", "answered 500"), (503, b"User-agent: *", "answered 503"),
    ],
)  # fmt: skip
def test_what_is_no_robots_txt_is_told_from_one_that_is_not_there(status, body, said):
    assert trouble_with(TextResponse("https://alwatan.sy/robots.txt", status=status, body=body)) == said


def test_robots_txt_is_read_with_any_mark_and_to_its_bound():
    rules = "User-agent: *\nDisallow: /a\n"
    assert [text_of(rules.encode(coding)) for coding in ("utf-8", "utf-8-sig", "utf-16")] == [rules] * 3
    assert len(text_of(b"#" * 1_000_000)) == 500 << 10


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
    assert ended.code == 0
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


def test_a_robots_txt_that_says_429_for_ever_is_given_up_and_the_next_run_goes_on(folder):
    busy = Response(429, b"slow down", "text/plain", (("Retry-After", "1"),))
    with stand_in(robots(busy)) as site:
        away = crawl(folder, site, "-s", "ARCHIVE_LONGEST_PAUSE=2")
        assert away.code == 6
        # Asked, and again after one second and after two: a third wait would be one too many.
        assert away.asked() == ["/robots.txt"] * 3
        assert "answered 429" in away.run()["verdict"]
        site.before = one_host()
        assert len(crawl(folder, site).kept()) == 4


@pytest.mark.parametrize(
    "response",
    [Response(503, b"busy", "text/plain", (("Retry-After", "100000"),)), Response(403, b"no", "text/plain")],
    ids=["busy", "forbidden"],
)
def test_a_host_that_turns_us_away_from_five_pages_is_left_alone(folder, response):
    pages = {article.path for article in paper(12).articles}
    with stand_in(lambda request: response if request.path in pages else None, count=12) as site:
        ended = crawl(folder, site)
    assert ended.code == 6
    # The sixth request may be on its way when the fifth answer is read.
    assert sum(path in pages for path in ended.asked()) in {5, 6}
    assert sum(state == "pending" for state, _ in ended.states().values()) >= 6
    assert "5 times in a row" in ended.run()["verdict"]


def test_pages_that_failed_before_and_fail_again_do_not_end_the_run(folder):
    failing = {article.path for article in paper(8).articles[:6]}
    busy = Response(503, b"busy", "text/plain", (("Retry-After", "100000"),))
    with stand_in(count=8) as site:
        crawl(folder, site)
        make_due(folder)
        change(folder, "UPDATE addresses SET state = 'failed', reason = 'http-error', tries = 3")
        site.before = one_host(lambda request: busy if request.path in failing else None)
        ended = crawl(folder, site)
    assert failing <= set(ended.asked())
    assert (ended.code, ended.run()["failed"], ended.run()["unchanged"]) == (5, 6, 2)


def test_one_page_that_nobody_may_see_is_no_block(folder):
    hidden, *_ = paper().articles
    forbidden = Response(403, b"no", "text/plain")
    with stand_in() as site:
        crawl(folder, site)
        site.before = one_host(lambda request: forbidden if request.path == hidden.path else None)
        make_due(folder, f"https://{HOST}{hidden.path}")
        ended = crawl(folder, site)
    assert ended.states()[hidden.path] == ("blocked", "http-forbidden")
    assert ended.code == 5


def test_doors_that_robots_txt_closes_are_no_failure(folder):
    body = b"User-agent: *\nDisallow: /feed\nDisallow: /wp-sitemap\n"
    with stand_in(robots(Response(200, body, "text/plain"))) as site:
        ended = crawl(folder, site)
    assert (ended.code, len(ended.kept())) == (0, 4)
    found = json.loads(scrapy(folder, "health", "--json").stdout)
    assert not [
        trouble for trouble in found["troubles"] if "source" in trouble or "cannot be asked" in trouble
    ]


def test_a_run_that_may_ask_nothing_after_a_block_is_kept_away_too_until_the_site_is_heard_again(folder):
    budget = ("-s", "ARCHIVE_REQUESTS_PER_DAY=24")
    with stand_in() as site:
        site.before = one_host(
            lambda request: None if request.path == "/robots.txt" else Response(403, b"no")
        )
        codes = [crawl(folder, site, *budget).code for _ in range(3)]
        site.before = one_host()
        waiting = crawl(folder, site, *budget)
        assert [*codes, waiting.code] == [6] * 4
        assert waiting.log == []
        assert "today's requests are spent; the last run that was answered was kept away" in waiting.output
        assert any("exit code 6" in line for line in scrapy(folder, "health", check=10).stdout.splitlines())
        assert crawl(folder, site, "-s", "ARCHIVE_REQUESTS_PER_DAY=1000").code == 0
        assert crawl(folder, site, *budget).code == 0


def test_without_the_principal_host_a_run_is_kept_away_whatever_the_second_one_answers(folder):
    def hook(request):
        if request.host == HOST:
            return Response(503, b"", "text/plain")
        return Response(200, b"[]", "application/json") if request.path.startswith("/wp-json") else None

    with serving(paper(), before=hook) as site:
        assert crawl(folder, site).code == 6


def test_one_door_behind_a_challenge_is_a_closed_door(folder):
    challenge = Response(
        403, b"<html><title>Just a moment...</title></html>", headers=(("cf-mitigated", "challenge"),)
    )
    with stand_in(lambda request: challenge if request.path.startswith("/wp-json") else None) as site:
        ended = crawl(folder, site)
    assert (ended.code, len(ended.kept())) == (0, 4)
    assert (
        "challenge-page"
        in rows(folder, "SELECT reason FROM sources WHERE url LIKE '%alwatan.sy/wp-json%'")[0][0]
    )


def test_a_robots_txt_that_closes_everything_is_exit_6(folder):
    with stand_in(robots(Response(200, b"User-agent: *\nDisallow: /\n", "text/plain"))) as site:
        ended = crawl(folder, site)
    assert ended.code == 6
    assert set(ended.asked()) == {"/robots.txt"}


def test_the_days_budget_holds_for_discovery_and_over_runs(folder):
    with stand_in(count=12) as site:
        first = crawl(folder, site, "-s", "ARCHIVE_REQUESTS_PER_DAY=9")
        assert len(first.log) <= 9 + 1
        second = crawl(folder, site, "-s", "ARCHIVE_REQUESTS_PER_DAY=9")
        assert second.log == []
        assert (first.code, second.code) == (0, 0)
        assert "today's requests are spent" in second.run()["verdict"]
        third = crawl(folder, site)
    assert len(third.kept()) == 12


def test_outside_of_its_hours_nothing_is_asked(folder):
    hour = datetime.now(ZoneInfo("Asia/Damascus")).hour
    with stand_in() as site:
        ended = crawl(folder, site, "-s", f"ARCHIVE_HOURS={(hour + 2) % 24}-{(hour + 3) % 24}")
    assert (ended.code, ended.log) == (0, [])
    assert f"asking begins at {(hour + 2) % 24}:00" in ended.run()["verdict"]


@pytest.fixture
def second_host_away(folder):
    """A crawl while the second host's robots.txt cannot be had."""

    def hook(request):
        return Response(503, b"", "text/plain") if request.host == "alwatanonline.com" else None

    with serving(paper(), before=hook) as site:
        yield crawl(folder, site), site


def test_a_second_host_that_cannot_be_asked_makes_the_run_partial_and_is_named(folder, second_host_away):
    ended, _ = second_host_away
    assert (ended.code, len(ended.kept())) == (5, 4)
    assert "away       alwatanonline.com since 20" in ended.run()["verdict"]
    done = scrapy(folder, "health", check=10)
    assert "!          alwatanonline.com cannot be asked since 20" in done.stdout
    assert "source https://alwatanonline.com" not in done.stdout


def test_after_a_week_such_a_host_is_named_but_no_run_is_partial_for_it(folder, second_host_away):
    _, site = second_host_away
    change(folder, "UPDATE newsarchive SET value = '2026-01-01T00:00:00Z' || substr(value, 21)"
           " WHERE key = 'away alwatanonline.com'")  # fmt: skip
    later = crawl(folder, site)
    assert later.code == 0
    assert "away       alwatanonline.com since 2026-01-01T00:00:00Z: " in later.run()["verdict"]
    said = scrapy(folder, "health", check=0).stdout
    assert "away       alwatanonline.com since 2026-01-01T00:00:00Z: " in said
    site.before = one_host()
    crawl(folder, site)
    assert "away " not in scrapy(folder, "health", check=0).stdout
