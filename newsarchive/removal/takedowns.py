"""The list of what is taken down, as every verb that reads captures asks it: first, and of everything that arrives."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from newsarchive.discovery import addresses
from newsarchive.exceptions import SealedStoreError
from newsarchive.items import Article, Capture, Refusal
from newsarchive.removal import quoting
from newsarchive.storage import joining, redacting
from newsarchive.storage import takedowns as tables
from newsarchive.storage.revisions import text_sha256
from newsarchive.storage.sealed import Sealed, State, Takedown, Version
from newsarchive.text.redaction import Names

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from newsarchive.items import Found

MARKER = "TAKEN-DOWN"
"""The file in the capture directory that says which list to read before its records."""

LEAST_WORDS_OF_A_BODY = 20
"""A text of so many words is the same article under another headline too; shorter ones may be a habit."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is left of an arrival that the list names: the redacted item, None where nothing may be kept.

    public_key: the key to save it under, None for its own. is_followed: its address is visited again.
    """

    takedown: Takedown
    item: Article | Refusal | None = None
    public_key: str | None = None
    is_followed: bool = False


class Takedowns:
    """The list, in memory. Without a sealed store it is empty, and nothing can be added."""

    def __init__(self, sealed: Sealed | None) -> None:
        self.sealed = sealed
        listed = {one.id: one for one in sealed.takedowns()} if sealed else {}
        self.entries = {number: one for number, one in listed.items() if one.state is not State.LIFTED}
        self.lifted = {number: one for number, one in listed.items() if one.state is State.LIFTED}
        self._names = {number: Names(one.names) for number, one in listed.items() if one.names}
        self._keys: dict[int, list[str]] = {number: [] for number in listed}
        self._urls: dict[int, list[str]] = {number: [] for number in listed}
        self._marks: dict[tuple[str, str], int] = {}
        self._addresses: dict[str, tuple[int, str]] = {}
        for (kind, value), number in sealed.marks().items() if sealed else ():
            if kind == "key":
                self._keys[number].append(value)
            if number in self.entries:
                self._marks[kind, value] = number
        for url, (number, tombstone) in sealed.addresses().items() if sealed else ():
            self._urls[number].append(url)
            if number in self.entries:
                self._addresses[url] = number, tombstone

    def __bool__(self) -> bool:
        """Whether anything is taken down."""
        return bool(self.entries)

    def names(self, takedown: Takedown) -> Names:
        """What is redacted by it."""
        return self._names[takedown.id]

    def keys(self, takedown_id: int) -> list[str]:
        """Every key of its article."""
        return self._keys[takedown_id]

    def urls(self, takedown_id: int) -> list[str]:
        """Every address whose answers are sealed with it."""
        return self._urls[takedown_id]

    def by_key(self, key: str) -> Takedown | None:
        """The takedown that this key is of, as it was before or as it is shown since."""
        shown = next((one for one in self.entries.values() if one.public_key == key), None)
        return shown or self.entries.get(self._marks.get(("key", key), 0))

    def at(self, url: str) -> Takedown | None:
        """The takedown that the answers of an address, in whatever form, are of."""
        found = self._addresses.get(url)
        if found is None and self._addresses and (normal := addresses.normal(url)):
            found = self._addresses.get(normal)
        return self.entries[found[0]] if found else None

    def covers(self, url: str) -> bool:
        """Whether the raw answers of this address are sealed."""
        return self.at(url) is not None

    def is_closed(self, url: str) -> bool:
        """Whether the ledger may not name or visit this address."""
        found = self.at(url)
        return found is not None and not self._is_open(found, url)

    def visible(self, found: Iterable[Found]) -> Iterator[Found]:
        """What a source names, but for closed addresses."""
        return (item for item in found if not self.is_closed(item.url))

    def arrived(self, item: Article | Refusal, url: str | None) -> Arrival | None:
        """What may be kept of a reading from the address `url`; None where the list does not name it."""
        if not self.entries:
            return None
        takedown = self._of(item, url)
        if takedown is None:
            return None
        for address in {url, item.url, *(made.url for made in item.captures)} - {None}:
            self._learn(takedown, str(address), item.captures)
        if takedown.state is not State.REDACT:
            return Arrival(takedown)
        names = self._names[takedown.id]
        followed = url is not None and self._is_open(takedown, url)
        kept: Article | Refusal
        if isinstance(item, Article):
            kept = redacting.article(item, names)
            kept = replace(kept, url=None) if takedown.public_key else kept
        else:
            kept = replace(item, detail=names.redacted(item.detail), title=None)
        return Arrival(takedown, kept, takedown.public_key, followed)

    def keep_capture(self, made: Capture) -> bool:
        """Enter the row of a sealed address's answer in the sealed store; False for any other's."""
        takedown = self.at(made.url)
        if takedown is None or self.sealed is None:
            return False
        self.sealed.add_captures(takedown.id, [made])
        return True

    def holds(self, url: str, payload_sha256: str) -> bool:
        """Whether this very page is sealed under this address."""
        return self.sealed is not None and self.covers(url) and self.sealed.holds(url, payload_sha256)

    def close(self, takedown: Takedown, url: str) -> None:
        """Seal an address that turned out to lead to what is taken down."""
        self._learn(takedown, url, ())

    def tombstone(self, url: str) -> str:
        """What the ledger calls a sealed address."""
        found = self._addresses.get(url) or self._addresses[addresses.normal(url) or url]
        return found[1]

    def quotes(self, text: str) -> bool:
        """Whether a text, as `quoting.text_of` gives it, quotes what is taken down."""
        return bool(self._quoted) and quoting.quotes(text, self._quoted)

    @cached_property
    def _quoted(self) -> tuple[quoting.Quoted, ...]:
        texts: dict[int, list[dict[str, Any]]] = {}
        if self.sealed is not None:
            for takedown_id, row in self.sealed.rows("revisions"):
                texts.setdefault(takedown_id, []).append(row)
        # Of what is removed nothing may be quoted; of a redacted article, what has the name.
        whole = {State.REMOVE, State.EMBARGO}
        return tuple(
            quoting.quoted(
                self._urls[one.id],
                texts.get(one.id, ()),
                None if one.state in whole else self._names[one.id],
            )
            for one in self.entries.values()
            if one.state in whole or one.id in self._names
        )

    def _of(self, item: Article | Refusal, url: str | None) -> Takedown | None:
        for address in (url, item.url, *(made.url for made in item.captures)):
            if address and (found := self.at(address)):
                return found
        if not isinstance(item, Article):
            return None
        ids = (self._marks.get(mark) for mark in marks_of_reading(item))
        return next((self.entries[id_] for id_ in ids if id_), None)

    def _learn(self, takedown: Takedown, url: str, captures: Iterable[Capture]) -> None:
        assert self.sealed is not None
        normal = addresses.normal(url) or url
        if normal not in self._addresses:
            closed = tombstone_of(normal)
            self.sealed.add_addresses(takedown.id, {normal: closed})
            self._addresses[normal] = takedown.id, closed
            self._urls[takedown.id].append(normal)
            self.__dict__.pop("_quoted", None)
        self.sealed.add_captures(takedown.id, (made for made in captures if self.covers(made.url)))

    def _is_open(self, takedown: Takedown, url: str) -> bool:
        """Whether an address may be printed: that of a redacted article, unless it prints the name."""
        if takedown.state is not State.REDACT or takedown.public_key:
            return False
        return not prints_name(url, self._names[takedown.id])


def marks_of_reading(item: Article) -> Iterator[tuple[str, str]]:
    """What a reading is known by besides its address: its post, its text, its headline on its day."""
    yield from _marks_of_text(text_sha256(item.title, item.body), item.body)
    if item.url is not None:
        # An old address and a new one are one article's where headline and day agree: `storage.joining`.
        yield from _marks_of_address(item.url, item.post_id, item.published_at, item.title, other=True)


def marks_of_row(
    article: Mapping[str, Any], revisions: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[str, str]]:
    """The same of an article's row and its revisions."""
    for row in revisions:
        yield from _marks_of_text(row["text_sha256"], row["body"])
        if article["url"] is not None:
            yield from _marks_of_address(
                article["url"], article["post_id"], article["published_on"], row["title"], other=False
            )


