"""What an answer of a web archive means."""

import gzip

import pytest

from newsarchive.crawling import webarchives
from newsarchive.crawling.webarchives import Answer, Copy, Trouble
from newsarchive.items import Memento

MEMENTO = Memento("http://www.alwatan.sy/archives/7", "20170612083000", "wayback")
CRAWLED = Memento(
    "https://alwatan.sy/archives/7", "20210301120000", "commoncrawl", "crawl-data/x.warc.gz 10 20"
)
DATED = {"memento-datetime": "Mon, 12 Jun 2017 08:30:00 GMT"}


def replayed(status, headers=None, body=b"page"):
    url = "https://web.archive.org/web/20170612083000id_/http://www.alwatan.sy/archives/7"
    headers = headers or {}
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    return webarchives.read(Answer(url, status, headers, body), MEMENTO, pairs)


def test_a_copy_has_the_time_that_the_archive_states():
    copy = replayed(200, DATED)
    assert isinstance(copy, Copy)
    assert copy.captured_at == "2017-06-12T08:30:00Z"


def test_an_archived_429_is_a_copy_and_a_real_one_is_not():
    assert isinstance(replayed(429, DATED), Copy)
    assert replayed(429).trouble is Trouble.BUSY


@pytest.mark.parametrize(("status", "trouble"), [
    (200, Trouble.KEPT_AWAY), (403, Trouble.KEPT_AWAY), (404, Trouble.ABSENT), (503, Trouble.BUSY)])  # fmt: skip
def test_without_the_mementos_time_an_answer_is_no_content(status, trouble):
    assert replayed(status).trouble is trouble
    assert replayed(status, {"memento-datetime": "soon"}).trouble is trouble


def test_a_capture_found_at_another_time_is_named():
    location = "https://web.archive.org/web/20180101000000id_/https://alwatan.sy/archives/7"
    assert replayed(302, {"location": location}).target == ("20180101000000", "https://alwatan.sy/archives/7")


def test_an_archived_redirect_stays_inside_the_archive():
    rewritten = {**DATED, "location": "/web/20170612083000id_/https://alwatan.sy/archives/7"}
    assert replayed(301, rewritten).target == ("20170612083000", "https://alwatan.sy/archives/7")
    assert replayed(301, {**DATED, "location": "https://elsewhere.example/"}).trouble is Trouble.ABSENT


def ranged(member, status=206):
    return webarchives.read(Answer("https://data.commoncrawl.org/x", status, {}, member), CRAWLED, [])


def member(
    url="https://alwatan.sy/archives/7", fields="", http="HTTP/1.1 200 \r\nContent-Type: text/html\r\n\r\nx"
):
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: 2021-03-01T12:00:00Z\r\nWARC-Target-URI: {url}\r\n{fields}"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return gzip.compress(f"{head}{http}\r\n\r\n".encode(), mtime=0)


def test_a_range_holds_the_newspapers_answer_whose_status_line_has_no_reason():
    copy = ranged(member())
    assert (copy.status, copy.body, copy.captured_at) == (200, b"x", "2021-03-01T12:00:00Z")
    assert copy.truncated is None


def test_a_record_that_common_crawl_cut_says_so():
    assert ranged(member(fields="WARC-Truncated: length\r\n")).truncated == "length"


def test_a_coding_that_common_crawl_undid_is_not_undone_again():
    copy = ranged(member(http="HTTP/1.1 200 \r\nContent-Encoding: gzip\r\n\r\nplain"))
    assert copy.headers == ((b"X-Crawler-Content-Encoding", b"gzip"),)


def test_a_record_of_another_address_is_no_copy():
    assert ranged(member(url="https://alwatan.sy/archives/8")).trouble is Trouble.ABSENT


@pytest.mark.parametrize("body", [b"", b"no gzip", member()[:-4], member() + member()])
def test_bytes_that_are_not_one_record_are_no_copy(body):
    assert ranged(body).trouble is Trouble.ABSENT


@pytest.mark.parametrize(("status", "trouble"), [
    (200, Trouble.KEPT_AWAY), (403, Trouble.KEPT_AWAY), (404, Trouble.ABSENT), (416, Trouble.ABSENT),
    (503, Trouble.BUSY)])  # fmt: skip
def test_only_a_part_of_the_file_is_an_answer(status, trouble):
    assert ranged(member(), status).trouble is trouble


def test_the_range_ends_with_the_records_last_byte():
    place = "crawl-data/CC-MAIN-2021-10/segments/1/warc/a.warc.gz 10 20"
    assert (
        webarchives.range_header(Memento("https://alwatan.sy/archives/7", "2021", "commoncrawl", place))
        == "bytes=10-29"
    )
