"""Taking articles down: sealed first, then out of the archive, then out of its bytes. Killed, it goes on where it was.

`docs/decisions/0020-removals.md` says what leaves, what stays, and who can still see it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from newsarchive.discovery import addresses
from newsarchive.evidence import manifests
from newsarchive.exceptions import (
    BodyError,
    CaptureError,
    RemovalUnfinishedError,
    SealedStoreError,
    SettingsError,
)
from newsarchive.offline import captured
from newsarchive.removal import holders, quoting
from newsarchive.removal import takedowns as lists
from newsarchive.storage import ledger, purging
from newsarchive.storage import takedowns as tables
from newsarchive.storage.connection import transaction, translated_errors
from newsarchive.storage.sealed import Sealed, State, Takedown
from newsarchive.text.redaction import Names

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from newsarchive.items import Capture
    from newsarchive.removal.takedowns import Takedowns

_OUT = frozenset({State.REMOVE, State.DELIST, State.EMBARGO})


FINISH = "scrapy remove --finish"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done with an article. until: YYYY-MM-DD, the day an embargo ends. month: YYYY-MM (UTC)."""

    key: str
    state: State
    reason: str
    month: str
    until: str | None = None
    names: tuple[str, ...] = ()


def article_ids(connection: sqlite3.Connection, key: str) -> list[int]:
    """The article of a key, and every other with a text of it, under whatever headline.

    Raises SettingsError for a key that nobody knows.
    """
    row = connection.execute("SELECT article_id FROM article_keys WHERE key = ?", (key,)).fetchone()
    if row is None:
        raise SettingsError(f"there is no article {key}")
    twins = connection.execute(
        "SELECT t.article_id AS id FROM revisions AS r JOIN revisions AS t ON t.text_sha256 = r.text_sha256"
        " WHERE r.article_id = :own AND t.article_id <> :own"
        " UNION SELECT t.id FROM articles AS r JOIN articles AS t ON t.body_sha256 = r.body_sha256"
        " WHERE r.id = :own AND t.id <> :own AND r.word_count >= :words ORDER BY 1",
        {"own": row["article_id"], "words": lists.LEAST_WORDS_OF_A_BODY},
    )
    return [row["article_id"], *(twin["id"] for twin in twins.fetchall())]


def seal(connection: sqlite3.Connection, known: Takedowns, order: Order) -> int:
    """Enter the order into the sealed list with all that stands in the archive; returns how many articles it is of.

    Raises SettingsError for an unknown key, and where the order cannot follow what was decided before.
    """
    assert known.sealed is not None
    former = known.by_key(order.key)
    _require_possible(former, order)
    with known.sealed.changing():
        if former is not None and former.state in _OUT:
            kept = replace(
                former, state=order.state, reason=order.reason, month=order.month, until=order.until
            )
            known.sealed.decide(kept)
            return 1
        ids = article_ids(connection, former.public_key or former.key if former else order.key)
        for article_id in ids:
            _seal_article(connection, known, order, article_id)
    return len(ids)


def _require_possible(former: Takedown | None, order: Order) -> None:
    if former is None or order.state is not State.REDACT or former.state is State.REDACT:
        return
    raise SettingsError(
        f"{order.key} is taken down already ({former.state}); bring it back first: scrapy remove {order.key} --undo"
    )


def _decision(order: Order, takedown_id: int = 0) -> Takedown:
    return Takedown(
        takedown_id, order.key, order.state, order.reason, order.month, order.until, names=order.names
    )


def _seal_article(connection: sqlite3.Connection, known: Takedowns, order: Order, article_id: int) -> None:
    sealed = known.sealed
    assert sealed is not None
    article = tables.row_of(connection, article_id)
    keys, urls = tables.keys_of(connection, article_id), tables.addresses_of(connection, article_id)
    revisions = tables.revisions_of(connection, article)
    former = known.by_key(article["key"])
    names = tuple(dict.fromkeys((*(former.names if former else ()), *order.names)))
    decision = replace(
        _decision(order, former.id if former else 0),
        key=former.key if former else article["key"],
        names=names,
        public_key=former.public_key if former else None,
        record=tables.page_record(connection, article_id),
    )
    if order.state is State.REDACT and lists.prints_name(article["url"], Names(names)):
        decision = replace(
            decision, public_key=decision.public_key or lists.unguessable_key(article["newspaper"])
        )
    number = sealed.decide(decision)
    sealed.add_marks(number, [("key", key) for key in keys if key != decision.public_key])
    sealed.add_marks(number, lists.marks_of_row(article, revisions))
    sealed.add_addresses(number, {url: lists.tombstone_of(url) for url in urls})
    rows = [("articles", article), *(("revisions", row) for row in revisions)]
    sealed.add_rows(number, rows)
    sealed.add_captures(number, _captures(connection, article_id, urls).values())


def _captures(connection: sqlite3.Connection, article_id: int, urls: Iterable[str]) -> dict[int, Capture]:
    """The raw answers of an article and of all its addresses, by row."""
    own = set(urls)
    beginnings = [beginning for url in own for beginning in lists.beginnings(url)]

    def belongs(url: str) -> bool:
        return url in own or addresses.normal(url) in own

    return tables.captures_of(connection, article_id, beginnings, belongs)


