"""Printed issues and pictures (`-a assets=issues,images`): files that pages name, fetched after the articles.

One at a time and newest first, through the crawl's own guard, robots, pauses and captures. Which files there are
and what became of them stands in the table `assets`, so that a killed run is simply run again.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.exceptions import DownloadCancelledError

from newsarchive import capture, visits
from newsarchive.archive import now
from newsarchive.crawling.failures import reason_of
from newsarchive.exceptions import CaptureError, SettingsError
from newsarchive.guarding import ReaderDiedError
from newsarchive.items import AssetState, Reason, Refusal
from newsarchive.offline import captured, reading
from newsarchive.storage import assets, captures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from newsarchive.archive import Archive
    from newsarchive.items import Capture
    from newsarchive.newspaper import NewspaperSpider
    from newsarchive.storage.assets import Asset, Issue

logger = logging.getLogger(__name__)

_KINDS = {"issues": "issue", "images": "image"}
# A printed issue is tens of megabytes; what a WARC record may hold ends at 128 MiB (newsarchive.capture).
_LARGEST = 100_000_000
_SECONDS = 300
_MAX_IN_A_ROW = 5
_OK = 200
_PDF_WINDOW = 1024
_NUMBER = re.compile(r"العدد\s*(?:رقم\s*)?[:(«]?\s*(\d{1,6})(?!\d)")


class Assets:
    """The files of one run. `trouble` says why some did not come, or is "".

    kept: files of this run; size: bytes downloaded at most, against the budget.
    """

    def __init__(self, spider: NewspaperSpider, archive: Archive) -> None:
        self._spider = spider
        self._archive = archive
        self._newspaper = spider.newspaper
        self._kinds = [_KINDS[name] for name in spider.arguments.assets]
        self._budget = _bytes(str(spider.settings["ARCHIVE_ASSET_BYTES"]))
        self._entered = False
        self._in_a_row = 0
        self.kept = 0
        self.size = 0
        self.spent = False
        self.trouble = ""

    def take(self) -> Request | None:
        """The request for the next file, None when there is none, the budget is spent or we were turned away."""
        if not self._kinds or self.spent or self._in_a_row >= _MAX_IN_A_ROW or self._spider.frontier.closed():
            return None
        if not self._entered:
            self._enter()
        while asset := self._next():
            if asset.tries or not _take_in(self._archive, asset):
                return self._request(asset)
            self.kept += 1
        return None

    def summary(self) -> str:
        """What a verdict says of them, "" where nobody asked for any."""
        if not self._kinds:
            return ""
        left = assets.left(self._archive.connection, self._newspaper.name, self._kinds)
        words = f"{self.kept} kept, {left} left, {self.size / 1e6:.1f} MB of {self._budget / 1e6:.0f} MB"
        return words + ("; ARCHIVE_ASSET_BYTES is spent" if self.spent and left else "")

    def received(self, response: Response, asset: Asset) -> None:
        """Judge an answer; its capture is linked where it is the file."""
        made: Capture = response.meta["capture"]
        size = len(response.body)
        self.size += size
        self.spent = self.size >= self._budget
        found = judge(
            asset.kind,
            response.status,
            response.body,
            (response.headers.get("Content-Type") or b"").decode("latin-1"),
            truncated=bool({"dataloss", "truncated"} & set(response.flags)),
        )
        if found is not None:
            self._lost(asset, *found, made)
            return
        self._in_a_row = 0
        self.kept += 1
        self._spider.logger.info("%s %s, %d bytes", asset.kind, asset.url, size)
        self._archive.add(
            lambda connection: assets.keep(connection, asset, captures.id_of(connection, made), size)
        )

    def failed(self, failure: Failure) -> None:
        """No answer came, or one larger than was allowed."""
        request: Request = failure.request  # type: ignore[attr-defined]
        asset: Asset = request.cb_kwargs["asset"]
        if isinstance(failure.value, DownloadCancelledError):
            self._too_large(asset, request.meta["download_maxsize"])
            return
        reason, detail = reason_of(failure)
        self._spider.logger.warning("%s: %s", asset.url, detail)
        if reason is Reason.ROBOTS_UNREACHABLE:
            self._in_a_row = _MAX_IN_A_ROW
            self.trouble = detail
        elif reason in {Reason.OFFSITE, Reason.ROBOTS_DISALLOWED}:
            self._lost(asset, AssetState.REFUSED, reason)
        else:
            self._lost(asset, AssetState.FAILED, reason)

    def _too_large(self, asset: Asset, allowed: int) -> None:
        """It has more than `allowed` bytes. Where the budget's rest was the bound, the next run has room for it."""
        # Nobody says how much of it came before it was cut off: the whole bound counts.
        self.size += allowed
        self.spent = self.size >= self._budget
        if allowed == self._bound:
            self._archive.add(lambda connection: assets.too_large(connection, asset, allowed))

    @property
    def _bound(self) -> int:
        return min(_LARGEST, self._budget)

    def _enter(self) -> None:
        """Enter what the archive's pages name now."""
        self._entered = True
        if "image" in self._kinds:
            with self._archive.transaction() as connection:
                assets.enter_images(connection, self._newspaper.name)
        if "issue" in self._kinds:
            for issue in _unread_issues(self._archive):
                with self._archive.transaction() as connection:
                    assets.enter_issue(connection, self._newspaper.name, issue)

    def _next(self) -> Asset | None:
        arguments = self._spider.arguments
        with self._archive.transaction() as connection:
            return assets.take(
                connection,
                self._newspaper.name,
                self._kinds,
                run_id=self._archive.run_id,
                now=self._archive.started_at,
                bound=self._bound,
                window=(arguments.since, arguments.until),
            )

    def _request(self, asset: Asset) -> Request:
        allowed = min(_LARGEST, self._budget - self.size)
        return Request(
            asset.url,
            callback=self.received,
            errback=self.failed,
            cb_kwargs={"asset": asset},
            meta={"download_maxsize": allowed, "download_timeout": _SECONDS},
        )

    def _lost(self, asset: Asset, state: AssetState, reason: Reason, made: Capture | None = None) -> None:
        self._spider.logger.info("%s %s: %s", state, asset.url, reason)
        self._in_a_row = self._in_a_row + 1 if state is AssetState.FAILED else 0
        if state is AssetState.FAILED:
            self.trouble = f"{asset.url}: {reason}"
        self._archive.add(lambda connection: assets.settle(connection, asset, state, reason, now(), made))