def _marks_of_text(text: str, body: str) -> Iterator[tuple[str, str]]:
    yield "text", text
    if len(body.split()) >= LEAST_WORDS_OF_A_BODY:
        yield "body", text_sha256("", body)


def _marks_of_address(
    url: str, post_id: int | None, published: str | None, title: str, *, other: bool
) -> Iterator[tuple[str, str]]:
    host = urlsplit(url).hostname
    number = re.fullmatch(r"/archives/(\d{1,12})", urlsplit(url).path)
    for post in {post_id, int(number[1]) if number else None} - {None}:
        yield "post", f"{host} {post}"
    if published:
        side = "old" if joining.is_old(url) != other else "new"
        yield "moved", f"{host} {published[:10]} {text_sha256(title, '')} {side}"


def tombstone_of(url: str) -> str:
    """What the ledger calls a closed address: a post's number says nothing, a slug prints the headline."""
    if re.fullmatch(r"https://[^/]+/archives/\d{1,12}", url):
        return url
    return f"urn:taken-down:{secrets.token_hex(12)}"


def beginnings(url: str) -> list[str]:
    """How the addresses begin under which a normal address's answers may have been captured."""
    parts = urlsplit(url)
    if parts.scheme != "https":
        return [url]
    paths = [f"{parts.path}{f'?{parts.query}' if parts.query else ''}"]
    if number := re.fullmatch(r"/archives/(\d{1,12})", parts.path):
        paths.append(f"/?p={number[1]}")
    return [
        f"{scheme}://{www}{parts.netloc}{path}"
        for scheme in ("https", "http")
        for www in ("", "www.")
        for path in paths
    ]


