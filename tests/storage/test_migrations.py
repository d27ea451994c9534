"""Archives of former releases, brought up to date as they are opened."""

import re
import sqlite3
from functools import partial

import pytest
from sqlite_utils import Database

from newsarchive import search
from newsarchive.exceptions import ArchiveMismatchError
from newsarchive.storage import index
from newsarchive.storage.connection import connect_for_writing
from newsarchive.storage.migrations import SCHEMA_VERSION, migrations
from newsarchive.text.packing import RowIds

ROWS = {
    "captures": (
        "INSERT INTO captures (id, url, fetched_at, source, warc_file, warc_offset, warc_length, payload_sha256)"
        " VALUES (1, 'https://alwatan.sy/archives/1', '2026-01-01T00:00:00Z', 'live', 'a.warc.gz', 0, 9, 'x')"
    ),
    "articles": (
        "INSERT INTO articles (id, key, url, title, body, published_on, capture_id) VALUES"
        " (1, 'alwatan-1', 'https://alwatan.sy/archives/1', 'عنوان', 'نص الخبر.', '2026-01-01', 1),"
        " (2, 'mine', NULL, 'من أداة أخرى', 'نص.', 'بلا تاريخ', NULL)"
    ),
    "article_keys": "INSERT INTO article_keys VALUES ('alwatan-1', 1)",
    "revisions": (
        "INSERT INTO revisions (article_id, text_sha256, title, fields, reader, reader_version)"
        " VALUES (1, 'x', 'عنوان', '{}', 'jannah', 1)"
    ),
    "addresses": (
        "INSERT INTO addresses (url, newspaper, state, source, found_at, article_id)"
        " VALUES ('https://alwatan.sy/archives/1', 'alwatan', 'article', 'rest', '2026-01-01T00:00:00Z', 1)"
    ),
    "mementos": (
        "INSERT INTO mementos (url, address_id, timestamp, source)"
        " VALUES ('http://alwatan.sy/archives/1', 1, '20200101000000', 'wayback')"
    ),
}


def names():
    return [migration.name for migration in migrations.pending(Database(memory=True))]


def content(connection, columns=None):
    """Every row of the tables above, in the columns that the first schema had."""
    columns = columns or {
        table: [row[1] for row in connection.execute(f"PRAGMA table_info({table})")] for table in ROWS
    }
    return columns, {
        table: [tuple(row) for row in connection.execute(f"SELECT {', '.join(columns[table])} FROM {table}")]
        for table in ROWS
    }


@pytest.mark.parametrize("last", names())
def test_an_archive_of_every_former_schema_is_brought_up_to_date_with_its_rows_intact(tmp_path, last):
    path = tmp_path / "archive.db"
    database = Database(path)
    migrations.apply(database, stop_before=following(last))
    for statement in ROWS.values():
        database.execute(statement)
    database.conn.commit()
    columns, before = content(database.conn)
    database.close()
    connection = connect_for_writing(path)
    assert content(connection, columns)[1] == before
    assert connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
    index.rebuild(connection)
    assert schema(connection) == schema(connect_for_writing(tmp_path / "new.db"))
    connection.close()


def test_the_index_of_a_former_release_serves_and_takes_new_articles_until_it_is_rebuilt(tmp_path):
    database = Database(tmp_path / "archive.db")
    migrations.apply(database, stop_before="m009_facets_in_the_index")
    database.execute(ROWS["captures"])
    database.execute(ROWS["articles"])
    database.execute("INSERT INTO articles_fts (rowid, body_exact) VALUES (1, 'خبر')")
    database.execute("UPDATE articles SET index_version = 1")
    database.execute("DELETE FROM index_stale")
    database.conn.commit()
    database.close()
    connection = connect_for_writing(tmp_path / "archive.db")
    connection.execute("INSERT INTO articles (key, title, body, section) VALUES ('k', 'خبر', 'نص', 'محليات')")
    index.refresh(connection)
    assert [search.ask(connection, text).count for text in ("خبر", "خبر قسم:محليات", "نص")] == [2, 1, 1]
    assert index.needs_rebuild(connection)
    index.rebuild(connection)
    assert [search.ask(connection, text).count for text in ("خبر", "خبر قسم:محليات", "نص")] == [2, 1, 3]
    connection.close()


def test_the_bitmaps_of_a_former_schema_stand_for_the_same_articles(tmp_path):
    ids = [5, 70_000, 70_001, 2**40]
    database = Database(tmp_path / "archive.db")
    migrations.apply(database, stop_before="m012_row_ids_in_two_bytes")
    eight_bytes_each = b"".join(number.to_bytes(8, "little") for number in ids)
    database.execute("INSERT INTO index_spans VALUES (5, ?, ?)", (2**40 + 9, eight_bytes_each))
    database.conn.commit()
    database.close()
    connection = connect_for_writing(tmp_path / "archive.db")
    ((first_id, last_id, articles, packed),) = connection.execute("SELECT * FROM index_spans").fetchall()
    assert (first_id, last_id, articles) == (5, 2**40 + 9, 4)
    assert RowIds.unpacked(packed).at(range(4)) == ids
    connection.close()


def test_an_archive_of_a_former_schema_is_opened_though_its_bitmaps_are_damaged(tmp_path):
    database = Database(tmp_path / "archive.db")
    migrations.apply(database, stop_before="m012_row_ids_in_two_bytes")
    database.execute("INSERT INTO index_spans VALUES (1, 1, x'00')")
    database.conn.commit()
    database.close()
    connection = connect_for_writing(tmp_path / "archive.db")
    assert connection.execute("SELECT count(*) FROM index_spans").fetchone()[0] == 0
    connection.close()


def following(name):
    after = [*names(), None]
    return after[after.index(name) + 1]


def schema(connection):
    query = (
        "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '\\_sqlite\\_%' ESCAPE '\\' ORDER BY name"
    )
    # SQLite writes a name anew, in quotes, when a rebuilt index takes the place of the former one
    bare = partial(re.sub, r"""["'](articles_fts\w*)["']""", r"\1")
    return [(name, sql and bare(sql)) for name, sql in connection.execute(query)]


def test_an_archive_of_a_newer_release_is_left_alone(tmp_path):
    path = tmp_path / "archive.db"
    connect_for_writing(path).close()
    newer = sqlite3.connect(path)
    newer.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    newer.close()
    with pytest.raises(ArchiveMismatchError, match="newer release"):
        connect_for_writing(path)
