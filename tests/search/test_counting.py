"""Counts by bitmaps are those of FTS5, whatever became of the articles since the bitmaps were made."""

import random
import re
from datetime import date, timedelta
from itertools import product

import pytest

from newsarchive import search
from newsarchive.search import counting
from newsarchive.storage import bitmaps, index

FREQUENT = ("النفط", "سورية", "وزير", "قالت", "من", "دمشق", "2017")
RARE = ("مصفاة", "طماطم", "Damascus")
LOWEST, HIGHEST = -(2**63), 2**63 - 1
SECTIONS = ("اقتصاد", "محليات")
QUESTIONS = (
    "النفط", "سورية", "سوريا", "من", "وزير النفط", "النفط سورية وزير", "النفط سورية وزير قالت من دمشق",
    "النفط طماطم", "الطماطم", "Damascus", "Damascus النفط", "2017 وزراء", "النفط قسم:اقتصاد", "من وزير قسم:محليات",
    "النفط كاتب:نبال", "دمشق منذ:2012-02 حتى:2012-05", "دمشق وزير منذ:2012-02", "سورية حتى:2012-03 قسم:اقتصاد",
    "النفط -وزير", '"وزير النفط"', "عنوان:دمشق", "مصفا*", "النفط عنوان:دمشق", "نفطية سوريون",
)  # fmt: skip


def articles(chance, count):
    """Articles of 300 days, with row ids of their days."""
    return [an_article(chance, chance.randrange(300), number) for number in range(count)]


def an_article(chance, day, number):
    words = [word for word in FREQUENT if chance.random() < 0.5] + [w for w in RARE if chance.random() < 0.03]
    chance.shuffle(words)
    published_on = date(2012, 1, 1) + timedelta(day)
    return {
        "id": (published_on - date(1900, 1, 1)).days * 4096 + number,
        "title": chance.choice(FREQUENT),
        "body": " ".join(words) or "خبر",
        "section": chance.choice(SECTIONS),
        "writer": "نبال" if chance.random() < 0.2 else None,
        "published_on": str(published_on),
    }


def counts(reader):
    return [
        search.ask(reader, text, sort=sort).count
        for text, sort in product(QUESTIONS, ("relevance", "newest"))
    ]


def by_the_index(reader, monkeypatch):
    with monkeypatch.context() as without:
        without.setattr(counting, "_has_bitmaps", lambda _: False)
        return counts(reader)


def spans(connection):
    return connection.execute("SELECT count(*) FROM index_spans").fetchone()[0]


def counted_by_fts5(reader, text, **more):
    """The ranges of row ids in which FTS5 counts for a question, None for everywhere."""
    statements = []
    reader.set_trace_callback(statements.append)
    search.ask(reader, text, **more)
    reader.set_trace_callback(None)
    ranges = []
    for statement in statements:
        if statement.startswith("SELECT count(*) FROM articles_fts"):
            between = re.search(r"BETWEEN (-?\d+) AND (-?\d+)", statement)
            ranges.append(tuple(map(int, between.groups())) if between else None)
    return ranges


@pytest.mark.parametrize("seed", range(4))
def test_counts_by_bitmaps_are_those_of_fts5(archive, connection, monkeypatch, seed):
    chance = random.Random(seed)
    reader = archive(*articles(chance, 300))
    assert bitmaps.complete(connection, rows=16) >= 290
    assert spans(connection) >= 18
    found = counts(reader)
    assert found == by_the_index(reader, monkeypatch)
    assert sum(found) > 1_000


@pytest.mark.parametrize("seed", range(4))
def test_counts_are_right_while_articles_come_change_and_go(archive, connection, monkeypatch, seed):
    monkeypatch.setattr(counting, "_MOST_GAPS", 1_000)
    chance = random.Random(seed)
    reader = archive(*articles(chance, 200))
    bitmaps.complete(connection, rows=16)
    for _ in range(4):
        ids = [row[0] for row in connection.execute("SELECT id FROM articles")]
        for number in chance.sample(ids, 3):
            connection.execute("UPDATE articles SET body = body || ' طماطم النفط' WHERE id = ?", (number,))
        for number in chance.sample(ids, 2):
            connection.execute("DELETE FROM articles WHERE id = ?", (number,))
        for number in chance.sample(range(min(ids) - 50, max(ids) + 50), 3):
            connection.execute(
                "INSERT OR IGNORE INTO articles (id, key, title, body) VALUES (?, ?, 'دمشق', 'سورية وزير من')",
                (number, f"new-{number}-{chance.random()}"),
            )
        index.refresh(connection)
        assert counts(reader) == by_the_index(reader, monkeypatch)
        if chance.random() < 0.5:
            bitmaps.complete(connection, rows=16)
            assert counts(reader) == by_the_index(reader, monkeypatch)


@pytest.fixture
def with_bitmaps(archive, connection):
    """64 articles in four spans."""
    reader = archive(*articles(random.Random(1), 64))
    bitmaps.complete(connection, rows=16)
    return reader


def test_frequent_words_are_counted_by_fts5_before_and_after_the_spans_alone(with_bitmaps):
    first, last = with_bitmaps.execute("SELECT min(first_id), max(last_id) FROM index_spans").fetchone()
    outside = [(LOWEST, first - 1), (last + 1, HIGHEST)]
    assert counted_by_fts5(with_bitmaps, "النفط وزير قسم:اقتصاد", sort="newest", size=2) == outside
    assert counted_by_fts5(with_bitmaps, "النفط وزير", sort="relevance") == outside


@pytest.mark.parametrize("text", ["طماطم", "النفط طماطم", "Damascus"])
def test_rare_and_latin_words_are_counted_by_fts5_everywhere(with_bitmaps, text):
    assert counted_by_fts5(with_bitmaps, text) == [(LOWEST, HIGHEST)]


@pytest.mark.parametrize("text", ['"وزير النفط"', "النفط -وزير", "عنوان:دمشق"])
def test_what_is_no_question_of_words_alone_is_counted_by_fts5(with_bitmaps, text):
    assert counted_by_fts5(with_bitmaps, text) == [None]


def test_after_a_change_fts5_counts_in_that_span_too(with_bitmaps, connection):
    _, span, *_ = connection.execute("SELECT first_id, last_id FROM index_spans ORDER BY first_id").fetchall()
    connection.execute("UPDATE articles SET body = 'x' WHERE id = ?", (span["first_id"],))
    index.refresh(connection)
    _, within, _ = counted_by_fts5(with_bitmaps, "النفط")
    assert within == tuple(span)


def test_where_many_spans_are_missing_fts5_counts_everything(with_bitmaps, monkeypatch):
    monkeypatch.setattr(counting, "_MOST_GAPS", 1)
    assert counted_by_fts5(with_bitmaps, "النفط") == [None]


def test_an_archive_without_the_tables_is_counted(archive, connection):
    reader = archive({"body": "النفط"})
    connection.execute("DROP TABLE index_bitmaps")
    assert search.ask(reader, "النفط").count == 1
