"""Datasette's table pages of the archive: which columns they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datasette.views.table import TableView

from newsarchive.publication.metadata import BRIEF_COLUMNS

if TYPE_CHECKING:
    from datasette.utils.asgi import Request


class ArticlesTable(TableView):  # type: ignore[misc]
    """The HTML page of `articles`: a line per article, unless `?_col=` or `?_nocol=` asks for columns."""

    async def columns_to_select(
        self, table_columns: list[str], pks: list[str], request: Request
    ) -> list[str]:
        """The brief columns, in the order of the page."""
        if "_col" in request.args or "_nocol" in request.args:
            columns: list[str] = await super().columns_to_select(table_columns, pks, request)
            return columns
        return [*pks, "key", *(name for name in BRIEF_COLUMNS if name in table_columns)]
