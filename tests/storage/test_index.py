import os
import random
import signal
import sqlite3

import pytest

from newsarchive.storage import index, index_check
from newsarchive.storage.connection import connect_for_writing, transaction

_WORDS = ["وزير", "النفط", "مصفاة", "حمص", "دمشق", "كهرباء", "مدارس", "حلب", "سورية", "قرار", "مياه", "شتاء"]


def held(connection):
    """Every token of the index with its place."""
    connection.execute("CREATE VIRTUAL TABLE temp.tokens USING fts5vocab(main, articles_fts, instance)")
    rows = {tuple(row) for row in connection.execute("SELECT term, doc, col, offset FROM temp.tokens")}
    connection.execute("DROP TABLE temp.tokens")
    return rows


def fresh(connection):
    """What the index would hold were it built anew from nothing."""
    connection.execute("SAVEPOINT anew")
    connection.execute("INSERT INTO articles_fts (articles_fts) VALUES ('delete-all')")
    connection.execute("DELETE FROM index_stale")
    connection.execute("INSERT INTO index_stale (article_id) SELECT id FROM articles")
    index.refresh(connection)
    rows = held(connection)
    connection.execute("ROLLBACK TO anew")
    connection.execute("RELEASE anew")
    return rows


def text(chance):
    return " ".join(chance.choices(_WORDS, k=chance.randint(1, 6)))


def insert(connection, number, verb="INSERT", **values):
    values = {"key": f"k{number}", "title": "عنوان", "body": f"نص {number}", **values}
    connection.execute(
        f"{verb} INTO articles (id, {', '.join(values)}) VALUES (?{', ?' * len(values)})",
        [number, *values.values()],
    )


@pytest.fixture
def three(connection):
    for number in (1, 2, 3):
        insert(connection, number)
    index.refresh(connection)
    return connection


def test_a_new_row_is_stale_until_it_is_refreshed(connection):
    insert(connection, 1, title="وزير", subtitle="فرعي", byline="كاتب", body="نص")
    assert index.stale_count(connection) == 1
    assert held(connection) == set()
    assert index.refresh(connection) == 1
    assert index.stale_count(connection) == 0
    assert {(term, col) for term, _, col, _ in held(connection)} >= {
        ("وزير", "title_exact"),
        ("فرعي", "title_exact"),
        ("كاتب", "body_exact"),
        ("نص", "body_exact"),
    }


def test_one_row_can_be_refreshed_alone(three):
    three.execute("UPDATE articles SET body = 'جديد' WHERE id < 3")
    assert index.refresh(three, 2) == 1
    assert index.stale_count(three) == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE articles SET body = 'جديد' WHERE id = 2",
        "UPDATE articles SET title = 'جديد', subtitle = 'فرعي', byline = 'كاتب'",
        "UPDATE articles SET section = 'محليات' WHERE id = 2",
        "UPDATE articles SET writer = 'نبال', published_on = '2012-03-04'",
        "UPDATE articles SET writer = 7, published_on = x'00' WHERE id = 2",
        "UPDATE articles SET id = 20 WHERE id = 2",
        "DELETE FROM articles WHERE id = 2",
        "INSERT OR REPLACE INTO articles (id, key, title, body) VALUES (2, 'k2', 'جديد', 'جديد')",
        "INSERT OR REPLACE INTO articles (id, key, title, body) VALUES (9, 'k2', 'جديد', 'جديد')",
        "REPLACE INTO articles (key, title, body) VALUES ('k2', 'جديد', 'جديد')",
        "INSERT INTO articles (key, title, body) VALUES ('k2', '', 'ج') ON CONFLICT (key) DO UPDATE SET body = 'ج'",
        "UPDATE articles SET id = id + 100",
    ],
)
def test_what_another_tool_changes_is_marked_and_mended(three, change):
    three.execute(change)
    assert index.stale_count(three) > 0
    index.refresh(three)
    assert index.stale_count(three) == 0
    assert held(three) == fresh(three)


def test_many_changes_before_a_refresh_are_one(three):
    three.execute("UPDATE articles SET body = 'ثان' WHERE id = 2")
    three.execute("DELETE FROM articles WHERE id = 2")
    insert(three, 2, body="ثالث")
    three.execute("UPDATE articles SET body = 'رابع' WHERE id = 2")
    index.refresh(three)
    assert held(three) == fresh(three)


def test_an_update_that_changes_no_text_makes_nothing_stale(three):
    three.execute("UPDATE articles SET body = body, title = title")
    assert index.stale_count(three) == 0


def test_a_row_replaced_by_itself_keeps_its_words_untouched(three):
    three.execute("REPLACE INTO articles SELECT * FROM articles WHERE id = 2")
    assert index.stale_count(three) == 1
    words = three.execute("SELECT total(length(block)) FROM articles_fts_data").fetchone()[0]
    index.refresh(three)
    assert index.stale_count(three) == 0
    assert three.execute("SELECT total(length(block)) FROM articles_fts_data").fetchone()[0] == words


def test_other_columns_make_nothing_stale(three):
    three.execute("UPDATE articles SET agency = 'وكالات', last_seen_at = '2026-01-01T00:00:00Z'")
    assert index.stale_count(three) == 0


def test_a_rolled_back_change_leaves_the_index_as_it_was(three):
    before = held(three)
    three.execute("BEGIN")
    three.execute("UPDATE articles SET body = 'جديد'")
    index.refresh(three)
    three.execute("ROLLBACK")
    assert held(three) == before


