"""What the documents promise, held against the code."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from newsarchive import exceptions
from newsarchive.reporting import verdict

UNITS = Path(__file__).parent.parent / "docs/systemd"
TABLE = re.compile(r"^## (\w+)$(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
COLUMN = re.compile(r"^\| `(\w+)` \| \S", re.MULTILINE)
# Made by sqlite-utils and SQLite; nothing of ours stands there.
NOT_OURS = ("_sqlite_migrations", "sqlite_", "articles_fts_")


def documented(root):
    text = (root / "docs/fields.md").read_text()
    return {match[1]: COLUMN.findall(match[2]) for match in TABLE.finditer(text)}


def test_fields_md_names_every_table_and_column_of_the_schema_and_no_other(root, connection):
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    schema = {
        name: [row["name"] for row in connection.execute(f"PRAGMA table_info({name})")]
        for name in names
        if not name.startswith(NOT_OURS)
    }
    assert documented(root) == schema


@pytest.mark.parametrize(
    "page", ["README.md", *(f"docs/{path.name}" for path in (UNITS.parent).glob("*.md"))]
)
def test_every_verb_and_every_file_that_a_page_names_is_there(root, page):
    text = (root / page).read_text()
    verbs = {path.stem for path in (root / "newsarchive/commands").glob("*.py")} | {"list"}
    assert set(re.findall(r"\bscrapy ([a-z]+)\b(?! spiders)", text)) <= verbs
    named = re.findall(r"\]\(([\w./-]+)\)", text)
    named += re.findall(r"`((?:docs|tests|newsarchive|benchmarks)/[\w./-]+)`", text)
    assert [
        name for name in named if not ((root / name).exists() or (root / page).parent.joinpath(name).exists())
    ] == []


def test_the_readme_is_short(root):
    assert len((root / "README.md").read_text().splitlines()) <= 150


def test_operating_md_lists_every_exit_code_once(root):
    text = (root / "docs/operating.md").read_text()
    listed = [int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)]
    ours = {value for name, value in vars(verdict).items() if name.isupper() and isinstance(value, int)}
    ours |= {
        cls.exit_code
        for cls in vars(exceptions).values()
        if isinstance(cls, type) and issubclass(cls, exceptions.NewsArchiveError)
    }
    assert len(listed) == len(set(listed))
    assert ours | {2, 10, 11} <= set(listed)


def test_operating_md_names_every_setting_of_ours(root):
    settings = set(
        re.findall(r"^(ARCHIVE_\w+) =", (root / "newsarchive/settings.py").read_text(), re.MULTILINE)
    )
    assert settings <= set(re.findall(r"ARCHIVE_\w+", (root / "docs/operating.md").read_text()))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed here")
@pytest.mark.parametrize("unit", sorted(path.name for path in UNITS.iterdir()))
def test_systemd_accepts_the_units(root, tmp_path, unit):
    for path in (root / "docs/systemd").iterdir():
        # The units name where the clone usually stands; what is checked is everything else.
        text = re.sub(r"/srv/newsarchive/\.venv/bin/\w+", "/bin/true", path.read_text())
        (tmp_path / path.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert unit.partition(".")[0] not in done.stderr, done.stderr
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed here")
@pytest.mark.parametrize("timer", sorted(UNITS.glob("*.timer")), ids=lambda path: path.name)
def test_the_schedule_of_a_timer_is_one_that_systemd_understands(timer):
    (when,) = re.findall(r"^OnCalendar=(.+)$", timer.read_text(), re.MULTILINE)
    done = subprocess.run(["systemd-analyze", "calendar", when], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
