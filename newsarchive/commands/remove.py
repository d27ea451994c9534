"""`scrapy remove KEY --state … --reason …`: take an article down, out of every public byte; `--undo` brings it back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsarchive import cards
from newsarchive.archive import Archive
from newsarchive.commands.ending import ending, run_of
from newsarchive.exceptions import SettingsError
from newsarchive.places import require_archive
from newsarchive.removal import orders, removing, restoring, takedowns
from newsarchive.reporting.progress import Progress
from newsarchive.storage import ledger
from newsarchive.storage import takedowns as tables
from newsarchive.storage.connection import (
    BUSY_TIMEOUT_SECONDS,
    connect_for_writing,
    transaction,
    translated_errors,
)
from newsarchive.storage.lock import WriterLock
from newsarchive.storage.sealed import State

if TYPE_CHECKING:
    import argparse
    import sqlite3
    from collections.abc import Sequence

    from newsarchive.items import Newspaper
    from newsarchive.removal.removing import Order
    from newsarchive.removal.takedowns import Takedowns


class Command(ScrapyCommand):
    """The remove verb."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012 - Scrapy's own form

    def syntax(self) -> str:
        """For the usage line."""
        return "KEY… --state STATE --reason REASON [--redact NAME]… [--until DAY] | KEY… --undo | --finish"

    def short_desc(self) -> str:
        """For the list of verbs."""
        return "Take an article down (remove, redact, delist, embargo), or bring it back"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """--state, --reason, --redact, --until, --undo, --finish."""
        super().add_options(parser)
        parser.add_argument("--state", metavar="STATE", help=", ".join(orders.STATES))
        parser.add_argument("--reason", metavar="REASON", help=f"public: {', '.join(orders.PublicReason)}")
        parser.add_argument("--redact", metavar="NAME", action="append", default=[], help="may be repeated")
        parser.add_argument("--until", metavar="DAY", help="YYYY-MM-DD, the day on which an embargo ends")
        parser.add_argument("--undo", action="store_true", help="bring the article back from its captures")
        parser.add_argument(
            "--finish", action="store_true", help="go on with a removal that has not come to its end"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Take down or bring back; every condition a user can meet is one line and an exit code."""
        if bool(args) is opts.finish:
            raise UsageError("name articles by their keys, for example alwatan-5211", print_help=False)
        with ending(self):
            self._run(args, opts)

    def _run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        path, directory = Path(self.settings["ARCHIVE_DB"]), Path(self.settings["ARCHIVE_WARC_DIR"])
        require_archive(path)
        today = datetime.now(UTC).date().isoformat()
        wanted: list[Order] = []
        if not opts.undo:
            asked = {"state": opts.state, "reason": opts.reason, "until": opts.until, "names": opts.redact}
            wanted = [orders.parse(key, **asked, today=today) for key in args]
        busy_seconds = self.settings.getfloat("ARCHIVE_BUSY_SECONDS")
        work = Removal(path, directory, Path(self.settings["ARCHIVE_SEALED_DB"]), today, busy_seconds)
        with translated_errors(path):
            if opts.undo:
                work.undo(args, cards.known(self.settings))
            else:
                work.take_down(*wanted)


class Removal:
    """One call of the verb, on one archive."""

    def __init__(
        self,
        path: Path,
        directory: Path,
        sealed: Path,
        today: str,
        busy_seconds: float = BUSY_TIMEOUT_SECONDS,
    ) -> None:
        self._path = path
        self._directory = directory
        self._sealed = sealed
        self._today = today
        self._busy_seconds = busy_seconds

    def take_down(self, *wanted: Order) -> None:
        """Seal, bring the archive up to the list, and take the bytes out; without an order only the latter."""
        lock = WriterLock(self._path)
        try:
            connection = connect_for_writing(self._path, busy_timeout=self._busy_seconds)
            kind = _mark(connection, "kind")
            self._require_possible(connection, wanted)
            for order in wanted:
                self._seal(connection, order, kind)
            known = removing.opened(self._sealed, connection, self._directory, kind, self._today)
            for order in wanted:
                self._tell(connection, known, order)
            if known.sealed is None:
                print("nothing is taken down here")
                return
            if tables.is_unfinished(connection):
                self._finish(connection, known, lock)
            print(f"done     {len(known.entries)} articles are taken down")
            connection.close()
        finally:
            lock.release()

    def _require_possible(self, connection: sqlite3.Connection, wanted: Sequence[Order]) -> None:
        known = takedowns.load(self._sealed, connection, self._directory)
        for order in wanted:
            if known.by_key(order.key) is None:
                orders.require_standing(connection, removing.article_ids(connection, order.key), order.names)

    def _seal(self, connection: sqlite3.Connection, order: Order, kind: str) -> None:
        known = takedowns.load(self._sealed, connection, self._directory, kind)
        count = removing.seal(connection, known, order)
        print(f"{order.state:8} {order.key} ({order.reason}), sealed in {self._sealed}")
        if count > 1:
            print(f"twins    {count - 1} other articles with the same text go with it")

    def _tell(self, connection: sqlite3.Connection, known: Takedowns, order: Order) -> None:
        """What a person has to look at."""
        found = known.by_key(order.key)
        assert found is not None
        row = connection.execute(
            "SELECT article_id FROM article_keys WHERE key = ?", (found.public_key or order.key,)
        ).fetchone()
        if found.public_key:
            print(f"key      {found.public_key} in place of {found.key}, by which a guess could be checked")
        if order.state is State.REDACT and row is not None:
            for word, count in orders.parts_left(connection, row["article_id"], found.names).items():
                print(
                    f"look     «{word}» still stands alone, {count} times; --redact it too where it is the name"
                )
        for path in orders.copies_beside(self._path, known.keys(found.id)):
            print(f"copy     {path} holds it still: delete it, make it again, publish it again")

    def _finish(self, connection: sqlite3.Connection, known: Takedowns, lock: WriterLock) -> None:
        (total,) = connection.execute("SELECT count(*) FROM captures").fetchone()
        with Progress("captures", total) as progress:
            removing.withhold_quoting(connection, known, self._directory, progress.step)
        removing.forget_salts(known, self._directory)
        if (left := lock.left_reading()) and known.covers(left):
            lock.clear()
        with transaction(connection):
            ledger.forget_suspects(connection, filter(known.covers, ledger.suspects(connection)))
        (withheld,) = connection.execute("SELECT count(*) FROM captures WHERE withheld").fetchone()
        print(f"withheld {withheld} captures that quote what is taken down")
        removing.finish(connection, self._path)

    def undo(self, keys: list[str], known_cards: list[Newspaper]) -> None:
        """Lift takedowns, and take their captures in again."""
        lock = WriterLock(self._path)
        try:
            connection = connect_for_writing(self._path, busy_timeout=self._busy_seconds)
            newspaper = cards.named(known_cards, _mark(connection, "newspaper"))
            known = takedowns.load(self._sealed, connection, self._directory)
            found = [one for key in keys if (one := known.by_key(key))]
            unknown = [key for key in keys if known.by_key(key) is None]
            if newspaper is None or known.sealed is None or (unknown and not known.lifted):
                raise SettingsError(f"{', '.join(unknown or keys)}: not taken down")
            removing.lift(known.sealed, found)
            connection.close()
        finally:
            lock.release()
        archive = Archive(
            self._path,
            self._directory,
            newspaper,
            command="restore",
            kind=None,
            busy_seconds=self._busy_seconds,
            sealed=self._sealed,
        )
        with run_of(archive):
            count = restoring.bring_back(archive)
            verdict = f"restored {count} articles from their captures"
            archive.end(verdict=verdict, exit_code=0)
        print(verdict)


def _mark(connection: sqlite3.Connection, name: str) -> str:
    row = connection.execute("SELECT value FROM newsarchive WHERE key = ?", (name,)).fetchone()
    if row is None:
        raise SettingsError("this archive has nothing in it yet")
    return str(row["value"])
