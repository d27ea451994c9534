"""Which rows a file holds: a search, a table with its filters, a query. And the sidecar that says so."""

from __future__ import annotations

import hashlib
import json
import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from datasette.utils import InvalidSql, derive_named_parameters, tilde_decode, validate_sql_select
from datasette.utils.asgi import BadRequest, Forbidden, Request, Response
from datasette.views.base import DatasetteError
from datasette.views.database import DatabaseView, MagicParameters
from datasette.views.table import TableView

from newsarchive import __version__, search
from newsarchive.formats.kinds import verbatim_name
from newsarchive.formats.parquet import Parquet
from newsarchive.formats.rows import Csv, Format, JsonArray, JsonLines, Outline
from newsarchive.formats.xlsx import SHEET_ROWS, Xlsx
from newsarchive.publication import labels
from newsarchive.publication.archives import archive_of
from newsarchive.publication.downloads import (
    FREE_SQL_SECONDS,
    Download,
    Selection,
    file_name,
    open_download,
    outline_of,
)
from newsarchive.publication.questions import Asked, asked
from newsarchive.publication.responding import View, whole_number
from newsarchive.publication.tables import ArticlesTable

if TYPE_CHECKING:
    import sqlite3

    from datasette.app import Datasette

    from newsarchive.publication.headers import Send

_COLUMNS: Final = """
    key, url, title, subtitle, section, writer, byline, place, agency,
    published_at, published_on, published_from, modified_at, status, gone_since,
    revision_count, word_count, language,
    (SELECT {tags} FROM (
        SELECT t.name FROM article_tags AS x JOIN tags AS t ON t.id = x.tag_id
        WHERE x.article_id = articles.id ORDER BY x.position
    )) AS tags,
    body, body_sha256
"""
SEARCH_COLUMNS: Final = _COLUMNS.format(tags="group_concat(name, ' | ')")
SEARCH_COLUMNS_WITH_LISTS: Final = _COLUMNS.format(tags="json_group_array(name)") + ", paragraphs"
_ON: Final = ("on", "1", "true", "yes")
_MOST_ROWS: Final = 2**63 - 1
_LIMIT: Final = re.compile(r"\s+limit 1\s*$")
_RIGHTS: Final = (
    "The texts belong to the newspaper and its writers. Kept and shared for research, quotation and citation; "
    "the archive's own data about them (dates, states, digests, counts) may be used freely with attribution."
)


async def search_file(datasette: Datasette, request: Request) -> Download | Response:
    """`/search.csv`, `.jsonl`, `.xlsx`, `.parquet`: every article that the page finds, in the order of the page."""
    view = View(datasette, request)
    question = await asked(view)
    ranked = await view.readers.read(_ranked, question)
    filters = question.filters
    described = {
        "q": question.q or None,
        "section": filters.section,
        "writer": filters.writer,
        "barred": filters.barred,
        "from": filters.since,
        "until": filters.until,
        "sort": question.sort,
        "ranked": len(ranked),
        "ignored": list(question.wrong),
    }
    lists = request.url_vars["format"] == "parquet"
    columns = SEARCH_COLUMNS_WITH_LISTS if lists else SEARCH_COLUMNS
    selection = Selection(
        *_statement(question, ranked, columns),
        file_name(view.archive.newspaper, "search", question.q, filters.section, filters.writer),
        {name: value for name, value in described.items() if value},
    )
    return await _answer(view, selection)


def _ranked(connection: sqlite3.Connection, question: Asked) -> list[int]:
    """The ids of the articles that are ranked, where the best come first."""
    return search.best(connection, question.parsed) if question.sort == "relevance" else []


def _statement(question: Asked, ranked: list[int], columns: str) -> tuple[str, dict[str, Any]]:
    """The rows of every article found; what is not ranked follows the ranked ones, newest first."""
    if not question:
        return f"SELECT {columns} FROM articles WHERE FALSE", {}
    ids, parameters = question.matching()
    if question.sort != "relevance":
        direction = "ASC" if question.sort == "oldest" else "DESC"
        return (
            f"SELECT {columns} FROM articles WHERE id IN ({ids}) ORDER BY id {direction}",
            parameters,
        )
    # SQLite may drop the order of a part that has no limit
    sql = f"""
        WITH placed AS (
            SELECT value AS id, key AS place FROM json_each(:ranked) UNION ALL SELECT id, :last FROM ({ids})
        ),
        ordered AS MATERIALIZED (
            SELECT id FROM placed GROUP BY id HAVING max(place) = :last
            ORDER BY min(place), id DESC LIMIT -1
        )
        SELECT {columns} FROM ordered CROSS JOIN articles ON articles.id = ordered.id
    """
    return sql, {**parameters, "ranked": json.dumps(ranked), "last": len(ranked)}


