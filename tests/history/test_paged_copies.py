"""A paged article comes back from a web archive as a whole, from copies of one day, or not at all."""

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest
from running import content, home, rows, scrapy
from stand_in import WebArchives, endpoints, pace, paper, stamp
from test_history import HURRY

from newsarchive import sample
from newsarchive.sample.server import serving

(ONE,) = (article for article in sample.load() if len(article.parts) > 1)
PAGED = tuple(replace(ONE, post_id=600_001 + n, title=f"{ONE.title} {n}") for n in range(4))
LAST = len(ONE.parts)


def crawl(folder, site, source):
    return scrapy(
        folder, "crawl", "alwatan", "-a", f"site={site}", "-a", f"source={source}",
        *endpoints(site), *pace(0), *HURRY, check=0,
    )  # fmt: skip


def refusals(folder):
    return [tuple(r) for r in rows(folder, "SELECT url, reason, detail FROM refusals ORDER BY url, detail")]


def parts(folder):
    query = (
        "SELECT a.url AS article, c.url, c.part, c.source FROM captures AS c JOIN articles AS a"
        " ON a.id = c.article_id ORDER BY 1, 3"
    )
    return [tuple(row) for row in rows(folder, query)]


def rebuilt(folder):
    for file in folder.glob("archive.db*"):
        file.unlink()
    scrapy(folder, "ingest", "captures", check=0)


@pytest.mark.parametrize("source", ["wayback", "commoncrawl"])
def test_a_paged_article_comes_back_whole_and_is_rebuilt_from_its_captures(tmp_path, source):
    folder = home(tmp_path)
    with serving(paper(), before=WebArchives(PAGED[:2]).answer) as site:
        crawl(folder, site, source)
    expected = [
        (article.address, f"{article.address}/{part}" if part > 1 else article.address, part, source)
        for article in PAGED[:2]
        for part in range(1, LAST + 1)
    ]
    kept = {row["url"]: row["body"] for row in rows(folder, "SELECT url, body FROM articles")}
    assert kept == {article.address: article.truth.body for article in PAGED[:2]}
    assert parts(folder) == expected
    before, refused = content(folder), refusals(folder)
    scrapy(folder, "reread", check=0)
    rebuilt(folder)
    assert (content(folder), parts(folder), refusals(folder)) == (before, expected, refused)
    scrapy(folder, "verify", check=0)


def test_parts_that_are_missing_or_of_another_day_make_no_article_until_they_come(tmp_path):
    folder = home(tmp_path)
    archives = WebArchives(PAGED)
    lost, late, elsewhere, led_on = (f"{article.address}/2" for article in PAGED)
    whole = list(archives.kept)
    defects = {
        lost: lambda _: [],
        late: lambda kept: [replace(kept, moment=kept.moment + timedelta(days=2))],
        # What the archive has under the part's address is a redirect to the first one.
        elsewhere: lambda kept: [replace(kept, status=301, location=PAGED[2].address)],
        # Asked for the copy of that day, the archive leads on to one of another.
        led_on: lambda kept: [
            replace(kept, found_at=stamp(kept.moment + timedelta(days=3))),
            replace(kept, moment=kept.moment + timedelta(days=3)),
        ],
    }
    archives.kept = [new for kept in whole for new in defects.get(kept.original, lambda k: [k])(kept)]
    archives.make_indexes()
    with serving(paper(), before=archives.answer) as site:
        crawl(folder, site, "wayback")
        assert content(folder) == []
        assert refusals(folder) == [
            *((article.address, "incomplete", "part 2 is not there") for article in PAGED[:3]),
            (PAGED[3].address, "incomplete", "part 2 alone, without the first"),
            (PAGED[3].address, "incomplete", "part 2 is not there"),
        ]
        archives.kept = whole
        archives.make_indexes()
        connection = sqlite3.connect(folder / "archive.db")
        with connection:
            connection.execute("UPDATE sources SET complete = 0")
        connection.close()
        crawl(folder, site, "wayback")
    came = {row["url"] for row in rows(folder, "SELECT url FROM articles")}
    assert came == {PAGED[0].address, PAGED[1].address}
    before, refused = content(folder), refusals(folder)
    assert {url for url, _, _ in refused} == {PAGED[2].address, PAGED[3].address}
    rebuilt(folder)
    assert (content(folder), refusals(folder)) == (before, refused)
