"""Saved pages of the same themes, where they are at hand: every promised figure holds."""

import importlib.util
import json

import pytest


@pytest.fixture(scope="module")
def benchmark(root):
    spec = importlib.util.spec_from_file_location("benchmark_of_pages", root / "benchmarks" / "pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def folder(shared):
    found = shared / "pages"
    if not found.is_dir():
        pytest.skip("the saved pages are not here")
    return found


def test_every_saved_page_is_read_or_refused_as_promised(benchmark, folder):
    rows = [
        benchmark.measure(path.stem, path.read_bytes(), json.loads(path.with_suffix(".json").read_text()))
        for path in sorted(folder.glob("*.html"))
    ]
    assert [row["name"] for row in rows if not row["ok"]] == []
    assert benchmark.summary(rows)


def test_every_saved_list_is_refused_as_a_list(benchmark, folder):
    lists = {
        path.name: benchmark.read_ours(path.read_bytes()) for path in sorted(folder.glob("listing/*.html"))
    }
    assert {name: str(found.reason) for name, found in lists.items()} == dict.fromkeys(lists, "listing")