def unguessable_key(newspaper: str | None) -> str:
    """A key that is no digest of anything."""
    return f"{newspaper or 'page'}-r{secrets.token_hex(6)}"


def digest_of(url: str) -> str:
    """What a key takes of an address that is no post's (`storage.articles.article_key`)."""
    return hashlib.sha256(url.encode()).hexdigest()[:12]


def prints_name(url: str | None, names: Names) -> bool:
    """Whether an address prints a redacted name. A page without address is known by its text, which does."""
    return url is None or names.stand_in(unquote(url))


def load(
    path: Path | None, connection: sqlite3.Connection | None, directory: Path, kind: str | None = None
) -> Takedowns:
    """The list for an archive and its captures, with `kind` (live or sample) made where there is none.

    Raises SealedStoreError where they stand by a list that is not there, by another one, or by a newer state of it.
    """
    wanted = _versions(connection, directory)
    if path is None or not path.exists():
        if wanted:
            raise SealedStoreError(
                f"articles are taken down here, and their sealed list {path or ''} is not there: bring it back,"
                " or name it with -s ARCHIVE_SEALED_DB=…"
            )
        if path is None or kind is None:
            return Takedowns(None)
    sealed = Sealed(path, kind)
    known = sealed.version
    for one in wanted:
        if one.store != known.store or one.changes > known.changes:
            raise SealedStoreError(
                f"{path} is {'an older copy of the' if one.store == known.store else 'another'} sealed list than the"
                " one that stood here last; bring that one back, or name it with -s ARCHIVE_SEALED_DB=…"
            )
    return Takedowns(sealed)


def _versions(connection: sqlite3.Connection | None, directory: Path) -> list[Version]:
    """By which lists the archive and its captures stand."""
    marker = directory / MARKER
    said = [
        tables.version(connection) if connection is not None else "",
        marker.read_text().split("\n")[0] if marker.exists() else "",
    ]
    return [Version(one.split()[0], int(one.split()[1])) for one in said if one]


def mark_directory(directory: Path, version: Version) -> None:
    """Say in the capture directory, where there is one, which list has to be read before its records."""
    said = directory / MARKER
    if not directory.is_dir() or (said.exists() and said.read_text().startswith(f"{version}\n")):
        return
    new = directory / f"{MARKER}.new"
    new.write_text(
        f"{version}\nSome of these records are taken down. The list is ARCHIVE_SEALED_DB; do not publish them.\n"
    )
    new.replace(directory / MARKER)
