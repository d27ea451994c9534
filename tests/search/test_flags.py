"""Of a selection each article is 1 or 0: the same ones as SQL finds, whatever the index has of them."""

import json
import random
from array import array

import pytest
from asked_news import QUESTIONS, articles

from newsarchive import search
from newsarchive.search import bits, flags, spans
from newsarchive.storage import bitmaps, index


def ids_of(reader):
    return array("q", (row[0] for row in reader.execute("SELECT id FROM articles ORDER BY id")))


def found_by_sql(reader, query, sort):
    sql, parameters = search.matching(query, sort=sort)
    return {row[0] for row in reader.execute(sql, parameters)}


def disagreeing(reader, ids):
    """The questions of which other articles are found than by SQL, with how many articles all of them find."""
    wrong, articles_found = [], 0
    for text in QUESTIONS:
        for sort in ("relevance", "newest"):
            query = search.settled(reader, text)
            within, parameters = search.listing(search.Query(filters=query.filters))
            narrowed = flags.chosen(ids, sorted(row[0] for row in reader.execute(within, parameters)))
            found = flags.both(flags.found(reader, query, sort, ids), narrowed)
            by_sql = found_by_sql(reader, query, sort)
            articles_found += found.count(1)
            if found != bytes(number in by_sql for number in ids):
                wrong.append((text, sort))
    return wrong, articles_found


@pytest.mark.parametrize("text_bytes", [900_000, 60], ids=["one text", "many texts"])
@pytest.mark.parametrize("rows", [None, 16, 400], ids=["no bitmaps", "spans", "one span"])
def test_what_is_found_is_what_sql_finds(archive, connection, monkeypatch, rows, text_bytes):
    monkeypatch.setattr(spans, "_TEXT_BYTES", text_bytes)
    monkeypatch.setattr(flags, "_STEP", 7)
    reader = archive(*articles(random.Random(1), 300))
    if rows:
        bitmaps.complete(connection, rows=rows)
    wrong, articles_found = disagreeing(reader, ids_of(reader))
    assert (wrong, articles_found > 1_000) == ([], True)


@pytest.mark.parametrize("seed", range(2))
def test_of_the_articles_that_were_known_the_right_ones_are_found_after_others_came_changed_and_went(
    archive, connection, seed
):
    chance = random.Random(seed)
    reader = archive(*articles(chance, 200))
    bitmaps.complete(connection, rows=16)
    known = ids_of(reader)
    for number in chance.sample(list(known), 8):
        connection.execute("UPDATE articles SET body = body || ' طماطم النفط' WHERE id = ?", (number,))
    for number in chance.sample(list(known), 4):
        connection.execute("DELETE FROM articles WHERE id = ?", (number,))
        connection.execute(
            "INSERT OR IGNORE INTO articles (id, key, title, body) VALUES (?, ?, 'دمشق', 'سورية وزير من')",
            (number + 1, f"new-{number}"),
        )
    index.refresh(connection)
    for _ in range(2):
        wrong, articles_found = disagreeing(reader, known)
        assert (wrong, articles_found > 1_000) == ([], True)
        bitmaps.complete(connection, rows=16)


def test_a_span_is_read_as_a_whole_where_it_has_the_articles_that_are_known(archive, connection, monkeypatch):
    reader = archive(*articles(random.Random(1), 64))
    bitmaps.complete(connection, rows=64)
    monkeypatch.setattr(bits, "row_ids_having", None)
    assert flags.found(reader, search.parse("النفط"), "newest", ids_of(reader)).count(1) > 16


def test_however_many_spans_are_forgotten_fts5_lists_what_is_between_the_others_alone(archive, connection):
    reader = archive(*articles(random.Random(1), 200))
    bitmaps.complete(connection, rows=4)
    spans_of = "SELECT first_id FROM index_spans ORDER BY first_id"
    forgotten = [tuple(row) for row in connection.execute(spans_of)][::2]
    connection.executemany("DELETE FROM index_spans WHERE first_id = ?", forgotten)
    statements = []
    reader.set_trace_callback(statements.append)
    flags.found(reader, search.parse("النفط"), "newest", ids_of(reader))
    reader.set_trace_callback(None)
    asked = [sql for sql in statements if "articles_fts MATCH" in sql]
    assert len(asked) == len(forgotten) > 16
    assert all("rowid BETWEEN" in sql for sql in asked)


