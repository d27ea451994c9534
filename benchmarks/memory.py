"""Whether the memory of a crawl grows with the number of addresses.

    python benchmarks/memory.py [--small N] [--large N] [--visits N] [--at-once N]

Crawls two generated newspapers and prints the peak resident memory of each crawl (goal: the large one at most
1.3 times the small one). REST and sitemap name every article, feed and listings the newest; --visits limits how
many of them are visited in each crawl (0: all). --at-once: requests at a time (1, as by default; the goal holds for
eight too).
"""

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from generated import Newspaper, ask, crawl, served

NEWEST = 500


def measured(count, visits, at_once):
    newspaper = Newspaper.made(count, share=1.0)
    for source in ("feed", "listing"):
        paper = newspaper.papers[source]
        newspaper.papers[source] = replace(paper, articles=paper.articles[-NEWEST:])
    with tempfile.TemporaryDirectory() as name, served(newspaper) as (site, _):
        folder = Path(name)
        limit = ("-a", f"limit={visits}") if visits else ()
        together = ("-s", f"CONCURRENT_REQUESTS={at_once}", "-s", f"CONCURRENT_REQUESTS_PER_DOMAIN={at_once}")
        seconds, code, peak, log = crawl(folder, site, *together, *limit)
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
    parser.add_argument("--at-once", type=int, default=1)
    given = parser.parse_args()
    small, large = (measured(count, given.visits, given.at_once) for count in (given.small, given.large))
    print(f"large / small = {large / small:.2f}")
    sys.exit(large > 1.3 * small)


if __name__ == "__main__":
    main()
