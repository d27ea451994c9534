"""Articles on several pages: joined from all their parts, or nothing is stored as a fact."""

from dataclasses import replace

import pytest
from making_warcs import warc
from running import change, home, next_second, rows, scrapy

from newsarchive import sample
from newsarchive.sample import Paper
from newsarchive.sample.exchange import Response
from newsarchive.sample.server import serving

(PAGED,) = (article for article in sample.load() if len(article.parts) > 1)
LAST = len(PAGED.parts)
PAGES = [sample.render(PAGED, part) for part in range(1, LAST + 1)]
ADDRESSES = [PAGED.address, *(f"{PAGED.address}/{part}" for part in range(2, LAST + 1))]
DAY = 86_400
HURRY = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False", "-s", "RETRY_ENABLED=False")


def crawl(folder, site):
    return scrapy(folder, "crawl", "alwatan", "-a", f"site={site}", *HURRY)


def become_due(folder):
    change(folder, "UPDATE addresses SET next_visit_at = '2000-01-01T00:00:00Z'")
    next_second()


def failing(status):
    """The server fails at part 2."""

    def before(request):
        return Response(status, b"<html>no</html>") if request.path == f"{PAGED.path}/2" else None

    return before


def parts_of(folder):
    query = (
        "SELECT c.url, c.part FROM captures AS c JOIN articles AS a ON a.id = c.article_id"
        " WHERE a.url = ? AND c.part IS NOT NULL ORDER BY c.part"
    )
    return [(row["url"], row["part"]) for row in rows(folder, query, PAGED.address)]


def address(folder):
    (row,) = rows(folder, "SELECT state, reason FROM addresses WHERE url = ?", PAGED.address)
    return row["state"], row["reason"]


def body(folder):
    found = rows(folder, "SELECT body FROM articles WHERE url = ?", PAGED.address)
    return found[0]["body"] if found else None


def small():
    return Paper(articles=(PAGED,), others=())


def test_a_crawl_joins_the_parts_and_names_every_capture(tmp_path):
    folder = home(tmp_path)
    with serving(small()) as site:
        assert crawl(folder, site).returncode == 0
    assert body(folder) == PAGED.truth.body
    assert parts_of(folder) == list(zip(ADDRESSES, range(1, LAST + 1), strict=True))


@pytest.mark.parametrize("status", [404, 500])
def test_a_missing_part_fails_the_visit_and_the_next_run_completes_it(tmp_path, status):
    folder = home(tmp_path)
    with serving(small(), before=failing(status)) as site:
        assert crawl(folder, site).returncode == 5
        assert address(folder) == ("failed", "incomplete")
        assert rows(folder, "SELECT 1 FROM articles") == []
        site.before = None
        become_due(folder)
        assert crawl(folder, site).returncode == 0
    assert address(folder) == ("article", None)
    assert body(folder) == PAGED.truth.body
    assert len(parts_of(folder)) == LAST


def test_a_change_in_a_later_part_alone_is_noticed(tmp_path):
    folder = home(tmp_path)
    with serving(small()) as site:
        crawl(folder, site)
        *others, last = PAGED.parts
        changed = replace(last[0], text=f"{last[0].text} وأضيف هذا.")
        site.paper = small().changed(PAGED.address, parts=(*others, (changed, *last[1:])))
        become_due(folder)
        assert crawl(folder, site).returncode == 0
    assert "وأضيف هذا." in body(folder)
    assert rows(folder, "SELECT revision_count FROM articles")[0]["revision_count"] == 2


def ingested(folder, *paths):
    return scrapy(folder, "ingest", *paths, check=0).stdout


ALL = [(url, page, 10 + n) for n, (url, page) in enumerate(zip(ADDRESSES, PAGES, strict=True))]


@pytest.mark.parametrize("order", [ALL, ALL[::-1]], ids=["in order", "last part first"])
def test_a_warc_with_all_parts_becomes_one_article(tmp_path, order):
    folder = home(tmp_path)
    said = ingested(folder, warc(tmp_path / "all.warc.gz", *order))
    assert "1 new, 0 changed, 0 unchanged, 0 refused" in said
    assert body(folder) == PAGED.truth.body
    assert parts_of(folder) == list(zip(ADDRESSES, range(1, LAST + 1), strict=True))


def test_parts_in_two_files_of_one_ingest_are_joined(tmp_path):
    folder = home(tmp_path)
    ingested(folder, warc(tmp_path / "1.warc.gz", *ALL[:1]), warc(tmp_path / "2.warc.gz", *ALL[1:]))
    assert body(folder) == PAGED.truth.body


def test_ingesting_the_same_parts_again_changes_nothing(tmp_path):
    folder = home(tmp_path)
    path = warc(tmp_path / "all.warc.gz", *ALL)
    ingested(folder, path)
    assert "0 new, 0 changed, 1 unchanged, 0 refused" in ingested(folder, path)
    assert len(rows(folder, "SELECT 1 FROM captures")) == LAST


@pytest.mark.parametrize("there", [ALL[:1], ALL[1:], [ALL[0], ALL[2]]], ids=["first", "without first", "gap"])
def test_what_is_not_all_there_is_refused_and_made_whole_when_it_comes(tmp_path, there):
    folder = home(tmp_path)
    ingested(folder, warc(tmp_path / "some.warc.gz", *there))
    assert rows(folder, "SELECT 1 FROM articles") == []
    assert {row["reason"] for row in rows(folder, "SELECT reason FROM refusals")} == {"incomplete"}
    ingested(folder, warc(tmp_path / "all.warc.gz", *ALL))
    assert body(folder) == PAGED.truth.body
    assert rows(folder, "SELECT 1 FROM refusals") == []


def test_parts_captured_days_apart_are_not_mixed(tmp_path):
    folder = home(tmp_path)
    later = [(url, page, DAY + second) for url, page, second in ALL[1:]]
    ingested(folder, warc(tmp_path / "apart.warc.gz", ALL[0], *later))
    assert rows(folder, "SELECT 1 FROM articles") == []
    assert {row["reason"] for row in rows(folder, "SELECT reason FROM refusals")} == {"incomplete"}


def test_a_lone_file_of_one_part_is_refused(tmp_path):
    folder = home(tmp_path)
    for number, page in enumerate(PAGES, start=1):
        path = tmp_path / f"{number}.html"
        path.write_bytes(page)
        ingested(folder, path, "--url", ADDRESSES[number - 1])
    assert rows(folder, "SELECT 1 FROM articles") == []
    assert {row["reason"] for row in rows(folder, "SELECT reason FROM refusals")} == {"incomplete"}


def test_ingested_parts_are_one_article_again_when_the_database_is_made_anew(tmp_path):
    folder = home(tmp_path)
    ingested(folder, warc(tmp_path / "some.warc.gz", *ALL[:1]))
    ingested(folder, warc(tmp_path / "all.warc.gz", *ALL))
    for file in folder.glob("archive.db*"):
        file.unlink()
    ingested(folder, folder / "captures")
    assert body(folder) == PAGED.truth.body
    assert [part for _, part in parts_of(folder)] == list(range(1, LAST + 1))
    assert rows(folder, "SELECT 1 FROM refusals") == []
