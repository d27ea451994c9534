import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import sample_archive
from serving import serve


@pytest.fixture(scope="session")
def archive(tmp_path_factory):
    return sample_archive.create(tmp_path_factory.mktemp("archive") / "archive.db")


@pytest.fixture(scope="session")
def server(archive):
    with serve(archive) as running:
        yield running