def restore(archive: Archive) -> None:
    """Enter the issues and pictures whose files stand among the captures: those of an archive that is built again."""
    archive.flush()
    with archive.transaction() as connection:
        assets.enter_images(connection, archive.newspaper.name, captured_only=True)
    for issue in _unread_issues(archive):
        if any(assets.known_capture(archive.connection, pdf) for pdf in issue.pdfs):
            with archive.transaction() as connection:
                assets.enter_issue(connection, archive.newspaper.name, issue)
    for asset in assets.untried(archive.connection, archive.newspaper.name):
        _take_in(archive, asset)


def _unread_issues(archive: Archive) -> Iterator[Issue]:
    """What the captured issue pages say of their issues; one that cannot be read again costs a warning."""
    original = captured.originals(archive.connection, archive.capture_dir)
    for row in assets.unread_issue_pages(archive.connection, archive.newspaper.name):
        try:
            page = captured.page(archive.capture_dir, row, original)
        except (CaptureError, OSError) as error:
            logger.warning("%s: its PDF files are not known: %s", row["url"], error)
            continue
        try:
            item = (
                archive.guard.read(row["url"], reading.read_page, page, archive.newspaper) if page else None
            )
        except ReaderDiedError as died:
            logger.warning("%s: its PDF files are not known: it %s", row["url"], died)
            continue
        if not isinstance(item, Refusal) or item.reason is not Reason.ISSUE_PAGE:
            logger.warning("%s: read again it is no issue page; scrapy reread", row["url"])
            continue
        day = item.published_at[:10] if item.published_at else None
        number = issue_number(item.title or "")
        yield assets.Issue(row["url"], row["capture_id"], item.title, day, number, item.links)


def _take_in(archive: Archive, asset: Asset) -> bool:
    """Link a file that is captured already, as in an archive built again from its captures."""
    row = assets.known_capture(archive.connection, asset.url)
    if row is None:
        return False
    original = captured.originals(archive.connection, archive.capture_dir)
    try:
        body = capture.payload(captured.whole(captured.record(archive.capture_dir, row), original))
    except (CaptureError, OSError) as error:
        logger.warning("%s is not taken from its capture: %s", asset.url, error)
        return False
    if judge(asset.kind, row["status"], body, row["content_type"] or "") is not None:
        return False
    with archive.transaction() as connection:
        assets.keep(connection, asset, row["id"], len(body))
    return True


def judge(
    kind: str, status: int, body: bytes, content_type: str, *, truncated: bool = False
) -> tuple[AssetState, Reason] | None:
    """Why an answer is not the issue (a PDF) or the image that its address promised; None when it is."""
    if status != _OK:
        reason = visits.reason_of_status(status)
        return (AssetState.GONE if reason is Reason.HTTP_GONE else AssetState.FAILED), reason
    if truncated:
        return AssetState.FAILED, Reason.INCOMPLETE
    if not body:
        return AssetState.FAILED, Reason.EMPTY_ANSWER
    # A PDF may begin with some junk (ISO 32000-2, 7.5.2 and Annex I).
    is_pdf = b"%PDF-" in body[:_PDF_WINDOW]
    is_image = content_type.lower().startswith("image/") and not is_pdf
    is_right = is_pdf if kind == "issue" else is_image
    return None if is_right else (AssetState.FAILED, Reason.WRONG_TYPE)


def issue_number(title: str) -> int | None:
    """The number that a title prints: «العدد 3741»."""
    found = _NUMBER.search(title)
    return int(found[1]) if found else None


def _bytes(value: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,14}", value):
        raise SettingsError(f"ARCHIVE_ASSET_BYTES={value} is no number of bytes from 1")
    return int(value)
