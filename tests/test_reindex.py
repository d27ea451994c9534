"""`scrapy reindex`: what it says, what it mends, how it ends."""

import sqlite3

import pytest
from running import home, rows, scrapy

from newsarchive.storage import index
from newsarchive.storage.connection import connect_for_writing


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
