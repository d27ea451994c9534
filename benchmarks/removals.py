"""What a removal costs: CPU time a capture for finding what quotes the article, and for taking the bytes out.

    python benchmarks/removals.py

The sample newspaper is crawled and one article of it removed. Goals:
10 ms a capture of the sample's size, and the database written anew in less time than three plain VACUUMs of it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from newsarchive.removal import orders, removing, takedowns
from newsarchive.storage import purging
from newsarchive.storage.connection import connect_for_writing

ROOT = Path(__file__).resolve().parents[1]
MOST_MS_A_CAPTURE = 10.0
MOST_VACUUMS = 3.0
KEY = "alwatan-107452"


def main() -> int:
    """Print the figures beside their goals; 1 when one is missed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "scrapy.cfg").write_bytes((ROOT / "scrapy.cfg").read_bytes())
        subprocess.run([sys.executable, "-m", "scrapy", "demo"], cwd=folder, check=True, capture_output=True)
        return measure(folder)


def measure(folder: Path) -> int:
    """Remove one article of the archive in the folder."""
    path, directory, sealed = folder / "archive.db", folder / "captures", folder / "sealed.db"
    order = orders.parse(KEY, state="remove", reason="other", until=None, names=(), today="2026-01-01")
    with closing(connect_for_writing(path)) as connection:
        removing.seal(connection, takedowns.load(sealed, connection, directory, "sample"), order)
        known = removing.opened(sealed, connection, directory, "sample", "2026-01-01")
        (captures,) = connection.execute("SELECT count(*) FROM captures").fetchone()
        began = time.process_time()
        removing.withhold_quoting(connection, known, directory)
        each = (time.process_time() - began) / captures * 1000
        began = time.process_time()
        connection.execute("VACUUM")
        vacuum = time.process_time() - began
        began = time.process_time()
        purging.purge(connection)
        ratio = (time.process_time() - began) / vacuum
    print(f"quotations  {each:6.2f} ms a capture, goal at most {MOST_MS_A_CAPTURE} ({captures} captures)")
    print(f"bytes       {ratio:6.2f} times a plain VACUUM, goal at most {MOST_VACUUMS}")
    return int(each > MOST_MS_A_CAPTURE or ratio > MOST_VACUUMS)


if __name__ == "__main__":
    sys.exit(main())
