"""What a run leaves in the published table."""

import json
import sqlite3
from contextlib import closing

import pytest
import sqlite_utils

from newsarchive.storage import runs
from newsarchive.storage.migrations import migrations


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("disk       /srv/news/archive.db 1.8 MB", "disk       archive.db 1.8 MB"),
        ("disk       archive.db 1.8 MB", "disk       archive.db 1.8 MB"),
        ("no space left to write ../data/archive.db", "no space left to write archive.db"),
        ("see ~/mail/report.txt, '/var/log/x'", "see report.txt, 'x'"),
        (
            "https://alwatan.sy/archives/107528 answered 500",
            "https://alwatan.sy/archives/107528 answered 500",
        ),
        ("3 / 4, http://127.0.0.1:8000/a/b", "3 / 4, http://127.0.0.1:8000/a/b"),
    ],
)
def test_of_paths_the_last_name_is_kept(text, kept):
    assert runs.without_folders(text) == kept


def test_published_row_names_no_folder(tmp_path):
    with closing(sqlite3.connect(tmp_path / "archive.db")) as connection:
        migrations.apply(sqlite_utils.Database(connection))
        run = runs.begin(
            connection,
            "ingest",
            None,
            {"paths": "/home/x/pages", "site": "http://h/y"},
            "2025-01-01T00:00:00Z",
        )
        runs.end(connection, run, verdict="/home/x/a.db is full", exit_code=3, now="2025-01-01T00:00:01Z")
        row = connection.execute("SELECT arguments, verdict FROM runs").fetchone()
    assert (json.loads(row[0]), row[1]) == ({"paths": "pages", "site": "http://h/y"}, "a.db is full")
