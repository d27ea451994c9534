"""Datasette's table page of the articles: which columns it shows, what its search box finds, and in which sections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from datasette.database import Results
from datasette.facets import ColumnFacet, load_facet_configs
from datasette.plugins import pm
from datasette.utils import MultiParams, await_me_maybe, tilde_decode
from datasette.utils.asgi import Request, Response
from datasette.views.table import TableView

from newsarchive import search
from newsarchive.publication.archives import archive_of
from newsarchive.publication.connections import Readers, readers_of
from newsarchive.publication.metadata import BRIEF_COLUMNS
from newsarchive.publication.spreading import by_name, read_spreads
from newsarchive.search import flags

if TYPE_CHECKING:
    import sqlite3

    from datasette.app import Datasette

# How Datasette looks for `_search`, unless the operator's metadata or the address have it look otherwise.
_LOOKED_FOR: Final = "id in (select rowid from articles_fts where articles_fts match escape_fts(:search))"
_UNCOUNTED: Final = frozenset({"_nocount", "_shape"})
_UNFACETED: Final = frozenset({"_nofacet", "_shape"})


class ArticlesTable(TableView):  # type: ignore[misc]
    """`articles` as a page and as JSON.

    The page has a line per article, unless `?_col=` or `?_nocol=` asks for columns. Datasette counts what its search
    box finds, and how much of that is of each section, by a look at every article found, a microsecond each; what a
    time limit cuts short it leaves out. The index counts in a tenth of that, and the shelf knows the sections.
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
        # Datasette reads the address of a table only for those who may see it
        is_shown = await self._is_shown(request)
        narrowing = await self._narrowing(request) if is_shown else None
        if narrowing not in ([], [_LOOKED_FOR]):
            return await super().data(request, **options)
        words = request.args["_search"] if narrowing else None
        facets, readers = self._facets(request), self._readers()
        counted = await readers.read(_count, readers, words) if facets else _NOTHING
        is_counted = words is not None and _UNCOUNTED.isdisjoint(request.args.keys())
        left_out = {"_nocount": is_counted, "_nofacet": bool(counted.names)}
        found = await super().data(
            _Leaving(request, {name for name, is_so in left_out.items() if is_so}), **options
        )
        if isinstance(found, Response) or "filtered_table_rows_count" not in found[0]:
            return found
        page = found[0]
        if words is not None and is_counted:
            page["filtered_table_rows_count"] = await self._number(request, page, words, counted.articles)
        for config in facets if counted.names else []:
            (facet,), _ = await _KnownFacet(self.ds, request, config, counted.names).facet_results()
            page["facet_results"][facet["name"]] = facet
        return found

    async def _is_shown(self, request: Request) -> bool:
        """Whether the address is that of the table, no ready query having its name, and the reader may see it."""
        database = _database(self.ds, request)
        visible, _ = await self.ds.check_visibility(
            request.actor,
            permissions=[
                ("view-table", (database, "articles")),
                ("view-database", database),
                "view-instance",
            ],
        )
        return visible and await self.ds.get_canned_query(database, "articles", request.actor) is None

    async def _narrowing(self, request: Request) -> list[str]:
        """What narrows the table, be it another plugin: as SQL, columns as they stand in the address."""
        filters = [name for name in request.args if not name.startswith("_") or "__" in name]
        hooks = pm.hook.filters_from_request(
            request=request, table="articles", database=_database(self.ds, request), datasette=self.ds
        )
        narrowing = [narrowed for hook in hooks if (narrowed := await await_me_maybe(hook))]
        return [*filters, *(clause for narrowed in narrowing for clause in narrowed.where_clauses)]

    def _facets(self, request: Request) -> list[dict[str, Any]]:
        """Datasette's descriptions of the facets to show, where the shelf knows all of them; none otherwise."""
        if not (self.ds.setting("allow_facet") and _UNFACETED.isdisjoint(request.args.keys())):
            return []
        if self.ds.setting("suggest_facets") and not request.args.get("_nosuggest"):
            # Datasette suggests none where it counts none
            return []
        facets = load_facet_configs(request, self.ds.table_metadata(_database(self.ds, request), "articles"))
        columns = [_column(facet) for facet in facets.get("column", [])]
        # Datasette takes `_facet_size` for a kind of facets
        is_known = facets.keys() - {"size"} == {"column"} and len(set(columns)) == len(columns)
        return facets["column"] if is_known and set(_KNOWN).issuperset(columns) else []

    async def _number(self, request: Request, page: dict[str, Any], words: str, known: int | None) -> int:
        """How many articles the search box finds."""
        if page["rows"] and page["next"] is None and not request.args.get("_next"):
            return len(page["rows"])
        return await self._readers().read(search.table_count, words) if known is None else known

    def _readers(self) -> Readers:
        archive = archive_of(self.ds)
        assert archive is not None, "routes are registered only where an archive is served"
        return readers_of(self.ds, archive)


