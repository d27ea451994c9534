"""From a record to the bytes of the page."""

import gzip
import sys
import zlib

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsarchive.capture import Record, decode, exchange, http, payload, payload_sha256, resource
from newsarchive.capture.members import unpack_member
from newsarchive.capture.reading import parse_record
from newsarchive.exceptions import BodyError, CaptureTooLargeError, IncompleteBodyError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PAGE = ("<html>" + "نص الخبر " * 3000 + "</html>").encode()


def read(member):
    data = unpack_member(member)
    return parse_record(data, 0, 0, len(data))[0]


def response(block, kind="response", content_type="application/http; msgtype=response"):
    return Record("1.0", (("WARC-Type", kind), ("Content-Type", content_type)), block, 0, 0)


def bare_deflate(data):
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


CODED = {
    "gzip": gzip.compress(PAGE),
    "x-gzip": gzip.compress(PAGE),
    "GZIP ": gzip.compress(PAGE),
    "deflate": zlib.compress(PAGE),
    "br": brotli.compress(PAGE),
    "zstd": zstd.compress(PAGE),
    "identity": PAGE,
    "gzip, br": brotli.compress(gzip.compress(PAGE)),
}


# gzip writes the time into its header: a name made of the bytes would be another in each worker.
@pytest.mark.parametrize(("coding", "body"), CODED.items(), ids=CODED)
def test_content_codings_are_undone(made, coding, body):
    headers = ((b"Content-Encoding", coding.encode()),)
    answer = read(exchange(made(response_headers=headers, body=body))[0])
    assert http(answer).body == body
    assert payload(answer) == PAGE


def test_bare_deflate_is_undone():
    assert decode(bare_deflate(PAGE), ["deflate"], []) == PAGE


def test_several_gzip_members_and_padding_behind_them_are_one_body():
    assert decode(gzip.compress(PAGE) + gzip.compress(b"more"), ["gzip"], []) == PAGE + b"more"
    assert decode(gzip.compress(PAGE) + b"\0\0\0", ["gzip"], []) == PAGE


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize("cut", [-1, -5, 40])
def test_a_coding_that_ends_too_early_is_incomplete_and_says_what_came(coding, cut):
    with pytest.raises(IncompleteBodyError, match="too early") as raised:
        decode(CODED[coding][:cut], [coding], [])
    assert PAGE.startswith(raised.value.decoded)


def test_a_wrong_checksum_is_incomplete():
    broken = bytearray(gzip.compress(PAGE))
    broken[-6] ^= 1
    with pytest.raises(IncompleteBodyError, match="broken"):
        decode(bytes(broken), ["gzip"], [])


def test_what_came_before_a_broken_byte_is_kept():
    text = "".join(str(n * n) for n in range(20_000)).encode()
    broken = bytearray(gzip.compress(text))
    broken[20_000:20_010] = b"\xff" * 10
    with pytest.raises(IncompleteBodyError) as raised:
        decode(bytes(broken), ["gzip"], [])
    assert len(raised.value.decoded) > 20_000
    assert text.startswith(raised.value.decoded[:16_000])


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_html_under_the_header_of_a_coding_is_taken_as_it_is(coding):
    assert decode(b"\n <!DOCTYPE html><p>x</p>", [coding], []) == b"\n <!DOCTYPE html><p>x</p>"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "compress", "x"])
def test_other_bytes_under_the_header_of_a_coding_are_refused(coding):
    with pytest.raises(BodyError):
        decode(b"\x07\x00plain text", [coding], [])


def test_an_empty_body_has_no_coding():
    assert decode(b"", ["gzip"], []) == b""


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_ends_at_the_limit(coding):
    bomb = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "br": brotli.compress,
        "zstd": zstd.compress,
    }[coding](b"\0" * 50_000_000)
    with pytest.raises(CaptureTooLargeError):
        decode(bomb, [coding], [], limit=1_000_000)


def test_more_codings_than_any_server_uses_are_refused():
    with pytest.raises(BodyError, match="5 content codings"):
        decode(b"x", ["gzip, gzip", "gzip, gzip, gzip"], [])


