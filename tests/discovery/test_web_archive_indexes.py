"""Indexes of web archives, in the formats that they print."""

import json

import pytest

from newsarchive.discovery import addresses, commoncrawl, wayback
from newsarchive.items import Memento

NAMES = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
ROW = [
    "sy,alwatan)/archives/7", "20170612083000", "http://www.alwatan.sy:80/archives/7", "text/html", "200", "A" * 32,
    "9",
]  # fmt: skip


def cdx(*rows):
    return json.dumps([NAMES, *rows]).encode()


def test_a_row_is_a_memento():
    assert wayback.read(cdx(ROW)).mementos == (
        Memento("http://www.alwatan.sy:80/archives/7", "20170612083000", "wayback", None, "A" * 32, 200, "text/html"),
    )  # fmt: skip


def test_a_revisit_says_neither_status_nor_type():
    row = [*ROW[:3], "warc/revisit", "-", "A" * 32, "9"]
    (memento,) = wayback.read(cdx(row)).mementos
    assert (memento.status, memento.media_type) == (None, None)


def test_a_list_that_goes_on_ends_with_its_resume_key():
    index = wayback.read(cdx(ROW, [], ["sy,alwatan)/archives/8 20170612083001"]))
    assert len(index.mementos) == 1
    assert index.cursor == "sy,alwatan)/archives/8 20170612083001"


def test_nothing_is_an_empty_list():
    assert wayback.read(b"[]\n").complete
    assert wayback.read(b"[]\n").mementos == ()


def test_a_line_that_is_badly_printed_costs_that_line_alone():
    text = f'[{json.dumps(NAMES)},\n["sy,alwatan)/x", "2017\n{json.dumps(ROW)}]\n'
    index = wayback.read(text.encode())
    assert len(index.mementos) == 1
    assert index.complete
    assert index.reason == "1 rows are no captures"


@pytest.mark.parametrize("moment", ["20170230120000", "20171301000000", "2017061208300", "٢٠١٧٠٦١٢٠٨٣٠٠١"])
def test_a_capture_of_a_moment_that_never_was_is_none(moment):
    row = [moment if name == "timestamp" else value for name, value in zip(NAMES, ROW, strict=True)]
    index = wayback.read(cdx(row, ROW))
    assert [memento.timestamp for memento in index.mementos] == [ROW[NAMES.index("timestamp")]]
    assert index.reason == "1 rows are no captures"


def test_a_list_that_breaks_off_is_not_complete():
    assert wayback.read(cdx(ROW)[:-20]).reason == "the list breaks off"


@pytest.mark.parametrize("body", [b"", b"<html>Blocked</html>", b'[["a", "b"], ["c", "d"]]', b'{"a": 1}'])
def test_another_document_is_no_index(body):
    assert not wayback.read(body).complete


def test_the_query_asks_once_for_a_whole_host():
    url = wayback.query("https://web.archive.org", "alwatan.sy", limit=100, resume_key="k y")
    assert url.startswith(
        "https://web.archive.org/cdx/search/cdx?url=alwatan.sy%2F&matchType=prefix&output=json"
    )
    assert "showResumeKey=true" in url
    assert url.endswith("resumeKey=k+y")


LINE = {
    "urlkey": "sy,alwatan)/archives/7", "timestamp": "20210301120000", "url": "https://alwatan.sy/archives/7",
    "mime": "text/html", "mime-detected": "text/html", "status": "200", "digest": "A" * 32, "length": "2000",
    "offset": "500", "filename": "crawl-data/CC-MAIN-2021-10/segments/1/warc/CC-MAIN-1.warc.gz",
}  # fmt: skip


def test_a_line_of_common_crawl_names_its_record():
    index = commoncrawl.read(200, json.dumps(LINE).encode() + b"\n", 0)
    (memento,) = index.mementos
    assert commoncrawl.place(memento.location) == (LINE["filename"], 500, 2000)
    assert index.cursor == "1"


def test_no_captures_are_a_404_in_json():
    index = commoncrawl.read(404, b'{"message": "No Captures found for: alwatan.sy/*"}', 0)
    assert (index.complete, index.cursor, index.mementos) == (True, None, ())


def test_a_404_of_another_kind_is_no_answer():
    assert not commoncrawl.read(404, b"<html>not here</html>", 0).complete


def test_the_page_behind_the_last_one_is_a_400():
    message = b'{"message": "Page 3 invalid: First Page is 0, Last Page is 2"}'
    assert commoncrawl.read(400, message, 3).complete
    assert not commoncrawl.read(400, message, 2).complete


def test_a_busy_index_has_not_answered():
    assert commoncrawl.read(503, b"Please slow down", 0).reason == "HTTP 503"


@pytest.mark.parametrize(
    "filename", ["../../etc/passwd", "crawl-data/../x.warc.gz", "https://example.org/x.warc.gz"]
)
def test_only_files_of_common_crawl_are_asked_for(filename):
    with pytest.raises(ValueError, match="is no file of Common Crawl's"):
        commoncrawl.place(f"{filename} 1 2")


def test_collections_come_newest_first():
    body = json.dumps([{"id": "CC-MAIN-2013-20"}, {"id": "CC-MAIN-2025-38"}, {"id": "../x"}]).encode()
    assert commoncrawl.collections(body) == ("CC-MAIN-2025-38", "CC-MAIN-2013-20")


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("https://alwatan.sy/archives/7", 1),
        ("http://www.alwatan.sy/archives/7/2/", 2),
        ("https://alwatanonline.com/خبر/3", 3),
        ("https://alwatan.sy/archives/20", 1),
        ("https://alwatan.sy/page/2", 1),
    ],
)
def test_a_later_part_of_a_paged_article_is_told_from_its_first(url, part):
    assert addresses.part(url) == part
