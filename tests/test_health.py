"""`scrapy health` on archives that the verbs made: what it says, and whether it calls somebody."""

import json
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from running import change, check_states, home, make_due, next_second, rows, scrapy

from newsarchive.reporting import health
from newsarchive.sample import Paper
from newsarchive.sample.exchange import Response, compressed
from newsarchive.sample.server import serving

HURRY = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = home(tmp_path_factory.mktemp("health"))
    scrapy(folder, "demo", check=0)
    return folder


@pytest.fixture
def folder(tmp_path, demo):
    """A copy of the sample's archive, to be spoiled."""
    copy = home(tmp_path)
    (copy / "archive.db").write_bytes((demo / "archive.db").read_bytes())
    return copy


def spoil(folder, *statements):
    for statement in statements:
        change(folder, statement)


def troubles(folder, code=10):
    found = json.loads(scrapy(folder, "health", "--json", check=code).stdout)
    assert found["healthy"] is (code == 0)
    return found["troubles"]


def test_the_samples_archive_is_healthy_in_ten_to_thirty_lines(demo):
    done = scrapy(demo, "health", check=0)
    lines = done.stdout.splitlines()
    assert lines[0].startswith("الوطن: healthy")
    assert 10 <= len(lines) <= 30
    assert "189 addresses: article 184, gone 1, refused 4" in done.stdout
    assert "claims 168, named 167" in done.stdout


def test_the_figures_come_as_one_json_object(demo):
    found = json.loads(scrapy(demo, "health", "--json", check=0).stdout)
    assert found["addresses"] == sum(found["states"].values()) == 189
    assert sum(month["articles"] for month in found["months"]) == found["articles"] == 184
    assert found["refusals"] == {"issue-page": 2, "no-text": 1, "unknown-layout": 1}
    assert found["runs"][0]["exit_code"] == 0
    assert found["killed_last_week"] == 0


def test_health_writes_nothing(demo):
    before = (demo / "archive.db").read_bytes()
    scrapy(demo, "health", check=0)
    assert (demo / "archive.db").read_bytes() == before


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE runs SET exit_code = 6", "exit code 6"),
        ("UPDATE articles SET body = 'نص جديد' WHERE id = (SELECT max(id) FROM articles)", "scrapy reindex"),
        (
            "UPDATE articles SET index_version = 1",
            "184 articles are indexed by the analyser of another release",
        ),
        ("UPDATE sources SET complete = 0, reason = 'HTTP 500' WHERE kind = 'feed'", "HTTP 500"),
        ("DELETE FROM runs", "no crawl has run"),
        ("UPDATE newsarchive SET value = 'live' WHERE key = 'kind'", "expected are 20 to 150"),
    ],
)
def test_what_needs_a_person_is_named_and_is_exit_10(folder, statement, said):
    spoil(folder, statement)
    told = troubles(folder)
    assert any(said in trouble for trouble in told)
    assert ("changed by another tool" in str(told)) is ("body" in statement)


def test_an_archive_nobody_crawls_any_more_is_stale(folder):
    spoil(
        folder,
        "UPDATE newsarchive SET value = 'live' WHERE key = 'kind'",
        "UPDATE runs SET started_at = '2026-01-01T00:00:00Z', ended_at = '2026-01-01T00:00:09Z'",
    )
    assert any("since 2026-01-01T00:00:09Z" in trouble for trouble in troubles(folder))


def remedy(root):
    """The statements that docs/operating.md gives for a clock that was wrong."""
    return re.search(
        r"```sql\n(UPDATE addresses SET visited_at.+?)```",
        (root / "docs/operating.md").read_text(),
        re.DOTALL,
    )[1]


