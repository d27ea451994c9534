"""pywb, in an environment of its own (`make replay`), replays a capture byte for byte."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from running import ROOT, rows

from newsarchive import capture

TOOLS = Path(os.environ.get("NEWSARCHIVE_REPLAY", ROOT / ".venv-replay" / "bin"))


@pytest.fixture
def replayed(folder):
    """The base address of a pywb that serves the captures of the copy."""
    if not (TOOLS / "wayback").exists():
        pytest.skip("pywb is not installed: make replay")
    home = folder / "replay"
    home.mkdir()
    (warc,) = (folder / "captures").glob("*.warc.gz")
    environment = {"PATH": f"{TOOLS}:/usr/bin:/bin", "HOME": str(home)}
    for words in (("init", "paper"), ("add", "paper", str(shutil.copy(warc, home)))):
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
    yield f"{base}/paper"
    server.terminate()
    server.wait()


def test_pywb_replays_an_article_byte_for_byte(replayed, folder):
    row = rows(
        folder,
        "SELECT c.* FROM captures AS c JOIN articles AS a ON a.capture_id = c.id WHERE a.key = 'alwatan-5211'",
    )[0]
    record = capture.read_at(
        capture.locate(folder / "captures", row["warc_file"]), row["warc_offset"], row["warc_length"]
    )
    stamp = "".join(c for c in row["fetched_at"] if c.isdigit())
    with urlopen(f"{replayed}/{stamp}id_/{row['url']}", timeout=30) as answer:
        assert capture.decode(answer.read(), answer.headers.get_all("Content-Encoding", []), []) == (
            capture.payload(record)
        )
