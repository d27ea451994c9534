"""`scrapy reindex`: what it says, what it mends, how it ends."""

import sqlite3

import pytest
import sqlite_utils
from running import home, rows, scrapy

from newsarchive.storage import index
from newsarchive.storage.connection import connect_for_writing
from newsarchive.storage.migrations import TRIGGERS


@pytest.fixture
def folder(tmp_path):
    """A folder with an archive of three articles, all indexed."""
    connection = connect_for_writing(tmp_path / "archive.db")
    for number in (1, 2, 3):
        connection.execute(
            "INSERT INTO articles (id, key, title, body) VALUES (?, ?, 'عنوان', 'نص')", (number, f"k{number}")
        )
    index.refresh(connection)
    connection.close()
    return home(tmp_path)


def changed_by_another_tool(folder):
    with sqlite3.connect(folder / "archive.db") as connection:
        connection.execute("UPDATE articles SET body = 'مصفاة بانياس' WHERE id = 1")
        connection.execute("DELETE FROM articles WHERE id = 2")
    connection.close()


def finds(folder, word):
    return [row[0] for row in rows(folder, "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?", word)]


def test_check_mends_what_another_tool_changed_and_exits_with_10(folder):
    changed_by_another_tool(folder)
    assert "2 stale rows mended" in scrapy(folder, "reindex", "--check", check=10).stdout
    assert finds(folder, "بانياس") == [1]
    assert finds(folder, "نص") == [3]


def test_check_exits_with_0_when_nothing_is_stale(folder):
    assert "up to date" in scrapy(folder, "reindex", "--check", check=0).stdout


def test_reindex_builds_the_index_anew(folder):
    with sqlite3.connect(folder / "archive.db") as connection:
        connection.execute("INSERT INTO articles_fts (articles_fts) VALUES ('delete-all')")
    connection.close()
    assert "3 articles indexed" in scrapy(folder, "reindex", check=0).stdout
    assert finds(folder, "نص") == [1, 2, 3]


def test_without_an_archive_it_is_a_setting_that_is_wrong(tmp_path):
    done = scrapy(home(tmp_path), "reindex", check=4)
    assert "does not exist" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_table_that_another_tool_made_anew_gets_its_triggers_back_and_its_rows_are_indexed_again(folder):
    database = sqlite_utils.Database(folder / "archive.db")
    database["articles"].transform(types={"word_count": str})
    database.execute("UPDATE articles SET body = 'مصفاة بانياس' WHERE id = 1")
    database.conn.commit()
    assert list(database.triggers) == []
    database.close()
    assert "3 stale rows mended" in scrapy(folder, "reindex", "--check", check=10).stdout
    assert finds(folder, "بانياس") == [1]
    assert {
        row["name"] for row in rows(folder, "SELECT name FROM sqlite_master WHERE type = 'trigger'")
    } == TRIGGERS
    assert "up to date" in scrapy(folder, "reindex", "--check", check=0).stdout


def test_every_trigger_of_the_schema_is_restored_when_it_is_missing(folder):
    connection = connect_for_writing(folder / "archive.db")
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    made = [tuple(row) for row in connection.execute(query)]
    assert {name for name, _ in made} == TRIGGERS
    for name, _ in made:
        connection.execute(f"DROP TRIGGER {name}")
    connection.close()
    again = connect_for_writing(folder / "archive.db")
    assert [tuple(row) for row in again.execute(query)] == made
    again.close()
