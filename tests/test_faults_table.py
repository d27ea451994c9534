"""docs/faults.md, held against the tests that it names."""

import ast
import re
from functools import cache

import pytest

ROW = re.compile(r"^\| (F\d+)(?:–F(\d+))? \|([^|]+)\|([^|]+)\|([^|]+)\|$", re.MULTILINE)
TEST = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
FAULTS = 92


@pytest.fixture(scope="module")
def table(root):
    return (root / "docs/faults.md").read_text()


@cache
def functions(path):
    return {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}


def test_every_fault_has_one_row_in_order(table):
    numbers = []
    for first, last, *_ in ROW.findall(table):
        numbers += range(int(first[1:]), int(last or first[1:]) + 1)
    assert numbers == list(range(1, FAULTS + 1))


def test_every_row_names_a_test_or_says_that_there_is_none(table):
    for number, _, what, does, shown in ROW.findall(table):
        assert what.strip()
        assert does.strip()
        named = ", ".join(f"`{path}::{name}`" for path, name in TEST.findall(shown))
        assert shown.strip() == named or re.fullmatch(r" none: \w.+", shown), number


def test_every_test_that_is_named_is_there(root, table):
    named = TEST.findall(table)
    assert len(named) > FAULTS
    assert [name for path, name in named if name not in functions(root / "tests" / path)] == []
    assert table.count("::") == len(named)
