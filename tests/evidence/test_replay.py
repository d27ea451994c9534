"""pywb and wacz, in an environment of their own (`make replay`), take what we write: captures replay byte for byte."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
from running import ROOT, rows, scrapy

from newsarchive import capture

TOOLS = Path(os.environ.get("NEWSARCHIVE_REPLAY", ROOT / ".venv-replay" / "bin"))


KEY = "alwatan-5211"


@pytest.fixture(scope="module")
def wacz(sample_archive, tmp_path_factory):
    """A WACZ of one article."""
    target = tmp_path_factory.mktemp("wacz") / "out"
    scrapy(sample_archive, "export", target, "--wacz", "--key", KEY, check=0)
    return target / "alwatan.wacz"


@pytest.fixture(scope="module")
def replayed(sample_archive, wacz, tmp_path_factory):
    """The address of a pywb with two collections: `paper` has the capture file, `chosen` the WACZ."""
    if not (TOOLS / "wayback").exists():
        pytest.skip("pywb is not installed: make replay")
    home = tmp_path_factory.mktemp("replay")
    (warc,) = (sample_archive / "captures").glob("*.warc.gz")
    environment = {"PATH": f"{TOOLS}:/usr/bin:/bin", "HOME": str(home)}
    for words in (
        ("init", "paper"), ("add", "paper", str(shutil.copy(warc, home))),
        ("init", "chosen"), ("add", "--unpack-wacz", "chosen", str(wacz)),
    ):  # fmt: skip
        subprocess.run(
            [TOOLS / "wb-manager", *words], cwd=home, env=environment, check=True, capture_output=True
        )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [TOOLS / "wayback", "-b", "127.0.0.1", "-p", str(port)],
        cwd=home, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    base = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urlopen(base, timeout=5).close()
            break
        except (URLError, ConnectionError):
            time.sleep(0.2)
    yield base
    server.terminate()
    server.wait()


@pytest.mark.parametrize("collection", ["paper", "chosen"])
def test_pywb_replays_an_article_byte_for_byte(replayed, sample_archive, collection):
    row = rows(
        sample_archive,
        "SELECT c.* FROM captures AS c JOIN articles AS a ON a.capture_id = c.id WHERE a.key = ?", KEY,
    )[0]  # fmt: skip
    record = capture.read_at(
        capture.locate(sample_archive / "captures", row["warc_file"]), row["warc_offset"], row["warc_length"]
    )
    stamp = "".join(c for c in row["fetched_at"] if c.isdigit())
    with urlopen(f"{replayed}/{collection}/{stamp}id_/{row['url']}", timeout=30) as answer:
        assert capture.decode(answer.read(), answer.headers.get_all("Content-Encoding", []), []) == (
            capture.payload(record)
        )


def test_the_selection_of_a_wacz_is_all_that_replays(replayed, sample_archive):
    (other,) = rows(sample_archive, "SELECT url FROM articles WHERE key = 'alwatan-155488'")
    assert urlopen(f"{replayed}/paper/2026id_/{other['url']}", timeout=30).status == 200
    with pytest.raises(HTTPError, match="404"):
        urlopen(f"{replayed}/chosen/2026id_/{other['url']}", timeout=30)


def test_the_wacz_is_valid(wacz):
    if not (TOOLS / "wacz").exists():
        pytest.skip("wacz is not installed: make replay")
    done = subprocess.run(
        [TOOLS / "wacz", "validate", "-f", wacz], capture_output=True, text=True, check=False
    )
    assert (done.returncode, "is valid" in done.stdout) == (0, True), done.stdout
