"""Every record derived again from its capture; a killed worker loses and doubles nothing."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from functools import partial
from itertools import islice
from pathlib import Path

import pytest
from running import ROOT, content, environment, rows, scrapy

from newsarchive.commands.reread import workers_on
from newsarchive.offline import rereading, workers
from newsarchive.spiders.alwatan import AlwatanSpider
from newsarchive.storage import readings
from newsarchive.storage.connection import connect_for_reading


def spoil(change):
    """What an older reader might have made of two pages."""
    change(
        "UPDATE articles SET title = 'عنوان قرأه القارئ القديم', text_sha256 = 'old' WHERE key = 'alwatan-5211'",
        "UPDATE revisions SET title = 'عنوان قرأه القارئ القديم', text_sha256 = 'old', reader_version = 0"
        " WHERE article_id = (SELECT id FROM articles WHERE key = 'alwatan-5211')",
        "UPDATE articles SET writer = 'آخر' WHERE key = 'alwatan-5212'",
    )


def test_a_fresh_archive_reread_changes_nothing(folder):
    done = scrapy(folder, "reread", check=0)
    assert " of 188 records in " in done.stdout
    assert done.stdout.strip().endswith(": 0 changed; 0 in trouble")


def test_what_would_change_is_said_field_by_field_and_nothing_is_written(folder, change):
    spoil(change)
    before = content(folder)
    done = scrapy(folder, "reread", check=10)
    assert "alwatan-5211  title: عنوان قرأه القارئ القديم → " in done.stdout
    assert "alwatan-5211  text_sha256: old → " in done.stdout
    assert "1 changed" in done.stdout
    assert content(folder) == before


def test_apply_writes_it_and_keeps_the_old_text_as_a_revision_of_its_reader(folder, change):
    before = content(folder)
    spoil(change)
    scrapy(folder, "reread", "--apply", check=0)
    assert content(folder) == before
    kept = rows(
        folder,
        "SELECT v.title, v.reader_version, v.superseded_by, v.body IS NOT NULL AS full FROM revisions AS v"
        " JOIN articles AS a ON a.id = v.article_id WHERE a.key = 'alwatan-5211' ORDER BY v.superseded_by IS NULL",
    )
    assert len(kept) == 2
    assert (kept[0]["title"], kept[0]["reader_version"], kept[0]["full"]) == (
        "عنوان قرأه القارئ القديم",
        0,
        1,
    )
    assert kept[0]["superseded_by"].split()[0] in {"jannah", "sahifa", "amp"}
    assert scrapy(folder, "verify", check=0).stdout.startswith("clean")
    assert scrapy(folder, "reread", check=0).stdout.strip().endswith(": 0 changed; 0 in trouble")


def test_a_refused_page_that_is_an_article_now_becomes_one(folder, change):
    before = content(folder)
    row = rows(folder, "SELECT * FROM articles WHERE key = 'alwatan-5211'")[0]
    change(
        "INSERT INTO refusals (url, newspaper, reason, detail, refused_at, address_id, capture_id)"
        f" SELECT url, newspaper, 'no-text', '', '2026', id, {row['capture_id']} FROM addresses"
        f" WHERE url = '{row['url']}'",
        f"UPDATE addresses SET state = 'refused', reason = 'no-text', article_id = NULL WHERE url = '{row['url']}'",
        f"UPDATE captures SET article_id = NULL, outcome = 'refused: no-text' WHERE article_id = {row['id']}",
        *(f"DELETE FROM {table} WHERE article_id = {row['id']}"
          for table in ("article_keys", "article_sections", "article_tags", "revisions")),
        f"DELETE FROM articles WHERE id = {row['id']}",
    )  # fmt: skip
    assert "state: refused: no-text → article" in scrapy(folder, "reread", "--apply", check=0).stdout
    assert content(folder) == before


def test_a_page_that_would_be_refused_now_is_trouble_and_stays(folder, warc):
    row = rows(folder, "SELECT c.* FROM captures AS c WHERE outcome = 'new' LIMIT 1")[0]
    data = bytearray(warc.read_bytes())
    data[row["warc_offset"] + 300] ^= 1
    warc.write_bytes(data)
    before = content(folder)
    done = scrapy(folder, "reread", "--apply", check=10)
    assert "1 in trouble" in done.stdout
    assert f"{warc.name} at byte {row['warc_offset']}" in done.stdout
    assert content(folder) == before


def pieces_of(folder):
    return rereading.pieces(connect_for_reading(folder / "archive.db"))


def test_only_what_differs_comes_back_from_a_worker(folder, change):
    change("UPDATE articles SET writer = 'آخر' WHERE key = 'alwatan-5211'")
    work = partial(rereading.reread_rows, folder / "archive.db", folder / "captures", AlwatanSpider.newspaper)
    pieces = list(pieces_of(folder))
    (report,) = work(pieces)
    assert (report.records, len(report.outcomes)) == (len(pieces), 1)
    (outcome,) = report.outcomes
    assert (outcome.name, outcome.changes.keys(), outcome.readings) == ("alwatan-5211", {"writer"}, ())
    (report,) = work(pieces, apply=True)
    assert len(report.outcomes[0].readings) == 1


def test_what_is_to_be_read_is_looked_up_step_by_step_and_holds_no_writer_up(folder, change, monkeypatch):
    monkeypatch.setattr(readings, "_STEP", 10)
    expected = [(row["id"],) for row in rows(folder, "SELECT id FROM articles ORDER BY id")]
    pieces = pieces_of(folder)
    first = list(islice(pieces, 15))
    change("UPDATE articles SET status = 'live'")
    connection = sqlite3.connect(folder / "archive.db")
    assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)
    found = [*first, *pieces]
    assert [(p.row_id,) for p in found if p.kind == "article"] == expected
    assert len(found) == readings.count(connect_for_reading(folder / "archive.db"))


def doubled(pieces):
    return [2 * piece for piece in pieces]


def killed_by_seven(pieces):
    if 7 in pieces:
        os.kill(os.getpid(), signal.SIGKILL)
    return doubled(pieces)


def killed_at_first(pieces):
    """Ends the first process that gets number 7, by a mark on the disk."""
    mark = Path(os.environ["KILLED_MARK"])
    if 7 in pieces and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return doubled(pieces)


def batches(size, count):
    return iter([list(range(start, min(start + size, count))) for start in range(0, count, size)])


def test_a_killed_worker_loses_and_doubles_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("KILLED_MARK", str(tmp_path / "mark"))
    assert sorted(workers.run(killed_at_first, batches(5, 33), 2)) == [2 * n for n in range(33)]
    assert (tmp_path / "mark").exists()


def test_the_one_piece_that_kills_every_worker_is_named_and_the_others_are_done():
    results = list(workers.run(killed_by_seven, batches(5, 20), 2))
    assert [r.piece for r in results if isinstance(r, workers.Died)] == [7]
    assert sorted(r for r in results if not isinstance(r, workers.Died)) == [
        2 * n for n in range(20) if n != 7
    ]


def test_an_error_of_ours_in_a_worker_ends_the_run():
    with pytest.raises(TypeError):
        list(workers.run(doubled, iter([[None]]), 1))


@pytest.fixture(scope="module")
def dask(tmp_path_factory):
    """The address of a Dask scheduler on the loopback, and its two workers, of which a test may kill the first."""
    pytest.importorskip("distributed")
    scratch = tmp_path_factory.mktemp("dask")
    file = scratch / "scheduler.json"
    worker = (
        "dask_worker",
        "--scheduler-file",
        file,
        "--nthreads",
        "1",
        "--no-nanny",
        "--local-directory",
        scratch,
    )
    commands = [("dask_scheduler", "--port", "0", "--scheduler-file", file), worker, worker]
    started = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                f"distributed.cli.{name}",
                "--host",
                "127.0.0.1",
                "--no-dashboard",
                *map(str, more),
            ],
            env=environment(),
            stderr=subprocess.DEVNULL,
        )
        for name, *more in commands
    ]
    try:
        deadline = time.monotonic() + 60
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        yield json.loads(file.read_text())["address"], started[1:]
    finally:
        for process in started:
            process.kill()
            process.wait()


def test_a_scheduler_is_never_given_more_than_its_threads_can_take_up(dask):
    address, _ = dask
    asked = []

    def batches():
        for number in range(40):
            asked.append(number)
            yield [number]

    results = workers_on(address, list, batches())
    found = [next(results)]
    assert len(asked) <= 2 * 2 + 1
    found += results
    assert sorted(found) == list(range(40))


def test_a_dask_worker_killed_by_the_kernel_changes_nothing(folder, change, dask):
    address, (worker, _) = dask
    spoil(change)
    expected = scrapy(folder, "reread", check=10).stdout
    verb = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "reread", "--scheduler", address],
        cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    time.sleep(2)
    worker.kill()
    out, err = verb.communicate(timeout=120)
    assert verb.returncode == 10, err[-2000:]
    assert sorted(out.splitlines()[:-1]) == sorted(expected.splitlines()[:-1])


def test_no_scheduler_is_one_line_and_exit_4(folder):
    pytest.importorskip("distributed")
    assert (
        "no Dask scheduler answers"
        in scrapy(folder, "reread", "--scheduler", "tcp://127.0.0.1:1", check=4).stderr
    )
    assert (ROOT / "newsarchive").is_dir()
