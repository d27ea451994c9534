"""Hostile and random words on every surface: `python benchmarks/hostile.py [N]`, 20,000 random strings by default.

Serves a small archive and asks the search page, its JSON, the table box and the search file for each string. Exits 1 if
one answer is not 200.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "publication"), str(ROOT / "tests" / "search")]

import sample_archive
from fetching import get
from hostile import HOSTILE, random_texts
from serving import serve
from tqdm import tqdm

SURFACES = (
    "/search.json?q=",
    "/archive/articles.json?_size=1&_search=",
    "/search?size=1&explain=1&q=",
    "/search.csv?q=",
)
# The page and the file are asked for every so many strings: they cost ten times the JSON.
OFTEN, SELDOM = 1, 10
# What the server takes as the first line of a request.
LONGEST_LINE = 59_400


def main() -> int:
    """Ask and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    asked: Counter[str] = Counter()
    failed: list[tuple[int, str, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        archive = sample_archive.create(Path(folder) / "archive.db")
        with serve(archive) as server:
            for number, text in enumerate(tqdm([*HOSTILE, *random_texts(count)], disable=None)):
                coded = quote(text.encode("utf-8", "surrogatepass"), safe="")[:LONGEST_LINE]
                for surface, every in zip(SURFACES, (OFTEN, OFTEN, SELDOM, SELDOM), strict=True):
                    if number < len(HOSTILE) or number % every == 0:
                        status = get(server.url, surface + coded).status
                        asked[surface] += 1
                        failed += [(status, surface, text)] if status != 200 else []
    for surface, times in asked.items():
        print(f"{surface:44}{times:7} asked")
    print(f"{len(failed)} not answered with 200", *failed[:5])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
