"""The article's page, its record, its citations, its versions and its captures."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote, urlencode

from datasette.utils.asgi import Response

from newsarchive.publication import citing, diffing, stories
from newsarchive.publication.responding import View, whole_number

if TYPE_CHECKING:
    import sqlite3

    from datasette.app import Datasette
    from datasette.utils.asgi import Request

_RECORD: Final = (
    "key",
    "url",
    "newspaper",
    "section",
    "title",
    "subtitle",
    "byline",
    "writer",
    "place",
    "agency",
    "published_at",
    "published_from",
    "published_on",
    "modified_at",
    "lead",
    "body",
    "word_count",
    "language",
    "image_url",
    "status",
    "gone_since",
    "revision_count",
    "changed_at",
    "first_seen_at",
    "last_seen_at",
    "body_sha256",
    "reader",
)
_WARC_NAME: Final = re.compile(r"[\w.-]+\.warc(?:\.gz)?")


async def article_page(datasette: Datasette, request: Request) -> Response:
    """`/article/KEY`, with .json, .bib and .ris."""
    view = View(datasette, request)
    key, suffix = _key_and_suffix(request)
    found = await _found(view, key, suffix)
    if isinstance(found, Response):
        return found
    return _unlisted(await _shown(view, key, suffix, found), found)


async def _found(view: View, key: str, suffix: str) -> dict[str, Any] | Response:
    """The article of a key and, as `taken_down`, what is taken down of it; or what is answered in its place."""
    article, replaced_by = await view.readers.read(_article_or_newer_key, key)
    if article is None and replaced_by is not None:
        return Response.redirect(view.site.article(replaced_by, suffix), status=301)
    taken_down = await view.readers.read(stories.read_taken_down, key)
    if article is None:
        article = taken_down["article"] if taken_down else None
    if article is None:
        return await _no_article(view, key, taken_down)
    return article | {"taken_down": taken_down}


def _unlisted(response: Response, article: dict[str, Any]) -> Response:
    """Of an article in no list of ours, none of a search engine's should be made."""
    if article["taken_down"] and article["taken_down"]["state"] == "delist":
        response.headers["X-Robots-Tag"] = "noindex"
    return response


async def _no_article(view: View, key: str, taken_down: dict[str, Any] | None) -> Response:
    """Nothing is known under this key, or what is known is withheld (RFC 7725), with the class of the reason."""
    if taken_down is None:
        return await view.not_found("article.missing", key=key)
    site = view.site
    message = site.t(f"withheld.{taken_down['state']}", until=site.date(taken_down["until"]) or "")
    response = await view.problem(
        451,
        f"{message} {site.t('withheld.reason', reason=site.known('removal.reason', taken_down['reason']))}",
    )
    response.headers["Link"] = f'<{site.absolute(site.url("/about"))}#removal>; rel="blocked-by"'
    return response


async def _shown(view: View, key: str, suffix: str, article: dict[str, Any]) -> Response:
    item = _cited(view, article)
    if suffix == ".json":
        return view.json(record(article, item))
    if suffix == ".bib":
        return view.text(citing.bibtex(item), "application/x-bibtex", filename=_file_name(key, "bib"))
    if suffix == ".ris":
        return view.text(
            citing.ris(item), "application/x-research-info-systems", filename=_file_name(key, "ris")
        )
    return await view.page("article", a=article, cite=_citations(view, item), report=_report(view, article))


async def changes_page(datasette: Datasette, request: Request) -> Response:
    """`/article/KEY/changes`: two versions side by side, word by word."""
    view = View(datasette, request)
    key = _decoded(request.url_vars["key"])
    article = await _found(view, key, "/changes")
    if isinstance(article, Response):
        return article
    revisions = article["revisions"]
    newer = _revision(view.arg("to"), revisions, len(revisions) - 1)
    older = _revision(view.arg("from"), revisions, newer - 1)
    comparison = diffing.compare(revisions[older], revisions[newer]) if 0 <= older != newer else None
    response = await view.page("changed", a=article, older=older, newer=newer, comparison=comparison)
    return _unlisted(response, article)


async def capture_file(datasette: Datasette, request: Request) -> Response:
    """`/article/KEY/capture/N.warc.gz`: the raw record as it was written, nothing taken out of it."""
    view = View(datasette, request)
    key, number = _decoded(request.url_vars["key"]), int(request.url_vars["number"])
    capture = await view.readers.read(_capture, key, number)
    if capture is None:
        return await view.not_found("captures.unknown")
    if capture.get("withheld") or await view.readers.read(_is_removing):
        return await view.problem(451, view.site.t("captures.withheld"))
    content = _warc_member(view.archive.path, capture)
    if content is None:
        return await view.not_found("captures.elsewhere", file=capture["warc_file"])
    headers = {
        "Content-Disposition": f'attachment; filename="{_file_name(f"{key}-{number}", "warc.gz")}"',
        **view.caching(200),
    }
    return Response(content, headers=headers, content_type="application/warc")


