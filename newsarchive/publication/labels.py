"""Labels of foreign keys in files: `?_labels=on` adds a column `NAME_label`, as Datasette's own CSV does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from datasette.utils import escape_sqlite, value_as_boolean

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from datasette.utils.asgi import Request

    Keys = dict[str, tuple[str, str, str]]


def wanted(request: Request, expandable: list[tuple[dict[str, str], str | None]]) -> Keys:
    """Column → (other table, its column, its label column) for the keys that the address asks to label."""
    if "_label" in request.args:
        names = set(request.args.getlist("_label"))
    elif value_as_boolean(request.args.get("_labels") or "off"):
        names = {key["column"] for key, _ in expandable}
    else:
        return {}
    return {
        key["column"]: (key["other_table"], key["other_column"], label or key["other_column"])
        for key, label in expandable
        if key["column"] in names
    }


def expander(
    keys: Keys,
) -> Callable[[sqlite3.Connection, Sequence[str], list[Any]], tuple[list[str], list[Any]]]:
    """A function that adds the labels to the names of columns and to a batch of rows."""

    def expand(
        connection: sqlite3.Connection, columns: Sequence[str], rows: list[Any]
    ) -> tuple[list[str], list[Any]]:
        known = {
            name: _look_up(connection, keys[name], rows, columns.index(name))
            for name in columns
            if name in keys
        }
        names = [part for name in columns for part in ([name, f"{name}_label"] if name in known else [name])]
        expanded = [
            [
                part
                for name, value in zip(columns, row, strict=True)
                for part in ([value, known[name].get(value, "")] if name in known else [value])
            ]
            for row in rows
        ]
        return names, expanded

    return expand


def _look_up(
    connection: sqlite3.Connection, key: tuple[str, str, str], rows: list[Any], position: int
) -> dict[Any, Any]:
    table, column, label = map(escape_sqlite, key)
    values = list({row[position] for row in rows} - {None})
    marks = ", ".join("?" * len(values))
    return dict(
        connection.execute(f"SELECT {column}, {label} FROM {table} WHERE {column} IN ({marks})", values)
    )
