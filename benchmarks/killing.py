"""Whether anything is lost when the crawl is killed, again and again, at any instant.

    python benchmarks/killing.py [--articles N] [--kills K] [--seed S]

Crawls a generated newspaper once undisturbed and once with seeded kills (kill -9), starting the same command
again after each. Prints the digests of both archives (`scrapy verify --digest`), articles lost and doubled, the sum
of states, and pages asked more than once (goal: at most kills x (requests in flight + the group that one
transaction commits)). Exit 1 when a goal is missed.
"""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path

from generated import ROOT, Newspaper, ask, command, crawl, digest, environment, served, states

IN_FLIGHT = 8
GROUP = 50
KILLED = -9


def pages_asked(log, newspaper):
    """How often each article's page was asked."""
    paths = {article.path for article in newspaper.all.articles}
    return Counter(request.path for request in log if request.path in paths)


def kill_at(site, child, count, wait):
    """Kill the child a moment after so many more requests; a crawl that needs fewer ends by itself."""
    due, respond = len(site.log) + count, site.before

    def before(request):
        if len(site.log) == due:
            threading.Timer(wait, child.kill).start()
        return respond(request)

    site.before = before
    child.wait()
    site.before = respond
    return child.returncode


def disturbed(folder, site, kills, articles, chance):
    """Kill so many crawls; returns how many were really killed before they ended."""
    shutil.copy(ROOT / "scrapy.cfg", folder)
    killed = 0
    for number in range(kills):
        with (folder / "crawl.log").open("a") as log:
            child = subprocess.Popen(command(site), cwd=folder, env=environment(), stdout=log, stderr=log)
            count = chance.randint(1, max(2, 2 * articles // kills))
            code = kill_at(site, child, count, chance.uniform(0, 0.08))
        killed += code == KILLED
        print(
            f"  {number + 1:3}. killed after {count} requests" if code == KILLED else f"  exit {code}",
            flush=True,
        )
    return killed


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=20241208)
    given = parser.parse_args()
    newspaper = Newspaper.made(given.articles)
    with tempfile.TemporaryDirectory() as name, served(newspaper) as (site, _):
        whole, folder = Path(name, "whole"), Path(name, "killed")
        whole.mkdir()
        folder.mkdir()
        crawl(whole, site)
        begun = len(site.log)
        killed = disturbed(folder, site, given.kills, given.articles, random.Random(given.seed))
        _, code, _, _ = crawl(folder, site)
        asked = pages_asked(site.log[begun:], newspaper)
        again, allowed = sum(asked.values()) - len(asked), killed * (IN_FLIGHT + GROUP)
        found, doubled = (
            ask(folder, "SELECT count(*) FROM articles"),
            ask(folder, "SELECT count(*) - count(DISTINCT url) FROM articles"),
        )
        undisturbed, digest_of_killed = digest(whole), digest(folder)
        same = undisturbed == digest_of_killed
        sums, addresses = states(folder)
        print(f"kills                 {killed}")
        print(f"exit code at last     {code}")
        print(f"undisturbed digest    {undisturbed}")
        print(f"disturbed digest      {digest_of_killed}   {'the same' if same else 'DIFFERENT'}")
        print(f"articles              {found} of {given.articles}, {doubled} doubled")
        print(f"pages asked again     {again}, allowed {allowed}")
        print(f"sum of states         {sums} of {addresses} addresses")
        integrity = ask(folder, "PRAGMA integrity_check")
        print(f"database              {integrity}")
    sound = found == given.articles and not doubled and sums == addresses and integrity == "ok"
    sys.exit(not (same and sound and code == 0 and again <= allowed))


if __name__ == "__main__":
    main()
