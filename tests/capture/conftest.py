"""Exchanges and capture files that the tests of this room share."""

import gzip
from dataclasses import replace

import pytest

from newsarchive.capture import CaptureFiles, Exchange, exchange

PAGE = "<html><body><h1>دوري مثير</h1><p>نص الخبر</p></body></html>".encode()

PLAIN = Exchange(
    url="https://alwatan.sy/archives/100?a=%D8%A8",
    method="GET",
    request_headers=((b"User-Agent", b"newsarchive"), (b"Accept-Encoding", b"gzip, br")),
    request_body=b"",
    status=200,
    reason="OK",
    response_headers=(
        (b"Content-Type", b"text/html; charset=UTF-8"),
        (b"Set-Cookie", b"a=1"),
        (b"Set-Cookie", b"b=2"),
    ),
    body=PAGE,
    protocol="HTTP/1.1",
    ip="93.184.216.34",
    fetched_at="2026-11-22T10:00:00Z",
)


@pytest.fixture
def page():
    return PAGE


@pytest.fixture
def made():
    """An exchange with some fields changed."""

    def make(**changes):
        return replace(PLAIN, **changes)

    return make


@pytest.fixture
def compressed(made):
    """The exchange of a page that the server compressed."""
    coded = (b"Content-Encoding", b"gzip")
    return made(response_headers=(*PLAIN.response_headers, coded), body=gzip.compress(PAGE, mtime=0))


@pytest.fixture
def closed(tmp_path, made):
    """A closed capture file of 20 exchanges, with the position of each answer."""
    with CaptureFiles(tmp_path, "alwatan") as files:
        positions = [
            files.append(exchange(made(url=f"https://alwatan.sy/archives/{n}", body=PAGE * (n % 4))))[0]
            for n in range(20)
        ]
    return tmp_path / positions[0].file, positions
