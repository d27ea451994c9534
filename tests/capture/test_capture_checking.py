"""What `verify` finds in capture files."""

import gzip
import hashlib
import os
import random
import subprocess
import sys

import pytest

from newsarchive.capture import (
    CaptureFiles,
    Finding,
    check_directory,
    check_file,
    exchange,
    manifest,
    read_at,
    resource,
    walk,
)
from newsarchive.capture.records import warcinfo

NAME = "alwatan-20261122100000-00000-1.warc.gz"


def findings(path):
    return [(p.finding, p.offset) for p in check_file(path)]


def write(directory, *members, name=NAME):
    path = directory / name
    path.write_bytes(b"".join([warcinfo(name, "2026-11-22T10:00:00Z", {}), *members]))
    return path


def altered(member, old, new):
    data = gzip.decompress(member)
    assert old in data
    return gzip.compress(data.replace(old, new))


def test_what_we_write_is_clean(closed, tmp_path):
    path, _ = closed
    assert findings(path) == []
    assert list(check_directory(tmp_path)) == []


def test_every_bit_that_changes_a_record_is_reported_at_its_member(closed, tmp_path):
    path, _ = closed
    data = path.read_bytes()
    before = list(walk(path))
    broken = tmp_path / path.name
    flips = random.Random(88)
    changing = 0
    for bit in [
        *(flips.randrange(len(data) * 8) for _ in range(400)),
        *range(80),
        *range(len(data) * 8 - 64, len(data) * 8),
    ]:
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        broken.write_bytes(flipped)
        problems = list(check_file(broken))
        after = list(walk(broken, lambda _: None))
        if after != before:
            changing += 1
            member = max(r.offset for r in before if r.offset <= bit // 8)
            assert member in {p.offset for p in problems}, bit
    assert changing > 400


def test_records_beside_a_damaged_one_are_still_read(closed):
    path, positions = closed
    data = bytearray(path.read_bytes())
    data[0] ^= 1
    data[positions[4].offset + 30] ^= 1
    path.write_bytes(data)
    assert findings(path) == [
        (Finding.DAMAGE, 0),
        (Finding.STRUCTURE, positions[0].offset),
        (Finding.DAMAGE, positions[4].offset),
        (Finding.STRUCTURE, positions[4].offset + positions[4].length),
    ]
    assert read_at(path, positions[5].offset, positions[5].length).kind == "response"


def test_a_cut_file_is_reported(closed):
    path, positions = closed
    path.write_bytes(path.read_bytes()[:-1])
    assert findings(path) == [(Finding.DAMAGE, positions[-1].offset + positions[-1].length)]


def test_altered_records_with_right_checksums_are_reported(tmp_path, made, page):
    answer, request = exchange(made())
    saved = resource("urn:x:1", "2026-11-22T10:00:00Z", "text/html", page)
    path = write(
        tmp_path,
        altered(answer, "مثير".encode(), "ممير".encode()),
        altered(request, b"newsarchive", b"newsarchivf"),
        altered(saved, b"<h1>", b"<h2>"),
    )
    assert [p.finding for p in check_file(path)] == [
        Finding.BLOCK_DIGEST,
        Finding.PAYLOAD_DIGEST,
        Finding.BLOCK_DIGEST,
        Finding.BLOCK_DIGEST,
        Finding.PAYLOAD_DIGEST,
    ]
    assert [p.url for p in check_file(path)][-1] == "urn:x:1"


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        (b"2026-11-22T10:00:00Z", b"2026-11-31T10:00:00Z", Finding.DATE),
        (b"2026-11-22T10:00:00Z", b"yesterday", Finding.DATE),
        (b"sha256:", b"sha999:", Finding.BLOCK_DIGEST),
        (b"sha1:", b"crc32:", Finding.PAYLOAD_DIGEST),
    ],
)
def test_fields_that_cannot_be_checked_are_reported(tmp_path, made, old, new, finding):
    answer, request = exchange(made())
    path = write(tmp_path, altered(answer, old, new), request)
    assert [p.finding for p in check_file(path)] == [finding]


def test_an_answer_that_is_no_http_is_reported(tmp_path, made):
    answer, request = exchange(made())
    path = write(tmp_path, altered(answer, b"HTTP/1.1 200", b"HTTP/1.1 2x0"), request)
    assert {p.finding for p in check_file(path)} == {Finding.BLOCK_DIGEST, Finding.HTTP}


def test_digests_in_hex_and_in_any_case_are_right(tmp_path, made, page):
    answer, request = exchange(made())
    stated = gzip.decompress(answer).split(b"WARC-Payload-Digest: ")[1].split(b"\r\n")[0]
    in_hex = b"SHA1:" + hashlib.sha1(page).hexdigest().upper().encode()
    assert findings(write(tmp_path, altered(answer, stated, in_hex), request)) == []


def test_a_missing_record_is_reported(tmp_path, made):
    answer, request = exchange(made())
    other, _ = exchange(made())
    assert [f for f, _ in findings(write(tmp_path, request))] == [Finding.STRUCTURE]
    assert [f for f, _ in findings(write(tmp_path, answer, other, request))] == [Finding.STRUCTURE]
    path = tmp_path / NAME.replace("00000", "00001")
    path.write_bytes(answer + request)
    assert findings(path) == [(Finding.STRUCTURE, 0)]


