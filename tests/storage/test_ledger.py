"""The ledger: one row and one state for every address."""

from datetime import datetime

import pytest

from newsarchive.items import AddressState, Found, Reason, Source
from newsarchive.storage import ledger, sources

NOW = "2026-01-01T00:00:00Z"
LATER = "2026-01-02T00:00:00Z"


@pytest.fixture
def source_id(connection):
    return sources.record(connection, "alwatan", Source("https://alwatan.sy/feed", "feed"), None)


def add(connection, source_id, *numbers, **hints):
    found = [
        Found(f"https://alwatan.sy/archives/{n}", hints.get("lastmod"), "feed", hints.get("published"))
        for n in numbers
    ]
    return ledger.add(connection, "alwatan", found, source_id, hints.get("now", NOW))


def due(connection, **bounds):
    bounds = {"now": LATER, "run_started_at": LATER, "limit": 100, **bounds}
    return [int(a.url.rsplit("/", 1)[1]) for a in ledger.due(connection, "alwatan", **bounds)]


def test_an_address_is_entered_once(connection, source_id):
    assert add(connection, source_id, 1, 2) == (2, 2)
    assert add(connection, source_id, 2, 3) == (1, 1)


def test_another_source_that_lists_a_known_address_is_noted(connection, source_id):
    add(connection, source_id, 1)
    other = sources.record(connection, "alwatan", Source("https://alwatan.sy/", "listing"), None)
    assert add(connection, other, 1) == (0, 1)


def test_the_newest_are_due_first(connection, source_id):
    add(connection, source_id, 5, 90, 17)
    assert due(connection) == [90, 17, 5]


def test_what_was_tried_in_this_run_is_not_due_again(connection, source_id):
    add(connection, source_id, 5)
    ledger.leave_alone(connection, [1], LATER, LATER)
    assert due(connection) == []
    assert due(connection, run_started_at="2026-01-03T00:00:00Z") == [5]


def test_since_leaves_out_what_did_not_change_after(connection, source_id):
    add(connection, source_id, 1, published="2023-12-31T10:00:00Z")
    add(connection, source_id, 2, published="2024-01-01T10:00:00Z")
    add(connection, source_id, 3)
    assert due(connection, since="2024-01-01") == [3, 2]


def test_until_is_the_whole_last_day(connection, source_id):
    add(connection, source_id, 1, published="2023-12-31T23:59:00Z")
    add(connection, source_id, 2, published="2024-01-01T10:00:00Z")
    assert due(connection, until="2023-12-31") == [1]


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        (Reason.HTTP_GONE, "gone"), (Reason.NOT_FOUND_PAGE, "gone"), (Reason.REDIRECTED_HOME, "gone"),
        (Reason.HTTP_FORBIDDEN, "blocked"), (Reason.CHALLENGE_PAGE, "blocked"),
        (Reason.HTTP_ERROR, "failed"), (Reason.NETWORK_ERROR, "failed"), (Reason.INCOMPLETE, "failed"),
        (Reason.UNKNOWN_LAYOUT, "refused"), (Reason.NO_TEXT, "refused"), (Reason.KILLS_READER, "refused"),
    ],
)  # fmt: skip
def test_a_reason_leads_to_one_state(reason, state):
    assert ledger.state_for(reason) == state


def test_a_failure_is_tried_again_after_a_growing_pause(connection, source_id):
    add(connection, source_id, 5)
    pauses = []
    for _ in range(3):
        ledger.settle_refusal(connection, 1, Reason.NETWORK_ERROR, NOW)
        pauses.append(connection.execute("SELECT next_visit_at FROM addresses").fetchone()[0])
    assert pauses == ["2026-01-01T00:30:00Z", "2026-01-01T01:00:00Z", "2026-01-01T02:00:00Z"]


def test_gone_keeps_its_first_moment(connection, source_id):
    add(connection, source_id, 5)
    ledger.settle_refusal(connection, 1, Reason.HTTP_GONE, NOW)
    ledger.settle_refusal(connection, 1, Reason.HTTP_GONE, LATER)
    assert connection.execute("SELECT gone_since FROM addresses").fetchone()[0] == NOW


