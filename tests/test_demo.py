"""The main job from end to end: the sample newspaper over real HTTP into an archive."""

import json
import re
import signal
import sqlite3
import time

import pytest
from running import content, home, rows, scrapy, started

from newsarchive import sample

ARTICLES = sample.load()
FIELDS = ("title", "subtitle", "byline", "writer", "place", "agency", "published_at", "modified_at", "body", "lead",
          "image_url", "language", "url", "reader", "section", "word_count")  # fmt: skip


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A folder in which the demo ran twice."""
    folder = home(tmp_path_factory.mktemp("demo"))
    first = scrapy(folder, "demo", check=0, fresh=True)
    before = content(folder)
    second = scrapy(folder, "demo", check=0)
    return folder, first, before, second


def test_the_demo_keeps_every_article_of_the_sample_exactly_once(demo):
    kept = [row["url"] for row in rows(demo[0], "SELECT url FROM articles")]
    assert sorted(kept) == sorted(article.truth.url for article in ARTICLES)


def test_the_sample_is_a_newspaper_and_not_a_handful(demo):
    assert len(rows(demo[0], "SELECT 1 FROM articles")) >= 150


@pytest.mark.parametrize("field", FIELDS)
def test_the_demo_keeps_what_the_sample_was_made_from(demo, field):
    kept = {row["url"]: row[field] for row in rows(demo[0], f"SELECT url, {field} FROM articles")}
    differing = {
        article.truth.url: (kept[article.truth.url], getattr(article.truth, field))
        for article in ARTICLES
        if kept[article.truth.url] != getattr(article.truth, field)
    }
    assert differing == {}


def test_the_demo_keeps_the_kinds_of_paragraphs(demo):
    kept = {row["url"]: row["paragraphs"] for row in rows(demo[0], "SELECT url, paragraphs FROM articles")}
    for article in ARTICLES:
        paragraphs = [{"kind": str(p.kind), "text": p.text} for p in article.truth.paragraphs]
        if all(paragraph["kind"] == "prose" for paragraph in paragraphs):
            assert kept[article.truth.url] is None
        else:
            assert json.loads(kept[article.truth.url]) == paragraphs


@pytest.mark.parametrize("kind", ["section", "tag"])
def test_the_demo_links_sections_and_tags_in_printed_order(demo, kind):
    query = (
        f"SELECT a.url, n.name FROM articles AS a JOIN article_{kind}s AS l ON l.article_id = a.id"
        f" JOIN {kind}s AS n ON n.id = l.{kind}_id ORDER BY a.url, l.position"
    )
    kept = {}
    for row in rows(demo[0], query):
        kept.setdefault(row["url"], []).append(row["name"])
    for article in ARTICLES:
        assert kept.get(article.truth.url, []) == list(getattr(article.truth, f"{kind}s"))


def test_what_is_no_article_is_refused_with_its_reason(demo):
    query = "SELECT url, reason FROM addresses WHERE reason IS NOT NULL"
    refused = {row["url"]: row["reason"] for row in rows(demo[0], query)}
    expected = {other.address: str(other.reason) for other in sample.load_others() if other.listed}
    assert refused == expected


def test_the_pdfs_of_a_printed_issue_stand_beside_its_refusal(demo):
    kept = rows(demo[0], "SELECT url, links FROM refusals WHERE reason = 'issue-page'")
    expected = {other.address: list(other.links) for other in sample.load_others() if other.links}
    assert len(expected) == 2
    assert {row["url"]: json.loads(row["links"]) for row in kept} == expected
    assert rows(demo[0], "SELECT 1 FROM refusals WHERE links IS NOT NULL AND reason <> 'issue-page'") == []


def test_a_paged_article_names_the_captures_of_all_its_parts(demo):
    (paged,) = (article for article in ARTICLES if len(article.parts) > 1)
    query = (
        "SELECT c.url, c.part FROM captures AS c JOIN articles AS a ON a.id = c.article_id"
        " WHERE a.url = ? AND c.outcome = 'new' ORDER BY c.part"
    )
    named = [(row["url"], row["part"]) for row in rows(demo[0], query, paged.address)]
    assert named == [(paged.address, 1), (f"{paged.address}/2", 2), (f"{paged.address}/3", 3)]


def test_running_the_demo_again_changes_nothing(demo):
    assert content(demo[0]) == demo[2]


def test_running_the_demo_again_costs_a_handful_of_requests(demo):
    assert rows(demo[0], "SELECT requests FROM runs ORDER BY id DESC LIMIT 1")[0]["requests"] <= 4


def test_what_a_run_must_know_stands_in_the_database_and_in_no_file_beside_it(demo):
    """Nothing that Scrapy, or Python's pickle, would have to load again."""
    beside = {path.name.removeprefix("archive.db") for path in demo[0].iterdir()}
    assert beside - {"-shm", "-wal", ".lock"} == {"", "captures", "scrapy.cfg"}


