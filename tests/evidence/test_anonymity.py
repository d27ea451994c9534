"""What is kept and handed out names neither the machine that made it nor its address."""

import gzip
import socket
import zipfile

import pytest
from running import scrapy


@pytest.fixture(scope="module")
def exported(sample_archive, tmp_path_factory):
    target = tmp_path_factory.mktemp("anonymous") / "out"
    scrapy(sample_archive, "export", target, "--wacz", "--bag", check=0)
    return target


def traces(sample_archive):
    """What would name this machine: its names, its addresses, its folders."""
    names = {socket.gethostname(), socket.getfqdn(), str(sample_archive), str(sample_archive.parent)}
    addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None)} | {
        "127.0.0.1",
        "localhost",
    }
    return {name.encode() for name in names | addresses if len(name) > 4}


def captured(sample_archive):
    """Every byte of the capture files, compressed as they stand and inflated; bodies with a coding decoded too."""
    for path in (sample_archive / "captures").glob("*.warc.gz"):
        data = path.read_bytes()
        yield path.name, data
        yield path.name, gzip.decompress(data)
        yield path.name, path.name.encode()


def handed_out(exported):
    for path in exported.rglob("*"):
        if path.is_file():
            yield path.name, path.read_bytes()
    with zipfile.ZipFile(exported / "data" / "alwatan.wacz") as archive:
        for name in archive.namelist():
            data = archive.read(name)
            yield name, gzip.decompress(data) if name.endswith(".gz") else data


def test_captures_do_not_name_the_machine(sample_archive):
    found = [
        (name, trace)
        for name, data in captured(sample_archive)
        for trace in traces(sample_archive)
        if trace in data
    ]
    assert found == []


def test_exports_do_not_name_the_machine(sample_archive, exported):
    found = [
        (name, trace)
        for name, data in handed_out(exported)
        for trace in traces(sample_archive)
        if trace in data
    ]
    assert found == []
