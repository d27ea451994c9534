"""`scrapy verify` finds what does not agree, says what to do, and its exit code tells."""

import random
import shutil

import pytest
from running import rows, scrapy

from newsarchive import capture
from newsarchive.commands import reindex
from newsarchive.evidence import captures, tables
from newsarchive.storage.connection import connect_for_reading
from newsarchive.storage.figures import content_digest


def findings(folder):
    connection = connect_for_reading(folder / "archive.db")
    try:
        return [
            *captures.Records(connection, folder / "captures").check(),
            *captures.articles_without_capture(connection),
            *tables.check(connection, quick=False),
        ]
    finally:
        connection.close()


def wrong(folder):
    return [str(finding) for finding in findings(folder) if not finding.is_note]


def test_a_fresh_archive_is_clean(folder):
    done = scrapy(folder, "verify", check=0)
    count = rows(folder, "SELECT count(*) AS n FROM captures")[0]["n"]
    assert done.stdout == f"clean  {count} captures, 184 articles: 0 wrong, 0 notes\n"


def test_a_sample_is_said_to_be_one(folder):
    assert "5 of " in scrapy(folder, "verify", "--sample", 5, check=0).stdout


def test_the_digest_is_the_one_that_hand_made_lines_give(folder):
    import hashlib
    import json

    lines = [
        json.dumps([r["key"], r["title"], r["body_sha256"], r["published_at"], r["section"], r["status"]],
                   ensure_ascii=False) + "\n"
        for r in sorted(rows(folder, "SELECT * FROM articles"), key=lambda r: r["key"])
    ]  # fmt: skip
    expected = hashlib.sha256("".join(lines).encode()).hexdigest()
    assert scrapy(folder, "verify", "--digest", check=0).stdout == expected + "\n"


def test_the_digest_changes_with_a_status(folder, change):
    connection = connect_for_reading(folder / "archive.db")
    before = content_digest(connection)
    change("UPDATE articles SET status = 'gone' WHERE key = (SELECT min(key) FROM articles)")
    assert content_digest(connection) != before
    connection.close()


def test_an_altered_byte_of_a_page_is_found_and_exits_10(folder, warc):
    row = rows(folder, "SELECT c.* FROM captures AS c JOIN articles AS a ON a.capture_id = c.id LIMIT 1")[0]
    data = bytearray(warc.read_bytes())
    data[row["warc_offset"] + row["warc_length"] // 2] ^= 4
    warc.write_bytes(data)
    done = scrapy(folder, "verify", check=10)
    assert f"{warc.name} at byte {row['warc_offset']}" in done.stdout
    assert "bring the file back from a copy" in done.stdout


def test_every_flipped_bit_that_changes_a_record_is_found(folder, warc, change):
    *_, last = [record for record, _ in zip(capture.walk(warc), range(60), strict=False)]
    data = warc.read_bytes()[: last.offset + last.length]
    warc.write_bytes(data)
    change("PRAGMA foreign_keys = OFF", f"DELETE FROM captures WHERE warc_offset >= {len(data)}")
    connection = connect_for_reading(folder / "archive.db")
    before = {record.offset: (record.headers, record.block) for record in capture.walk(warc)}
    chance, changing = random.Random(5), 0
    for _ in range(100):
        spoiled = bytearray(data)
        spoiled[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        warc.write_bytes(spoiled)
        after = {r.offset: (r.headers, r.block) for r in capture.walk(warc, lambda _: None)}
        changing += after != before
        found = [f for f in captures.Records(connection, folder / "captures").check() if not f.is_note]
        assert found or after == before
    connection.close()
    assert changing > 90


def test_a_missing_file_is_named_with_the_number_of_its_rows(folder, warc):
    warc.unlink()
    (found,) = wrong(folder)
    count = rows(folder, "SELECT count(*) AS n FROM captures")[0]["n"]
    assert found.startswith(f"WRONG  {warc.name}: ")
    assert f"{count} rows name it" in found


def test_a_record_that_no_row_names_is_a_note(folder, change):
    change(
        "UPDATE articles SET capture_id = NULL WHERE 0", "DELETE FROM captures WHERE url LIKE '%robots.txt'"
    )
    done = scrapy(folder, "verify", check=0)
    assert "no row names this response record → harmless; scrapy ingest captures/ takes it in" in done.stdout


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE captures SET warc_offset = warc_offset + 1 WHERE id = 9", "there is none"),
        ("UPDATE captures SET payload_sha256 = 'x' WHERE id = 9", "payload_sha256"),
        ("UPDATE captures SET status = 500 WHERE id = 9", "the row says status 500"),
        ("UPDATE captures SET fetched_at = '2020-01-01T00:00:00Z' WHERE id = 9", "the row says time 2020"),
        ("UPDATE articles SET capture_id = NULL WHERE key = 'alwatan-5211'", "alwatan-5211: no capture"),
        ("UPDATE articles SET body_sha256 = 'x' WHERE key = 'alwatan-5211'", "body_sha256"),
        (
            "UPDATE articles SET status = 'gone' WHERE key = 'alwatan-5211'",
            "it is gone, but its address is article",
        ),
        (
            "UPDATE articles SET revision_count = 2 WHERE key = 'alwatan-5211'",
            "it has 1 revisions, its row says 2",
        ),
        ("UPDATE addresses SET article_id = NULL WHERE url LIKE '%/5211'", "it leads to none"),
        ("DELETE FROM refusals WHERE id = (SELECT min(id) FROM refusals)", "no refusal says why"),
        ("UPDATE addresses SET state = 'duplicate' WHERE url LIKE '%/5211'", "no other name"),
        ("DELETE FROM article_keys WHERE key = 'alwatan-5211'", "not in article_keys"),
        ("UPDATE articles SET body = 'نص آخر' WHERE key = 'alwatan-5211'", "scrapy reindex"),
        ("PRAGMA foreign_keys = OFF", None),
    ],
)
def test_what_does_not_agree_is_said(folder, change, statement, said):
    change(statement)
    found = wrong(folder)
    assert any(said in line for line in found) if said else found == []