def test_every_address_is_in_one_state(demo):
    counted = rows(demo[0], "SELECT count(*) AS n FROM addresses GROUP BY state")
    assert sum(row["n"] for row in counted) == rows(demo[0], "SELECT count(*) AS n FROM addresses")[0]["n"]
    assert rows(demo[0], "SELECT 1 FROM addresses WHERE state = 'pending'") == []


def test_every_article_names_a_capture_that_stands_in_its_file(demo):
    from newsarchive import capture

    named = rows(demo[0], "SELECT c.* FROM articles AS a JOIN captures AS c ON c.id = a.capture_id")
    assert len(named) == len(ARTICLES)
    for row in named:
        path = capture.locate(demo[0] / "captures", row["warc_file"])
        record = capture.read_at(path, row["warc_offset"], row["warc_length"])
        assert capture.payload_sha256(capture.payload(record)) == row["payload_sha256"]


def test_the_verdict_is_on_the_screen_and_in_the_run(demo):
    stored = rows(demo[0], "SELECT verdict, exit_code FROM runs ORDER BY id")[0]
    assert stored["verdict"] in demo[1].stdout
    assert stored["exit_code"] == 0
    assert 5 <= len(stored["verdict"].splitlines()) <= 12


def test_the_readme_shows_what_really_comes_back(demo, root):
    readme = (root / "README.md").read_text()
    shown = re.search(r"```console\n\$ make demo\n…\n(.*?)```", readme, re.DOTALL)[1]
    stored = rows(demo[0], "SELECT verdict FROM runs ORDER BY id")[0]["verdict"]

    def lasting(verdict):
        """Without the time it took and the sizes that compression gave."""
        return re.sub(r"after \d+:\d\d|\d+\.\d [kM]B", "", verdict).strip()

    assert lasting(shown) == lasting(stored)
    query, printed = re.search(
        r'sqlite-utils archive\.db "(.*?)" --csv\n(.*?)```', readme, re.DOTALL
    ).groups()
    (row,) = rows(demo[0], query)
    assert printed.splitlines() == [",".join(row.keys()), ",".join(row)]


def test_any_sqlite_tool_can_write_and_the_index_knows_what_is_stale(demo, tmp_path):
    copy = tmp_path / "archive.db"
    copy.write_bytes((demo[0] / "archive.db").read_bytes())
    connection = sqlite3.connect(copy)
    with connection:
        connection.execute("UPDATE articles SET body = 'نص جديد' WHERE id = (SELECT max(id) FROM articles)")
    assert connection.execute("SELECT count(*) FROM index_stale").fetchone()[0] == 1
    connection.close()


def test_a_crawl_killed_in_the_middle_converges_to_the_same_archive(demo, tmp_path):
    folder = home(tmp_path)
    slow = ("demo", "-s", "DOWNLOAD_DELAY=0.02", "-s", "CONCURRENT_REQUESTS=1")
    process = started(folder, *slow, fresh=True)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if rows(folder, "SELECT count(*) AS n FROM articles")[0]["n"] >= 40:
                break
        except sqlite3.OperationalError:
            pass
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    kept = len(content(folder))
    assert 40 <= kept < len(ARTICLES)
    scrapy(folder, "demo", check=0)
    assert content(folder) == demo[2]
