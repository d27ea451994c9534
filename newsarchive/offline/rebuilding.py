"""The archive's own WARC files read again as the crawl read them: which answers belong to one visit.

A visit begins with an answer to a normal address that may be an article's, by its form or because an answer
before it listed it as one; redirects and the parts of a paged article lead on from it, as in
`newsarchive.newspaper`. Every other answer (robots.txt, sitemaps, listings) is entered as a capture and says
nothing else.
"""

from __future__ import annotations

import logging
from collections import defaultdict, deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from w3lib.url import safe_url_string

from newsarchive import capture, visits
from newsarchive.archive import Visit, now
from newsarchive.discovery import addresses, documents
from newsarchive.exceptions import CaptureError
from newsarchive.guarding import ReaderDiedError
from newsarchive.items import Article, Capture, Reason, Refusal
from newsarchive.offline import captured, reading, saved
from newsarchive.offline.parts import Part, Parts, Whole

if TYPE_CHECKING:
    from newsarchive.archive import Archive

logger = logging.getLogger(__name__)

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Asked again by the crawl within the same visit.
_TRIED_AGAIN = frozenset({408, 429, 500, 502, 503, 504, 522, 524})
_OK = 200
_NOT_MODIFIED = 304
_MAX_HOPS = 5
_MAX_PARTS = 50


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A visit that goes on at another address.

    otherwise: what becomes of the visit if no answer comes.
    """

    url: str
    hops: int
    parts: tuple[Article, ...]
    otherwise: Refusal


class Visits:
    """The visits that the records of an archive's own files tell of. Feed it every record, then `end` it.

    `lost` counts revisit records that could not be read, because no file holds the body that they refer to.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._newspaper = archive.newspaper
        self._original = _originals(archive)
        self._waiting: defaultdict[str, deque[_Waiting]] = defaultdict(deque)
        self._parts = Parts()
        self.lost = 0
        self._listed: set[str] = set()

    def take(self, record: capture.Record, file: str) -> None:
        """Enter a record of `file` (a bare name) and, where it ends a visit, the visit's result."""
        if record.kind not in {"response", "revisit", "resource"}:
            return
        try:
            whole = captured.whole(record, self._original)
        except CaptureError as error:
            logger.warning("%s at byte %d: %s", file, record.offset, error)
            self.lost += 1
            return
        page = saved.page_of(whole, f"{file}@{record.offset}", file)
        if page is None:
            return
        made = capture_of(whole, page, file)
        is_known = self._archive.took_in(made)
        self._archive.refer(made)
        if made.source != "live":
            self._take_alone(page, made, is_known=is_known)
            return
        self._learn(page, made)
        waiting = self._next_waiting(made)
        if waiting is not None:
            self._read(whole, page, made, waiting, is_known=is_known)

    def end(self) -> None:
        """Conclude the visits whose last answer never came."""
        for queue in self._waiting.values():
            for waiting in queue:
                self._keep(waiting.otherwise, Visit(waiting.url, _last(waiting.otherwise)), is_known=False)
        self._waiting.clear()
        for whole in self._parts.rest():
            self._keep_whole(whole)

    def _take_alone(self, page: saved.SavedPage, made: Capture, *, is_known: bool) -> None:
        """A page that came from elsewhere: it stands for itself, or is a part of an article."""
        item, newspaper = self._archive.guard.read_page(page, [self._newspaper])
        assert item is not None
        item = replace(item, captures=(made,))
        number = addresses.part(page.address or "")
        is_part = number > 1 or (isinstance(item, Article) and item.next_page)
        if not is_part:
            self._keep(item, None, is_known=is_known)
            return
        part = Part(
            item=item,
            number=number,
            captured_at=saved.moment(page),
            newspaper=newspaper,
            outcome="known" if is_known else None,
        )
        if whole := self._parts.take(part):
            self._keep_whole(whole)

    def _keep_whole(self, whole: Whole) -> None:
        self._keep(whole.item, None, is_known=all(part.outcome for part in whole.parts))

    def _learn(self, page: saved.SavedPage, made: Capture) -> None:
        """Remember what a source of articles alone lists and no form tells."""
        if made.status != _OK or not documents.lists_only_articles(made.url):
            return
        try:
            found = self._archive.guard.read(made.url, documents.found_in, made.url, page.body)
        except ReaderDiedError:
            return
        hosts = self._newspaper.hosts
        urls = {url for item in found if (url := addresses.normal(item.url))}
        self._listed.update(
            url
            for url in urls
            if addresses.may_be_listed(url, hosts) and not addresses.may_be_article(url, hosts)
        )

    def _next_waiting(self, made: Capture) -> _Waiting | None:
        """The visit that this answer belongs to, None for one that is no visit's."""
        if queue := self._waiting.get(made.url):
            waiting = queue.popleft()
            if not queue:
                del self._waiting[made.url]
            return waiting
        url = addresses.normal(made.url)
        if url != made.url or not (
            addresses.may_be_article(url, self._newspaper.hosts) or url in self._listed
        ):
            return None
        nothing = Refusal(url=url, newspaper=self._newspaper.name, reason=Reason.NETWORK_ERROR, detail="")
        return _Waiting(url, 0, (), nothing)

    def _read(
        self,
        record: capture.Record,
        page: saved.SavedPage,
        made: Capture,
        waiting: _Waiting,
        *,
        is_known: bool,
    ) -> None:
        answer = capture.http(record)
        status = made.status or 0
        validators = (answer.get("ETag"), answer.get("Last-Modified"))
        visit = Visit(waiting.url, made.fetched_at, validators)
        if status == _NOT_MODIFIED:
            if not is_known:
                self._archive.keep_unchanged(visit, made)
            return
        if status in _REDIRECTS and (location := answer.get("Location")):
            self._follow(waiting, made, urljoin(made.url, safe_url_string(location)))
            return
        item = replace(self._item(page, made, answer, waiting), captures=(made,))
        if status in _TRIED_AGAIN and isinstance(item, Refusal) and (waiting.hops or waiting.parts):
            self._waiting[made.url].append(replace(waiting, otherwise=self._of_visit(item, waiting)))
        elif isinstance(item, Article):
            if waiting.parts or item.next_page:
                visit = Visit(waiting.url, made.fetched_at)  # a paged article is asked without conditions
            self._with_parts(item, page, visit, waiting, is_known=is_known)
        else:
            self._keep(self._of_visit(item, waiting), visit, is_known=is_known)

    def _item(
        self, page: saved.SavedPage, made: Capture, answer: capture.Http, waiting: _Waiting
    ) -> Article | Refusal:
        return self._archive.guard.read_answer(
            visits.Answer(
                url=waiting.url,
                final_url=addresses.normal(made.url) or made.url,
                status=answer.status,
                body=page.body,
                content_type=page.content_type,
                captured_at=saved.moment(page),
                truncated=page.truncated,
                challenged=answer.get("cf-mitigated") == "challenge",
            ),
            self._newspaper,
        )

    def _follow(self, waiting: _Waiting, made: Capture, target: str) -> None:
        if waiting.hops >= _MAX_HOPS:
            reason, detail = Reason.REDIRECT_LOOP, "max redirections reached"
        elif (urlsplit(target).hostname or "").removeprefix("www.") not in self._newspaper.hosts:
            reason, detail = Reason.OFFSITE, f"{target} is not the newspaper's; not asked"
        else:
            reason, detail = Reason.NETWORK_ERROR, f"no answer from {target}"
        refusal = Refusal(
            url=waiting.url, newspaper=self._newspaper.name, reason=reason, detail=detail, captures=(made,)
        )
        refusal = self._of_visit(refusal, waiting)
        if reason is Reason.NETWORK_ERROR:
            self._waiting[target].append(replace(waiting, hops=waiting.hops + 1, otherwise=refusal))
        else:
            self._keep(refusal, Visit(waiting.url, made.fetched_at), is_known=False)

    def _of_visit(self, refusal: Refusal, waiting: _Waiting) -> Refusal:
        """A refusal of a later part is one of the whole article."""
        if not waiting.parts:
            return refusal
        detail = f"part {len(waiting.parts) + 1} is no article: {refusal.reason}"
        return self._incomplete(waiting.parts, detail)

    def _incomplete(self, parts: tuple[Article, ...], detail: str) -> Refusal:
        return Refusal(
            url=parts[0].url,
            newspaper=self._newspaper.name,
            reason=Reason.INCOMPLETE,
            detail=detail,
            captures=tuple(made for part in parts for made in part.captures),
        )

    def _with_parts(
        self, article: Article, page: saved.SavedPage, visit: Visit, waiting: _Waiting, *, is_known: bool
    ) -> None:
        assert article.url is not None
        if not waiting.parts and page.url not in {None, article.url}:
            assert page.url is not None
            if addresses.may_be_listed(page.url, self._newspaper.hosts):
                self._archive.join(article.url, page.url, visit.seen_at)
                article, visit = replace(article, url=page.url), replace(visit, url=page.url)
        parts = (*waiting.parts, article)
        following = article.next_page
        if following is None or following in {part.next_page for part in parts[:-1]}:
            self._keep(visits.joined(parts) if len(parts) > 1 else article, visit, is_known=is_known)
        elif len(parts) == _MAX_PARTS:
            self._keep(self._incomplete(parts, f"more than {_MAX_PARTS} parts"), visit, is_known=is_known)
        else:
            missing = self._incomplete(parts, f"part {len(parts) + 1} did not come")
            self._waiting[following].append(_Waiting(parts[0].url or waiting.url, 0, parts, missing))

    def _keep(self, item: Article | Refusal, visit: Visit | None, *, is_known: bool) -> None:
        if not is_known:
            finished = reading.finish(item, self._newspaper)
            self._archive.keep(finished, visit)


