"""Whether everything is found, once, and at what cost.

    python benchmarks/completeness.py [--articles N] [--seed S]

Crawls a generated newspaper whose sources (REST, sitemap, feed, listings) each miss some articles. Prints found,
doubled, and requests as a multiple of the articles and discovery documents that there are (goal: 1.1); then
what a second run costs (goal: 4 requests); then a run after one new, one changed and one deleted article
(goal: 20 requests). Exit 1 when a goal is missed.
"""

import argparse
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

from generated import SOURCES, Newspaper, ask, crawl, days_ago, make_article, served, states

from newsarchive.sample.stories import Block

COUNT = "SELECT count(*) FROM articles WHERE status = 'live'"
DOUBLED = "SELECT count(*) - count(DISTINCT url) FROM articles"


def report(name, value, *, good):
    print(f"{name:34} {value}" + ("" if good else "   << misses its goal"))
    return good


def first_run(folder, site, newspaper):
    seconds, code, _, log = crawl(folder, site)
    articles = len(newspaper.all.articles)
    asked = Counter((request.host, request.target) for request in log)
    exist = articles + len(newspaper.documents)
    found, doubled = ask(folder, COUNT), ask(folder, DOUBLED)
    for source in SOURCES:
        print(f"{'named by ' + source:34} {len(newspaper.papers[source].articles)} of {articles}")
    return [
        report("exit code", code, good=code == 0),
        report("found", f"{found} of {articles}", good=found == articles),
        report("doubled", doubled, good=doubled == 0),
        report("seconds", f"{seconds:.0f}", good=True),
        report(
            "requests",
            f"{len(log)} = {len(log) / exist:.3f} x ({articles} articles + {len(newspaper.documents)} documents)",
            good=len(log) <= 1.1 * exist,
        ),
        report("asked more than once", sum(n > 1 for n in asked.values()), good=True),
    ]


def second_run(folder, site):
    _, code, _, log = crawl(folder, site)
    return [
        report("second run: exit code", code, good=code == 0),
        report("second run: requests", len(log), good=len(log) <= 4),
    ]


def with_news(newspaper):
    """One new article, one changed, one deleted; returns the newspaper and their addresses."""
    everywhere = set.intersection(
        *({a.address for a in paper.articles} for paper in newspaper.papers.values())
    )
    known = [a for a in newspaper.all.articles if a.address in everywhere]
    changed, deleted = known[len(known) // 2], known[len(known) // 3]
    now = days_ago(0)
    new = make_article(known[0], len(newspaper.all.articles) + 10, now)
    edited = ((*changed.parts[0], Block("p", "أضيفت هذه الفقرة إلى الخبر بعد نشره.")),)

    def change(paper):
        without = tuple(
            replace(a, parts=edited, modified=now) if a.address == changed.address else a
            for a in paper.articles
            if a.address != deleted.address
        )
        return replace(paper, articles=(*without, new))

    return newspaper.changed(change), new.address, changed.address, deleted.address


def third_run(folder, site, show, newspaper):
    later, new, changed, deleted = with_news(newspaper)
    show(later)
    _, code, _, log = crawl(folder, site)
    status = "SELECT coalesce((SELECT status FROM articles WHERE url = ?), 'absent')"
    revisions = ask(folder, "SELECT revision_count FROM articles WHERE url = ?", changed)
    return [
        report("after changes: exit code", code, good=code == 0),
        report("after changes: requests", len(log), good=len(log) <= 20),
        report("the new article is", ask(folder, status, new), good=ask(folder, status, new) == "live"),
        report("revisions of the changed article", revisions, good=revisions == 2),
        report(
            "the deleted article is",
            ask(folder, status, deleted),
            good=ask(folder, status, deleted) == "gone",
        ),
    ]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    newspaper = Newspaper.made(given.articles, given.seed)
    with tempfile.TemporaryDirectory() as name, served(newspaper) as (site, show):
        folder = Path(name)
        results = first_run(folder, site, newspaper)
        results += second_run(folder, site)
        results += third_run(folder, site, show, newspaper)
        sums, total = states(folder)
        results.append(report("sum of states, addresses", f"{sums}, {total}", good=sums == total))
    sys.exit(not all(results))


if __name__ == "__main__":
    main()
