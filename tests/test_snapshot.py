"""The copy that is published: whole, without a WAL, replaced in one step."""

import json
import sqlite3

import pytest
from running import home, scrapy


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = home(tmp_path_factory.mktemp("snapshot"))
    scrapy(made, "demo", "-a", "limit=5", check=0)
    return made


def test_a_snapshot_is_whole_and_can_be_read_from_a_folder_nobody_can_write(folder):
    for _ in range(2):
        scrapy(folder, "export", "--snapshot", "public/archive.db", check=0)
    public = folder / "public"
    assert sorted(path.name for path in public.iterdir()) == ["archive.db", "inspect-data.json"]
    connection = sqlite3.connect(f"file:{public / 'archive.db'}?immutable=1", uri=True)
    assert connection.execute("SELECT count(*) FROM articles").fetchone()[0] == 5
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
    connection.close()
    counted = json.loads((public / "inspect-data.json").read_text())["archive"]["tables"]["articles"]["count"]
    assert counted == 5


def test_a_snapshot_never_takes_the_archives_own_place(folder):
    done = scrapy(folder, "export", "--snapshot", "archive.db", check=4)
    assert "no name for a copy" in done.stderr


def test_a_snapshot_of_nothing_is_exit_4(tmp_path):
    assert "does not exist" in scrapy(home(tmp_path), "export", "--snapshot", "x.db", check=4).stderr
