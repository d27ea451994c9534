"""Articles that the live paper has deleted come back from web archives, through the crawl's own rooms."""

import signal
import sqlite3
import time
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import pytest
from running import content, home, rows, scrapy, started
from stand_in import WebArchives, deleted, endpoints, pace, paper

from newsarchive.sample.exchange import Response
from newsarchive.sample.server import serving

HURRY = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False", "-s", "ARCHIVE_PAUSE=0.05")
ARTICLES = deleted(64)
FIELDS = ("title", "subtitle", "byline", "writer", "place", "agency", "published_at", "modified_at", "body", "lead",
          "image_url", "language", "url", "reader", "section", "word_count")  # fmt: skip


@dataclass
class Came:
    """A crawl of the archives that ended."""

    folder: Path
    code: int
    output: str
    log: list


def crawl(folder, site, sources, *words, seconds=0):
    begun = len(site.log)
    done = scrapy(
        folder, "crawl", "alwatan", "-a", f"site={site}", "-a", f"source={sources}",
        *endpoints(site), *pace(seconds), *HURRY, *words,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr[-4000:]
    return Came(folder, done.returncode, done.stdout + done.stderr, site.log[begun:])


@pytest.fixture(scope="module", params=["wayback", "commoncrawl"])
def came(request, tmp_path_factory):
    """A crawl of one web archive and of nothing else."""
    folder = home(tmp_path_factory.mktemp(request.param))
    with serving(paper(), before=WebArchives(ARTICLES).answer) as site:
        yield crawl(folder, site, request.param, "-s", "ARCHIVE_WAYBACK_ROWS=25")


def test_every_deleted_article_is_there_once(came):
    assert came.code == 0, came.output[-3000:]
    kept = [row["url"] for row in rows(came.folder, "SELECT url FROM articles")]
    assert sorted(kept) == sorted(article.address for article in ARTICLES)


@pytest.mark.parametrize("field", FIELDS)
def test_a_deleted_article_is_whole(came, field):
    kept = {row["url"]: row[field] for row in rows(came.folder, f"SELECT url, {field} FROM articles")}
    assert kept == {article.address: getattr(article.truth, field) for article in ARTICLES}


def test_the_newspaper_is_not_asked(came):
    assert {request.path.split("/")[1] for request in came.log} <= {"wb", "cci", "ccd"}


def test_nobody_knows_whether_a_copied_article_is_live(came):
    assert {row["status"] for row in rows(came.folder, "SELECT status FROM articles")} == {"unknown"}


def test_a_copy_says_where_it_came_from_and_when_it_was_made(came):
    source = "wayback" if "wayback" in str(came.folder) else "commoncrawl"
    query = (
        "SELECT c.source, c.url, c.fetched_at, a.published_at, a.url AS address, c.run_id"
        " FROM articles AS a JOIN captures AS c ON c.id = a.capture_id"
    )
    copies = rows(came.folder, query)
    assert len(copies) == len(rows(came.folder, "SELECT 1 FROM articles")) > 0
    for row in copies:
        assert row["source"] == source
        assert row["url"] == row["address"]
        assert row["published_at"][:10] < row["fetched_at"] < "2026"


def test_a_copys_record_names_the_archive(came):
    from newsarchive import capture

    query = "SELECT c.* FROM articles AS a JOIN captures AS c ON c.id = a.capture_id LIMIT 5"
    copies = rows(came.folder, query)
    assert len(copies) == 5
    for row in copies:
        path = capture.locate(came.folder / "captures", row["warc_file"])
        record = capture.read_at(path, row["warc_offset"], row["warc_length"])
        assert record.url == row["url"]
        assert record.date == row["fetched_at"]
        assert any(
            part in record.get("WARC-Source-URI") for part in ("/wb/web/2", "/ccd/crawl-data/CC-MAIN-")
        )
        assert record.get("WARC-Creation-Date") > "2026"


def test_what_the_archives_hold_is_clean_and_rebuilt_from_the_captures(came, tmp_path):
    scrapy(came.folder, "verify", check=0)
    folder = home(tmp_path)
    (folder / "captures").symlink_to(came.folder / "captures")
    scrapy(folder, "ingest", "captures", check=0)
    assert content(folder) == content(came.folder)


def test_every_memento_has_a_state(came):
    left = rows(
        came.folder,
        "SELECT * FROM mementos WHERE state NOT IN ('article', 'refused', 'duplicate', 'pending')",
    )
    assert left == []
    waiting = (
        "SELECT 1 FROM mementos AS m JOIN addresses AS a ON a.id = m.address_id"
        " WHERE m.state = 'pending' AND a.article_id IS NULL"
    )
    assert rows(came.folder, waiting) == []


def test_an_index_is_walked_to_its_end_and_remembers_it(came):
    found = rows(came.folder, "SELECT * FROM sources WHERE kind IN ('wayback', 'commoncrawl')")
    assert found
    assert all(row["complete"] and row["cursor"] is None for row in found)


def test_a_copy_that_was_cut_is_refused_and_an_older_whole_one_read(came):
    cut = rows(came.folder, "SELECT * FROM captures WHERE truncated")
    if "wayback" in str(came.folder):
        assert cut == []
    else:
        assert {row["outcome"] for row in cut} == {"refused: incomplete"}
        assert len(cut) == len([n for n in range(64) if n % 6 == 0])


def test_what_the_live_site_has_is_not_fetched_from_an_archive(tmp_path):
    folder = home(tmp_path)
    live = paper()
    archives = WebArchives((*ARTICLES[:12], *live.articles))
    with serving(live, before=archives.answer) as site:
        ended = crawl(folder, site, "live,wayback")
        again = crawl(folder, site, "live,wayback")
    status = {row["url"]: row["status"] for row in rows(folder, "SELECT url, status FROM articles")}
    assert status == {a.address: "gone" for a in ARTICLES[:12]} | {a.address: "live" for a in live.articles}
    assert ended.code == 0
    fetched = [request.target for request in ended.log if request.path.startswith("/wb/web/")]
    assert not any(article.address in target for target in fetched for article in live.articles)
    assert [request for request in again.log if request.path.startswith("/wb/")] == []


def test_the_site_is_asked_before_the_archive(tmp_path):
    folder = home(tmp_path)
    with serving(paper(), before=WebArchives(ARTICLES[:2]).answer) as site:
        ended = crawl(folder, site, "live,wayback", "-a", "limit=7")
    asked = ["copy" if request.path.startswith("/wb/web/") else "page" for request in ended.log
             if request.path.startswith(("/wb/web/", "/archives/")) and "category" not in request.path]  # fmt: skip
    assert asked == 6 * ["page"] + ["copy"]


def test_a_killed_run_goes_on_and_ends_the_same(tmp_path, tmp_path_factory):
    whole, killed = home(tmp_path), home(tmp_path_factory.mktemp("killed"))
    archives = WebArchives(ARTICLES[:40])
    with serving(paper(), before=archives.answer) as site:
        crawl(whole, site, "wayback,commoncrawl", "-s", "ARCHIVE_WAYBACK_ROWS=25")
        archives.asked.clear()
        words = (
            "crawl",
            "alwatan",
            "-a",
            f"site={site}",
            "-a",
            "source=wayback,commoncrawl",
            *endpoints(site),
            *HURRY,
        )
        for wanted in (8, 20):
            process = started(killed, *words, *pace(0.03), "-s", "ARCHIVE_WAYBACK_ROWS=25")
            wait_for(killed, wanted)
            process.send_signal(signal.SIGKILL)
            process.communicate()
        assert 20 <= len(content(killed)) < 40
        crawl(killed, site, "wayback,commoncrawl", "-s", "ARCHIVE_WAYBACK_ROWS=25")
    assert content(killed) == content(whole)
    asked_twice = [target for target, times in archives.asked.items() if times > 1 and "/web/" in target]
    assert len(asked_twice) < 40
    scrapy(killed, "verify", check=0)


def wait_for(folder, articles):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if rows(folder, "SELECT count(*) AS n FROM articles")[0]["n"] >= articles:
                return
        except sqlite3.OperationalError:
            pass
        time.sleep(0.02)
    raise AssertionError(f"{articles} articles did not come")


def test_a_blocked_archive_is_left_alone_and_nothing_is_lost(tmp_path):
    """The archive's own page with status 200 and without Memento-Datetime is no content."""
    folder, blocked = home(tmp_path), [True]

    def before(request):
        pages = [target for target in archives.asked if "/wb/web/" in target]
        if blocked[0] and request.path.startswith("/wb/web/") and len(pages) > 5:
            return Response(200, b"<html><h1>Blocked</h1></html>")
        return None

    archives = WebArchives(ARTICLES[:20], before=before)
    with serving(paper(), before=archives.answer) as site:
        first = crawl(folder, site, "wayback")
        asked = len([request for request in first.log if request.path.startswith("/wb/web/")])
        blocked[0] = False
        second = crawl(folder, site, "wayback")
    assert first.code == 5
    assert "wayback is asked no more in this run: HTTP 200 without Memento-Datetime" in first.output
    assert asked == 6
    assert second.code == 0
    assert len(content(folder)) == 20
    assert not any("Blocked" in row["body"] for row in rows(folder, "SELECT body FROM articles"))


def test_an_index_that_refuses_is_asked_once(tmp_path):
    error = ("X-Archive-Wayback-Runtime-Error", "AdministrativeAccessControlException: Blocked Site Error")
    archives = WebArchives(ARTICLES[:5], before=lambda _: Response(403, b"", headers=(error,)))
    with serving(paper(), before=archives.answer) as site:
        ended = crawl(home(tmp_path), site, "wayback")
    assert len(ended.log) == 1
    assert ended.code == 6


@pytest.mark.parametrize(("source", "status"), [("wayback", 429), ("commoncrawl", 503)])
def test_an_archive_that_asks_to_slow_down_is_waited_for(tmp_path, source, status):
    """Each fourth request is told to wait a second, and then asked again."""
    told = []

    def before(request):
        if sum(archives.asked.values()) % 4:
            return None
        told.append(request)
        return Response(status, b"slow down", headers=(("Retry-After", "1"),))

    archives = WebArchives(ARTICLES[:6], before=before)
    folder = home(tmp_path)
    with serving(paper(), before=archives.answer) as site:
        ended = crawl(folder, site, source)
    assert ended.code == 0, ended.output
    assert len(content(folder)) == 6
    assert told
    for request in told:
        following = ended.log[ended.log.index(request) + 1]
        assert following.target == request.target
        assert following.at - request.at >= 1


@pytest.mark.parametrize("source", ["wayback", "commoncrawl"])
def test_requests_keep_the_distance_that_the_settings_name(tmp_path, source):
    with serving(paper(), before=WebArchives(ARTICLES[:12]).answer) as site:
        ended = crawl(home(tmp_path), site, source, seconds=0.05)
    moments = [request.at for request in ended.log]
    # A hundredth for the way from the crawl's clock to the server's.
    assert min(after - before for before, after in pairwise(moments)) >= 0.04


def test_the_published_limits_are_the_defaults():
    from newsarchive import settings

    assert settings.ARCHIVE_WAYBACK_DELAY >= 60 / 24
    assert settings.ARCHIVE_COMMONCRAWL_INDEX_DELAY >= 1
    assert settings.ARCHIVE_COMMONCRAWL_DATA_DELAY >= 0.55


def test_a_walk_through_an_index_goes_on_from_its_resume_key(tmp_path):
    folder, broken = home(tmp_path), [True]

    def before(request):
        return Response(500) if broken[0] and "resumeKey" in request.target else None

    archives = WebArchives(ARTICLES[:30], before=before)
    words = ("-s", "ARCHIVE_WAYBACK_ROWS=25", "-s", "RETRY_TIMES=0")
    with serving(paper(), before=archives.answer) as site:
        crawl(folder, site, "wayback", *words)
        (cursor,) = [
            row["cursor"] for row in rows(folder, "SELECT cursor FROM sources WHERE cursor IS NOT NULL")
        ]
        broken[0] = False
        second = crawl(folder, site, "wayback", *words)
    asked = [request for request in second.log if request.path.startswith("/wb/cdx/")]
    assert asked[0].query["resumeKey"] == cursor
    assert len(content(folder)) == 30


def test_a_stand_in_for_the_paper_never_asks_the_real_archives(tmp_path):
    with serving(paper()) as site:
        ended = scrapy(
            home(tmp_path), "crawl", "alwatan", "-a", f"site={site}", "-a", "source=wayback", check=4
        )
        assert "needs a stand-in for https://web.archive.org" in ended.stderr + ended.stdout
        assert site.log == []


def test_an_edited_article_has_its_older_text_from_the_archive_as_a_revision(tmp_path):
    folder = home(tmp_path)
    live = paper()
    edited = live.articles[0]
    archives = WebArchives((replace(edited, title=f"{edited.title} قبل التعديل"),))
    with serving(live, before=archives.answer) as site:
        crawl(folder, site, "live,wayback", "-s", "ARCHIVE_MEMENTOS_PER_ADDRESS=2")
    (row,) = rows(folder, "SELECT * FROM articles WHERE url = ?", edited.address)
    assert row["title"] == edited.title
    assert row["revision_count"] == 2
    (old,) = rows(
        folder, "SELECT * FROM revisions WHERE article_id = ? AND title <> ?", row["id"], edited.title
    )
    assert old["first_seen_at"][:10] == archives.kept[0].moment.date().isoformat()


def test_limit_and_since_bound_what_is_fetched(tmp_path):
    folder = home(tmp_path)
    with serving(paper(), before=WebArchives(ARTICLES[:20]).answer) as site:
        crawl(folder, site, "wayback", "-a", "limit=3")
        assert len(content(folder)) <= 3
        crawl(folder, site, "wayback", "-a", "since=2020-01-01")
    newer = [a for a in ARTICLES[:20] if a.published.year >= 2020]
    assert {a.address for a in newer} <= {row["url"] for row in rows(folder, "SELECT url FROM articles")}
    older = [
        row
        for row in rows(folder, "SELECT * FROM captures WHERE source = 'wayback'")
        if row["fetched_at"] < "2020"
    ]
    assert len(older) <= 3


def test_an_archives_requests_are_not_the_newspapers(tmp_path):
    folder = home(tmp_path)
    with serving(paper(), before=WebArchives(ARTICLES[:6]).answer) as site:
        past = crawl(folder, site, "wayback", "-s", "ARCHIVE_REQUESTS_PER_DAY=3")
        assert len(content(folder)) == 6
        live = crawl(folder, site, "live", "-s", f"ARCHIVE_REQUESTS_PER_DAY={len(past.log)}")
    assert live.log, "counted, the archive's requests would have spent the day's"
