"""`-a assets=issues,images`: printed issues and pictures, kept once, within a budget, whatever ends the run."""

import hashlib
import signal
from contextlib import contextmanager

import pytest
from running import home, rows, scrapy, started
from small_paper import HURRY, Crawl, articles, check_promises, one_host

from newsarchive import capture
from newsarchive.crawling import assets
from newsarchive.items import AssetState, Reason
from newsarchive.sample import Paper
from newsarchive.sample.exchange import Response
from newsarchive.sample.others import load_others
from newsarchive.sample.pictures import png, printed_page
from newsarchive.sample.server import serving

ISSUE = next(other for other in load_others() if other.path == "/archives/285260")
PDFS = [f"https://alwatan.sy/wp-content/uploads/2021/10/285260-{page}.pdf" for page in range(1, 9)]
BOTH = ("-a", "assets=issues,images")


@contextmanager
def stand_in(hook=None, count=3):
    chosen = articles(count)
    paper = Paper(articles=chosen, others=(ISSUE,), shown=chosen)
    with serving(paper, before=one_host(hook)) as site:
        yield site


def crawl(folder, site, *words, check=0):
    begun = len(site.log)
    done = scrapy(folder, "crawl", "alwatan", "-a", f"site={site}", *HURRY, *words)
    ended = Crawl(done.returncode, done.stdout + done.stderr, folder, site.log[begun:])
    check_promises(ended)
    assert ended.code == check, ended.output[-3000:]
    return ended


def files(log):
    """The paths of the files that a server was asked for, in order."""
    return [r.path for r in log if r.path.endswith((".pdf", ".png"))]


def states(folder):
    return {row["url"]: (row["state"], row["reason"]) for row in rows(folder, "SELECT * FROM assets")}


