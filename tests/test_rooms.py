"""The walls of the house: which room may know which."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "newsarchive"
MAY_IMPORT = {
    "text": set(),
    "pages": {"text", "items"},
    "discovery": {"items"},
    "capture": {"items", "exceptions"},
    "storage": {"items", "text", "exceptions"},
    "search": {"text"},
    "formats": set(),
    "publication": {"search", "storage", "text", "formats"},
    "validation": {"items", "text", "pages"},
    "visits": {"pages", "items"},
    "reporting": {"items", "storage"},
    "export": {"storage", "search", "formats", "exceptions", "crawling"},
}
MAY_IMPORT_SCRAPY = {
    "cards", "commands", "middlewares", "newspaper", "pipelines", "spiders",
    "crawling/assets", "crawling/discoverer", "crawling/failures", "crawling/frontier", "crawling/history",
    "crawling/indexes", "crawling/stand_in",
}  # fmt: skip
FILES = sorted(PACKAGE.rglob("*.py"))


def room_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "newsarchive":
            yield from (f"newsarchive.{name.name}" for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import"
            yield node.module


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_the_rooms_before_it(path):
    room = room_of(path)
    if room not in MAY_IMPORT:
        return
    ours = {
        name.split(".")[1]
        for name in imported(path)
        if name.startswith("newsarchive.") and name != "newsarchive.__version__"
    }
    assert ours <= MAY_IMPORT[room] | {room}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_rooms_of_the_crawl_import_scrapy(path):
    place = str(path.relative_to(PACKAGE).with_suffix(""))
    if {room_of(path), place}.isdisjoint(MAY_IMPORT_SCRAPY):
        roots = {name.split(".")[0] for name in imported(path)}
        assert not roots & {"scrapy", "twisted", "itemadapter"}


def test_no_spider_imports_a_spider():
    for path in (PACKAGE / "spiders").glob("*.py"):
        assert not any(name.startswith("newsarchive.spiders") for name in imported(path))


def test_a_card_has_at_most_sixty_lines():
    for path in (PACKAGE / "spiders").glob("*.py"):
        assert len(path.read_text().splitlines()) <= 60


def test_no_file_has_more_than_four_hundred_lines():
    assert [path.name for path in FILES if len(path.read_text().splitlines()) > 400] == []


def test_no_exception_is_caught_broadly():
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ExceptHandler):
                named = ast.unparse(node.type) if node.type else ""
                reraised = any(isinstance(inner, ast.Raise) and inner.exc is None for inner in ast.walk(node))
                assert named, f"{path}: a bare except"
                assert named != "Exception", f"{path}: except Exception"
                assert named != "BaseException" or reraised, f"{path}: an exception is swallowed"