def visits_of_what_is(connection, reason, count):
    """The days after NOW on which an address that always gives this reason is visited."""
    days, at = [], NOW
    for _ in range(count):
        ledger.settle_refusal(connection, 1, reason, at)
        at = connection.execute("SELECT next_visit_at FROM addresses WHERE id = 1").fetchone()[0]
        days.append((datetime.fromisoformat(at) - datetime.fromisoformat(NOW)).days)
    return days


def test_what_is_gone_is_looked_at_again_soon_and_then_ever_more_rarely(connection, source_id):
    add(connection, source_id, 5)
    assert visits_of_what_is(connection, Reason.HTTP_GONE, 8) == [1, 2, 4, 8, 16, 32, 62, 92]


def test_what_was_gone_and_came_back_is_looked_at_soon_when_it_goes_again(connection, source_id):
    add(connection, source_id, 5)
    visits_of_what_is(connection, Reason.HTTP_GONE, 8)
    connection.execute("INSERT INTO articles (id, key, title, body) VALUES (7, 'k', 't', 'b')")
    ledger.settle_article(connection, 1, 7, published_at=None, now="2026-06-01T00:00:00Z")
    ledger.settle_refusal(connection, 1, Reason.HTTP_GONE, "2026-06-02T00:00:00Z")
    (again,) = connection.execute("SELECT next_visit_at FROM addresses").fetchone()
    assert again == "2026-06-03T00:00:00Z"


def test_what_is_refused_is_looked_at_again_after_thirty_days(connection, source_id):
    add(connection, source_id, 5)
    assert visits_of_what_is(connection, Reason.UNKNOWN_LAYOUT, 2) == [30, 60]


def test_a_number_that_only_the_sweep_tried_is_tried_again_after_thirty_days(connection, source_id):
    add(connection, source_id, 5)
    connection.execute("UPDATE addresses SET source = 'sweep'")
    assert visits_of_what_is(connection, Reason.HTTP_GONE, 2) == [30, 60]


def test_an_older_visit_does_not_overwrite_a_newer_one(connection, source_id):
    add(connection, source_id, 5)
    ledger.settle_refusal(connection, 1, Reason.HTTP_GONE, LATER)
    ledger.settle_refusal(connection, 1, Reason.NO_TEXT, NOW)
    assert connection.execute("SELECT state FROM addresses").fetchone()[0] == "gone"


@pytest.mark.parametrize(
    ("published", "visited", "expected"),
    [
        ("2026-01-01T00:00:00+03:00", "2025-12-31T21:10:00Z", "2025-12-31T22:00:00Z"),
        ("2026-01-01T00:00:00+03:00", "2025-12-31T22:30:00Z", "2026-01-01T03:00:00Z"),
        ("2026-01-01T00:00:00+03:00", "2026-01-20T00:00:00Z", "2026-01-30T21:00:00Z"),
        ("2026-01-01T00:00:00+03:00", "2026-03-01T00:00:00Z", None),
        ("2017-06-11", "2026-01-01T00:00:00Z", None),
        (None, "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"),
    ],
)
def test_visits_grow_rarer_with_the_articles_age(published, visited, expected):
    assert ledger.next_visit(published, NOW, visited) == expected


def test_an_article_without_a_date_grows_older_with_every_visit():
    found, at = "2026-01-01T00:00:00Z", "2026-01-01T00:00:10Z"
    visits = []
    while at:
        visits.append(at)
        at = ledger.next_visit(None, found, at)
    assert visits[1:] == [
        "2026-01-01T01:00:00Z", "2026-01-01T06:00:00Z", "2026-01-02T00:00:00Z",
        "2026-01-04T00:00:00Z", "2026-01-08T00:00:00Z", "2026-01-31T00:00:00Z",
    ]  # fmt: skip


def test_a_date_to_come_puts_no_visit_off():
    assert ledger.next_visit("2036-05-01T10:00:00+03:00", NOW, NOW) == "2026-01-01T01:00:00Z"


