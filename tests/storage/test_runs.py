"""What a run leaves in the published table."""

import json
import sqlite3
from contextlib import closing

import pytest
import sqlite_utils

from newsarchive.storage import figures, runs
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


@pytest.mark.parametrize(
    ("ended", "blocks"),
    [
        ([(0, 9), (6, 9), (6, 4)], 2),
        ([(6, 9), (6, 4), (0, 0)], 2),
        ([(6, 9), (6, 0), (0, 0), (6, 4)], 2),
        ([(6, 9), (0, 1), (6, 0)], 0),
        ([(6, 9)] * 3 + [(0, 0)] * 30, 3),
    ],
)
def test_a_crawl_that_had_no_answer_neither_makes_nor_ends_a_row_of_blocks(connection, ended, blocks):
    connection.executemany(
        "INSERT INTO runs (command, newspaper, arguments, started_at, ended_at, exit_code, requests, details)"
        " VALUES ('crawl', 'alwatan', '{}', '2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z', ?, ? + 3,"
        " '{\"of_web_archives\": 3}')",
        ended,
    )
    assert figures.blocks_in_a_row(connection, "alwatan") == blocks


def test_what_was_asked_under_a_clock_that_was_ahead_is_taken_from_no_other_days_requests(connection):
    run = runs.begin(connection, "crawl", "alwatan", {}, "2026-01-02T00:00:00Z")
    moments = ["2026-01-01T23:59:59Z", "2026-01-02T00:00:00Z", "2028-05-01T10:00:00Z", "2026-01-02T09:00:00Z"]
    connection.executemany(
        "INSERT INTO captures (url, fetched_at, source, warc_file, warc_offset, warc_length, payload_sha256, run_id)"
        " VALUES ('https://alwatan.sy/', ?, 'live', 'a.warc.gz', ?, 9, 'd', ?)",
        [(moment, number, run) for number, moment in enumerate(moments)],
    )
    assert figures.requests_on(connection, "alwatan", "2026-01-02") == 2
