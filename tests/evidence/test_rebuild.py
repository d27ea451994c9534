"""An archive rebuilt from its captures equals the old one."""

import random
import shutil
import sqlite3
from dataclasses import replace
from itertools import permutations

import pytest
from running import home, next_second, rows, scrapy

from newsarchive import capture, sample
from newsarchive.sample.exchange import Response
from newsarchive.sample.server import serving

_LOCAL = {"id", "capture_id"}
_HURRY = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0", "-s", "CONCURRENT_REQUESTS=8",
          "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=8", "-s", "ARCHIVE_AUDITS_PER_DAY=0")  # fmt: skip


def articles(folder, archive="archive.db"):
    """Every article in every column but those that are the database's own."""
    kept = rows(folder, "SELECT * FROM articles ORDER BY key", archive=archive)
    return [{name: row[name] for name in row.keys() if name not in _LOCAL} for row in kept]  # noqa: SIM118


def links(folder, archive="archive.db"):
    return [
        [tuple(row) for row in rows(folder, query, archive=archive)]
        for query in (
            (
                "SELECT a.key, s.name, l.position FROM article_sections AS l JOIN articles AS a ON a.id = l.article_id"
                " JOIN sections AS s ON s.id = l.section_id ORDER BY 1, 3"
            ),
            (
                "SELECT a.key, s.name, l.position FROM article_tags AS l JOIN articles AS a ON a.id = l.article_id"
                " JOIN tags AS s ON s.id = l.tag_id ORDER BY 1, 3"
            ),
            "SELECT k.key, a.key FROM article_keys AS k JOIN articles AS a ON a.id = k.article_id ORDER BY 1",
            (
                "SELECT a.key, r.text_sha256, r.first_seen_at, r.last_seen_at, r.complete, r.title, r.body"
                " FROM revisions AS r JOIN articles AS a ON a.id = r.article_id ORDER BY 1, 2"
            ),
            "SELECT url, state, reason, gone_since, etag, last_modified, payload_sha256 FROM addresses ORDER BY 1",
            "SELECT url, reason, detail FROM refusals ORDER BY 1, 2",
            "SELECT s.url, a.url FROM address_aliases AS s JOIN addresses AS a ON a.id = s.address_id ORDER BY 1",
            (
                "SELECT a.key, b.key, r.shared_sentences FROM related_articles AS r JOIN articles AS a"
                " ON a.id = r.article_id JOIN articles AS b ON b.id = r.related_id ORDER BY 1, 2"
            ),
            (
                "SELECT w.name, s.spelling, s.rule FROM writers AS w"
                " JOIN writer_spellings AS s ON s.writer_id = w.id ORDER BY 2"
            ),
            "SELECT warc_file, warc_offset, url, source, status, payload_sha256, outcome FROM captures ORDER BY 1, 2",
        )
    ]


def crawl(folder, site):
    scrapy(folder, "crawl", "alwatan", "-a", f"site={site}", *_HURRY, check=0)


def visit_all_again(folder, *, conditionally):
    connection = sqlite3.connect(folder / "archive.db")
    with connection:
        connection.execute("UPDATE addresses SET next_visit_at = '2020-01-01T00:00:00Z', visited_at = '2020'")
        if not conditionally:
            connection.execute("UPDATE addresses SET etag = NULL, last_modified = NULL")
    connection.close()
    next_second()


def rebuilt(folder, *paths):
    (folder / "archive.db").rename(folder / "old.db")
    for leftover in folder.glob("archive.db-*"):
        leftover.unlink()
    for path in paths or ("captures/",):
        scrapy(folder, "ingest", path, check=0)


@pytest.fixture(scope="module")
def eventful(tmp_path_factory):
    """Five crawls: new, then changed, gone, redirected to another and to the home page, and back again.

    The newspaper says 304 where nothing changed, or sends the page again, crawl by crawl.
    """
    folder = home(tmp_path_factory.mktemp("eventful"))
    paper = sample.Paper()
    kept = [a for a in paper.articles if len(a.parts) > 1 or "amp" in a.dress.options][:6]
    paper = replace(paper, articles=tuple(sorted({*paper.articles[:12], *kept}, key=lambda a: a.post_id)))
    some = [a.address for a in paper.articles if "/archives/" in a.address and len(a.parts) == 1][:8]
    changed, gone, moved, sent_home, edited_back = some[:5]
    path_of = {url: url.removeprefix("https://alwatan.sy") for url in some}
    answers = {}

    def before(request):
        return answers.get(request.path)

    with serving(paper, before=before) as site:
        crawl(folder, site)
        site.paper = paper.changed(changed, title="عنوان عدلته الصحيفة").changed(
            edited_back, title="عنوان مؤقت"
        )
        answers[path_of[gone]] = Response(status=404, body=b"<html><body>404</body></html>")
        answers[path_of[moved]] = Response(
            status=301, body=b"", headers=(("Location", f"https://alwatan.sy{path_of[changed]}/"),)
        )
        answers[path_of[sent_home]] = Response(
            status=302, body=b"", headers=(("Location", "https://alwatan.sy/"),)
        )
        for conditionally in (True, False):
            visit_all_again(folder, conditionally=conditionally)
            crawl(folder, site)
        answers.clear()
        answers[path_of[gone]] = Response(status=410, body=b"gone")
        site.paper = paper
        for conditionally in (False, True):
            visit_all_again(folder, conditionally=conditionally)
            crawl(folder, site)
    return folder, {"changed": changed, "gone": gone, "moved": moved, "edited_back": edited_back}


