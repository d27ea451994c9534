"""Reading WARC and WACZ files, ours and what others might send."""

import gzip
import io
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from newsarchive.capture import http, payload, payload_digest, read_at, walk, walk_wacz
from newsarchive.capture.reading import parse_record
from newsarchive.exceptions import CaptureDamagedError, CaptureError, CaptureTooLargeError, NotACaptureError


def foreign(count, *, compressed=True, version="1.0", body=b"<html>x</html>"):
    """A file as warcio writes it."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=compressed, warc_version=version)
    for n in range(count):
        head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        url = f"http://www.alwatan.sy/{n}"
        # With the digest given, warcio leaves no temporary file open.
        fields = {"WARC-Payload-Digest": payload_digest(body), "WARC-Block-Digest": "sha1:" + "A" * 32}
        one = writer.create_warc_record(
            url, "response", io.BytesIO(body), length=len(body), http_headers=head, warc_headers_dict=fields
        )
        writer.write_record(one)
    return out.getvalue()


def record(*fields, block=b"", version=b"WARC/1.0"):
    lines = [version, b"WARC-Type: response", *fields, b"Content-Length: %d" % len(block)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + block + b"\r\n\r\n"


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("compressed", [True, False])
def test_files_of_warcio_are_read(tmp_path, compressed, version):
    path = tmp_path / "a.warc"
    path.write_bytes(foreign(3, compressed=compressed, version=version))
    records = list(walk(path))
    assert [(r.kind, r.version, r.url) for r in records] == [
        ("response", version, f"http://www.alwatan.sy/{n}") for n in range(3)
    ]
    assert [payload(r) for r in records] == [b"<html>x</html>"] * 3
    assert [read_at(path, r.offset, r.length) for r in records] == records


def test_an_empty_file_holds_no_record(tmp_path):
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"")
    assert list(walk(path)) == []


def test_angle_brackets_around_the_address_are_taken_off(tmp_path):
    path = tmp_path / "a.warc"
    path.write_bytes(record(b"WARC-Target-URI: <http://a.sy/>", b"X-Folded: a", b"  b"))
    (read,) = walk(path)
    assert read.url == "http://a.sy/"
    assert read.get("x-folded") == "a b"
    assert read.get("absent") is None


def test_a_file_compressed_as_a_whole_is_read_while_it_is_small(tmp_path):
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(foreign(3, compressed=False)))
    assert len(list(walk(path))) == 3
    with pytest.raises(CaptureTooLargeError, match="gunzip"):
        list(walk(path, limit=500))


def test_a_record_above_the_limit_is_reported_and_the_walk_goes_on(tmp_path):
    for compressed in (True, False):
        path = tmp_path / "a.warc.gz"
        large = foreign(1, compressed=compressed, body=b"x" * 5000)
        path.write_bytes(large + foreign(1, compressed=compressed))
        damages = []
        assert len(list(walk(path, damages.append, limit=2000))) == 1
        assert [(d.offset, d.length) for d in damages] == [(0, len(large))]
        with pytest.raises(CaptureTooLargeError):
            list(walk(path, limit=2000))


def test_a_gzip_bomb_ends_at_the_limit(tmp_path):
    path = tmp_path / "a.warc.gz"
    bomb = gzip.compress(record(block=b"\0" * 50_000_000))
    path.write_bytes(bomb)
    with pytest.raises(CaptureTooLargeError):
        read_at(path, 0, len(bomb), limit=1_000_000)


@pytest.mark.parametrize(
    "data",
    [
        record()[:-1],
        record().replace(b"Content-Length: 0", b"Content-Length: 7"),
        record().replace(b"Content-Length: 0", b"Content-Length: -1"),
        record().replace(b"Content-Length: 0", b"Content-Length: 0\r\nContent-Length: 0"),
        record().replace(b"Content-Length: 0", "Content-Length: ٣".encode()),
        record().replace(b"Content-Length: 0", b"Content-Length: " + b"9" * 5000),
        record().replace(b"Content-Length: 0", b"Length: 0"),
        record().replace(b"WARC-Type: response\r\n", b""),
        record(b"X: \xff"),
        record(b"no colon"),
        record(b": no name"),
        record(version=b"WARC/1"),
        record(b"X: " + b"x" * 100_000),
        b"WARC/1.0\r\n",
    ],
)
def test_a_record_that_contradicts_itself_is_damage(tmp_path, data):
    path = tmp_path / "a.warc"
    path.write_bytes(record() + data)
    read = walk(path)
    assert next(read).kind == "response"
    with pytest.raises(CaptureDamagedError, match=f"a.warc at byte {len(record())}"):
        next(read)
    path.write_bytes(gzip.compress(data) + gzip.compress(record()))
    damages = []
    assert len(list(walk(path, damages.append))) == 1
    assert [(d.offset, d.length) for d in damages] == [(0, len(gzip.compress(data)))]


@pytest.mark.parametrize("data", [b"<html>", b"\x1f\x8b\x09", b"\0" * 100, b"\x28\xb5\x2f\xfd"])
def test_a_file_of_another_kind_is_refused(tmp_path, data):
    path = tmp_path / "a.warc.gz"
    path.write_bytes(data)
    with pytest.raises(NotACaptureError):
        list(walk(path))


def test_read_at_refuses_every_other_position(closed):
    path, positions = closed
    size = path.stat().st_size
    for offset, length in [
        (positions[3].offset + 1, positions[3].length),
        (positions[3].offset, positions[3].length - 1),
        (positions[3].offset, positions[3].length + 1),
        (positions[3].offset, positions[4].offset - positions[3].offset),
        (0, size),
        (size, 10),
        (size - 10, 100),
    ]:
        with pytest.raises(CaptureDamagedError, match=f"at byte {offset}"):
            read_at(path, offset, length)


def wacz(path, data, method=zipfile.ZIP_STORED, name="archive/data.warc.gz"):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("datapackage.json", "{}")
        archive.writestr(name, data, compress_type=method)
        archive.writestr("archive/../../evil.warc.gz.txt", b"x")
    return path


def test_a_wacz_is_read_in_place(tmp_path, closed):
    source, _ = closed
    path = wacz(tmp_path / "a.wacz", source.read_bytes())
    inside = list(walk_wacz(path))
    assert {name for name, _ in inside} == {"archive/data.warc.gz"}
    assert [r.block for _, r in inside] == [r.block for r in walk(source)]
    for _, one in inside:
        assert read_at(path, one.offset, one.length).block == one.block


def test_a_wacz_that_breaks_its_rules_is_refused(tmp_path, closed):
    data = closed[0].read_bytes()
    squeezed = wacz(tmp_path / "b.wacz", data, zipfile.ZIP_DEFLATED)
    with pytest.raises(NotACaptureError, match="unzip it first"):
        list(walk_wacz(squeezed))
    torn = wacz(tmp_path / "c.wacz", data).read_bytes()
    (tmp_path / "c.wacz").write_bytes(torn[:-100])
    with pytest.raises(NotACaptureError):
        list(walk_wacz(tmp_path / "c.wacz"))
    (tmp_path / "d.wacz").write_bytes(torn[:20] + b"\0" * 30 + torn[50:])
    with pytest.raises(CaptureError):
        list(walk_wacz(tmp_path / "d.wacz"))
    not_a_warc = wacz(tmp_path / "e.wacz", b"hello world")
    with pytest.raises(NotACaptureError, match=r"e\.wacz/archive/data\.warc\.gz"):
        list(walk_wacz(not_a_warc))


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_crash_the_record_parser(data):
    for candidate in (data, b"WARC/1.1\r\n" + data, record(data)):
        try:
            read, end = parse_record(candidate, 0, 0, len(candidate))
        except CaptureDamagedError:
            continue
        assert end <= len(candidate)
        assert read.kind is not None


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_crash_the_http_parser(data):
    read, _ = parse_record(
        record(b"Content-Type: application/http", block=b"HTTP/1.1 200 OK\r\n" + data), 0, 0, 0
    )
    assert http(read).status == 200


def test_a_damaged_file_with_thousands_of_false_beginnings_is_given_up_in_time(tmp_path):
    start = zlib.compressobj(9, zlib.DEFLATED, 31)
    broken = start.compress(b"WARC/1.1\r\n" * 100) + start.flush(zlib.Z_SYNC_FLUSH)
    path = tmp_path / "a.warc.gz"
    path.write_bytes((broken + b"\xff") * 5000)
    with pytest.raises(CaptureDamagedError, match="more than 1000 broken records"):
        list(walk(path, lambda _: None))
