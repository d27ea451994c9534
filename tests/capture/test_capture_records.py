"""Records, byte by byte, and as warcio and FastWARC read them."""

import gzip
import io

import pytest
from fastwarc.warc import ArchiveIterator as FastWarcIterator
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator as WarcioIterator

from newsarchive.capture import Exchange, exchange, metadata, payload_digest, resource
from newsarchive.capture.members import pack_member, unpack_member
from newsarchive.capture.records import warcinfo


def warcio_records(data):
    """(type, status line, content, named fields) of every record, every digest checked."""
    read = []
    for record in WarcioIterator(io.BytesIO(data), check_digests="raise"):
        content = record.raw_stream.read()
        status = record.http_headers and record.http_headers.statusline
        read.append((record.rec_type, status, content, dict(record.rec_headers.headers)))
    return read


def assert_fastwarc_agrees(data, count):
    blocks = list(FastWarcIterator(io.BytesIO(data), parse_http=False, max_header_len=4 << 20))
    assert len(blocks) == count
    for record in FastWarcIterator(io.BytesIO(data), parse_http=False, max_header_len=4 << 20):
        assert record.verify_block_digest()
    for record in FastWarcIterator(io.BytesIO(data), parse_http=True, max_header_len=4 << 20):
        if record.headers.get("WARC-Payload-Digest") and record.headers["WARC-Type"] == "response":
            assert record.verify_payload_digest()


def named_fields(member):
    head = gzip.decompress(member).partition(b"\r\n\r\n")[0].decode()
    return dict(line.split(": ", 1) for line in head.split("\r\n")[1:])


def test_the_answer_is_written_word_for_word(made):
    answer, _ = exchange(made(body=b"hello"))
    lines = gzip.decompress(answer).decode().split("\r\n")
    identifier = lines[2]
    assert lines == [
        "WARC/1.1",
        "WARC-Type: response",
        identifier,
        "WARC-Target-URI: https://alwatan.sy/archives/100?a=%D8%A8",
        "WARC-Date: 2026-11-22T10:00:00Z",
        "WARC-IP-Address: 93.184.216.34",
        "WARC-Payload-Digest: sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N",
        "Content-Type: application/http;msgtype=response",
        "WARC-Block-Digest: sha256:74aa06f637e9f470c7cb76bac7a9960724a54b09571c5bc6d1a46592f5f3d75d",
        "Content-Length: 98",
        "",
        "HTTP/1.1 200 OK",
        "Content-Type: text/html; charset=UTF-8",
        "Set-Cookie: a=1",
        "Set-Cookie: b=2",
        "",
        "hello",
        "",
        "",
    ]


def test_the_request_is_written_word_for_word_and_names_its_answer(made):
    answer, request = exchange(made())
    fields = named_fields(request)
    assert fields["WARC-Type"] == "request"
    assert fields["WARC-Concurrent-To"] == named_fields(answer)["WARC-Record-ID"]
    assert fields["WARC-Record-ID"] != fields["WARC-Concurrent-To"]
    assert gzip.decompress(request).partition(b"\r\n\r\n")[2] == (
        b"GET /archives/100?a=%D8%A8 HTTP/1.1\r\nHost: alwatan.sy\r\nUser-Agent: newsarchive\r\n"
        b"Accept-Encoding: gzip, br\r\n\r\n\r\n\r\n"
    )


