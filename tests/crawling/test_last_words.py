"""Whether somebody hears the verdict or not, the run ended as its row says."""

import os
import subprocess
import sys

import pytest
from running import PATIENCE, environment, home, rows, scrapy
from small_paper import HURRY, stand_in

from newsarchive import sample


def closed_pipe():
    """Where `| head -1` writes when it has gone."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def full_disk():
    return os.open("/dev/full", os.O_WRONLY)


def run(folder, stdout, *words):
    """A verb that writes its last words there; a process of its own, as its standard output is."""
    verb = [sys.executable, "-m", "scrapy", *map(str, words)]
    try:
        return subprocess.run(
            verb, cwd=folder, env=environment(), stdout=stdout, stderr=subprocess.PIPE, text=True,
            timeout=PATIENCE, check=False,
        )  # fmt: skip
    finally:
        os.close(stdout)


@pytest.mark.parametrize("nobody", [closed_pipe, full_disk])
def test_a_crawl_whose_verdict_nobody_hears_ends_as_it_says(tmp_path, nobody):
    folder = home(tmp_path)
    with stand_in(count=3) as site:
        done = run(folder, nobody(), "crawl", "alwatan", "-a", f"site={site}", *HURRY)
    (kept,) = rows(folder, "SELECT exit_code, verdict, ended_at FROM runs")
    assert (done.returncode, kept["exit_code"]) == (0, 0)
    assert "3 new" in kept["verdict"]
    assert kept["ended_at"]
    assert list((folder / "captures").glob("*.open")) == []
    assert "standard output takes no more" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_an_ingest_whose_verdict_nobody_hears_ends_as_it_says(tmp_path):
    folder = home(tmp_path)
    page = folder / "page.html"
    page.write_bytes(sample.Paper().render(sample.load()[-1]))
    done = run(folder, closed_pipe(), "ingest", page, "--url", sample.load()[-1].address)
    (kept,) = rows(folder, "SELECT exit_code, verdict FROM runs")
    assert (done.returncode, kept["exit_code"]) == (0, 0)
    assert "1 new" in kept["verdict"]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [("refused",), ("readpage", "page.html"), ("health",)])
def test_a_verb_that_only_reads_ends_quietly_when_its_reader_has_gone(tmp_path, words):
    folder = home(tmp_path)
    (folder / "page.html").write_bytes(sample.Paper().render(sample.load()[-1]))
    scrapy(folder, "ingest", "page.html", check=0)
    done = run(folder, closed_pipe(), *words)
    assert (done.returncode, done.stderr) == (141, "")
