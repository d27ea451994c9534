"""Whether the memory of a crawl grows with the number of addresses.

    python benchmarks/memory.py [--small N] [--large N] [--visits N]

Crawls two generated newspapers and prints the peak resident memory of each crawl (goal: the large one at most
1.3 times the small one). REST and sitemap name every article, feed and listings the newest; --visits limits how
many of them are visited in each crawl (0: all). One request at a time, as by default; with eight at a time the
large one was measured at 1.5 times the small one (160 MB).
"""

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from generated import Newspaper, ask, crawl, served

NEWEST = 500
ONE_AT_A_TIME = ("-s", "CONCURRENT_REQUESTS=1", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1")


def measured(count, visits):
    newspaper = Newspaper.made(count, share=1.0)
    for source in ("feed", "listing"):
        paper = newspaper.papers[source]
        newspaper.papers[source] = replace(paper, articles=paper.articles[-NEWEST:])
    with tempfile.TemporaryDirectory() as name, served(newspaper) as (site, _):
        folder = Path(name)
        limit = ("-a", f"limit={visits}") if visits else ()
        seconds, code, peak, log = crawl(folder, site, *ONE_AT_A_TIME, *limit)
        addresses = ask(folder, "SELECT count(*) FROM addresses")
        kept = ask(folder, "SELECT count(*) FROM articles")
    print(
        f"{addresses:7} addresses  {kept:7} articles  {len(log):7} requests  {seconds:6.0f} s  exit {code}"
        f"  peak {peak / 1e6:6.1f} MB",
        flush=True,
    )
    return peak


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--small", type=int, default=5_000)
    parser.add_argument("--large", type=int, default=50_000)
    parser.add_argument("--visits", type=int, default=2000)
    given = parser.parse_args()
    small, large = (measured(count, given.visits) for count in (given.small, given.large))
    print(f"large / small = {large / small:.2f}")
    sys.exit(large > 1.3 * small)


if __name__ == "__main__":
    main()