def test_random_changes_and_rebuilds_always_leave_the_index_of_the_articles(connection):
    chance = random.Random(5)
    for step in range(150):
        number = chance.randint(1, 12)
        action = chance.randrange(5)
        if action == 0:
            insert(connection, number, "REPLACE", title=text(chance), body=text(chance))
        elif action == 1:
            column = chance.choice(["body", "byline", "section", "writer", "published_on"])
            connection.execute(f"UPDATE articles SET {column} = ? WHERE id = ?", (text(chance), number))
        elif action == 2:
            connection.execute("DELETE FROM articles WHERE id = ?", (number,))
        elif action == 3:
            index.refresh(connection)
            assert held(connection) == fresh(connection), step
        elif step % 10 == 0:
            index.rebuild(connection)
            assert held(connection) == fresh(connection), step
    index.refresh(connection)
    assert held(connection) == fresh(connection)


def as_another_analyser(connection):
    """Leave what an earlier release would have: its words, its version."""
    connection.execute("INSERT INTO articles_fts (articles_fts) VALUES ('delete-all')")
    connection.execute("INSERT INTO articles_fts (rowid, body_exact) SELECT id, 'قديم' FROM articles")
    connection.execute("UPDATE articles SET index_version = -1")


def test_rows_of_another_analyser_are_stale_and_only_a_rebuild_mends_them(three):
    as_another_analyser(three)
    assert index.stale_count(three) == 3
    assert index.needs_rebuild(three)
    index.refresh(three)
    assert index.stale_count(three) == 3
    assert index.rebuild(three) == 3
    assert index.stale_count(three) == 0
    assert not index.needs_rebuild(three)
    assert held(three) == fresh(three)


def test_changed_and_deleted_rows_of_another_analyser_are_mended_by_a_rebuild(three):
    as_another_analyser(three)
    three.execute("UPDATE articles SET body = 'جديد' WHERE id = 1")
    three.execute("DELETE FROM articles WHERE id = 2")
    insert(three, 4)
    assert index.refresh(three) == 1
    index.rebuild(three)
    assert index.stale_count(three) == 0
    assert held(three) == fresh(three)


@pytest.mark.parametrize(
    "facets",
    [{"section": "سياسات"}, {"section": None}, {"writer": "نبيل"}, {"published_on": "2016-05-01"}],
    ids=str,
)
def test_an_index_with_another_facet_than_the_article_has_disagrees(connection, facets):
    insert(connection, 1, section="محليات", writer="جليل")
    insert(connection, 2, section="سياسات")
    index.refresh(connection)
    assert index_check.disagreeing(connection) == []
    connection.execute("DROP TRIGGER articles_updated")
    ((column, value),) = facets.items()
    connection.execute(f"UPDATE articles SET {column} = ? WHERE id = 1", (value,))
    assert index_check.disagreeing(connection) == [1]


class InterruptionError(Exception):
    """Stands for whatever ends a rebuild between two batches."""


@pytest.mark.parametrize("prepare", [lambda _: None, as_another_analyser], ids=["same analyser", "another"])
def test_an_interrupted_rebuild_serves_the_old_index_and_goes_on_where_it_was(three, monkeypatch, prepare):
    monkeypatch.setattr(index, "_BATCH", 2)
    for number in range(4, 10):
        insert(three, number)
    index.refresh(three)
    prepare(three)
    before = held(three)

    def interrupt(_):
        raise InterruptionError

    with pytest.raises(InterruptionError):
        index.rebuild(three, interrupt)
    assert held(three) == before
    assert index.needs_rebuild(three)

    three.execute("UPDATE articles SET body = 'بعد الانقطاع' WHERE id IN (1, 8)")
    three.execute("DELETE FROM articles WHERE id IN (2, 9)")
    insert(three, 11)
    with transaction(three):
        index.refresh(three)

    assert index.rebuild(three) == 7
    assert index.stale_count(three) == 0
    assert held(three) == fresh(three)


def test_a_killed_rebuild_goes_on_where_it_was(three, tmp_path, monkeypatch):
    monkeypatch.setattr(index, "_BATCH", 2)
    for number in range(4, 10):
        insert(three, number)
    index.refresh(three)
    before = held(three)
    child = os.fork()
    if not child:
        index.rebuild(
            connect_for_writing(tmp_path / "archive.db"), lambda _: os.kill(os.getpid(), signal.SIGKILL)
        )
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert held(three) == before
    assert index.rebuild(three) == 7
    assert held(three) == fresh(three) == before


def test_readers_see_the_old_index_until_the_new_one_is_whole(three, tmp_path, monkeypatch):
    monkeypatch.setattr(index, "_BATCH", 1)
    reader = sqlite3.connect(tmp_path / "archive.db")
    seen = []

    def look(_):
        seen.append(
            reader.execute("SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'نص'").fetchone()[0]
        )

    index.rebuild(three, look)
    reader.close()
    assert seen == [3, 3, 3, 3]


def test_the_schema_needs_no_python(three, tmp_path):
    plain = sqlite3.connect(tmp_path / "archive.db")
    plain.execute("UPDATE articles SET body = 'من أداة أخرى' WHERE id = 1")
    plain.execute("INSERT INTO articles (id, key, title, body) VALUES (7, 'k7', 'ت', 'ن')")
    plain.execute("DELETE FROM articles WHERE id = 3")
    plain.commit()
    assert plain.execute("SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'نص'").fetchone()[0] == 3
    plain.close()
    assert index.refresh(three) == 3
    assert held(three) == fresh(three)
