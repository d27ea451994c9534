"""Capturing a page and reading it back: CPU time beside warcio and FastWARC on the same pages.

    python benchmarks/capture.py [--pages N]

Prints milliseconds of CPU a page (user and system) and the ratio to warcio, the median of five alternating
rounds. The pages are made here: 103 KB of Arabic menus and words, as the server sends them (gzip) and plain.
"""

import argparse
import gzip
import io
import random
import statistics
import tempfile
import time
from pathlib import Path

from fastwarc.warc import ArchiveIterator as FastWarcIterator
from fastwarc.warc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator as WarcioIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from newsarchive.capture import CaptureFiles, Exchange, check_file, exchange, payload, read_at, walk

ROUNDS = 5
SIZE = 103_000


def make_page(seed):
    chance = random.Random(seed)
    words = [
        "".join(chr(chance.randint(0x627, 0x64A)) for _ in range(chance.randint(2, 8))) for _ in range(400)
    ]
    menu = "".join(
        f'<li class="menu-item menu-item-{n}"><a href="https://alwatan.sy/archives/{chance.randrange(10**6)}">'
        f"{chance.choice(words)} {chance.choice(words)}</a></li>\n"
        for n in range(640)
    )
    text = " ".join(chance.choice(words) for _ in range(6000))
    return f"<html><body><ul>{menu}</ul><p>{text}".encode()[:SIZE]


def make_exchange(number, *, compressed):
    page = make_page(number)
    headers = [
        (b"Content-Type", b"text/html; charset=UTF-8"),
        *((b"X-Header-%d" % n, b"value") for n in range(18)),
    ]
    if compressed:
        headers.append((b"Content-Encoding", b"gzip"))
    return Exchange(
        url=f"https://alwatan.sy/archives/{number}",
        method="GET",
        request_headers=((b"User-Agent", b"benchmark"), (b"Accept-Encoding", b"gzip, br")),
        request_body=b"",
        status=200,
        reason="OK",
        response_headers=tuple(headers),
        body=gzip.compress(page) if compressed else page,
        protocol="HTTP/1.1",
        ip="93.184.216.34",
        fetched_at="2026-11-22T10:00:00Z",
    )


def write_with_warcio(made, file):
    writer = WARCWriter(file, gzip=True, warc_version="1.1")
    for one in made:
        headers = [(name.decode(), value.decode()) for name, value in one.response_headers]
        head = StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1")
        answer = writer.create_warc_record(
            one.url, "response", payload=io.BytesIO(one.body), length=len(one.body), http_headers=head
        )
        headers = [(name.decode(), value.decode()) for name, value in one.request_headers]
        head = StatusAndHeaders("GET / HTTP/1.1", headers, is_http_request=True)
        writer.write_request_response_pair(
            writer.create_warc_record(one.url, "request", http_headers=head), answer
        )


def write_with_ours(made, directory, *, sync):
    with CaptureFiles(directory, "bench") as files:
        for one in made:
            files.append(exchange(one))
            if sync:
                files.sync()


def measure(functions, pages):
    """Median milliseconds of CPU a page of each, all of them in every round."""
    times = {name: [] for name in functions}
    for _ in range(ROUNDS):
        for name, function in functions.items():
            begun = time.process_time()
            function()
            times[name].append((time.process_time() - begun) / pages * 1000)
    return {name: statistics.median(taken) for name, taken in times.items()}


def report(title, taken, anchor):
    print(title)
    for name, milliseconds in taken.items():
        print(f"  {name:34} {milliseconds:7.3f} ms   {taken[anchor] / milliseconds:6.2f} x {anchor}")


def fresh(directory):
    return Path(tempfile.mkdtemp(dir=directory))


def bench_writing(made, title, directory):
    def warcio():
        with (fresh(directory) / "a.warc.gz").open("wb") as file:
            write_with_warcio(made, file)

    functions = {
        "warcio": warcio,
        "ours": lambda: write_with_ours(made, fresh(directory), sync=False),
        "ours, fdatasync after every page": lambda: write_with_ours(made, fresh(directory), sync=True),
    }
    report(f"write request and response, {title}", measure(functions, len(made)), "warcio")


def bench_reading(made, directory):
    place = fresh(directory)
    with CaptureFiles(place, "bench") as files:
        positions = [files.append(exchange(one))[0] for one in made]
    path = place / positions[0].file
    answers = WarcRecordType.response

    def warcio():
        with path.open("rb") as file:
            assert sum(
                bool(r.content_stream().read()) for r in WarcioIterator(file) if r.rec_type == "response"
            )

    def fastwarc():
        with path.open("rb") as file:
            read = FastWarcIterator(file, record_types=answers, auto_decode="all")
            assert sum(bool(r.reader.read()) for r in read) == len(made)

    functions = {
        "warcio": warcio,
        "FastWARC": fastwarc,
        "ours, walk": lambda: sum(len(payload(r)) for r in walk(path) if r.kind == "response"),
        "ours, read_at": lambda: sum(len(payload(read_at(path, p.offset, p.length))) for p in positions),
        "ours, check_file": lambda: list(check_file(path)),
    }
    report("read decoded pages back", measure(functions, len(made)), "warcio")
    print(f"  bytes a page on the disk: ours {path.stat().st_size / len(made):.0f}", end="")
    other = fresh(directory) / "a.warc.gz"
    with other.open("wb") as file:
        write_with_warcio(made, file)
    sent = sum(len(one.body) for one in made)
    print(f", warcio {other.stat().st_size / len(made):.0f}, sent by the server {sent / len(made):.0f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=200)
    pages = parser.parse_args().pages
    with tempfile.TemporaryDirectory() as directory:
        coded = [make_exchange(number, compressed=True) for number in range(pages)]
        plain = [make_exchange(number, compressed=False) for number in range(pages)]
        bench_writing(coded, f"gzip answers of {len(coded[0].body) // 1000} KB", directory)
        bench_writing(plain, f"plain answers of {SIZE // 1000} KB", directory)
        bench_reading(coded, directory)


if __name__ == "__main__":
    main()
