"""An archive of the sample newspaper that each test may spoil."""

import shutil
import sqlite3

import pytest
from running import home, scrapy


@pytest.fixture(scope="session")
def sample_archive(tmp_path_factory):
    """A folder in which the demo ran; nobody changes it."""
    folder = home(tmp_path_factory.mktemp("sample"))
    scrapy(folder, "demo", check=0)
    return folder


@pytest.fixture
def folder(sample_archive, tmp_path):
    """A copy of it."""
    return shutil.copytree(sample_archive, tmp_path / "archive")


@pytest.fixture
def warc(folder):
    """The one WARC file of the copy."""
    (path,) = (folder / "captures").glob("*.warc.gz")
    return path


@pytest.fixture
def change(folder):
    """Change the copy's database behind the project's back."""

    def run(*statements):
        connection = sqlite3.connect(folder / "archive.db")
        with connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    return run
