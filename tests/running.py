"""Running the verbs as a user does: `scrapy …` in a process of its own, in a folder of its own.

Most are forked from a process that has Scrapy loaded (`forking`), which saves each of them the time of its imports.
With `fresh`, with options of `subprocess`, or with NEWSARCHIVE_FRESH=1 in the environment, it is a new interpreter.
"""

import ctypes
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import forking

ROOT = Path(__file__).parent.parent
_SCRAPY = [sys.executable, "-m", "scrapy"]
# How long a test waits for a process before it says that it hangs.
PATIENCE = 120
_servers = []


def home(tmp_path):
    """A folder from which the verbs run on archives of its own."""
    shutil.copy(ROOT / "scrapy.cfg", tmp_path)
    return tmp_path


def environment(**more):
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default", **more}


def scrapy(folder, *words, check=None, fresh=False, patience=PATIENCE, **options):
    """Run a verb to its end; `check` is the exit code it must have."""
    server = None if fresh or options else _server()
    if server:
        done = _forked(server, folder, words, patience)
    else:
        done = subprocess.run(
            [*_SCRAPY, *map(str, words)],
            cwd=folder, env=environment(), capture_output=True, text=True, timeout=patience, check=False, **options,
        )  # fmt: skip
    if check is not None:
        assert done.returncode == check, (
            f"exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        )
    return done


def _forked(server, folder, words, patience):
    """What `subprocess.run` gives, of a forked verb."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        verb = server.run(words, folder, environment(), stdout=out.fileno(), stderr=err.fileno())
        try:
            verb.wait(patience)
        except BaseException:
            verb.kill()
            verb.wait()
            raise
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(verb.args, verb.returncode, out.read(), err.read())


def started(folder, *words, fresh=False):
    """A verb that runs on; the test ends it."""
    server = None if fresh else _server()
    if server:
        return server.start(words, folder, environment())
    return subprocess.Popen(
        [*_SCRAPY, *map(str, words)],
        cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def _server():
    """The server of forked verbs, started when the first one is wanted; None where a process must be fresh."""
    if not forking.available():
        return None
    if not _servers:
        _servers.append(forking.Server(environment()))
    return _servers[0] if _servers[0].can_run(environment()) else None


def end_server():
    """After the last test."""
    while _servers:
        _servers.pop().close()


def rows(folder, query, *parameters, archive="archive.db"):
    """What an archive's database answers."""
    connection = sqlite3.connect(f"file:{folder / archive}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        return connection.execute(query, parameters).fetchall()
    finally:
        connection.close()


def change(folder, statement, *parameters):
    """Change an archive's database behind its back."""
    connection = sqlite3.connect(folder / "archive.db")
    with connection:
        connection.execute(statement, parameters)
    connection.close()


def next_second():
    """Wait, as a visit long after the last one would come: archives date by the second, a crawl takes less than one."""
    time.sleep(1 - time.time() % 1)


def make_due(folder, url=None):
    """As if a month had passed: the next run visits this address, or every one, again."""
    change(
        folder,
        "UPDATE addresses SET next_visit_at = '2020-01-01T00:00:00Z', visited_at = NULL"
        " WHERE ?1 IS NULL OR url = ?1",
        url,
    )


def check_states(folder):
    """What holds after every crawl, however it ended: each address in one state, nothing kept that is not there."""
    (counts,) = rows(
        folder,
        "SELECT (SELECT count(*) FROM addresses) AS addresses, (SELECT count(*) FROM addresses WHERE state IN"
        " ('pending', 'article', 'duplicate', 'refused', 'gone', 'blocked', 'failed')) AS in_states,"
        " (SELECT count(*) FROM addresses WHERE state = 'article' AND article_id NOT IN (SELECT id FROM articles))"
        " AS without_article,"
        " (SELECT count(*) FROM articles WHERE capture_id NOT IN (SELECT id FROM captures)) AS without_capture",
    )
    assert counts["in_states"] == counts["addresses"]
    assert (counts["without_article"], counts["without_capture"]) == (0, 0)


def content(folder, archive="archive.db"):
    """All of an archive's articles that must not depend on when and how often the crawl was killed."""
    return [
        tuple(row)
        for row in rows(
            folder,
            "SELECT key, url, title, subtitle, byline, writer, place, agency, section, published_at, body, paragraphs,"
            " status, revision_count, body_sha256, reader FROM articles ORDER BY key",
            archive=archive,
        )
    ]


def without_root_privileges():
    """For `preexec_fn`: root obeys file modes like anybody else (drops CAP_DAC_OVERRIDE and _READ_SEARCH)."""
    libc = ctypes.CDLL(None)
    for capability in (1, 2):
        libc.prctl(24, capability, 0, 0, 0)
