"""The writers that articles name: joined spellings, the same in any order of arrival."""

import itertools

import pytest

from newsarchive.items import Article, Capture, Paragraph, ParagraphKind
from newsarchive.storage import articles, captures, writers
from newsarchive.storage.connection import transaction

WRITERS = ["نبال ابراهيم", "نبال إبراهيم", "نبـال إبراهيم.", "هناء غانم، نبال ابراهيم"]


def reading(number, writer, minute=0):
    url = f"https://alwatan.sy/archives/{number}"
    capture = Capture(
        url=url,
        fetched_at=f"2026-01-01T10:{minute:02}:00Z",
        status=200,
        source="live",
        warc_file="alwatan.warc.gz",
        warc_offset=number * 100 + minute,
        warc_length=90,
        payload_sha256="0" * 64,
    )
    return Article(
        url=url,
        newspaper="alwatan",
        title=f"عنوان {number}",
        paragraphs=(Paragraph(ParagraphKind.PROSE, f"نص {number}."),),
        reader="jannah",
        byline=writer,
        writer=writer,
        captures=(capture,),
    )


def save(connection, *items):
    for item in items:
        with transaction(connection):
            captures.insert(connection, item.captures[0], None)
            articles.save(connection, item, principal_host="alwatan.sy")


def told(connection):
    query = "SELECT w.name, s.spelling, s.rule FROM writers AS w LEFT JOIN writer_spellings AS s ON s.writer_id = w.id"
    return {tuple(row) for row in connection.execute(query)}


EXPECTED = {
    ("نبال إبراهيم", "نبال ابراهيم", "hamza"),
    ("نبال إبراهيم", "نبال إبراهيم", "as-printed"),
    ("نبال إبراهيم", "نبـال إبراهيم.", "marks"),
    ("هناء غانم", "هناء غانم", "as-printed"),
}


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_the_spellings_of_one_name_are_joined_in_any_order(connection, order):
    save(connection, *(reading(number + 1, WRITERS[number]) for number in order))
    assert told(connection) == EXPECTED


def test_the_article_keeps_its_writer_as_printed(connection):
    save(connection, *(reading(n, writer) for n, writer in enumerate(WRITERS, start=1)))
    kept = [row["writer"] for row in connection.execute("SELECT writer FROM articles ORDER BY post_id, key")]
    assert kept == WRITERS


def test_a_spelling_that_no_article_has_any_longer_is_gone(connection):
    save(
        connection, reading(1, "نبال إبراهيم"), reading(2, "نبال ابراهيم"), reading(1, "هناء غانم", minute=5)
    )
    assert told(connection) == {
        ("نبال ابراهيم", "نبال ابراهيم", "as-printed"),
        ("هناء غانم", "هناء غانم", "as-printed"),
    }
    save(connection, reading(2, "هناء غانم", minute=5))
    assert told(connection) == {("هناء غانم", "هناء غانم", "as-printed")}


def test_a_spelling_stays_while_an_article_with_several_writers_has_it(connection):
    save(
        connection,
        reading(1, "هناء غانم، نبال إبراهيم"),
        reading(2, "نبال إبراهيم"),
        reading(2, "هناء غانم", minute=5),
    )
    assert ("نبال إبراهيم", "نبال إبراهيم", "as-printed") in told(connection)


def test_rebuilding_says_the_same(connection):
    save(connection, *(reading(n, writer) for n, writer in enumerate(WRITERS, start=1)))
    with transaction(connection):
        writers.rebuild(connection)
    assert told(connection) == EXPECTED


def test_a_transaction_that_fails_leaves_no_writer(connection):
    item = reading(1, "نبال إبراهيم")

    def failing():
        with transaction(connection):
            captures.insert(connection, item.captures[0], None)
            articles.save(connection, item, principal_host="alwatan.sy")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    assert told(connection) == set()
