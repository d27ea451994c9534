"""A crawl of weeks stays as small as one of minutes."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from running import PATIENCE, environment, home, rows
from small_paper import HURRY, articles, one_host

from newsarchive.sample import Paper
from newsarchive.sample.server import serving

FEW, MANY = 150, 900
# Bytes: what is learnt of words and names grows for a while, some 3,000 here; a page is 10,000 and more.
MOST_AN_ARTICLE = 8_000
# A process begins with the peak memory of the one that forked it: a small one stands between this one and the crawl.
MEASURED = """
import os, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=sys.stderr)
_, status, usage = os.wait4(child.pid, 0)
child.returncode = os.waitstatus_to_exitcode(status)
print(child.returncode, usage.ru_maxrss * 1024)
"""


@pytest.fixture(scope="module")
def site():
    """A newspaper of many articles, two a day."""
    models = articles(20)
    many = tuple(
        replace(
            model,
            post_id=50_000 + n,
            title=f"{model.title} ({n})",
            published=model.published - timedelta(hours=12 * (MANY - n)),
            modified=model.published - timedelta(hours=12 * (MANY - n)),
        )
        for n in range(MANY)
        for model in [models[n % len(models)]]
    )
    with serving(Paper(articles=many, others=(), shown=many[-12:]), before=one_host()) as running:
        yield running


def peak(folder, site, limit):
    """Bytes that a crawl of so many articles took at its greatest."""
    folder.mkdir()
    verb = [sys.executable, "-m", "scrapy", "crawl", "alwatan", "-a", f"site={site}", "-a", f"limit={limit}"]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *verb, *HURRY, "-L", "ERROR"],
        cwd=home(folder), env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=True,
    )  # fmt: skip
    code, peak_bytes = map(int, done.stdout.split())
    assert code == 0, done.stderr[-4000:]
    assert rows(folder, "SELECT count(*) FROM articles")[0][0] == limit
    return peak_bytes


def test_memory_does_not_grow_with_the_articles(tmp_path, site):
    few, many = (peak(tmp_path / str(limit), site, limit) for limit in (FEW, MANY))
    assert many - few < MOST_AN_ARTICLE * (MANY - FEW)
