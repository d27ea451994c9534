"""Running the verbs as a user does: `scrapy …` in a process of its own, in a folder of its own."""

import ctypes
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
_SCRAPY = [sys.executable, "-m", "scrapy"]
# How long a test waits for a process before it says that it hangs.
PATIENCE = 120


def home(tmp_path):
    """A folder from which the verbs run on archives of its own."""
    shutil.copy(ROOT / "scrapy.cfg", tmp_path)
    return tmp_path


def environment(**more):
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default", **more}


def scrapy(folder, *words, check=None, **options):
    """Run a verb to its end; `check` is the exit code it must have."""
    done = subprocess.run(
        [*_SCRAPY, *map(str, words)],
        cwd=folder, env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=False, **options,
    )  # fmt: skip
    if check is not None:
        assert done.returncode == check, (
            f"exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        )
    return done


def started(folder, *words):
    """A verb that runs on; the test ends it."""
    return subprocess.Popen(
        [*_SCRAPY, *map(str, words)],
        cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def rows(folder, query, *parameters, archive="archive.db"):
    """What an archive's database answers."""
    connection = sqlite3.connect(f"file:{folder / archive}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        return connection.execute(query, parameters).fetchall()
    finally:
        connection.close()


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