def test_a_crawl_under_a_clock_that_was_ahead_is_told_until_the_archive_is_told(folder, root):
    ahead = "2126-01-02T00:00:00Z"
    spoil(
        folder,
        "UPDATE newsarchive SET value = 'live' WHERE key = 'kind'",
        "UPDATE runs SET started_at = '2026-01-01T00:00:00Z', ended_at = '2026-01-01T00:00:09Z'",
        entered(1001, ahead),
        f"UPDATE addresses SET visited_at = '{ahead}' WHERE id = 1",
    )
    told = troubles(folder)
    assert any(f"the last visit was at {ahead}, but the clock says 20" in trouble for trouble in told)
    assert any("no crawl has come to its end since 2026-01-01T00:00:09Z" in trouble for trouble in told)
    spoil(folder, *remedy(root).strip().rstrip(";").split(";"))
    assert not any("the last visit" in trouble for trouble in troubles(folder))


def test_that_the_principal_host_cannot_be_asked_is_told_however_long(folder):
    entry = "INSERT INTO newsarchive VALUES ('away {}', '2026-01-01T00:00:00Z robots.txt answered 503')"
    spoil(folder, entry.format("alwatanonline.com"))
    assert troubles(folder, code=0) == []
    spoil(folder, entry.format("alwatan.sy"))
    told = "alwatan.sy cannot be asked since 2026-01-01T00:00:00Z: robots.txt answered 503"
    assert troubles(folder) == [told]


def test_runs_that_never_ended_are_counted_and_three_a_week_are_too_many(folder):
    killed = "INSERT INTO runs (id, command, newspaper, started_at) VALUES ({}, 'crawl', 'alwatan', '{}')"
    later = rows(folder, "SELECT started_at FROM runs")[0]["started_at"]
    spoil(folder, *(killed.format(-n, later) for n in range(1, 4)))
    assert any("3 runs of the last week never ended" in trouble for trouble in troubles(folder))


def test_a_month_names_each_of_its_gaps(folder):
    (row,) = rows(
        folder,
        "SELECT url, post_id, substr(published_on, 1, 7) AS month FROM articles"
        " WHERE url LIKE 'https://alwatan.sy/archives/%' ORDER BY post_id DESC LIMIT 1 OFFSET 3",
    )
    number = row["post_id"] + 1
    only = f"https://alwatan.sy/archives/{number}"
    past = "INSERT INTO sources (id, url, newspaper, kind) VALUES (99, 'https://x.example/', 'alwatan', 'wayback')"
    known = (
        "INSERT INTO addresses (id, url, newspaper, source, recency, found_at, published) VALUES"
        f" (9999, '{only}', 'alwatan', 'wayback', {number}, '2026-01-01T00:00:00Z', '{row['month']}-15')"
    )
    spoil(
        folder,
        f"UPDATE addresses SET state = 'failed', reason = 'network-error', tries = 4 WHERE url = '{row['url']}'",
        past,
        known,
        "INSERT INTO address_sources VALUES (9999, 99, '2026-01-01T00:00:00Z')",
    )
    said = scrapy(folder, "health", "--month", row["month"], check=0).stdout
    assert f"unanswered {row['url']}: failed, network-error, tried 4 times" in said
    assert f"archives   {only}\n" in said
    assert "named by rest " in said
    found = json.loads(scrapy(folder, "health", "--month", row["month"], "--json", check=0).stdout)
    assert found["only_web_archives"] == [only]
    runs = found["numbers"]
    assert f"numbers    {runs[-1][0]}" in said
    addresses = rows(folder, "SELECT recency FROM addresses WHERE url GLOB 'https://alwatan.sy/archives/*'")
    missing = {n for first, last in runs for n in range(first, last + 1)}
    assert missing.isdisjoint(row["recency"] for row in addresses)
    whole = json.loads(scrapy(folder, "health", "--json").stdout)
    (month,) = [month for month in whole["months"] if month["month"] == row["month"]]
    assert (month["only_web_archives"], month["unanswered"]) == (1, 2)
    assert month["numbers"] == len(missing)
    assert sum(whole["coverage"][row["month"]].values()) == month["articles"]


def test_a_month_that_is_none_is_a_fumble(demo):
    assert "write it as 2024-12" in scrapy(demo, "health", "--month", "2024-13", check=4).stderr
    assert "no article" in scrapy(demo, "health", "--month", "1999-01", check=4).stderr