def test_exclusions_shut_the_same_articles_out_as_in_a_list(archive):
    reader = archive(*articles(random.Random(1), 200))
    ids = ids_of(reader)
    query = search.parse('قسم:اقتصاد -النفط -"من قبل"')
    sql, parameters = search.listing(query)
    listed = sorted(row[0] for row in reader.execute(sql, parameters))
    every = flags.chosen(
        ids,
        [row[0] for row in reader.execute("SELECT id FROM articles WHERE section = 'اقتصاد' ORDER BY id")],
    )
    assert flags.without(every, flags.shut_out(reader, query, ids)) == flags.chosen(ids, listed)
    assert 0 < len(listed) < every.count(1)


def test_ids_that_are_not_known_are_left_out():
    ids = array("q", [2, 4, 6, 8])
    assert flags.chosen(ids, [1, 2, 3, 8, 9]) == b"\1\0\0\1"
    assert flags.chosen(ids, []) == b"\0" * 4
    assert flags.chosen(array("q"), [1]) == b""
    assert flags.chosen(array("q", range(0, 100, 2)), [3, 50]) == b"\0" * 25 + b"\1" + b"\0" * 24


def test_as_many_other_articles_in_a_span_are_not_taken_for_those_that_are_known(archive, connection):
    reader = archive(*({"id": 10 * n, "body": "النفط" if n % 2 else "دمشق"} for n in range(1, 65)))
    known = ids_of(reader)
    connection.execute("DELETE FROM articles WHERE id = 20")
    connection.execute("INSERT INTO articles (id, key, title, body) VALUES (601, 'new', 'خبر', 'النفط')")
    index.refresh(connection)
    bitmaps.complete(connection, rows=64)
    assert flags.found(reader, search.parse("النفط"), "newest", known) == b"\1\0" * 32


@pytest.mark.parametrize("text", ["النفط -الوزير", "النفط سورية -الوزير", "-الوزير"])
def test_exclusions_are_looked_for_as_written_where_another_analyser_left_no_stems(archive, connection, text):
    reader = archive(*({"body": "النفط سورية"} for _ in range(40)))
    bitmaps.complete(connection, rows=16)
    with_word = {"body_exact": "النفط سورية الوزير", "body_stem": "نفط", "body_skeleton": "نفط"}
    connection.execute(
        "INSERT INTO articles (id, key, title, body, index_version) VALUES (41, 'x', 'خبر', 'الوزير', 1)"
    )
    connection.execute("DELETE FROM index_stale")
    connection.execute(
        f"INSERT INTO articles_fts (rowid, {', '.join(with_word)}) VALUES (41, ?, ?, ?)",
        list(with_word.values()),
    )
    ids, query = ids_of(reader), search.parse(text)
    if query:
        assert flags.found(reader, query, "newest", ids) == b"\1" * 40 + b"\0"
    else:
        assert flags.shut_out(reader, query, ids) == b"\0" * 40 + b"\1"


@pytest.mark.parametrize("factor", [-(10**16), 1, 10**16])
def test_no_text_of_ids_is_longer_than_it_may_be_and_none_stands_in_two(archive, monkeypatch, factor):
    reader = archive(*({"id": n * factor, "body": "النفط"} for n in range(1, 201)))
    monkeypatch.setattr(spans, "_TEXT_BYTES", 1_000)
    first_ids, lengths = spans.first_ids, []

    def measured(*args):
        ids = first_ids(*args)
        lengths.append(len(json.dumps(ids, separators=(",", ":"))))
        return ids

    monkeypatch.setattr(spans, "first_ids", measured)
    assert flags.found_ids(reader, search.parse("النفط"), "newest") == list(ids_of(reader))
    assert max(lengths) <= 1_000 + len(f"[{200 * factor},]")
