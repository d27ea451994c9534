"""Bitmaps of frequent words stand wherever enough articles do, and nowhere that the index has changed."""

import pytest

from newsarchive.storage import bitmaps, index


def insert(connection, numbers, body="سورية النفط"):
    connection.executemany(
        "INSERT INTO articles (id, key, title, body) VALUES (?, ?, 'عنوان', ?)",
        [(number, f"k{number}-{body[:3]}", body) for number in numbers],
    )
    index.refresh(connection)


def spans(connection):
    return [
        tuple(row)
        for row in connection.execute("SELECT first_id, last_id FROM index_spans ORDER BY first_id")
    ]


def words(connection):
    return {row[0] for row in connection.execute("SELECT DISTINCT word FROM index_bitmaps")}


@pytest.fixture
def eighteen(connection):
    """Ids 10, 20 … 180 in spans of at most 8 articles."""
    insert(connection, range(10, 190, 10))
    bitmaps.complete(connection, rows=8)
    return connection


def test_spans_leave_no_gap_but_for_what_is_newer(eighteen):
    assert spans(eighteen) == [(10, 89), (90, 139), (140, 180)]


def test_too_few_articles_wait(connection):
    insert(connection, range(3))
    assert bitmaps.complete(connection, rows=8) == 0
    assert spans(connection) == []


def test_a_bit_stands_for_each_article_in_order(connection):
    insert(connection, [1, 3, 5, 7], body="حلب النفط")
    insert(connection, [4, 6], body="حلب فقط")
    bitmaps.complete(connection, rows=8)
    found = dict(connection.execute("SELECT word, bits FROM index_bitmaps").fetchall())
    assert (found["نفط"], found["حلب"]) == (bytes([0b110101]), bytes([0b111111]))


def test_words_of_few_articles_and_latin_words_have_none(connection):
    insert(connection, range(1, 40), body="سورية OPEC 2017")
    insert(connection, [40], body="طماطم")
    bitmaps.complete(connection, rows=40)
    assert "طماطم" not in words(connection)
    assert "opec" not in words(connection)
    assert "2017" in words(connection)


def test_two_function_words_in_a_row_have_one_where_many_articles_have_them(connection):
    insert(connection, range(1, 8), body="حلب من قبل")
    insert(connection, [8], body="قبل من حلب")
    bitmaps.complete(connection, rows=8)
    found = dict(connection.execute("SELECT word, bits FROM index_bitmaps").fetchall())
    assert (found["من\u0640قبل"], found["قبل\u0640من"]) == (bytes([0b11111110]), bytes([0b00000001]))
    assert list(bitmaps.disagreeing(connection)) == []


@pytest.mark.parametrize("change", [
    "UPDATE articles SET body = 'x' WHERE id = 100",
    "UPDATE articles SET section = 'x' WHERE id = 100",
    "DELETE FROM articles WHERE id = 100",
    "INSERT INTO articles (id, key, title, body) VALUES (101, 'x', 'x', 'x')",
    "INSERT INTO articles (id, key, title, body) VALUES (139, 'x', 'x', 'x')",
])  # fmt: skip
def test_a_changed_span_is_forgotten_and_made_again(eighteen, change):
    eighteen.execute(change)
    index.refresh(eighteen)
    assert spans(eighteen) == [(10, 89), (140, 180)]
    bitmaps.complete(eighteen, rows=8)
    assert spans(eighteen) == [(10, 89), (90, 139), (140, 180)]


def test_what_does_not_change_the_index_forgets_nothing(eighteen):
    eighteen.execute("UPDATE articles SET status = 'live' WHERE id = 100")
    eighteen.execute("UPDATE articles SET body = body WHERE id = 100")
    index.refresh(eighteen)
    assert len(spans(eighteen)) == 3


def test_newer_and_older_articles_are_in_no_span_until_they_are_enough(eighteen):
    insert(eighteen, [5, 200, 201])
    assert spans(eighteen) == [(10, 89), (90, 139), (140, 180)]
    assert bitmaps.complete(eighteen, rows=8) == 0
    insert(eighteen, [202, 203], body="جديد")
    assert bitmaps.complete(eighteen, rows=8) == 4
    assert spans(eighteen)[-1] == (200, 203)


