"""The SQL functions for Arabic, by the examples of docs/searching.md."""

import re
import sqlite3
import time

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


def test_bytes_that_are_no_text_are_read_where_they_are_given_as_bytes(reader):
    given = "CAST(CAST(x'eda080' AS TEXT) AS BLOB)"
    (folded,) = reader.execute(f"SELECT arabic_fold({given})").fetchone()
    assert set(folded) == {"\ufffd"}
    reader.execute(f"SELECT arabic_words({given}), arabic_snippet({given}, {given}), arabic_match({given})")


LONG = [
    "arabic_words(replace(hex(zeroblob(200000)), '00', 'ا'))",
    "arabic_words(replace(hex(zeroblob(200000)), '00', 'م'))",
    "arabic_words(replace(hex(zeroblob(1000000)), '00', 'ا'))",
    "arabic_words(replace(hex(zeroblob(200000)), '00', 'ﷺ'))",
    "arabic_fold(replace(hex(zeroblob(5000000)), '00', 'ﷺ'))",
    "arabic_snippet(replace(hex(zeroblob(1000000)), '00', 'ﷺ'), 'سوريا')",
    "arabic_snippet(replace(hex(zeroblob(160000)), '00', 'كلم'), :words)",
    "arabic_match(replace(hex(zeroblob(1000000)), '00', 'ا'))",
]


@pytest.mark.parametrize("expression", LONG)
def test_no_function_outlasts_the_time_limit_of_the_site_by_much(reader, expression):
    words = " ".join(f"كل{first}{second}" for first in "بتثجحخدر" for second in "سشصضطظعغ")
    began = time.process_time()
    reader.execute(f"SELECT {expression}", {"words": words}).fetchone()
    assert time.process_time() - began < 2


@pytest.mark.parametrize("function", ["arabic_fold", "arabic_words"])
def test_what_is_longer_than_any_article_is_null(reader, function):
    query = f"SELECT {function}(replace(hex(zeroblob(?)), '00', 'ا ')) IS NULL"
    assert reader.execute(query, [50_000]).fetchone()[0] == 0
    assert reader.execute(query, [600_000]).fetchone()[0] == 1


def test_null_stays_null(reader):
    assert tuple(reader.execute("SELECT arabic_fold(NULL), arabic_snippet(NULL, 'x')").fetchone()) == (
        None,
        None,
    )