def opened(
    path: Path | None, connection: sqlite3.Connection, directory: Path, kind: str, today: str
) -> Takedowns:
    """The list for an archive that is open for writing, which then says what the list says.

    today: YYYY-MM-DD; embargoes that end by it are lifted (`newsarchive.removal.restoring` brings their articles back).
    Raises SealedStoreError.
    """
    known = lists.load(path, connection, directory)
    if known.sealed is None:
        return known
    if known.sealed.kind != kind:
        raise SealedStoreError(
            f"{path} is the sealed list of the {known.sealed.kind} archive, this is the {kind} one;"
            " name its own with -s ARCHIVE_SEALED_DB=…"
        )
    lists.mark_directory(directory, known.sealed.version)
    lapsed = [one for one in known.entries.values() if one.until is not None and one.until <= today]
    if lapsed:
        lift(known.sealed, lapsed)
    return brought_up(connection, lists.Takedowns(known.sealed), directory)


def samples_own(path: Path | None) -> Path | None:
    """The sealed list, where it is the sample's and goes with it."""
    if path is None or not path.exists():
        return None
    sealed = Sealed(path)
    is_samples = sealed.kind == "sample"
    sealed.close()
    return path if is_samples else None


def lift(sealed: Sealed, takedowns: Iterable[Takedown]) -> None:
    """Decide that these are taken down no more."""
    with sealed.changing():
        for takedown in takedowns:
            sealed.decide(replace(takedown, state=State.LIFTED))


def brought_up(connection: sqlite3.Connection, known: Takedowns, directory: Path) -> Takedowns:
    """Make the archive what the list says, in one transaction; returns the list as it stands then.

    Bytes in the file, salts, and captures that quote what is new are left to `finish`.
    """
    sealed = known.sealed
    if sealed is None or tables.version(connection) == str(sealed.version):
        return known
    lists.mark_directory(directory, sealed.version)
    purging.overwrite_what_is_deleted(connection)
    entries = list(known.entries.values())
    before = int(tables.version(connection).rpartition(" ")[2] or 0)
    is_new = tables.has_captures(connection) and any(one.decided > before for one in entries)
    with transaction(connection):
        for one in known.lifted.values():
            _release(connection, known, one)
        changed = [_apply(connection, known, one) for one in entries]
        tables.take_out_mementos(connection, known.covers)
        tables.scrub_runs(connection, lambda text: known.quotes(quoting.readable(text, b"", None)))
        tables.say(
            connection, entries, {one.id: _shown_keys(known, one) for one in entries}, str(sealed.version)
        )
        if is_new or any(changed):
            tables.set_unfinished(connection, unfinished=True)
    return lists.Takedowns(sealed)


def _release(connection: sqlite3.Connection, known: Takedowns, takedown: Takedown) -> None:
    """Make room for what comes back: a redacted row goes, addresses are due again under their own names."""
    for article_id in _standing(connection, known, takedown):
        tables.take_out(connection, article_id)
    assert known.sealed is not None
    for url, (number, tombstone) in known.sealed.addresses().items():
        if number == takedown.id:
            tables.open_address(connection, url, tombstone, ledger.utc_text(datetime.now(UTC)))


def _apply(connection: sqlite3.Connection, known: Takedowns, takedown: Takedown) -> bool:
    """Take out or redact whatever of a takedown stands in the archive; says whether anything did."""
    ids = _standing(connection, known, takedown)
    urls = known.urls(takedown.id)
    sealed_now, changed = dict[int, "Capture"](), False
    for article_id in ids:
        sealed_now |= _captures(connection, article_id, urls)
        if takedown.state is State.REDACT:
            is_changed, images = _redact(connection, known, takedown, article_id)
            changed, sealed_now = changed or is_changed, sealed_now | images
        else:
            sealed_now |= tables.images_of(connection, article_id)
            tables.take_out(connection, article_id)
            changed = True
    sealed_now |= _captures(connection, 0, urls)
    assert known.sealed is not None
    known.sealed.add_captures(takedown.id, sealed_now.values())
    known.sealed.add_addresses(
        takedown.id, {made.url: lists.tombstone_of(made.url) for made in sealed_now.values()}
    )
    tables.take_out_captures(connection, sealed_now)
    for url in urls:
        if known.is_closed(url):
            tables.close_address(connection, url, known.tombstone(url))
        else:
            tables.forget_validators(connection, url)
    return changed or bool(sealed_now)


def _redact(
    connection: sqlite3.Connection, known: Takedowns, takedown: Takedown, article_id: int
) -> tuple[bool, dict[int, Capture]]:
    """Redact one article; returns whether it changed, and captures of a picture whose address prints the name."""
    names = known.names(takedown)
    image = tables.row_of(connection, article_id)["image_url"]
    changed = tables.redact(connection, article_id, names, public_key=takedown.public_key)
    tables.drop_keys(connection, article_id, _confirming(known, takedown))
    printed = image is not None and lists.prints_name(image, names)
    return changed, tables.images_of(connection, article_id) if printed else {}