def _last(refusal: Refusal) -> str:
    return refusal.captures[-1].fetched_at


def _originals(archive: Archive) -> captured.Originals:
    """Originals of revisits from the rows, or from the files where no row tells of them or leads to them."""
    from_rows = captured.originals(archive.connection, archive.capture_dir)
    by_digest: dict[captured.RecordName, tuple[str, int, int]] = {}

    def original(revisit: capture.Record) -> capture.Record:
        archive.flush()
        try:
            return from_rows(revisit)
        except CaptureError:
            if not by_digest:
                by_digest.update(_responses(archive))
            name = captured.original_of(revisit)
            if name not in by_digest:
                raise
            file, offset, length = by_digest[name]
            return capture.read_at(capture.locate(archive.capture_dir, file), offset, length)

    return original


def _responses(archive: Archive) -> dict[captured.RecordName, tuple[str, int, int]]:
    """Every response of the capture directory by address, time and payload digest."""
    return {
        captured.name_of(record): (path.name, record.offset, record.length)
        for path in sorted(archive.capture_dir.glob("*.warc.gz"))
        for record in capture.walk(path, lambda _: None)
        if record.kind == "response"
    }


def capture_of(record: capture.Record, page: saved.SavedPage, file: str) -> Capture:
    """The capture that a record of our own tells of."""
    return Capture(
        url=record.url or "",
        fetched_at=page.captured_at or now(),
        status=page.status,
        source=source_of(record),
        warc_file=file,
        warc_offset=record.offset,
        warc_length=record.length,
        payload_sha256=capture.payload_sha256(page.body),
        content_type=page.content_type,
        truncated=page.truncated,
    )


def source_of(record: capture.Record) -> str:
    """Where a record's bytes came from: WARC-Source-URI names the web archive of a copy."""
    if record.kind == "resource":
        return "ingest"
    copied_from = record.get("WARC-Source-URI")
    if copied_from is None:
        return "live"
    return "commoncrawl" if "/crawl-data/" in copied_from else "wayback"
