"""The capture directory: positions, rotation, names, a full disk, two writers."""

import errno
import os
import re
import resource
import signal
import subprocess
import sys
import textwrap

import pytest

from newsarchive.capture import CaptureFiles, exchange, locate, read_at, repair, walk
from newsarchive.exceptions import CaptureMissingError


def run(code, *arguments):
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_appended_stands_at_its_position_byte_for_byte(tmp_path, made, compressed):
    with CaptureFiles(tmp_path, "alwatan") as files:
        written = []
        for one in (made(), compressed, made(body=b""), made(body=os.urandom(300_000))):
            members = exchange(one)
            written += zip(files.append(members), members, one and (one.body, None), strict=True)
    for position, member, body in written:
        path = tmp_path / position.file
        assert path.read_bytes()[position.offset : position.offset + position.length] == member
        record = read_at(path, position.offset, position.length)
        assert (record.offset, record.length) == (position.offset, position.length)
        assert body is None or record.block.endswith(b"\r\n\r\n" + body)


def test_a_file_begins_with_a_warcinfo_that_names_it_and_not_the_machine(tmp_path, made):
    with CaptureFiles(tmp_path, "alwatan", fields={"software": "newsarchive/1\r\nhostname: x"}) as files:
        name = files.append(exchange(made()))[0].file
    first = next(walk(tmp_path / name))
    assert first.kind == "warcinfo"
    assert first.get("WARC-Filename") == name
    said = dict(line.split(": ", 1) for line in first.block.decode().splitlines())
    assert set(said) == {"format", "conformsTo", "http-headers", "software"}
    assert said["software"] == "newsarchive/1  hostname: x"


def test_the_name_has_open_behind_it_until_the_file_is_closed(tmp_path, made):
    files = CaptureFiles(tmp_path, "alwatan")
    name = files.append(exchange(made()))[0].file
    assert re.fullmatch(rf"alwatan-\d{{14}}-00000-{os.getpid()}\.warc\.gz", name)
    assert [p.name for p in tmp_path.iterdir()] == [name + ".open"]
    assert locate(tmp_path, name) == tmp_path / (name + ".open")
    files.close()
    assert [p.name for p in tmp_path.iterdir()] == [name]
    assert locate(tmp_path, name) == tmp_path / name


def test_nothing_appended_makes_no_file(tmp_path):
    with CaptureFiles(tmp_path / "captures", "alwatan") as files:
        files.sync()
    assert not (tmp_path / "captures").exists()


def test_a_file_is_closed_before_it_grows_above_the_limit(tmp_path, made):
    members = exchange(made(body=os.urandom(5000)))
    with CaptureFiles(tmp_path, "alwatan", max_bytes=20_000) as files:
        positions = [files.append(members)[0] for _ in range(10)]
    names = sorted({p.file for p in positions})
    assert len(names) == 4
    assert all((tmp_path / name).stat().st_size <= 20_000 for name in names)
    assert [next(walk(tmp_path / n)).get("WARC-Filename") for n in names] == names
    assert sum(r.kind == "response" for n in names for r in walk(tmp_path / n)) == 10


def test_an_exchange_above_the_limit_has_a_file_of_its_own(tmp_path, made):
    with CaptureFiles(tmp_path, "alwatan", max_bytes=1000) as files:
        names = [files.append(exchange(made(body=os.urandom(5000))))[0].file for _ in range(3)]
    assert len(set(names)) == 3


@pytest.mark.parametrize("prefix", ["", "../x", "a/b", "A", "a\0", "x" * 65, "*"])
def test_a_prefix_that_is_no_file_name_is_refused(tmp_path, prefix):
    with pytest.raises(ValueError, match="prefix"):
        CaptureFiles(tmp_path, prefix)


@pytest.mark.parametrize("name", ["../captures", "/etc/hostname", "", ".", "..", "a\0b", "gone.warc.gz"])
def test_locate_refuses_what_is_not_a_file_of_the_directory(tmp_path, name):
    with pytest.raises(CaptureMissingError):
        locate(tmp_path, name)


def test_a_full_disk_leaves_no_bytes_and_says_so(tmp_path, made):
    small, large = exchange(made(body=b"x")), exchange(made(body=os.urandom(50_000)))
    files = CaptureFiles(tmp_path, "alwatan")
    kept = files.append(small)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
        with pytest.raises(OSError, match="File too large") as raised:
            files.append(large)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, old)
    assert raised.value.errno == errno.EFBIG
    following = files.append(small)
    files.close()
    assert following[0].offset == kept[1].offset + kept[1].length
    assert [r.kind for r in walk(tmp_path / kept[0].file)] == ["warcinfo"] + ["response", "request"] * 2


def test_a_disk_with_no_room_for_the_first_record_leaves_no_file(tmp_path, made):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    files = CaptureFiles(tmp_path, "alwatan")
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
        with pytest.raises(OSError, match="File too large"):
            files.append(exchange(made()))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, old)
    assert list(tmp_path.iterdir()) == []
    files.append(exchange(made()))
    files.close()
    assert len(list(tmp_path.iterdir())) == 1


WRITER = """
    import sys
    from pathlib import Path
    from newsarchive.capture import CaptureFiles, Exchange, exchange
    made = Exchange(url="https://alwatan.sy/archives/1", method="GET", request_headers=(), request_body=b"",
        status=200, reason="OK", response_headers=(), body=b"x" * 3000, protocol="HTTP/1.1", ip=None,
        fetched_at="2026-11-22T10:00:00Z")
    files = CaptureFiles(Path(sys.argv[1]), "alwatan", max_bytes=30_000)
"""


def test_two_processes_write_beside_each_other(tmp_path):
    code = (
        WRITER
        + """
    for _ in range(200):
        files.append(exchange(made))
    files.close()
    """
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), str(tmp_path)]) for _ in range(2)
    ]
    assert [w.wait(60) for w in writers] == [0, 0]
    assert all(p.name.endswith(".warc.gz") for p in tmp_path.iterdir())
    assert sum(r.kind == "response" for p in tmp_path.iterdir() for r in walk(p)) == 400


def test_repair_leaves_the_file_of_a_living_process_alone(tmp_path, made):
    files = CaptureFiles(tmp_path, "alwatan")
    name = files.append(exchange(made()))[0].file
    code = """
    import sys
    from pathlib import Path
    from newsarchive.capture import repair
    print(repair(Path(sys.argv[1]), "alwatan"))
    """
    assert run(code, tmp_path).stdout == "[]\n"
    files.append(exchange(made()))
    files.close()
    assert sum(1 for _ in walk(tmp_path / name)) == 5


def test_every_record_synced_before_kill_9_is_there_after_repair(tmp_path):
    code = (
        WRITER.replace("30_000", "10**9")
        + """
    while True:
        for position in files.append(exchange(made)):
            pass
        files.sync()
        print(position.offset + position.length, flush=True)
    """
    )
    for _ in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code), str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(50):
            synced = int(writer.stdout.readline())
        writer.kill()
        synced = max([synced, *map(int, re.findall(r"(\d+)\n", writer.stdout.read()))])
        writer.stdout.close()
        writer.wait()
        (done,) = repair(tmp_path, "alwatan")
        assert done.kept >= synced
        assert len(list(walk(tmp_path / done.file))) % 2 == 1
    assert not list(tmp_path.glob("*.open"))
