"""What goes wrong below HTTP: bytes that drip, or are no answer at all."""

import time

import pytest
from fronts import front
from running import home, scrapy
from small_paper import crawl, paper, stand_in

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
WITH_LENGTH = OK + b"Content-Length: 5000\r\n\r\n"
# What drips is waited for once.
TOGETHER = ("-s", "CONCURRENT_REQUESTS=4", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=4")
HELLO = b"Content-Length: 5\r\n\r\nhello"


def drip(data, whole=b""):
    """First the whole, then a byte every half a second: each comes in time, the last never would."""
    yield whole
    for byte in data:
        yield bytes([byte])
        time.sleep(0.5)


FAULTS = {
    "a head that drips": lambda: drip(WITH_LENGTH),
    "a body that drips": lambda: drip(b"<" * 90, WITH_LENGTH),
    "bytes in the place of a head": [b"\xff\xfe\x00\x01\r\n\r\n"],
    "a page without a head": [b"<html>a page</html>"],
    "a line without end": [b"x" * 2_000_000],
    "a frame of HTTP/2": [bytes.fromhex("0000080700000000000000000000000002")],
    "a status that is no number": [b"HTTP/1.1 abc OK\r\n", HELLO],
    "a status of five digits": [b"HTTP/1.1 20000 OK\r\n", HELLO],
    "a negative status": [b"HTTP/1.1 -5 OK\r\n", HELLO],
    "a length in words": [OK, b"Content-Length: five\r\n\r\nhello"],
    "two lengths": [OK, b"Content-Length: 4\r\n", HELLO],
    "chunks without a size": [OK, b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello"],
}
STATES = dict.fromkeys(FAULTS, ("failed", "network-error")) | {
    "chunks without a size": ("failed", "incomplete")
}


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """A crawl in which each second article, newest first, comes as one of the faults, and what each became."""
    paths = [article.path for article in reversed(paper(2 * len(FAULTS)).articles)]
    faulty = dict(zip(paths[::2], FAULTS, strict=True))

    def spoil(target):
        fault = FAULTS[faulty[target]] if target in faulty else None
        return fault() if callable(fault) else fault

    folder = home(tmp_path_factory.mktemp("wires"))
    with stand_in(count=len(paths)) as site, front(site, spoil) as between:
        ended = crawl(folder, between, *TOGETHER, "-s", "DOWNLOAD_TIMEOUT=2", "-s", "RETRY_ENABLED=False")
    states = ended.states()
    return ended, {fault: states[path] for path, fault in faulty.items()}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_no_answer_fails_with_its_reason_and_is_no_article(crawled, fault):
    assert crawled[1][fault] == STATES[fault]


def test_every_page_between_them_is_kept_and_the_captures_can_be_read(crawled):
    ended, _ = crawled
    assert (ended.code, len(ended.kept())) == (5, len(FAULTS))
    scrapy(ended.folder, "verify", check=0)