@pytest.mark.parametrize("column", ["title", "body"])
def test_bytes_in_the_place_of_a_text_are_named_before_and_after_a_reindex(folder, change, column):
    change(f"UPDATE articles SET {column} = CAST({column} AS BLOB) WHERE key = 'alwatan-5211'")
    said = "article alwatan-5211: its headline or body is no text"
    assert said in scrapy(folder, "verify", check=10).stdout
    scrapy(folder, "reindex", "--check", check=10)
    assert said in scrapy(folder, "verify", check=10).stdout
    scrapy(folder, "reindex", check=0)
    assert said in scrapy(folder, "verify", check=10).stdout


def test_words_that_the_index_holds_too_many_or_too_few_are_found(folder, change):
    row = rows(folder, "SELECT id, key FROM articles ORDER BY key LIMIT 1")[0]
    change(
        "INSERT INTO articles_fts (rowid, body_exact) VALUES (999999999, 'كلمة')",
        f"INSERT INTO articles_fts (rowid, title_exact) VALUES ({row['id']}, 'زائدة')",
    )
    found = "\n".join(wrong(folder))
    assert "row 999999999 of articles_fts: the index holds other words" in found
    assert f"article {row['key']}: the index holds other words" in found


def test_what_is_written_between_reading_the_texts_and_reading_the_index_is_not_compared(folder, change):
    connection = connect_for_reading(folder / "archive.db")
    written = []

    def write(statement):
        if "fts5vocab(main" in statement and not written:
            written.append(True)
            change("UPDATE articles SET title = 'عنوان جديد' WHERE key = 'alwatan-5211'")
            reindex.reindex(folder / "archive.db", check=True)

    connection.set_trace_callback(write)
    assert list(tables.check(connection, quick=False)) == []
    assert written
    connection.close()


def test_rows_of_an_emptied_file_name_records_that_are_not_there(folder, warc):
    count = rows(folder, "SELECT count(*) AS n FROM captures")[0]["n"]
    warc.write_bytes(b"")
    assert len([line for line in wrong(folder) if "there is none" in line]) == count


def test_verify_writes_nothing(folder):
    before = (folder / "archive.db").read_bytes()
    scrapy(folder, "verify", check=0)
    assert (folder / "archive.db").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [(("-s", "ARCHIVE_DB=none.db"), "does not exist"), (("-s", "ARCHIVE_WARC_DIR=none"), "not at none"),
     (("--sample", "0"), "whole number")],
)  # fmt: skip
def test_a_fumble_is_one_line_and_exit_4(folder, words, said):
    assert said in scrapy(folder, "verify", *words, check=4).stderr


def test_a_revisit_is_checked_through_the_record_it_refers_to(tmp_path, connection):
    from newsarchive.items import Capture
    from newsarchive.storage import captures as stored

    page = b"<html><body>x</body></html>"
    made = capture.Exchange(
        url="https://alwatan.sy/robots.txt", method="GET", request_headers=(), request_body=b"", status=200,
        reason="OK", response_headers=((b"Content-Type", b"text/plain"),), body=page, protocol="HTTP/1.1",
        ip=None, fetched_at="2026-01-01T00:00:00Z",
    )  # fmt: skip
    from dataclasses import replace

    again = replace(made, fetched_at="2026-01-02T00:00:00Z")
    with capture.CaptureFiles(tmp_path / "captures", "alwatan") as files:
        first, _ = files.append(capture.exchange(made))
        second, _ = files.append(capture.exchange(again, (made.url, made.fetched_at)))
    for exchange, place in ((made, first), (again, second)):
        row = Capture(exchange.url, exchange.fetched_at, 200, "live", place.file, place.offset, place.length,
                      capture.payload_sha256(page))  # fmt: skip
        stored.insert(connection, row, None)
    assert list(captures.Records(connection, tmp_path / "captures").check()) == []
    connection.execute("DELETE FROM captures WHERE fetched_at = '2026-01-01T00:00:00Z'")
    found = [str(f) for f in captures.Records(connection, tmp_path / "captures").check() if not f.is_note]
    assert len(found) == 1
    assert "a revisit refers to" in found[0]
    shutil.rmtree(tmp_path / "captures")