def test_a_clock_that_was_set_back_is_noted(tmp_path, made):
    late, early = exchange(made()), exchange(made(fetched_at="2026-11-22T09:49:59Z"))
    path = write(tmp_path, *late, *early)
    (problem,) = {(p.finding, p.detail) for p in check_file(path)}
    assert problem == (Finding.CLOCK, "written 2026-11-22T09:49:59Z, after 2026-11-22T10:00:00Z")


def test_old_copies_of_a_web_archive_are_no_clock_set_back(tmp_path, made):
    copy = made(
        fetched_at="2015-01-01T00:00:00Z",
        source_uri="https://web.archive.org/web/20150101000000id_/https://alwatan.sy/",
        obtained_at="2026-11-22T10:00:05Z",
    )
    assert findings(write(tmp_path, *exchange(made()), *exchange(copy))) == []


def test_files_of_others_need_no_order_and_no_warcinfo(tmp_path, made):
    late, early = exchange(made()), exchange(made(fetched_at="2015-11-22T09:49:59Z"))
    path = tmp_path / "theirs.warc.gz"
    path.write_bytes(late[1] + early[0])
    assert findings(path) == []


def test_a_foreign_digest_taken_without_the_chunks_is_right(tmp_path):
    body = b"5\r\nhello\r\n0\r\n\r\n"
    block = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body
    for right, digest in ((True, b"hello"), (True, body), (False, b"x")):
        head = (
            "WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http\r\n"
            f"WARC-Date: 2020-01-01T00:00:00Z\r\nContent-Length: {len(block)}\r\n"
            f"WARC-Payload-Digest: sha1:{hashlib.sha1(digest).hexdigest()}\r\n\r\n"
        )
        path = tmp_path / "a.warc"
        path.write_bytes(head.encode() + block + b"\r\n\r\n")
        assert (findings(path) == []) is right


def test_an_open_file_being_written_is_clean_and_a_left_one_is_noted(tmp_path, made):
    files = CaptureFiles(tmp_path, "alwatan")
    name = files.append(exchange(made()))[0].file
    path = tmp_path / (name + ".open")
    with path.open("ab") as half:
        half.write(exchange(made())[0][:50])
    assert list(check_directory(tmp_path)) == []
    code = "import sys, os; from pathlib import Path; from newsarchive.capture import check_directory\n"
    code += "print([str(p.finding) for p in check_directory(Path(sys.argv[1]))])"
    left = tmp_path / "left"
    left.mkdir()
    (left / path.name).write_bytes(path.read_bytes())
    (left / f"{name}.torn-100").write_bytes(b"torn")
    printed = subprocess.run(
        [sys.executable, "-c", code, left], capture_output=True, text=True, check=True
    ).stdout
    assert printed == "['not-closed', 'torn']\n"
    printed = subprocess.run(
        [sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True
    ).stdout
    assert printed == "[]\n"


def test_a_file_that_is_no_warc_is_reported(tmp_path):
    (tmp_path / "a.warc.gz").write_bytes(b"hello")
    (tmp_path / "readme.txt").write_bytes(b"hello")
    (problem,) = check_directory(tmp_path)
    assert (problem.file, problem.finding, problem.detail) == (
        "a.warc.gz",
        Finding.DAMAGE,
        "a.warc.gz is no WARC file",
    )


def test_the_manifest_names_closed_files_as_sha256sum_reads_them(tmp_path, made):
    with CaptureFiles(tmp_path, "alwatan", max_bytes=1) as files:
        for _ in range(3):
            files.append(exchange(made()))
    writing = CaptureFiles(tmp_path, "alwatan")
    writing.append(exchange(made()))
    lines = [f"{digest}  {name}" for digest, name in manifest(tmp_path)]
    assert len(lines) == 3
    check = ["sha256sum", "--check", "--strict"]
    good = subprocess.run(
        check, input="\n".join(lines), text=True, cwd=tmp_path, capture_output=True, check=False
    )
    assert good.returncode == 0
    path = tmp_path / lines[0].split()[1]
    path.write_bytes(path.read_bytes()[:-1] + os.urandom(1) + b"x")
    bad = subprocess.run(
        check, input="\n".join(lines), text=True, cwd=tmp_path, capture_output=True, check=False
    )
    assert bad.returncode == 1


def page(number):
    return resource(f"https://alwatan.sy/{number}", "2026-01-01T00:00:00Z", "text/html", b"<p>x</p>")


def test_a_file_that_its_writer_closes_while_others_are_read_is_read_under_its_final_name(tmp_path):
    write(tmp_path, page(1), name="alwatan-20200101000000-00000-1.warc.gz")
    writer, seen = CaptureFiles(tmp_path, "alwatan"), []
    (place,) = writer.append([page(2)])

    def on_record(file, record):
        writer.close()
        seen.append((file, record.url))

    assert list(check_directory(tmp_path, on_record)) == []
    assert (place.file, "https://alwatan.sy/2") in seen


def test_a_record_that_was_half_written_when_its_file_was_opened_is_no_damage(tmp_path):
    path, half = write(tmp_path, page(1), name=f"{NAME}.open"), page(2)
    with path.open("ab") as file:
        file.write(half[:20])

    def on_record(_file, record):
        if record.kind == "resource":
            with path.open("ab") as file:
                file.write(half[20:])

    found = list(check_directory(tmp_path, on_record))
    assert [problem.finding for problem in found if problem.finding is not Finding.NOT_CLOSED] == [
        Finding.STRUCTURE
    ]
