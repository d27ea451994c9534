"""Section, writer and days narrow a question, by the index where it knows them and by the table where not."""

import sqlite3
from datetime import date

import pytest
from filling import BALL, GAS, OIL, begin_rebuild, keys
from sqlite_utils import Database

from newsarchive import search
from newsarchive.search import Filters, filtering
from newsarchive.storage import index
from newsarchive.storage.connection import connect_for_writing


def of_days(number):
    """An article with the row id of its day, as the archive gives it."""
    day = date(2011 + number // 12, 1 + number % 12, 5)
    return {
        "id": (day - date(1900, 1, 1)).days * 4096 + number,
        "body": "النفط" if number % 3 else "الغاز",
        "section": ("اقتصاد", "محليات")[number % 2],
        "writer": None if number % 5 else "نبال",
        "published_on": str(day),
    }


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"section": "اقتصاد"}, ["test-1"]),
        ({"since": "2018"}, ["test-2"]),
        ({"until": "2017"}, ["test-1"]),
        ({"since": "2017-03-05", "until": "2017-03-05"}, ["test-1"]),
        ({"since": "2017-03", "until": "2017-03"}, ["test-1"]),
        ({"section": "ثقافة"}, []),
    ],
)
def test_filters_narrow(archive, filters, found):
    reader = archive(OIL, GAS, BALL)
    answer = search.ask(reader, "النفط", **filters)
    assert keys(answer) == found
    assert answer.count == len(found)


@pytest.mark.parametrize("sort", ["relevance", "newest"])
@pytest.mark.parametrize(
    ("barred", "found"),
    [
        ("-قسم:اقتصاد", {"test-2", "test-3"}),
        ("-القسم:الاقتصاد -section:محليات", {"test-3"}),
        ('-كاتب:"نبال إبراهيم"', {"test-1", "test-3"}),
        ("-كاتب:ابراهيم", {"test-1", "test-3"}),
        ("-قسم:ثقافة", {"test-1", "test-2", "test-3"}),
        ("قسم:اقتصاد -قسم:اقتصاد", set()),
        ("-قسم:اقتصاد -النفط", {"test-3"}),
        ("-قسم:اقتصاد حتى:2017", {"test-3"}),
    ],
)
def test_articles_of_a_section_or_writer_can_be_left_out(archive, barred, found, sort):
    reader = archive(
        {**OIL, "section": "الاقتصاد" if "الاقتصاد" in barred else "اقتصاد"},
        {**GAS, "writer": "نبال إبراهيم"},
        {"body": "الغاز", "published_on": "2016-01-01"},
    )
    answer = search.ask(
        reader, f"وزير النفط الغاز {barred}" if sort == "relevance" else f"الغاز* {barred}", sort=sort
    )
    listed, parameters = search.listing(search.settled(reader, barred))
    by_list = {
        key for (key,) in reader.execute(f"SELECT key FROM articles WHERE id IN ({listed})", parameters)
    }
    assert by_list == found
    with_gas = (
        {"test-2", "test-3"} if sort == "newest" or "-النفط" in barred else {"test-1", "test-2", "test-3"}
    )
    assert set(keys(answer)) == found & with_gas
    assert answer.count == len(found & with_gas)


def test_more_sections_than_are_looked_for_are_named():
    query = search.parse("النفط " + " ".join(f"-قسم:قسم{letter}" for letter in "ابتثجحخدذرزسشصضطظع"))
    assert len(query.filters.barred) == 16
    assert query.left_out == ("قسمظ", "قسمع")


def test_a_filter_with_a_plus_is_the_filter():
    assert search.parse("النفط +قسم:اقتصاد") == search.parse("النفط قسم:اقتصاد")


def test_a_section_in_another_spelling_is_that_of_the_archive(archive):
    reader = archive({**OIL, "section": "سورية"}, {**GAS, "writer": "نبال إبراهيم"})
    assert keys(search.ask(reader, "النفط قسم:سوريه")) == ["test-1"]
    assert keys(search.ask(reader, "النفط كاتب:ابراهيم")) == ["test-2"]


