"""The second run: nothing new costs a handful of requests; what changed, vanished or came is noticed."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from running import change, check_states, home, make_due, next_second, rows, scrapy

from newsarchive import sample
from newsarchive.sample.server import serving

HURRY = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False", "-s", "CONCURRENT_REQUESTS=8",
         "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=8")  # fmt: skip


@dataclass
class History:
    """What four runs left: the second met nothing new, the third a change, a deletion and a newcomer."""

    folder: Path
    dropped: str
    changed: str
    late: str
    runs: list


def crawl(folder, site, *words, check=0):
    scrapy(folder, "crawl", "alwatan", "-a", f"site={site}", *HURRY, *words, check=check)
    check_states(folder)


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    folder = home(tmp_path_factory.mktemp("history"))
    paper = sample.Paper()
    usual = [
        a
        for a in paper.articles
        if a.address.startswith("https://alwatan.sy/") and a.dress.theme.startswith("jannah")
    ]
    dropped, edited, late = usual[3], usual[5], usual[-1]
    changed = paper.changed(
        edited.address, title=f"{edited.title} المصحّح", modified=late.published + timedelta(days=1)
    )
    with serving(paper=paper.without(late.address)) as site:
        crawl(folder, site)
        next_second()
        crawl(folder, site)
        site.paper = changed.without(dropped.address)
        next_second()
        crawl(folder, site)
        site.paper = changed
        make_due(folder, dropped.address)
        next_second()
        crawl(folder, site)
    runs = [dict(row) for row in rows(folder, "SELECT * FROM runs ORDER BY id")]
    return History(folder, dropped.address, edited.address, late.address, runs)


def test_nothing_new_costs_a_handful_of_requests(history):
    quiet = history.runs[1]
    assert quiet["requests"] <= 4
    assert (quiet["new"], quiet["changed"], quiet["gone"]) == (0, 0, 0)


def test_a_change_a_deletion_and_a_newcomer_are_found_in_twenty_requests(history):
    third = history.runs[2]
    assert (third["new"], third["changed"], third["gone"]) == (1, 1, 1)
    assert third["requests"] <= 20


def test_the_newcomer_is_an_article(history):
    assert rows(history.folder, "SELECT 1 FROM articles WHERE url = ?", history.late)


def test_the_change_is_a_revision_between_two_captures(history):
    (article,) = rows(history.folder, "SELECT * FROM articles WHERE url = ?", history.changed)
    assert article["title"].endswith("المصحّح")
    assert article["revision_count"] == 2
    old, new = rows(
        history.folder, "SELECT * FROM revisions WHERE article_id = ? ORDER BY first_seen_at", article["id"]
    )
    assert old["last_seen_at"] < new["first_seen_at"] == article["changed_at"]
    assert old["body"] is not None
    assert new["body"] is None


def test_an_article_that_returns_is_live_again(history):
    (article,) = rows(
        history.folder, "SELECT status, gone_since FROM articles WHERE url = ?", history.dropped
    )
    assert (article["status"], article["gone_since"]) == ("live", None)


def test_the_captures_remember_that_it_was_gone(history):
    outcomes = [row["outcome"] for row in rows(
        history.folder, "SELECT outcome FROM captures WHERE url = ? ORDER BY id", history.dropped)]  # fmt: skip
    assert outcomes == ["new", "gone: http-gone", "unchanged"]


def test_every_run_leaves_every_address_in_one_state(history):
    assert rows(history.folder, "SELECT 1 FROM addresses WHERE state = 'pending'") == []


def test_a_limited_run_goes_on_where_it_stopped(tmp_path):
    folder = home(tmp_path)
    paper = sample.Paper()
    few = replace(paper, articles=paper.articles[:12], others=())
    with serving(paper=few) as site:
        crawl(folder, site, "-a", "limit=5")
        assert len(rows(folder, "SELECT 1 FROM articles")) == 5
        crawl(folder, site)
    assert len(rows(folder, "SELECT 1 FROM articles")) == 12


def test_the_newest_come_first(tmp_path):
    folder = home(tmp_path)
    with serving() as site:
        crawl(folder, site, "-a", "limit=5")
    kept = {row["url"] for row in rows(folder, "SELECT url FROM articles")}
    ours = [a.address for a in sample.load() if a.address.startswith("https://alwatan.sy/archives/")]
    assert kept <= set(ours[-12:])


def test_since_and_until_bound_what_is_visited(tmp_path):
    folder = home(tmp_path)
    with serving() as site:
        crawl(folder, site, "-a", "since=2022-01-01", "-a", "until=2022-12-31")
    days = [row["published_on"] for row in rows(folder, "SELECT published_on FROM articles")]
    wanted = [a for a in sample.load() if a.truth.published_at and a.truth.published_at[:4] == "2022"]
    assert sum(day[:4] == "2022" for day in days) == len(wanted)


def test_a_spent_budget_ends_the_run_in_order(tmp_path):
    folder = home(tmp_path)
    with serving() as site:
        crawl(folder, site, "-s", "ARCHIVE_REQUESTS_PER_DAY=60")
        asked = len(site.log)
        crawl(folder, site, "-s", "ARCHIVE_REQUESTS_PER_DAY=60")
        assert len(site.log) == asked
    assert (
        "today's requests are spent"
        in rows(folder, "SELECT verdict FROM runs ORDER BY id DESC")[0]["verdict"]
    )


def test_an_archive_that_is_a_day_old_is_audited_in_rotation(tmp_path):
    folder = home(tmp_path)
    paper = sample.Paper()
    few = replace(paper, articles=paper.articles[:12], others=())
    with serving(paper=few) as site:
        crawl(folder, site)
        change(folder, "UPDATE addresses SET visited_at = '2026-01-01T00:00:00Z'")
        before = len(site.log)
        crawl(folder, site, "-s", "ARCHIVE_AUDITS_PER_DAY=5")
        crawl(folder, site, "-s", "ARCHIVE_AUDITS_PER_DAY=5")
        audited = [
            request for request in site.log[before:] if request.path in {a.address[18:] for a in few.articles}
        ]
    assert len(audited) == 5


def test_a_run_that_scrapys_own_bound_closes_is_taken_up_where_it_stopped(tmp_path):
    folder = home(tmp_path)
    paper = sample.Paper()
    few = replace(paper, articles=paper.articles[:12], others=())
    with serving(paper=few) as site:
        crawl(folder, site, "-s", "CLOSESPIDER_ITEMCOUNT=4", "-s", "CONCURRENT_REQUESTS=1")
        (first,) = rows(folder, "SELECT * FROM runs")
        assert first["exit_code"] == 0
        assert "addresses wait; run the same command again" in first["verdict"]
        kept = len(rows(folder, "SELECT 1 FROM articles"))
        assert 4 <= kept < 12
        crawl(folder, site)
    assert len(rows(folder, "SELECT 1 FROM articles")) == 12
    asked = [request.path for request in site.log if request.path in {a.path for a in few.articles}]
    assert len(asked) == len(set(asked))


def test_an_article_is_visited_again_on_the_condition_that_it_changed(tmp_path):
    folder = home(tmp_path)
    paper = sample.Paper()
    few = replace(paper, articles=paper.articles[:3], others=())
    with serving(paper=few) as site:
        crawl(folder, site)
        make_due(folder)
        begun = len(site.log)
        crawl(folder, site)
    again = [r for r in site.log[begun:] if r.path in {a.path for a in few.articles}]
    assert len(again) == 3
    assert all("if-none-match" in request.headers for request in again)
    assert rows(folder, "SELECT unchanged FROM runs ORDER BY id DESC")[0]["unchanged"] == 3
    statuses = rows(folder, "SELECT status, outcome FROM captures WHERE outcome = 'unchanged'")
    assert [tuple(row) for row in statuses] == [(304, "unchanged")] * 3