def answering(ending, response):
    """A hook that gives this response to every address with the ending."""
    return lambda request: response if request.path.endswith(ending) else None


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A crawl of an issue of eight PDFs and three articles with a picture each, and the same crawl again."""
    folder = home(tmp_path_factory.mktemp("kept"))
    with stand_in() as site:
        first = crawl(folder, site, *BOTH)
        second = crawl(folder, site, *BOTH)
    return first, second


def test_every_file_is_asked_once_and_after_the_articles(kept):
    first, second = kept
    asked = [request.path for request in first.log]
    assert len(files(first.log)) == len(set(files(first.log))) == 11
    assert max(asked.index(a.path) for a in articles(3)) < min(map(asked.index, files(first.log)))
    assert files(second.log) == []


def test_the_newest_files_come_first(kept):
    # The three articles of the sample are from 2025 and 2026, the issue is from 2021.
    assert [path.endswith(".png") for path in files(kept[0].log)] == [True] * 3 + [False] * 8


def test_an_issue_has_a_row_for_each_of_its_pdfs(kept):
    found = rows(kept[0].folder, "SELECT * FROM issues ORDER BY part")
    assert [row["pdf_url"] for row in found] == PDFS
    assert [row["part"] for row in found] == [1, 2, 3, 4, 5, 6, 7, 8]
    for row in found:
        assert row["url"] == "https://alwatan.sy/archives/285260"
        assert row["published_on"] == "2021-10-17"
        assert row["number"] == 3741
        assert row["title"] == "العدد 3741 الأحد 17 تشرين الأول 2021"
        name = row["pdf_url"].rpartition("/")[2]
        assert row["sha256"] == hashlib.sha256(printed_page(name)).hexdigest()


def test_a_picture_is_a_capture_of_its_article(kept):
    query = (
        "SELECT a.image_url, c.url, c.outcome, c.payload_sha256, s.bytes FROM articles AS a"
        " JOIN captures AS c ON c.article_id = a.id AND c.outcome = 'image' JOIN assets AS s ON s.capture_id = c.id"
    )
    found = rows(kept[0].folder, query)
    assert len(found) == 3
    for row in found:
        body = png(row["url"].rpartition("/")[2])
        assert row["image_url"] == row["url"]
        assert row["payload_sha256"] == hashlib.sha256(body).hexdigest()
        assert row["bytes"] == len(body)


def test_the_raw_answer_of_a_pdf_stands_in_the_warc_file(kept):
    folder = kept[0].folder
    (row,) = rows(folder, "SELECT * FROM captures WHERE url = ?", PDFS[0])
    path = capture.locate(folder / "captures", row["warc_file"])
    record = capture.read_at(path, row["warc_offset"], row["warc_length"])
    assert (record.url, row["outcome"]) == (PDFS[0], "issue")
    assert capture.payload(record) == printed_page("285260-1.pdf")


def test_the_verdict_says_what_was_kept_and_what_is_left(kept):
    assert "assets     11 kept, 0 left, " in kept[0].output
    assert "assets     0 kept, 0 left, 0.0 MB of 200 MB" in kept[1].output


def test_an_archive_with_files_verifies_and_rereads_without_a_finding(kept):
    scrapy(kept[0].folder, "verify", check=0)
    scrapy(kept[0].folder, "reread", check=0)


def test_without_the_argument_no_file_is_asked(tmp_path):
    with stand_in() as site:
        ended = crawl(home(tmp_path), site)
    assert files(ended.log) == []
    assert "assets " not in ended.output


def test_an_archive_built_again_from_its_captures_has_its_files_and_asks_for_none_again(kept, tmp_path):
    folder = home(tmp_path)
    (folder / "captures").symlink_to(kept[0].folder / "captures")
    scrapy(folder, "ingest", "captures/", check=0)
    tables = (
        "SELECT url, published_on, number, title, pdf_url, part, sha256 FROM issues ORDER BY url, part",
        "SELECT url, kind, address, published_on, bytes FROM assets WHERE state = 'kept' ORDER BY url",
        "SELECT warc_file, warc_offset, outcome FROM captures WHERE outcome IN ('issue', 'image') ORDER BY 1, 2",
    )
    for query in tables:
        assert [tuple(r) for r in rows(folder, query)] == [tuple(r) for r in rows(kept[0].folder, query)]
    with stand_in() as site:
        ended = crawl(folder, site, *BOTH)
    assert files(ended.log) == []
    assert {state for state, _ in states(folder).values()} == {"kept"}


def test_a_killed_run_is_taken_up_where_it_stopped(tmp_path):
    folder = home(tmp_path)
    process = None

    def kill(request):
        if process and request.path.endswith("285260-4.pdf") and process.poll() is None:
            process.kill()

    with stand_in(kill) as site:
        process = started(folder, "crawl", "alwatan", "-a", f"site={site}", *HURRY, *BOTH)
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
        before = files(site.log)
        again = crawl(folder, site, *BOTH)
    assert 0 < len(before) < 11
    # Nothing is asked twice but the file that was under way.
    assert len(before) + len(files(again.log)) == 12
    assert set(states(folder).values()) == {("kept", None)}
    assert len(rows(folder, "SELECT 1 FROM issues WHERE sha256 IS NOT NULL")) == 8


def test_sigterm_keeps_the_file_under_way(tmp_path):
    folder = home(tmp_path)
    process = None

    def stop(request):
        if process and request.path.endswith("285260-4.pdf"):
            process.terminate()

    with stand_in(stop) as site:
        process = started(folder, "crawl", "alwatan", "-a", f"site={site}", *HURRY, *BOTH)
        process.communicate(timeout=60)
        assert process.returncode == 130
        before = files(site.log)
        site.before = one_host()
        again = crawl(folder, site, *BOTH)
    assert len(before) + len(files(again.log)) == 11
    assert set(states(folder).values()) == {("kept", None)}


def test_a_run_downloads_no_more_than_its_budget(tmp_path):
    folder = home(tmp_path)
    body = b"%PDF-1.4\n" + bytes(991)
    with stand_in(answering(".pdf", Response(200, body, content_type="application/pdf"))) as site:
        budget = ("-a", "assets=issues", "-s", "ARCHIVE_ASSET_BYTES=3500")
        first = crawl(folder, site, *budget)
        # Three whole files; the fourth says that it is longer than the rest and is not read.
        assert sum(state == "kept" for state, _ in states(folder).values()) == 3
        assert "assets     3 kept, 5 left, " in first.output
        assert "ARCHIVE_ASSET_BYTES is spent" in first.output
        crawl(folder, site, *budget)
        third = crawl(folder, site, *budget)
    assert "assets     2 kept, 0 left, " in third.output
    assert set(states(folder).values()) == {("kept", None)}


def test_a_file_above_the_whole_budget_is_too_large_until_the_budget_grows(tmp_path):
    folder = home(tmp_path)
    body = b"%PDF-1.4\n" + bytes(5000)
    with stand_in(answering("-1.pdf", Response(200, body, content_type="application/pdf"))) as site:
        small = ("-a", "assets=issues", "-s", "ARCHIVE_ASSET_BYTES=4000")
        for _ in range(3):  # two to fetch the others, then it alone
            crawl(folder, site, *small)
        assert states(folder)[PDFS[0]] == ("too-large", "too-large")
        assert {states(folder)[pdf] for pdf in PDFS[1:]} == {("kept", None)}
        crawl(folder, site, "-a", "assets=issues")
    assert states(folder)[PDFS[0]] == ("kept", None)


@pytest.mark.parametrize(
    ("response", "expected", "code"),
    [
        (Response(404, b"no", content_type="text/plain"), ("gone", "http-gone"), 0),
        (Response(403, b"no", content_type="text/plain"), ("failed", "http-forbidden"), 5),
        (Response(200, b"<html><body>page</body></html>"), ("failed", "wrong-type"), 5),
        (Response(200, b"", content_type="application/pdf"), ("failed", "empty-answer"), 5),
        (Response(200, printed_page("x"), content_type="application/pdf", cut_after=50), ("failed", "incomplete"), 5),
    ],
)  # fmt: skip
def test_what_is_not_the_file_is_not_kept(tmp_path, response, expected, code):
    folder = home(tmp_path)
    with stand_in(answering("-1.pdf", response)) as site:
        crawl(folder, site, "-a", "assets=issues", check=code)
    assert states(folder)[PDFS[0]] == expected
    assert {states(folder)[pdf] for pdf in PDFS[1:]} == {("kept", None)}
    (row,) = rows(folder, "SELECT * FROM issues WHERE pdf_url = ?", PDFS[0])
    assert (row["capture_id"], row["sha256"]) == (None, None)


def test_a_failed_file_waits_before_it_is_tried_again(tmp_path):
    folder = home(tmp_path)
    with stand_in(answering("-1.pdf", Response(403, b"no", content_type="text/plain"))) as site:
        crawl(folder, site, "-a", "assets=issues", check=5)
        again = crawl(folder, site, "-a", "assets=issues")
    assert files(again.log) == []


def test_a_server_that_gives_no_file_is_left_alone_after_five(tmp_path):
    folder = home(tmp_path)
    with stand_in(answering(".pdf", Response(403, b"no", content_type="text/plain"))) as site:
        ended = crawl(folder, site, "-a", "assets=issues", check=5)
    assert len(files(ended.log)) == 5
    assert sum(state == "pending" for state, _ in states(folder).values()) == 3


def test_robots_txt_is_kept_to(tmp_path):
    folder = home(tmp_path)
    rules = b"User-agent: *\nDisallow: /wp-content/uploads/2021/\n"
    with stand_in(answering("/robots.txt", Response(200, rules, content_type="text/plain"))) as site:
        ended = crawl(folder, site, "-a", "assets=issues")
    assert files(ended.log) == []
    assert set(states(folder).values()) == {("refused", "robots-disallowed")}


def test_a_picture_on_another_host_is_never_asked(tmp_path):
    folder = home(tmp_path)
    (article,) = articles(1)
    page = Paper(articles=articles(3), others=(), shown=articles(3))
    foreign = page.render(article)
    for slash in (b"/", b"\\/"):  # in attributes and in the structured data
        foreign = foreign.replace(b"alwatan.sy%bwp-content" % slash, b"cdn.example.org%bwp-content" % slash)
    with stand_in(answering(article.path, Response(200, foreign)), count=1) as site:
        ended = crawl(folder, site, "-a", "assets=images")
    assert [(url.split("/")[2], state) for url, state in states(folder).items()] == [
        ("cdn.example.org", ("refused", "offsite"))
    ]
    assert files(ended.log) == []


def test_since_and_until_bound_the_files_too(tmp_path):
    with stand_in() as site:
        ended = crawl(home(tmp_path), site, *BOTH, "-a", "since=2021-01-01", "-a", "until=2021-12-31")
    assert all(path.endswith(".pdf") for path in files(ended.log))


@pytest.mark.parametrize("words", [("-a", "assets=films"), ("-a", "assets="), ("-a", "assets=images,films")])
def test_an_unknown_kind_is_refused_before_anything_is_opened(tmp_path, words):
    done = scrapy(home(tmp_path), "crawl", "alwatan", *words, check=4)
    assert "is unknown; known are issues, images" in done.stderr
    assert not (tmp_path / "archive.db").exists()


def test_a_budget_that_is_no_number_ends_with_4(tmp_path):
    with stand_in() as site:
        crawl(home(tmp_path), site, *BOTH, "-s", "ARCHIVE_ASSET_BYTES=many", check=4)


@pytest.mark.parametrize(
    ("title", "number"),
    [
        ("العدد 3741 الأحد 17 تشرين الأول 2021", 3741),
        ("العدد: 3012", 3012),
        ("العدد رقم ٣٧٤١", 3741),
        ("صحيفة الوطن ليوم الأحد 17 تشرين الأول 2021", None),
        ("العدد 12345678", None),
    ],
)
def test_the_number_of_an_issue_is_the_one_that_its_title_prints(title, number):
    assert assets.issue_number(title) == number


def test_a_redirect_is_no_file():
    assert assets.judge("image", 304, b"", "") == (AssetState.FAILED, Reason.HTTP_ERROR)


def test_a_pdf_is_no_picture_whatever_it_is_called():
    assert assets.judge("image", 200, printed_page("x"), "image/png") == (
        AssetState.FAILED,
        Reason.WRONG_TYPE,
    )