def test_chunks_of_foreign_files_are_joined():
    chunked = b"3;name=value\r\n<p>\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
    block = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked
    assert payload(response(block)) == b"<p>0123456789"


def test_a_body_whose_chunks_are_gone_but_not_the_header_is_taken_as_it_is():
    for body in (b"<html>x</html>", b"2\r\nabc and more", b"", b"abc"):
        assert decode(body, [], ["chunked"]) == body


@pytest.mark.parametrize("body", [b"5\r\nab", b"2\r\nab", b"2\r\nab\r\n"])
def test_chunks_that_end_too_early_are_incomplete(body):
    with pytest.raises(IncompleteBodyError) as raised:
        decode(body, [], ["chunked"])
    assert raised.value.decoded == b"ab"


def test_a_record_of_common_crawl_is_read():
    block = (
        b"HTTP/1.1 200 \r\nX-Crawler-content-encoding: gzip\r\nX-Crawler-Transfer-Encoding: chunked\r\n"
        b"Content-Length: 5\r\n\r\nhello"
    )
    answer = http(response(block))
    assert (answer.status, answer.reason, answer.body) == (200, "", b"hello")
    assert payload(response(block)) == b"hello"


def test_headers_are_found_in_any_case_and_every_one_of_them():
    block = b"HTTP/1.0 301\nset-cookie: a\nSet-Cookie: b\nX-Fold: c\n d\nLocation:/x\n\nbody\n\nmore"
    answer = http(response(block))
    assert (answer.status, answer.reason) == (301, "")
    assert answer.all("SET-COOKIE") == ["a", "b"]
    assert answer.get("x-fold") == "c d"
    assert answer.get("location") == "/x"
    assert answer.get("absent") is None
    assert answer.body == b"body\n\nmore"


@pytest.mark.parametrize("block", [b"", b"HTTP/1.1 OK\r\n\r\n", b"<html>", b"HTTP/1.1 2000 OK\r\n\r\n"])
def test_a_block_without_a_status_line_is_refused(block):
    with pytest.raises(BodyError, match="status line"):
        http(response(block))


def test_a_record_of_another_kind_holds_no_http_answer():
    with pytest.raises(BodyError, match="holds no HTTP answer"):
        http(response(b"1.2.3.4", content_type="text/dns"))


def test_a_resource_is_its_own_payload(page):
    assert payload(read(resource("urn:x:1", "2026-11-22T10:00:00Z", "text/html", page))) == page


def test_a_revisit_has_headers_but_no_payload(compressed):
    again = read(exchange(compressed, ("https://alwatan.sy/archives/100", "2026-11-21T10:00:00Z"))[0])
    assert http(again).status == 200
    assert http(again).get("Content-Encoding") == "gzip"
    with pytest.raises(BodyError, match="refers to"):
        payload(again)


def test_the_digest_of_rows_is_sha_256_in_hex():
    assert payload_sha256(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("encode", [gzip.compress, zlib.compress, brotli.compress, zstd.compress])
def test_a_body_cut_at_any_byte_is_never_taken_for_whole(encode):
    coding = {gzip.compress: "gzip", zlib.compress: "deflate", brotli.compress: "br"}.get(encode, "zstd")
    body = encode("نص الخبر: ".encode() + bytes(range(256)) * 2)
    for cut in range(1, len(body)):
        with pytest.raises(BodyError):
            decode(body[:cut], [coding], [])


@settings(deadline=None)
@given(st.binary(max_size=70_000))
def test_any_body_comes_back_from_every_coding(body):
    for coding, encode in (("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress)):
        assert decode(encode(body), [coding], []) == body
    assert decode(zstd.compress(body), ["zstd"], []) == body


def test_a_gzip_body_that_lies_about_its_size_is_incomplete():
    lying = gzip.compress(PAGE)[:-4] + len(PAGE[:-1]).to_bytes(4, "little")
    with pytest.raises(IncompleteBodyError):
        decode(lying, ["gzip"], [])
