"""Pages per CPU-second of reading captures again: WARC member, reader, rules, comparison with the row.

python benchmarks/reread.py [--pages 2000] [--trafilatura PYTHON]

The captures are pages of the sample newspaper, padded to 60-120 KB with the furniture that real pages carry.
`--trafilatura` names the Python of an environment in which trafilatura is installed; it reads the same pages.
"""

import argparse
import gzip
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from newsarchive import capture, reading, rereading, sample, workers
from newsarchive.archive import Archive, Visit
from newsarchive.newspaper import visits
from newsarchive.spiders.alwatan import AlwatanSpider
from newsarchive.storage import readings
from newsarchive.storage.connection import connect_for_reading

NEWSPAPER = AlwatanSpider.newspaper
_FILLER = '<li class="menu-item"><a href="https://alwatan.sy/archives/category/c{0}"><span>قسم {0}</span></a></li>\n'
_TRAFILATURA = """
import resource, sys, time
from pathlib import Path
from trafilatura import bare_extraction
pages = [p.read_text() for p in sorted(Path(sys.argv[1]).iterdir())]
before = resource.getrusage(resource.RUSAGE_SELF)
for page in pages:
    bare_extraction(page, with_metadata=True)
after = resource.getrusage(resource.RUSAGE_SELF)
print(len(pages) / (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
"""


def pages(count):
    paper = sample.Paper()
    articles = [a for a in paper.articles if len(a.parts) == 1 and "/archives/" in a.address]
    bodies = [paper.render(article) for article in articles]
    chance = random.Random(1)
    for number in range(count):
        body = bodies[number % len(bodies)]
        wanted = chance.randrange(60_000, 120_000)
        fill = "".join(_FILLER.format(n) for n in range(max(0, wanted - len(body)) // 120)).encode()
        yield (
            f"https://alwatan.sy/archives/{1_000_000 + number}",
            body.replace(b"</footer>", fill + b"</footer>", 1),
        )


def made(folder, count):
    """An archive of that many captured articles."""
    archive = Archive(folder / "archive.db", folder / "captures", NEWSPAPER, command="bench", kind="sample")
    for url, body in pages(count):
        coded = gzip.compress(body, 6, mtime=0)
        headers = ((b"Content-Type", b"text/html; charset=UTF-8"), (b"Content-Encoding", b"gzip"))
        kept = archive.capture(
            capture.Exchange(
                url=url, method="GET", request_headers=(), request_body=b"", status=200, reason="OK",
                response_headers=headers, body=coded, protocol="HTTP/1.1", ip=None,
                fetched_at="2026-11-22T10:00:00Z",
            ),
            payload_sha256=capture.payload_sha256(body),
        )  # fmt: skip
        item = _read(url, body)
        archive.keep(replace(item, captures=(kept,)), Visit(url, kept.fetched_at))
    archive.flush()
    archive.end(verdict="", exit_code=0)
    archive.close()


def _read(url, body):
    answer = visits.Answer(url=url, final_url=url, status=200, body=body, content_type="text/html",
                           captured_at=datetime(2026, 11, 22, tzinfo=UTC))  # fmt: skip
    return reading.finish(visits.read(answer, NEWSPAPER), NEWSPAPER)


def batches(connection):
    batch = []
    for row, captures in readings.of_articles(connection):
        batch.append(rereading.Job("article", row, captures))
        if len(batch) == 64:
            yield batch
            batch = []
    if batch:
        yield batch


def cpu():
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


def one_core(folder):
    connection = connect_for_reading(folder / "archive.db")
    began = cpu()
    done = 0
    for batch in batches(connection):
        outcomes = rereading.reread(folder / "captures", NEWSPAPER, batch)
        assert not any(outcome.changes or outcome.trouble for outcome in outcomes), outcomes
        done += len(outcomes)
    return done, cpu() - began


def on(folder, processes):
    connection = connect_for_reading(folder / "archive.db")
    work = partial(rereading.reread, folder / "captures", NEWSPAPER)
    began = time.monotonic()
    done = sum(1 for _ in workers.run(work, batches(connection), processes))
    return done / (time.monotonic() - began)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--trafilatura", metavar="PYTHON")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="reread-"))
    try:
        made(folder, given.pages)
        done, seconds = one_core(folder)
        ours = done / seconds
        print(f"reread, one core        {ours:8.0f} pages per CPU-second (goal 1,400)")
        single, double = on(folder, 1), on(folder, 2)
        print(f"reread, 1 process       {single:8.0f} pages per second")
        print(f"reread, 2 processes     {double:8.0f} pages per second, {double / single:.2f} x (goal 1.8 x)")
        if given.trafilatura:
            loose = folder / "loose"
            loose.mkdir()
            for number, (_, body) in enumerate(pages(min(given.pages, 100))):
                (loose / f"{number:04}.html").write_bytes(body)
            said = subprocess.run(
                [given.trafilatura, "-c", _TRAFILATURA, loose], capture_output=True, text=True, check=True
            )
            theirs = float(said.stdout)
            print(
                f"trafilatura, one core   {theirs:8.0f} pages per CPU-second; ours is {ours / theirs:.0f} x"
            )
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