class _Counted(NamedTuple):
    """How many articles are found, and of each column its names with their articles, the most frequent first.

    Nothing where it is not known for the present state of the archive.
    """

    articles: int | None
    names: dict[str, list[dict[str, Any]]]


_NOTHING: Final = _Counted(None, {})
_KNOWN: Final = ("section", "writer")


def _count(connection: sqlite3.Connection, readers: Readers, words: str | None) -> _Counted:
    shelf = readers.kept("spreads", read_spreads).shelf
    if not readers.is_current("spreads"):
        return _NOTHING
    found = None if words is None else flags.matching(connection, search.table_match(words), shelf.ids)
    columns = dict(zip(_KNOWN, by_name(shelf, found), strict=True))
    if not all(isinstance(name, str) for names in columns.values() for name, _ in names):
        # SQLite has an order for what is no text
        return _NOTHING
    return _Counted(
        len(shelf.ids) if found is None else found.count(1),
        {
            column: [{"value": name, "count": articles} for name, articles in sorted(names, key=_rank)]
            for column, names in columns.items()
        },
    )


def _rank(named: tuple[str, int]) -> tuple[int, str]:
    name, articles = named
    return -articles, name


def _database(datasette: Datasette, request: Request) -> str:
    return str(datasette.get_database(route=tilde_decode(request.url_vars["database"])).name)


def _column(facet: dict[str, Any]) -> str:
    config = facet["config"]
    return str(config.get("column") or config["simple"])


class _KnownFacet(ColumnFacet):  # type: ignore[misc]
    """A facet as Datasette makes it of the rows that its SQL would give."""

    def __init__(
        self,
        datasette: Datasette,
        request: Request,
        config: dict[str, Any],
        names: dict[str, list[dict[str, Any]]],
    ) -> None:
        super().__init__(datasette, request, _database(datasette, request), table="articles")
        self._config = config
        self.ds = _Knowing(datasette, names[_column(config)][: self.get_facet_size() + 1])

    def get_configs(self) -> list[dict[str, Any]]:
        """The one that is known."""
        return [self._config]


class _Knowing:
    """A Datasette that answers a facet's SQL with rows that are known."""

    def __init__(self, datasette: Datasette, rows: list[dict[str, Any]]) -> None:
        self._datasette = datasette
        self._rows = rows

    async def execute(self, *_: object, **__: object) -> Results:
        return Results(self._rows, truncated=False, description=())

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever it is of Datasette
        return getattr(self._datasette, name)


class _Leaving(Request):  # type: ignore[misc]
    """A request for a table without some of its parts, which none of the page's links and fields repeats."""

    def __init__(self, request: Request, left_out: set[str]) -> None:
        super().__init__(request.scope, request.receive)
        self._left_out = left_out

    @property
    def args(self) -> MultiParams:
        """The arguments of the address."""
        return _Arguments(super().args._data, self._left_out)  # noqa: SLF001 - Datasette has no other way to copy them


class _Arguments(MultiParams):  # type: ignore[misc]
    def __init__(self, data: dict[str, list[str]], left_out: set[str]) -> None:
        super().__init__(data)
        self._left_out = left_out

    def get(self, name: str, default: str | None = None) -> str | None:
        value: str | None = "1" if name in self._left_out else super().get(name, default)
        return value
