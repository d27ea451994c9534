"""What every test may use, and the guard that keeps them all on this machine."""

import os
import socket
from pathlib import Path

import pytest
import running

from newsarchive.storage.connection import connect_for_writing

_ROOT = Path(__file__).parent.parent


def pytest_unconfigure():
    running.end_server()


@pytest.fixture(autouse=True)
def _offline(monkeypatch):
    """A test that asks anything beyond this machine fails at once."""
    connect = socket.socket.connect

    def guarded(self, address):
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            assert address[0] in {"127.0.0.1", "::1", "localhost"}, f"a test asked {address}"
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def root():
    """The project's folder."""
    return _ROOT


@pytest.fixture(scope="session")
def shared():
    """Material that is not part of the project; tests that need it are skipped without it."""
    folder = Path(os.environ.get("NEWSARCHIVE_SHARED", _ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip("the shared material is not here")
    return folder


@pytest.fixture
def connection(tmp_path):
    """A fresh archive's database, open for writing."""
    opened = connect_for_writing(tmp_path / "archive.db")
    yield opened
    opened.close()