def test_bitmaps_of_a_forgotten_span_go_though_it_is_not_made_again(eighteen):
    eighteen.execute("DELETE FROM articles WHERE id IN (90, 100, 110, 120)")
    index.refresh(eighteen)
    assert bitmaps.complete(eighteen, rows=8) == 0
    assert eighteen.execute("SELECT count(*) FROM index_bitmaps WHERE first_id = 90").fetchone()[0] == 0


def test_a_rebuilt_index_has_no_bitmaps_of_the_old(eighteen):
    index.rebuild(eighteen)
    assert spans(eighteen) == []
    assert words(eighteen) == set()


def test_a_word_with_bitmaps_keeps_them_where_it_is_rare(eighteen):
    insert(eighteen, range(300, 500), body="رياضة")
    bitmaps.complete(eighteen, rows=8)
    last = eighteen.execute(
        "SELECT bits FROM index_bitmaps WHERE word = 'نفط' ORDER BY first_id DESC"
    ).fetchone()
    assert last[0] == b"\0"


def test_every_span_is_kept_at_once_and_progress_told(connection):
    insert(connection, range(1, 33))
    told = []

    def stop(count):
        told.append(count)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bitmaps.complete(connection, rows=8, progress=stop)
    assert told == [8]
    assert spans(connection) == [(1, 8)]
    assert bitmaps.complete(connection, rows=8) == 24


def test_an_index_of_an_older_release_gets_none(connection):
    insert(connection, range(1, 33))
    connection.execute("DROP TABLE articles_fts")
    connection.execute(
        "CREATE VIRTUAL TABLE articles_fts USING fts5 (body_exact, body_stem, body_skeleton, title_exact, title_stem,"
        " title_skeleton, content='')"
    )
    assert bitmaps.complete(connection, rows=8) == 0


def test_no_span_is_begun_after_the_most_articles(connection):
    insert(connection, range(1, 33))
    assert [bitmaps.complete(connection, rows=8, most=12) for _ in range(3)] == [16, 16, 0]


def test_what_another_tool_stored_as_bytes_is_no_obstacle(connection):
    insert(connection, range(1, 9))
    connection.execute("UPDATE articles SET section = x'00ff', writer = 5 WHERE id = 4")
    index.refresh(connection)
    assert bitmaps.complete(connection, rows=8) == 8


@pytest.mark.parametrize("removed", [[90], [90, 100, 110, 120, 130], [140], [140, 150, 160, 170, 180]])
def test_nothing_says_where_a_removed_article_was(eighteen, removed):
    eighteen.executemany("DELETE FROM articles WHERE id = ?", [(number,) for number in removed])
    index.refresh(eighteen)
    bitmaps.drop_forgotten(eighteen)
    told = {edge for first, last in spans(eighteen) for edge in (first, last, last + 1)}
    assert told.isdisjoint(removed)


def test_the_bitmaps_of_a_writer_go_with_his_last_article(connection):
    insert(connection, range(1, 33))
    connection.execute("UPDATE articles SET writer = 'نبال' WHERE id BETWEEN 1 AND 8")
    index.refresh(connection)
    bitmaps.complete(connection, rows=8)
    facet = "facet:writer" + "نبال".encode().hex()
    assert facet in words(connection)
    connection.execute("DELETE FROM articles WHERE id BETWEEN 1 AND 8")
    index.refresh(connection)
    bitmaps.drop_forgotten(connection)
    assert facet not in words(connection)


def test_a_wrong_bitmap_is_named(eighteen):
    assert list(bitmaps.disagreeing(eighteen)) == []
    eighteen.execute("UPDATE index_bitmaps SET bits = x'00' WHERE word = 'نفط' AND first_id = 90")
    assert list(bitmaps.disagreeing(eighteen)) == [90]
    eighteen.execute("UPDATE index_spans SET ids = x'00' WHERE first_id = 140")
    assert list(bitmaps.disagreeing(eighteen)) == [90, 140]
    eighteen.execute("UPDATE index_spans SET articles = articles + 1 WHERE first_id = 10")
    assert list(bitmaps.disagreeing(eighteen)) == [10, 90, 140]