def record(article: dict[str, Any], item: citing.Cited) -> dict[str, Any]:
    """The article for machines: the columns of the table, the paragraphs, the versions, the captures."""
    given = stories.paragraphs(article["body"], article["paragraphs"])
    return {
        **{name: article[name] for name in _RECORD},
        "sections": article["sections"],
        "tags": article["tags"],
        "paragraphs": [{"kind": paragraph.kind, "text": paragraph.text} for paragraph in given],
        "permalink": item.permalink,
        "related": [other["key"] for other in article["related"]],
        "revisions": [_revision_record(revision) for revision in article["revisions"]],
        "captures": [
            {
                name: capture[name]
                for name in ("url", "fetched_at", "status", "source", "warc_file", "payload_sha256")
            }
            for capture in article["captures"]
        ],
    }


def _revision_record(revision: dict[str, Any]) -> dict[str, Any]:
    names = ("title", "subtitle", "byline", "body", "first_seen_at", "last_seen_at", "text_sha256", "current")
    return {name: revision[name] for name in names}


def _article_or_newer_key(
    connection: sqlite3.Connection, key: str
) -> tuple[dict[str, Any] | None, str | None]:
    article = stories.read_article(connection, key)
    return article, None if article is not None else stories.current_key(connection, key)


def _capture(connection: sqlite3.Connection, key: str, number: int) -> dict[str, Any] | None:
    row = connection.execute(
        "SELECT c.* FROM captures AS c JOIN articles AS a ON a.id = c.article_id WHERE a.key = ? AND c.id = ?",
        (key, number),
    ).fetchone()
    return None if row is None else dict(row)


def _is_removing(connection: sqlite3.Connection) -> bool:
    """Whether a removal is under way, so that nobody knows yet which captures quote what is taken down."""
    return connection.execute("SELECT 1 FROM newsarchive WHERE key = 'removal'").fetchone() is not None


def _warc_member(database: Path, capture: dict[str, Any]) -> bytes | None:
    """The bytes of the record, None where its file is not beside the archive (a published copy has none)."""
    folder = Path(os.environ.get("ARCHIVE_WARC_DIR") or database.parent / "captures")
    if not _WARC_NAME.fullmatch(capture["warc_file"]):
        return None
    try:
        with (folder / capture["warc_file"]).open("rb") as file:
            file.seek(capture["warc_offset"])
            content = file.read(capture["warc_length"])
    except FileNotFoundError:
        return None
    return content if len(content) == capture["warc_length"] else None


def _cited(view: View, article: dict[str, Any]) -> citing.Cited:
    return citing.cited(
        article,
        newspaper=view.archive.title,
        permalink=view.site.absolute(f"{view.site.base}/article/{quote(article['key'], safe='')}"),
        archive=view.site.t("site.name", title=view.archive.title),
    )


def _citations(view: View, item: citing.Cited) -> dict[str, Any]:
    lang = view.site.lang
    return {
        "permalink": item.permalink,
        "original": item.url and citing.readable(item.url),
        "styles": [("Chicago", citing.chicago(item, lang)), ("APA", citing.apa(item, lang))],
        "bibtex": citing.bibtex(item),
        "ris": citing.ris(item),
        "coins": citing.coins(item),
        "meta": citing.meta(item),
    }


def _report(view: View, article: dict[str, Any]) -> str:
    """Where an error is reported: by mail where a contact is set, else the page that says how."""
    contact = os.environ.get("ARCHIVE_CONTACT", "")
    if re.fullmatch(r"[^@\s:/?]+@[^@\s:/?]+", contact):
        return f"mailto:{contact}?{urlencode({'subject': article['key']}, quote_via=quote)}"
    return view.site.url("/about") + "#corrections"


def _key_and_suffix(request: Request) -> tuple[str, str]:
    key = _decoded(request.url_vars["key"])
    for suffix in (".json", ".bib", ".ris"):
        if key.endswith(suffix):
            return key.removesuffix(suffix), suffix
    return key, ""


def _decoded(part: str) -> str:
    """A part of a path; Datasette hands it over percent-encoded."""
    return unquote(part)


def _revision(asked: str | None, revisions: list[dict[str, Any]], default: int) -> int:
    """The position of the revision that `?from=` or `?to=` names by its number, 1 being the oldest."""
    number = whole_number(asked, len(revisions) + 1) or 0
    return number - 1 if 1 <= number <= len(revisions) else default


def _file_name(name: str, extension: str) -> str:
    return f"{re.sub(r'[^A-Za-z0-9._-]', '-', name)}.{extension}"