def test_warcio_and_fastwarc_read_every_kind_of_record_back(made, compressed, page):
    info = warcinfo("a.warc.gz", "2026-11-22T10:00:00Z", {"software": "newsarchive/1"})
    first = ("https://alwatan.sy/archives/100", "2026-11-21T10:00:00Z")
    plain, coded, again = exchange(made()), exchange(compressed), exchange(compressed, first)
    saved = resource("urn:sha256:00", "2026-11-22T10:00:00Z", "text/plain", page)
    note = metadata(
        "https://alwatan.sy/", "2026-11-22T10:00:00Z", "text/plain", b"x", refers_to="<urn:uuid:0>"
    )
    data = b"".join([info, *plain, *coded, *again, saved, note])
    read = warcio_records(data)
    kinds = "warcinfo response request response request revisit request resource metadata"
    assert [kind for kind, *_ in read] == kinds.split()
    assert read[1][1:3] == ("200 OK", page)
    assert read[3][1:3] == ("200 OK", compressed.body)
    assert read[5][2] == b""
    assert read[5][3]["WARC-Refers-To-Target-URI"] == "https://alwatan.sy/archives/100"
    assert read[5][3]["WARC-Refers-To-Date"] == "2026-11-21T10:00:00Z"
    assert read[5][3]["WARC-Profile"].endswith("/identical-payload-digest")
    assert read[5][3]["WARC-Payload-Digest"] == read[3][3]["WARC-Payload-Digest"]
    assert read[7][2] == page
    assert_fastwarc_agrees(data, 9)


def test_an_empty_body_is_a_record(made):
    answer, request = exchange(made(body=b"", status=204, reason="No Content"))
    assert warcio_records(answer + request)[0][1:3] == ("204 No Content", b"")
    assert_fastwarc_agrees(answer + request, 2)


def test_line_breaks_in_a_header_value_become_spaces_and_the_record_says_so(made):
    evil = (b"X-Evil", b"a\r\n\r\nWARC/1.1\r\nWARC-Type: response\0")
    answer, request = exchange(made(response_headers=(evil,), request_headers=(evil,)))
    assert b"X-Evil: a    WARC/1.1  WARC-Type: response \r\n" in gzip.decompress(answer)
    assert named_fields(answer)["X-Headers-Altered"] == "1 values with a line break or NUL"
    assert [kind for kind, *_ in warcio_records(answer + request)] == ["response", "request"]
    assert_fastwarc_agrees(answer + request, 2)


def test_a_line_break_in_the_reason_phrase_becomes_spaces(made):
    answer, _ = exchange(made(reason="OK\r\nSet-Cookie: x"))
    assert b"HTTP/1.1 200 OK  Set-Cookie: x\r\n" in gzip.decompress(answer)


def test_a_header_without_a_valid_name_is_left_out_and_the_record_says_so(made):
    answer, _ = exchange(made(response_headers=((b"A B", b"1"), (b"", b"2"), (b"C\r\n", b"3"), (b"D", b"4"))))
    assert b"HTTP/1.1 200 OK\r\nD: 4\r\n\r\n" in gzip.decompress(answer)
    assert named_fields(answer)["X-Headers-Altered"] == "3 headers without a valid name removed"


def test_transfer_encoding_goes_and_content_length_is_right(made, page):
    headers = ((b"transfer-encoding", b"chunked"), (b"Content-Length", b"7"), (b"Server", b"nginx"))
    answer, request = exchange(made(response_headers=headers))
    assert b"HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: %d\r\n\r\n" % len(page) in gzip.decompress(
        answer
    )
    assert named_fields(answer)["X-Headers-Altered"] == "transfer-encoding removed"
    assert warcio_records(answer + request)[0][2] == page


def test_a_wrong_content_length_is_set_right_and_kept_in_the_record_header(made):
    answer, _ = exchange(made(response_headers=((b"Content-Length", b"4\x01"),), truncated="disconnect"))
    assert named_fields(answer)["X-Headers-Altered"] == "content-length was '4\\x01'"
    assert named_fields(answer)["WARC-Truncated"] == "disconnect"


@pytest.mark.parametrize("changes", [{"method": "HEAD"}, {"status": 304}])
def test_content_length_stands_where_no_body_follows(made, changes):
    answer, _ = exchange(made(response_headers=((b"Content-Length", b"99"),), body=b"", **changes))
    assert b"Content-Length: 99\r\n\r\n" in gzip.decompress(answer)


def test_a_header_of_a_megabyte_is_read_back(made):
    answer, request = exchange(made(response_headers=((b"X-Long", b"x" * 1_000_000),), body=b"b"))
    assert warcio_records(answer + request)[0][2] == b"b"
    assert_fastwarc_agrees(answer + request, 2)