async def table_file(datasette: Datasette, request: Request) -> Download | Response:
    """`/DB/TABLE.csv`: every row that the filters let through; a ready query is answered like SQL."""
    view = View(datasette, request)
    name = tilde_decode(request.url_vars["table"])
    database = view.archive.database
    ready = await datasette.get_canned_query(database, name, request.actor)
    if ready is not None:
        return await _answer(view, await _ready_query(view, name, ready))
    selection = await _table(view, name)
    return selection if isinstance(selection, Response) else await _answer(view, selection)


async def sql_file(datasette: Datasette, request: Request) -> Download | Response:
    """`/DB.csv?sql=…`: every row of the result, not Datasette's first thousand."""
    view = View(datasette, request)
    sql = view.arg("sql")
    if sql is None:
        raise BadRequest("?sql= is missing")
    try:
        validate_sql_select(sql)
    except InvalidSql as error:
        raise DatasetteError(str(error), title="Invalid SQL", status=400) from error
    await datasette.ensure_permissions(request.actor, [("execute-sql", view.archive.database)])
    return await _answer(view, await _sql(view, sql, "sql"))


async def whole_array(datasette: Datasette, request: Request, send: Send) -> Download | Response | None:
    """`/DB.json?sql=…&_shape=array` and `/DB/QUERY.json?_shape=array`: Datasette would cut the array at 1,000 rows.

    Every other JSON is Datasette's own; its other shapes say when they are cut.
    """
    table = request.url_vars.get("table")
    name = None if table is None else tilde_decode(table)
    plain = request.args.get("_shape") == "array" and "_json" not in request.args
    if plain and name is None and request.args.get("sql"):
        return await sql_file(datasette, request)
    if (
        plain
        and name is not None
        and await datasette.get_canned_query(_database(datasette), name, request.actor)
    ):
        return await table_file(datasette, request)
    table_view = ArticlesTable if name == "articles" else TableView
    view = DatabaseView if name is None else table_view
    answer: Response | None = await view.as_view(datasette)(request, send)
    return answer


def _database(datasette: Datasette) -> str:
    archive = archive_of(datasette)
    assert archive is not None, "routes are registered only where an archive is served"
    return archive.database


async def _ready_query(view: View, name: str, ready: dict[str, Any]) -> Selection:
    database = view.archive.database
    visible, _ = await view.datasette.check_visibility(
        view.request.actor,
        permissions=[("view-query", (database, name)), ("view-database", database), "view-instance"],
    )
    if not visible or ready.get("write"):
        raise Forbidden("You do not have permission to view this query")
    return await _sql(view, ready["sql"], name, ready.get("params"))


async def _sql(view: View, sql: str, name: str, named: list[str] | None = None) -> Selection:
    database = view.datasette.databases[view.archive.database]
    names = named or await derive_named_parameters(database, sql)
    given = {key: view.request.args.get(key) or "" for key in names if not key.startswith("_")}
    magic = MagicParameters(given, view.request, view.datasette)
    given |= {key: magic[key] for key in names if key.startswith("_")}
    return Selection(
        sql.rstrip().rstrip(";"),
        given,
        file_name(view.archive.newspaper, name, *given.values()),
        {"sql": sql, "parameters": given},
        FREE_SQL_SECONDS,
    )


async def _table(view: View, name: str) -> Selection | Response:
    """The statement of a table page, read from Datasette's own view so that filters mean the same."""
    request, datasette = view.request, view.datasette
    if request.args.get("_next") and request.args.get("_stream"):
        raise BadRequest("_next not allowed for CSV streaming")
    quiet = request.query_string + "&_nofacet=1&_nocount=1&_nosuggest=1"
    inner = Request({**request.scope, "query_string": quiet.encode("latin-1")}, request.receive)
    answer = await TableView(datasette).data(inner, _size="0")
    if isinstance(answer, Response):
        return answer
    data = answer[0]
    sql = _LIMIT.sub("", data["query"]["sql"]) + _asked_size(request)
    wanted = labels.wanted(request, data["expandable_columns"])
    return Selection(
        sql,
        data["query"]["params"],
        file_name(view.archive.newspaper, name, request.args.get("_search")),
        {
            "table": name,
            "filters": data["human_description_en"] or None,
            "sql": sql,
            "parameters": data["query"]["params"],
        },
        FREE_SQL_SECONDS if "_where" in request.args else 3600.0,
        labels.expander(wanted) if wanted else None,
    )