def test_a_visit_that_ended_is_not_put_off_with_those_that_did_not(connection, source_id):
    add(connection, source_id, 5, 6)
    ledger.settle_refusal(connection, 1, Reason.HTTP_GONE, LATER)
    ledger.leave_alone(connection, [1, 2], LATER, "2026-01-02T00:10:00Z")
    visited = [row[0] for row in connection.execute("SELECT visited_at FROM addresses ORDER BY id")]
    assert visited == [LATER, "2026-01-02T00:10:00Z"]


def test_a_newer_lastmod_makes_an_article_due(connection, source_id):
    add(connection, source_id, 5)
    connection.execute("UPDATE addresses SET state = 'article', visited_at = ?, next_visit_at = NULL", (NOW,))
    add(connection, source_id, 5, lastmod="2026-01-01T08:00:00Z", now=LATER)
    assert due(connection) == [5]


def test_an_older_lastmod_makes_nothing_due(connection, source_id):
    add(connection, source_id, 5)
    connection.execute("UPDATE addresses SET state = 'article', visited_at = ?, next_visit_at = NULL", (NOW,))
    add(connection, source_id, 5, lastmod="2025-12-31T08:00:00Z", now=LATER)
    assert due(connection) == []


def test_what_a_source_lists_no_more_is_due(connection, source_id):
    add(connection, source_id, 5, 6)
    connection.execute("UPDATE addresses SET state = 'article', visited_at = ?, next_visit_at = NULL", (NOW,))
    add(connection, source_id, 6, now=LATER)
    assert ledger.expect_missing(connection, "https://alwatan.sy/feed", LATER, LATER) == 1
    assert due(connection, run_started_at="2026-01-03T00:00:00Z") == [5]


def test_gaps_between_known_numbers_are_named_newest_first(connection, source_id):
    add(connection, source_id, 10, 13, 20)
    assert ledger.gaps(connection, "alwatan.sy", 4) == [19, 18, 17, 16]
    assert ledger.gaps(connection, "alwatan.sy", 100) == [19, 18, 17, 16, 15, 14, 12, 11]


def test_a_server_that_lies_with_its_etag_is_not_believed(connection, source_id):
    add(connection, source_id, 5)
    connection.execute("INSERT INTO articles (id, key, title, body) VALUES (7, 'k', 't', 'b')")
    for digest in ("a", "b"):
        ledger.settle_article(
            connection, 1, 7, published_at=None, now=NOW, validators=('"x"', None), payload_sha256=digest
        )
    assert connection.execute("SELECT etag FROM addresses").fetchone()[0] is None


def test_a_page_that_killed_the_reader_is_counted(connection, source_id):
    add(connection, source_id, 5)
    url = "https://alwatan.sy/archives/5"
    for _ in range(2):
        ledger.record_reader_death(connection, url)
    assert ledger.reader_deaths(connection, url) == 2


def test_deaths_at_an_address_without_a_row_are_counted_until_they_are_forgotten(connection):
    urls = ["urn:sha256:a", "urn:sha256:b"]
    for url in (*urls, urls[0]):
        ledger.record_reader_death(connection, url)
    ledger.record_reader_death(connection, "urn:sha256:c", may_be_named=False)
    assert ledger.suspects(connection) == urls
    assert [ledger.reader_deaths(connection, url) for url in urls] == [2, 1]
    ledger.forget_suspects(connection, urls[:1])
    assert [ledger.reader_deaths(connection, url) for url in urls] == [0, 1]


def test_an_address_that_gets_a_row_keeps_the_deaths_of_its_readers(connection, source_id):
    url = "https://alwatan.sy/archives/5"
    ledger.record_reader_death(connection, url)
    add(connection, source_id, 5)
    ledger.record_reader_death(connection, url)
    assert ledger.reader_deaths(connection, url) == 2


def test_counts_name_every_state(connection, source_id):
    add(connection, source_id, 5)
    assert ledger.counts(connection, "alwatan") == {state: int(state == "pending") for state in AddressState}