@pytest.mark.parametrize(
    ("others", "is_span"),
    [
        ([], True),
        ([{"id": 3, "published_on": None}], True),
        ([{"id": 3, "published_on": "2012-07-05"}], False),
        ([{"id": 168_500_000, "published_on": "2024-02-01"}], False),
        ([{"id": 168_500_000, "published_on": None}], False),
        ([{"id": 167_694_336, "published_on": "20120204"}], True),
        ([{"id": 3, "published_on": "1999-07-05"}], True),
    ],
    ids=[
        "chronological",
        "undated",
        "id too low",
        "id of another day",
        "undated among the dated",
        "a day in other letters",
        "of another year",
    ],
)
def test_filters_select_the_same_articles_by_the_index_as_by_the_table(archive, monkeypatch, others, is_span):
    reader = archive(*map(of_days, range(60)), *({**of_days(30), **other} for other in others))

    def answers():
        return [
            (answer.count, keys(answer))
            for text in ("النفط", "النفط قسم:محليات", "النفط كاتب:نبال", "الغاز منذ:2012-03 حتى:2014", "النفط منذ:2013",
                         "النفط حتى:2013-06 قسم:اقتصاد", "النفط منذ:2013-01 كاتب:نبال", "الغاز منذ:2030",
                         "الغاز النفط قسم:محليات منذ:2012", "النفط قسم:اقتصاد كاتب:نبال -الغاز", "النفط -قسم:محليات",
                         "النفط الغاز -كاتب:نبال منذ:2012", "النفط -قسم:اقتصاد -قسم:محليات")
            for sort in ("relevance", "newest", "oldest")
            for answer in [search.ask(reader, text, sort=sort, size=100)]
        ]  # fmt: skip

    by_index = answers()
    condition = filtering.of_archive(reader, Filters("محليات", None, "2012", "2014"))
    assert (bool(condition.facets), "BETWEEN" in condition.rows) == (True, is_span)
    monkeypatch.setattr(filtering, "_knows_facets", lambda _: False)
    assert by_index == answers()
    assert sum(count for count, _ in by_index) > 100


def test_filters_are_looked_up_where_another_tool_changed_an_article(archive, tmp_path):
    reader = archive(OIL, {**GAS, "section": OIL["section"]})
    other = sqlite3.connect(tmp_path / "archive.db")
    with other:
        other.execute("UPDATE articles SET section = 'محليات' WHERE key = 'test-2'")
    other.close()
    assert keys(search.ask(reader, "النفط", section="اقتصاد")) == ["test-1"]
    assert keys(search.ask(reader, "النفط", section="محليات")) == ["test-2"]


def test_filters_are_looked_up_where_another_tool_made_the_table_anew(archive, tmp_path):
    reader = archive(OIL, {**GAS, "section": OIL["section"]})
    other = Database(tmp_path / "archive.db")
    other["articles"].transform(types={"word_count": str})
    with other.conn:
        other.execute("UPDATE articles SET section = 'محليات' WHERE key = 'test-2'")
    other.close()
    assert keys(search.ask(reader, "النفط", section="محليات")) == ["test-2"]
    connect_for_writing(tmp_path / "archive.db").close()
    assert keys(search.ask(reader, "النفط", section="محليات")) == ["test-2"]


def test_filters_are_looked_up_while_the_index_of_another_analyser_is_rebuilt(
    archive, connection, monkeypatch
):
    monkeypatch.setattr(index, "_BATCH", 1)
    reader = archive(OIL, GAS, BALL)
    begin_rebuild(connection)
    connection.execute("UPDATE articles SET section = 'محليات' WHERE key = 'test-1'")
    index.refresh(connection)
    assert connection.execute("SELECT count(*) FROM index_stale").fetchone()[0] == 0
    assert keys(search.ask(reader, "النفط", section="محليات", sort="oldest")) == ["test-1", "test-2"]