def _confirming(known: Takedowns, takedown: Takedown) -> list[str]:
    """Keys by which somebody could check a guess at the redacted name: digests of a text, or of such an address."""
    names = known.names(takedown)
    telling = [lists.digest_of(url) for url in known.urls(takedown.id) if lists.prints_name(url, names)]
    return [
        key
        for key in known.keys(takedown.id)
        if "-x" in key or any(key.endswith(f"-{digest}") for digest in telling)
    ]


def _shown_keys(known: Takedowns, takedown: Takedown) -> list[str]:
    """Keys that say in public that they are taken down: of an article with redacted names, none that confirms them."""
    confirming = _confirming(known, takedown) if takedown.names else []
    return [key for key in known.keys(takedown.id) if key not in confirming]


def _standing(connection: sqlite3.Connection, known: Takedowns, takedown: Takedown) -> list[int]:
    """The articles of a takedown that stand in the archive."""
    keys = [*known.keys(takedown.id), *([takedown.public_key] if takedown.public_key else [])]
    urls = known.urls(takedown.id)
    found: dict[int, None] = {}
    for key in keys:
        rows = connection.execute("SELECT article_id FROM article_keys WHERE key = ?", (key,))
        found.update({row["article_id"]: None for row in rows})
    for url in urls:
        rows = connection.execute("SELECT id FROM articles WHERE url = ?", (url,))
        found.update({row["id"]: None for row in rows})
    return list(found)


def withhold_quoting(
    connection: sqlite3.Connection, known: Takedowns, directory: Path, step: Callable[[], None] = lambda: None
) -> None:
    """Mark every capture that quotes what is taken down. Reads every record; what cannot be read is withheld."""
    _mark(connection, known, directory, step, withheld=False)
    recheck_withheld(connection, known, directory)


def recheck_withheld(connection: sqlite3.Connection, known: Takedowns, directory: Path) -> None:
    """Take the mark off captures that quote nothing any more."""
    _mark(connection, known, directory, lambda: None, withheld=True)


def _mark(
    connection: sqlite3.Connection,
    known: Takedowns,
    directory: Path,
    step: Callable[[], None],
    *,
    withheld: bool,
) -> None:
    original = captured.originals(connection, directory)
    wrong: list[int] = []
    for row in tables.captures_by_mark(connection, withheld=withheld):
        if record_quotes(known, tables.capture_of(row), directory, original) is not withheld:
            wrong.append(row["id"])
        step()
    with transaction(connection):
        tables.withhold(connection, wrong, withheld=not withheld)


def record_quotes(known: Takedowns, made: Capture, directory: Path, original: captured.Originals) -> bool:
    """Whether the record of a capture quotes what is taken down."""
    try:
        record = captured.record_at(directory, made.warc_file, made.warc_offset, made.warc_length)
        return known.quotes(quoting.text_of(captured.whole(record, original)))
    except (BodyError, CaptureError, OSError):
        return True


def forget_salts(known: Takedowns, directory: Path) -> None:
    """Destroy salt and digest of the leaves of what is gone for good: from now on they tell nothing."""
    if known.sealed is None or not (directory / manifests.EVIDENCE).is_dir():
        return
    gone = (one.id for one in known.entries.values() if one.state in {State.REMOVE, State.REDACT})
    made = [one for number in gone for one in known.sealed.captures(number)]
    manifests.forget(directory, {(one.warc_file, one.warc_offset) for one in made})


def finish(connection: sqlite3.Connection, path: Path) -> None:
    """Take the words out of the file's bytes. Raises RemovalUnfinishedError where a reader keeps them there."""
    with translated_errors(path):
        purging.overwrite_what_is_deleted(connection)
        if not purging.purge(connection):
            raise RemovalUnfinishedError(_still_read(path))
        with transaction(connection):
            tables.set_unfinished(connection, unfinished=False)
        purging.checkpoint(connection)


def _still_read(path: Path) -> str:
    readers = [holder for holder in holders.of(path) if holder.pid != os.getpid()]
    named = ", ".join(f"{holder.name} (pid {holder.pid})" for holder in readers) or "another program"
    return (
        f"what was taken down is in no row any more, but its bytes still stand in {path.name}-wal, because {named}"
        f" reads an older state: stop it, then {FINISH}"
    )


def trouble(connection: sqlite3.Connection, known: Takedowns) -> str:
    """What is unfinished of removals, or ""; `FINISH` is the remedy."""
    if known.sealed is not None and tables.version(connection) != str(known.sealed.version):
        return "the archive does not say yet what the sealed list says"
    if tables.is_unfinished(connection):
        return "a removal has not come to its end: bytes of it may stand in the file"
    return ""


def finished(path: Path | None, connection: sqlite3.Connection, directory: Path) -> Takedowns:
    """The list, for a verb that hands out copies. Raises RemovalUnfinishedError, SealedStoreError."""
    known = lists.load(path, connection, directory)
    if unfinished := trouble(connection, known):
        raise RemovalUnfinishedError(f"{unfinished}: {FINISH}; nothing is handed out before")
    return known