def _asked_size(request: Request) -> str:
    """An explicit number of rows is what was asked; `max` and nothing mean all of them."""
    size = request.args.get("_size") or "max"
    if request.args.get("_stream") or size == "max":
        return ""
    rows = whole_number(size, _MOST_ROWS)
    if rows is None:
        raise BadRequest("_size must be a positive integer")
    return f" limit {rows}"


async def _answer(view: View, selection: Selection) -> Download | Response:
    if view.request.url_vars.get("meta"):
        return await _sidecar(view, selection)
    download = await open_download(
        view.readers,
        view.request,
        selection,
        _format(view.request),
        lambda outline: _described(view, selection, outline),
    )
    if download is None:
        response = await view.problem(503, view.site.t("error.downloads"))
        response.headers["Retry-After"] = "30"
        return response
    return download


def _format(request: Request) -> Format:
    kind = request.url_vars["format"]
    if kind == "json" and not request.args.get("_nl"):
        return JsonArray()
    if kind in ("json", "jsonl"):
        return JsonLines()
    if kind == "xlsx":
        return Xlsx()
    if kind == "parquet":
        return Parquet()
    return Csv(
        bom=_on(request, "bom"), safe=_on(request, "safe"), header=request.args.get("_header") != "off"
    )


def _on(request: Request, name: str) -> bool:
    return (request.args.get(f"_{name}") or request.args.get(name) or "") in _ON


async def _sidecar(view: View, selection: Selection) -> Response:
    """What the file at the same address holds: its query, its rows, the archive's state, its rights."""
    outline = await outline_of(view.readers, selection, _format(view.request))
    archive = {
        "kind": view.archive.kind,
        "last_run_ended_at": await view.readers.read(_last_run),
        "digest": await view.readers.keep("digest", archive_digest),
    }
    address = unquote(view.site.absolute(view.request.full_path)).replace(".meta.json", "", 1)
    return view.json(
        {
            "file": address,
            "rows": outline.count,
            **_columns(_format(view.request), outline),
            "query": selection.described,
            "statement": {"sql": selection.sql, "parameters": selection.parameters},
            "archive": {"title": view.archive.title, "newspaper": view.archive.newspaper, **archive},
            "made_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "rights": _RIGHTS,
            "software": f"newsarchive {__version__}",
        }
    )


def _columns(file_format: Format, outline: Outline) -> dict[str, Any]:
    """The columns; of a typed file their kinds and what was added or split."""
    described: dict[str, Any] = {"columns": outline.names}
    if file_format.typed:
        described["kinds"] = {column.name: column.kind for column in outline.columns}
        described["texts_of_times"] = [
            verbatim_name(column.name) for column in outline.columns if column.verbatim
        ]
    if file_format.cells:
        described["split"] = {
            column.name: {"texts": column.long, "cells": column.cells}
            for column in outline.columns
            if column.long
        }
        described["sheets"] = max(1, -(-outline.count // (SHEET_ROWS - 1)))
    return described


def _described(view: View, selection: Selection, outline: Outline) -> Outline:
    """The outline with what a file says of itself; nothing in it depends on when it is made."""
    t = view.site.t
    split = (
        t("sheet.split_column", column=column.name, n=column.long, cells=column.cells)
        for column in outline.columns
        if column.long
    )
    about = [
        (t("sheet.archive"), f"{view.archive.title} ({view.archive.newspaper}, {view.archive.kind})"),
        (t("sheet.row_count"), str(outline.count)),
        (t("sheet.query"), json.dumps(selection.described, ensure_ascii=False)),
        (t("sheet.last_run"), outline.ended_at or ""),
        (t("sheet.times"), t("sheet.times_what")),
        (t("sheet.split"), "\n".join(split) or t("sheet.split_none")),
        (t("sheet.rights"), _RIGHTS),
        (t("sheet.software"), f"newsarchive {__version__}"),
    ]
    words = {name: t(f"sheet.{name}") for name in ("rows", "about", "replaced")}
    return replace(outline, title=selection.name, about=about, words=words)


def _last_run(connection: sqlite3.Connection) -> str | None:
    last: str | None = connection.execute("SELECT max(ended_at) FROM runs").fetchone()[0]
    return last


def archive_digest(connection: sqlite3.Connection) -> str:
    """SHA-256 over `KEY TEXT_SHA256 STATUS` and a line feed for each article in the order of the keys.

    Two archives with the same digest hold the same texts, in whatever order they were gathered.
    """
    digest = hashlib.sha256()
    rows = connection.execute("SELECT key, coalesce(text_sha256, ''), status FROM articles ORDER BY key")
    for key, text, status in rows:
        digest.update(f"{key} {text} {status}\n".encode())
    return digest.hexdigest()
