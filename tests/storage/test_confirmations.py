"""A text stood until the last «not modified» that came before the next text, in whatever order they are taken in."""

from dataclasses import replace
from itertools import permutations

import pytest

from newsarchive.items import Article, Capture, Paragraph, ParagraphKind
from newsarchive.storage import articles, captures, confirmations, index, readings
from newsarchive.storage.connection import transaction

URL = "https://alwatan.sy/archives/5"


def answer(hour, status=200):
    return Capture(
        url=URL, fetched_at=f"2026-01-01T{hour:02}:00:00Z", status=status, source="live", warc_file="a.warc.gz",
        warc_offset=hour, warc_length=9, payload_sha256=str(hour),
    )  # fmt: skip


def reading(hour, text):
    return Article(
        url=URL, newspaper="alwatan", title="عنوان", paragraphs=(Paragraph(ParagraphKind.PROSE, text),),
        reader="jannah", captures=(answer(hour),),
    )  # fmt: skip


EVENTS = (
    reading(1, "النص الأول."),
    answer(2, 304),
    reading(3, "النص الثاني."),
    answer(4, 304),
    answer(5, 304),
)


def take_in(connection, events):
    for event in events:
        if isinstance(event, Article):
            captures.insert(connection, event.captures[0], None)
            articles.save(connection, event, principal_host="alwatan.sy")
        else:
            captures.insert(connection, event, None)
            for (article_id,) in connection.execute("SELECT id FROM articles").fetchall():
                articles.show_best(connection, article_id)


def seen(connection):
    rows = connection.execute(
        "SELECT first_seen_at, last_seen_at FROM revisions ORDER BY first_seen_at"
    ).fetchall()
    return [(int(first[11:13]), int(last[11:13])) for first, last in rows]


@pytest.mark.parametrize("order", list(permutations(range(5)))[::7])
def test_every_order_gives_every_text_its_time(connection, order):
    with transaction(connection):
        take_in(connection, [EVENTS[n] for n in order])
    assert seen(connection) == [(1, 2), (3, 5)]
    (row,) = connection.execute("SELECT last_seen_at, body FROM articles").fetchall()
    assert tuple(row) == ("2026-01-01T05:00:00Z", "النص الثاني.")


def test_a_text_that_comes_in_between_takes_its_confirmations(connection):
    take_in(connection, [EVENTS[0], EVENTS[4]])
    assert seen(connection) == [(1, 5)]
    take_in(connection, [EVENTS[2]])
    assert seen(connection) == [(1, 1), (3, 5)]


def test_a_confirmation_that_shows_an_earlier_text_again_indexes_it(connection):
    copy = reading(3, "النص الثاني.")
    take_in(connection, [EVENTS[0], replace(copy, captures=(replace(copy.captures[0], source="wayback"),))])
    take_in(connection, [EVENTS[4]])
    assert connection.execute("SELECT body FROM articles").fetchone()[0] == "النص الأول."
    assert index.stale_count(connection) == 0


def test_reading_again_keeps_the_time(connection):
    take_in(connection, EVENTS)
    (article_id,) = connection.execute("SELECT id FROM articles").fetchone()
    again = [replace(event, reader="other") for event in EVENTS if isinstance(event, Article)]
    readings.replace(connection, article_id, again, "other 2")
    assert seen(connection) == [(1, 2), (3, 5)]


def test_a_confirmation_that_waited_for_its_text_is_settled_with_it(connection):
    take_in(connection, [EVENTS[4], EVENTS[2]])
    (capture_id,) = connection.execute("SELECT id FROM captures WHERE status = 200").fetchone()
    assert confirmations.last_of(connection, capture_id) == "2026-01-01T05:00:00Z"
    outcomes = connection.execute("SELECT outcome FROM captures WHERE status = 304").fetchall()
    assert [row["outcome"] for row in outcomes] == ["unchanged"]