@pytest.mark.parametrize(
    "ip", [None, "127.0.0.1", "10.1.2.3", "192.168.0.1", "::1", "fe80::1", "x", "169.254.1.1"]
)
def test_addresses_that_are_not_public_are_not_written(made, ip):
    assert "WARC-IP-Address" not in named_fields(exchange(made(ip=ip))[0])


def test_secrets_of_the_request_are_not_written(made):
    headers = (
        (b"Cookie", b"s"),
        (b"proxy-authorization", b"s"),
        (b"Authorization", b"s"),
        (b"Accept", b"*/*"),
    )
    _, request = exchange(made(request_headers=headers))
    assert (
        b"\r\n\r\nGET /archives/100?a=%D8%A8 HTTP/1.1\r\nHost: alwatan.sy\r\nAccept: */*\r\n\r\n"
        in gzip.decompress(request)
    )


def test_http_2_is_written_as_http_1_1_and_named(made):
    answer, request = exchange(made(protocol="h2"))
    assert named_fields(answer)["WARC-Protocol"] == "h2"
    assert warcio_records(answer + request)[0][1] == "200 OK"


def test_a_copy_of_a_web_archive_says_where_and_when_it_was_got(made):
    source = "https://web.archive.org/web/20200101000000id_/https://alwatan.sy/archives/1"
    fields = named_fields(exchange(made(source_uri=source, obtained_at="2026-11-22T11:00:00Z"))[0])
    assert fields["WARC-Source-URI"] == source
    assert fields["WARC-Creation-Date"] == "2026-11-22T11:00:00Z"
    assert fields["WARC-Date"] == "2026-11-22T10:00:00Z"


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "https://alwatan.sy/a b"},
        {"url": "https://alwatan.sy/a\r\nX: y"},
        {"url": "https://alwatan.sy/خبر"},
        {"url": "/archives/1"},
        {"fetched_at": "2026-11-22T10:00:00+03:00"},
        {"fetched_at": "2026-11-22T10:00:00.123Z"},
        {"truncated": "no idea"},
        {"source_uri": "nowhere"},
    ],
)
def test_what_warc_cannot_hold_is_refused(made, changes):
    with pytest.raises(ValueError, match=r"cannot be|not valid"):
        exchange(made(**changes))


def test_the_payload_digest_is_that_of_the_wayback_index():
    assert payload_digest(b"") == "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"


@settings(deadline=None)
@given(st.binary(max_size=200), st.binary(min_size=1, max_size=200_000), st.booleans())
def test_a_member_holds_what_was_put_in(head, body, compressed):
    member = pack_member(head, body, compressed=compressed)
    assert gzip.decompress(member) == head + body
    assert unpack_member(member) == head + body


@pytest.mark.parametrize("size", [1, 65534, 65535, 65536, 131070, 131071])
def test_bodies_at_the_edges_of_a_stored_block(size):
    assert gzip.decompress(pack_member(b"h", b"x" * size, compressed=True)) == b"h" + b"x" * size


names = st.binary(max_size=12) | st.sampled_from(
    [b"Content-Length", b"Transfer-Encoding", b"Content-Encoding"]
)


@settings(deadline=None)
@given(
    st.lists(st.tuples(names, st.binary(max_size=40)), max_size=6),
    st.binary(max_size=400),
    st.text(max_size=12),
)
def test_no_header_of_a_server_can_break_a_record(headers, body, reason):
    hostile = Exchange(
        url="https://alwatan.sy/archives/1", method="GET", request_headers=tuple(headers), request_body=b"",
        status=200, reason=reason, response_headers=tuple(headers), body=body, protocol="HTTP/1.1", ip=None,
        fetched_at="2026-11-22T10:00:00Z",
    )  # fmt: skip
    data = b"".join(exchange(hostile))
    read = warcio_records(data)
    assert [kind for kind, *_ in read] == ["response", "request"]
    assert read[0][2] == body
    assert_fastwarc_agrees(data, 2)