def test_the_eventful_archive_is_one(eventful):
    folder, named = eventful
    kept = {row["url"]: row for row in rows(folder, "SELECT * FROM articles")}
    assert rows(folder, "SELECT count(*) AS n FROM captures WHERE status = 304")[0]["n"] > 20
    assert kept[named["changed"]]["revision_count"] == 2
    assert kept[named["edited_back"]]["revision_count"] == 2
    assert kept[named["gone"]]["status"] == "gone"
    assert kept[named["moved"]]["status"] == "live"
    assert scrapy(folder, "verify", check=0).stdout.startswith("clean")


def test_every_page_that_came_again_byte_for_byte_is_a_revisit_record(eventful):
    kinds = [record.kind for path in (eventful[0] / "captures").iterdir() for record in capture.walk(path)]
    assert set(kinds) == {"warcinfo", "request", "response", "revisit"}
    assert kinds.count("revisit") > 20


def test_the_demo_is_rebuilt_from_its_captures(folder):
    before, linked = articles(folder), links(folder)
    rebuilt(folder)
    assert articles(folder) == before
    assert links(folder) == linked
    assert scrapy(folder, "verify", check=0).stdout.startswith("clean")


def test_a_rebuilt_sample_is_still_the_sample(folder):
    rebuilt(folder)
    scrapy(folder, "demo", check=0)
    assert len(articles(folder)) == 184


def test_an_eventful_archive_is_rebuilt_from_its_captures(eventful, tmp_path):
    folder = shutil.copytree(eventful[0], tmp_path / "archive")
    before, linked = articles(folder), links(folder)
    rebuilt(folder)
    assert articles(folder) == before
    assert links(folder) == linked
    assert scrapy(folder, "verify", check=0).stdout.startswith("clean")


def test_twenty_orders_of_taking_files_in_give_the_same_rows(eventful, tmp_path):
    folder = shutil.copytree(eventful[0], tmp_path / "archive")
    before, (*linked, captured) = articles(folder), links(folder)
    files = sorted(path.relative_to(folder) for path in (folder / "captures").iterdir())
    assert len(files) == 5
    chance = random.Random(20)
    for number, order in enumerate(chance.sample(list(permutations(files)), 20)):
        archive = f"order-{number}.db"
        _take_in(folder, archive, order)
        assert articles(folder, archive) == before, order
        *got, got_captured = links(folder, archive)
        assert got == linked, order
        # Whether a text was new when its capture came is the one thing that the order decides.
        assert [row[:-1] for row in got_captured] == [row[:-1] for row in captured], order


def _take_in(folder, archive, order):
    """The ingest verb, one file after the other, without a hundred processes."""
    from newsarchive.archive import Archive
    from newsarchive.offline import rebuilding
    from newsarchive.spiders.alwatan import AlwatanSpider

    opened = Archive(
        folder / archive, folder / "captures", AlwatanSpider.newspaper, command="ingest", kind=None
    )
    opened.connection.execute("PRAGMA synchronous = OFF")  # nobody cuts the power here
    for file in order:
        visits = rebuilding.Visits(opened)
        for record in capture.walk(folder / file):
            visits.take(record, file.name)
        visits.end()
        opened.flush()
    opened.end(verdict="", exit_code=0)
    opened.close()


def test_taking_the_captures_in_again_changes_nothing(eventful, tmp_path):
    folder = shutil.copytree(eventful[0], tmp_path / "archive")
    before, linked = articles(folder), links(folder)
    scrapy(folder, "ingest", "captures", check=0)
    assert articles(folder) == before
    assert links(folder) == linked


def test_records_that_no_row_names_are_taken_in(folder, change):
    before = articles(folder)
    row = rows(folder, "SELECT id FROM articles WHERE key = 'alwatan-5211'")[0]
    change(
        "PRAGMA foreign_keys = OFF",
        *(f"DELETE FROM {table} WHERE article_id = {row['id']}" for table in
          ("captures", "article_keys", "article_sections", "article_tags", "revisions", "addresses")),
        f"DELETE FROM articles WHERE id = {row['id']}",
    )  # fmt: skip
    assert len(articles(folder)) == 183
    scrapy(folder, "ingest", "captures", check=0)
    assert articles(folder) == before


def test_a_damaged_record_is_said_and_the_others_are_taken_in(folder, warc):
    row = rows(folder, "SELECT * FROM captures WHERE article_id IS NOT NULL LIMIT 1")[0]
    data = bytearray(warc.read_bytes())
    data[row["warc_offset"] + 200] ^= 1
    warc.write_bytes(data)
    (folder / "archive.db").unlink()
    done = scrapy(folder, "ingest", "captures", check=10)
    assert f"damaged    {warc.name} at byte {row['warc_offset']}, {row['warc_length']} bytes" in done.stdout
    assert len(articles(folder)) == 183


@pytest.mark.parametrize(
    ("uri", "source"),
    [
        (None, "live"),
        ("https://web.archive.org/web/20110401000000id_/http://alwatan.sy/", "wayback"),
        ("https://data.commoncrawl.org/crawl-data/CC-MAIN-2019-09/segments/x.warc.gz", "commoncrawl"),
    ],
)
def test_a_copy_tells_where_it_came_from(uri, source):
    from newsarchive.offline.rebuilding import source_of

    headers = (("WARC-Type", "response"), *((("WARC-Source-URI", uri),) if uri else ()))
    record = capture.Record("1.1", headers, b"", 0, 0)
    assert source_of(record) == source
    assert source_of(replace(record, headers=(("WARC-Type", "resource"),))) == "ingest"
