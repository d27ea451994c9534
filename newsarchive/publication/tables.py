"""Datasette's table page of the articles: which columns it shows, and how many articles its search box finds."""

from __future__ import annotations

from typing import Any, Final

from datasette.plugins import pm
from datasette.utils import MultiParams, await_me_maybe, tilde_decode
from datasette.utils.asgi import Request, Response
from datasette.views.table import TableView

from newsarchive import search
from newsarchive.publication.archives import archive_of
from newsarchive.publication.connections import readers_of
from newsarchive.publication.metadata import BRIEF_COLUMNS

# How Datasette looks for `_search`, unless the operator's metadata or the address have it look otherwise.
_LOOKED_FOR: Final = "id in (select rowid from articles_fts where articles_fts match escape_fts(:search))"


class ArticlesTable(TableView):  # type: ignore[misc]
    """`articles` as a page and as JSON.

    The page has a line per article, unless `?_col=` or `?_nocol=` asks for columns. Datasette counts what its search
    box finds by a look at every article found, a microsecond each; the index counts in a tenth of that, and to the end
    where Datasette's time limit would leave the count out.
    """

    async def columns_to_select(
        self, table_columns: list[str], pks: list[str], request: Request
    ) -> list[str]:
        """The brief columns, in the order of the page; all of them for JSON."""
        if request.url_vars["format"] or "_col" in request.args or "_nocol" in request.args:
            columns: list[str] = await super().columns_to_select(table_columns, pks, request)
            return columns
        return [*pks, "key", *(name for name in BRIEF_COLUMNS if name in table_columns)]

    async def data(self, request: Request, **options: Any) -> Any:  # noqa: ANN401 - Datasette's tuple
        """What page and JSON are made of."""
        if not await self._is_only_searched(request):
            return await super().data(request, **options)
        found = await super().data(_Uncounted(request.scope, request.receive), **options)
        if isinstance(found, Response) or "filtered_table_rows_count" not in found[0]:
            return found
        page, *rest = found
        is_all = bool(page["rows"]) and page["next"] is None and not request.args.get("_next")
        page["filtered_table_rows_count"] = (
            len(page["rows"]) if is_all else await self._count(request.args["_search"])
        )
        return (page, *rest)

    async def _is_only_searched(self, request: Request) -> bool:
        """Whether the table is to be counted, and nothing but `_search` narrows it, be it another plugin."""
        names = request.args.keys()
        filters = [name for name in names if not name.startswith("_") or "__" in name]
        if "_search" not in names or filters or not {"_nocount", "_shape"}.isdisjoint(names):
            return False
        hooks = pm.hook.filters_from_request(
            request=request,
            table="articles",
            database=self.ds.get_database(route=tilde_decode(request.url_vars["database"])).name,
            datasette=self.ds,
        )
        narrowing = [narrowed for hook in hooks if (narrowed := await await_me_maybe(hook))]
        return [clause for narrowed in narrowing for clause in narrowed.where_clauses] == [_LOOKED_FOR]

    async def _count(self, words: str) -> int:
        archive = archive_of(self.ds)
        assert archive is not None, "routes are registered only where an archive is served"
        return await readers_of(self.ds, archive).read(search.table_count, words)


class _Uncounted(Request):  # type: ignore[misc]
    """A request for a table without the count, which none of the page's links and fields repeats."""

    @property
    def args(self) -> MultiParams:
        """The arguments of the address."""
        return _Arguments(super().args._data)  # noqa: SLF001 - Datasette has no other way to copy them


class _Arguments(MultiParams):  # type: ignore[misc]
    def get(self, name: str, default: str | None = None) -> str | None:
        value: str | None = "1" if name == "_nocount" else super().get(name, default)
        return value
