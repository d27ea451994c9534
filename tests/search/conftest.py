"""Archives to search: real files with the schema of every archive."""

import pytest
from filling import insert

from newsarchive.storage.connection import connect_for_reading


@pytest.fixture
def archive(connection, tmp_path):
    """Put articles into a fresh archive and open it as readers do: read-only."""
    opened = []

    def filled(*articles):
        insert(connection, articles)
        opened.append(connect_for_reading(tmp_path / "archive.db"))
        return opened[-1]

    yield filled
    for reader in opened:
        reader.close()
