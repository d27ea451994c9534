"""Files of a whole archive beside the pages: `python benchmarks/files.py ARCHIVE`, an archive of site_archive.py.

For each format: rows promised and read back, server CPU, the server's peak memory, and how much longer an article
page takes while the file goes out to a reader who takes all he gets. `--open` has LibreOffice convert the
spreadsheet; DuckDB, pandas and openpyxl read the files where they are installed: `pip install --target DIR duckdb
pandas`, then `--libraries DIR`. Exit 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import http.client
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import quote, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "publication"))
from fetching import get
from opening import readers
from serving import serve

FLAGS = ("--setting", "num_sql_threads", "4", "--setting", "suggest_facets", "off")
MEMORY, SLOWER = 150e6, 2.0
PAUSE = 0.02
SEARCH = "/search.{}?from=2000"


def fetch(base: str, path: str, target: Path) -> int:
    """Save the file piece by piece; returns the rows that were promised."""
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=600)
    connection.request("GET", path)
    response = connection.getresponse()
    assert response.status == 200, response.status
    with target.open("wb") as file:
        while chunk := response.read(1 << 16):
            file.write(chunk)
    connection.close()
    return int(response.headers["x-row-count"])


def page_seconds(base: str, paths: list[str], go_on) -> list[float]:
    """Wall seconds of article pages, one after the other with a short pause, while `go_on()`."""
    taken = []
    while go_on():
        began = time.monotonic()
        assert get(base, paths[len(taken) % len(paths)]).status == 200
        taken.append(time.monotonic() - began)
        time.sleep(PAUSE)
    return taken


def beside(server, paths: list[str], path: str, target: Path) -> tuple[int, list[float]]:
    """Fetch the file in another thread; returns its rows and the pages' seconds meanwhile."""
    rows: list[int] = []
    fetching = threading.Thread(target=lambda: rows.append(fetch(server.url, path, target)))
    fetching.start()
    taken = page_seconds(server.url, paths, fetching.is_alive)
    fetching.join()
    return rows[0], taken


def alone(server, paths: list[str], count: int = 150) -> float:
    """Median wall seconds of an article page on the idle server."""
    left = iter(range(count))
    return statistics.median(page_seconds(server.url, paths, lambda: next(left, None) is not None))


def measure(archive: Path, form: str, paths: list[str], folder: Path) -> tuple[Path, int, bool]:
    """Fetch one file from a server of its own; prints a line. Returns the file, its rows, whether goals were met."""
    target = folder / f"archive.{form}"
    with serve(archive, *FLAGS) as server:
        quiet = alone(server, paths)
        before, began = server.cpu_seconds(), time.monotonic()
        rows = fetch(server.url, SEARCH.format(form), target)
        cpu, wall = server.cpu_seconds() - before, time.monotonic() - began
        _, taken = beside(server, paths, SEARCH.format(form), target)
        peak = server.peak_memory()
        quiet = statistics.median([quiet, alone(server, paths)])
    slower = statistics.median(taken) / quiet
    p95 = sorted(taken)[int(len(taken) * 0.95)]
    met = peak <= MEMORY and slower <= SLOWER
    print(
        f"{form:8}{rows:8}{target.stat().st_size / 1e6:8.0f}{cpu:8.1f}{wall:8.1f}{peak / 1e6:8.0f}"
        f"{quiet * 1000:8.1f}{statistics.median(taken) * 1000:8.1f}{p95 * 1000:8.1f}{slower:8.2f}"
        f"{'' if met else '  missed'}"
    )
    return target, rows, met


def main() -> int:
    """Measure, open, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("archive", type=Path)
    parser.add_argument("--open", action="store_true", help="read the files back with every program there is")
    parser.add_argument(
        "--libraries",
        type=Path,
        help="where pandas and DuckDB are: sqlite-utils would load pandas into the server",
    )
    parser.add_argument("--formats", default="csv,jsonl,xlsx,parquet")
    options = parser.parse_args()
    if options.libraries:
        sys.path.append(str(options.libraries))
    keys = [f"nahar-{number}" for number in range(1, 40_000, 997)]
    paths = [f"/article/{quote(key)}" for key in keys]
    print(f"goals: memory ≤ {MEMORY / 1e6:.0f} MB, article pages ≤ {SLOWER:.0f} × slower (median)")
    names = ("rows", "MB", "CPU s", "wall s", "peak MB", "page ms", "beside", "p95 ms", "slower")
    print(f"{'file':8}{''.join(f'{name:>8}' for name in names)}")
    met = True
    with tempfile.TemporaryDirectory(dir=options.archive.parent) as folder:
        for form in options.formats.split(","):
            target, rows, well = measure(options.archive, form, paths, Path(folder))
            met &= well
            for name, reader in readers(form).items() if options.open else ():
                found = reader(target, Path(folder))
                met &= found == rows
                print(f"        {name}: {found} rows{'' if found == rows else '  missed'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