def test_a_missing_archive_is_a_fumble(tmp_path):
    done = scrapy(home(tmp_path), "health", check=4)
    assert "does not exist" in done.stderr


def test_what_neither_the_site_nor_the_web_archives_name_is_estimated():
    # Chapman: (200 + 1) * (100 + 1) / (50 + 1) - 1 = 397 articles in all, of which 250 are named
    assert health.missing_estimate(200, 100, 50) == 147
    assert health.missing_estimate(200, 100, 9) is None
    assert health.missing_estimate(100, 100, 100) == 0


def test_a_byline_whose_class_changes_in_mid_run_is_named_by_that_run_and_by_health(tmp_path):
    folder = home(tmp_path)
    paper, asked = Paper(), []

    def redesigned(request):
        article = paper.by_address.get(f"https://{request.host}{request.path}")
        if article is None:
            return None
        asked.append(article)
        if len(asked) <= 100 or article.byline is None:
            return None
        # The new layout prints the byline in a box of its own instead of the text's first line.
        box = f'<div class="story-credit">| {article.byline}</div></header>'.encode()
        page = paper.render(replace(article, byline=None)).replace(b"</header>", box)
        return compressed(request, Response(body=page))

    with serving(paper, before=redesigned) as site:
        done = scrapy(folder, "crawl", "alwatan", "-a", f"site={site}", *HURRY, check=0)
    check_states(folder)
    (unusual,) = [line for line in done.stdout.splitlines() if line.startswith("unusual")]
    assert "jannah: no byline in the last" in unusual
    assert any("no byline in the last" in trouble for trouble in troubles(folder))


def entered(number, ended_at, *unusual):
    """A statement that enters a crawl that ended well and told this."""
    details = json.dumps({"unusual": unusual})
    return (
        "INSERT INTO runs (id, command, newspaper, started_at, ended_at, exit_code, details)"
        f" VALUES ({number}, 'crawl', 'alwatan', '{ended_at}', '{ended_at}', 0, '{details}')"
    )


def test_what_was_unusual_is_told_for_a_day_whatever_the_crawls_after_it_met(folder):
    spoil(
        folder,
        entered(1001, "2026-03-01T23:00:00Z", "no-text in 30% of 50 visits, usually 0% to 5%"),
        entered(1002, "2026-03-02T12:00:00Z", "another text in 89% of 184 known articles, before unknown"),
        entered(1003, "2026-03-02T13:00:00Z", "another text in 60% of 30 known articles, before unknown"),
        *(entered(n, f"2026-03-03T{n - 1004:02}:10:00Z") for n in range(1004, 1016)),
    )
    (told,) = troubles(folder)
    assert told == (
        "the crawl that ended at 2026-03-02T13:00:00Z: another text in 60% of 30 known articles,"
        " before unknown; have the pages changed? scrapy refused, docs/operating.md"
    )
    spoil(folder, entered(1016, "2026-03-03T15:10:00Z"))
    assert troubles(folder, code=0) == []


def test_addresses_that_lead_to_other_stories_are_told_by_the_run_and_an_hour_later_by_health(tmp_path):
    folder, paper = home(tmp_path), Paper()
    ours = [article for article in paper.articles if article.host == "alwatan.sy"]
    moved = [replace(story, post_id=article.post_id) for article, story in pairwise([*ours, ours[0]])]
    elsewhere = [article for article in paper.articles if article.host != "alwatan.sy"]
    with serving(paper) as site:
        crawl = ("crawl", "alwatan", "-a", f"site={site}", *HURRY)
        scrapy(folder, *crawl, check=0)
        next_second()
        site.paper = replace(paper, articles=(*elsewhere, *moved))
        make_due(folder)
        done = scrapy(folder, *crawl, check=0)
        next_second()
        assert "unusual" not in scrapy(folder, *crawl, check=0).stdout
    assert "unusual    another text in " in done.stdout
    assert any("another text in " in trouble for trouble in troubles(folder))
