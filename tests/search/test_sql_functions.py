"""The SQL functions for Arabic, by the examples of docs/searching.md."""

import re
import sqlite3

import pytest
from filling import insert

from newsarchive.publication import functions

EXAMPLE = re.compile(r"^\| `(arabic_\w+\(.*)` \| `(.*)` \|$", re.MULTILINE)
STATEMENT = re.compile(r"^    (SELECT .*?;)$", re.MULTILINE | re.DOTALL)
OIL = {"key": "oil", "title": "وزارة النفط", "section": "اقتصاد", "body": "قالت الوزارة في دير الزور"}
GAS = {"key": "gas", "title": "غاز", "section": "محليات", "body": "وزارة النفط والغاز في دير الزور"}
MINISTER = {"key": "minister", "title": "وزير النفط", "section": "محليات", "body": "دير حنا"}


@pytest.fixture
def reader(connection):
    insert(connection, [OIL, GAS, MINISTER])
    functions.register(connection)
    return connection


def test_every_value_in_the_table_of_functions_is_what_sqlite_says(root):
    connection = sqlite3.connect(":memory:")
    functions.register(connection)
    examples = EXAMPLE.findall((root / "docs/searching.md").read_text("utf-8"))
    assert {expression.split("(")[0] for expression, _ in examples} == {
        "arabic_fold", "arabic_match", "arabic_snippet", "arabic_words",
    }  # fmt: skip
    values = {
        expression: str(connection.execute(f"SELECT {expression}").fetchone()[0])
        for expression, _ in examples
    }
    assert values == dict(examples)


def test_both_statements_select_the_articles_that_they_say(root, reader):
    newest, by_section = STATEMENT.findall((root / "docs/searching.md").read_text("utf-8"))
    assert [row["key"] for row in reader.execute(newest)] == ["oil"]
    assert [tuple(row) for row in reader.execute(by_section)] == [("اقتصاد", 1), ("محليات", 1)]


@pytest.mark.parametrize("value", [None, "", 5, 2.5, b"\xff\xfe", "\0", '"', "NEAR(", "ـ" * 3000, "(" * 3000])
def test_no_value_is_an_error(reader, value):
    reader.execute("SELECT arabic_fold(?), arabic_words(?), arabic_snippet(?, ?)", [value] * 4).fetchone()
    found = "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH arabic_match(?)"
    assert reader.execute(found, [value]).fetchone()[0] == 0


def test_null_stays_null(reader):
    assert tuple(reader.execute("SELECT arabic_fold(NULL), arabic_snippet(NULL, 'x')").fetchone()) == (
        None,
        None,
    )
