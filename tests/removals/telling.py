"""Does anything tell? Words that stand in one article only, looked for in every form in which bytes may hold them."""

import argparse
import contextlib
import importlib
import io
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

import pyarrow.parquet
from running import rows
from scrapy.utils.project import get_project_settings

from newsarchive import capture
from newsarchive.commands.remove import Removal
from newsarchive.removal import orders
from newsarchive.text.arabic import analyse

HURRY = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0", "-s", "CONCURRENT_REQUESTS=8",
         "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=8", "-s", "ARCHIVE_AUDITS_PER_DAY=0")  # fmt: skip
TODAY = datetime.now(UTC).date().isoformat()


@dataclass(frozen=True)
class Known:
    url: str

    @property
    def key(self):
        return f"alwatan-{self.url.rpartition('/')[2]}"


REMOVED = Known("https://alwatan.sy/archives/464586")
REDACTED = Known("https://alwatan.sy/archives/470239")
NAME = "ظغثان الخذظوغي"
# Letters that no Arabic word puts together, so that any part of one tells.
WORDS = {
    "title": "ضغظثخاء",
    "subtitle": "ذظغضثة",
    "body": "ثذغظضون",
    "tag": "غذضظخ",
    "picture": "xqzvkjw",
    "slug": "خظضذغثات",
}


ALL = (*WORDS.values(), *NAME.split())


def ONLINE(folder):  # noqa: N802 - a key, known by the archive only
    (row,) = rows(folder, "SELECT key FROM articles WHERE url LIKE ?", f"%{quote(WORDS['slug'])}%")
    return row["key"]


def forms(words=ALL):
    """Every form of the words as bytes. An index stores a token without the beginning it shares with the last."""
    texts = set(words)
    for word in words:
        for tokens in analyse(word):
            texts |= {token[start:] for token in tokens.split() for start in (0, 1)}
    texts = {text for text in texts if len(text) >= 4}
    found = set()
    for text in texts:
        found |= {
            text.encode(),
            text.encode("utf-16-le"),
            text.encode("utf-16-be"),
            text.encode("cp1256", "ignore"),
        }
        found |= {quote(text).encode(), quote(text).lower().encode(), text.encode().hex().encode()}
        found |= {text.encode("ascii", "backslashreplace"), "".join(f"&#{ord(c)};" for c in text).encode()}
    return {form for form in found if len(form) >= 4}


def tells(data, words=ALL):
    """The forms that stand in these bytes."""
    return sorted(form for form in forms(words) if form in data)


def files(*paths):
    """Everything in files and folders: (name, bytes), as they are and unpacked, records inflated and decoded."""
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                yield str(file), file.read_bytes()
            if file.suffix == ".wacz":
                for _, record in capture.walk_wacz(file):
                    yield f"{file}@{record.url}", record.block + repr(record.headers).encode()
                    yield f"{file}@{record.url}", capture.payload_as_read(record)[0]
            if file.is_file():
                yield str(file), unpacked(file.read_bytes())


def unpacked(data):
    """What a ZIP (WACZ, XLSX, a proof) or a Parquet file holds; anything else as it is."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return b"\n".join(archive.read(name) for name in archive.namelist())
    if data.startswith(b"PAR1"):
        return repr(pyarrow.parquet.read_table(io.BytesIO(data)).to_pylist()).encode()
    return data


def telling(*paths, words=ALL):
    """Which of the files tell something."""
    return [name for name, data in files(*paths) if tells(data, words)]


def database(folder):
    """The archive's files that are public."""
    return [path for path in sorted(folder.glob("archive.db*")) if path.is_file()]


def take_down(folder, key, state, *, reason="privacy", until=None, names=(), today=TODAY):
    """The verb in this process; returns what it printed."""
    order = orders.parse(key, state=state, reason=reason, until=until, names=names, today=today)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        removal(folder).take_down(order)
    return said.getvalue()


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


def verb(folder, *words, check=None):
    """A verb that crawls nothing, run in this process as `scrapy` would; `check` is the exit code it must have."""
    module = importlib.import_module(f"newsarchive.commands.{words[0]}")
    command = module.Command()
    command.settings = get_project_settings()
    names = {"ARCHIVE_DB": "archive.db", "ARCHIVE_WARC_DIR": "captures", "ARCHIVE_SEALED_DB": "sealed.db"}
    command.settings.setdict(names, priority="cmdline")
    parser = argparse.ArgumentParser(conflict_handler="resolve")
    parser.add_argument("args", nargs="*")
    command.add_options(parser)
    said, complained = io.StringIO(), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
        opts = parser.parse_args([str(word) for word in words[1:]])
        command.run(opts.args, opts)
    done = Done(command.exitcode, said.getvalue(), complained.getvalue())
    if check is not None:
        assert done.returncode == check, done
    return done


def removal(folder):
    return Removal(folder / "archive.db", folder / "captures", folder / "sealed.db", TODAY)
