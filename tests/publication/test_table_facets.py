"""The sections and writers beside the table of articles are those that SQL counts, without a look at each article."""

import json
import shutil
import sqlite3
from contextlib import ExitStack, closing
from functools import cache
from urllib.parse import quote

import pytest
from fetching import get
from serving import serve

# A facet beside which Datasette counts all of them itself.
ANOTHER = "_facet=status"


@pytest.fixture(scope="module")
def traced(archive):
    with serve(archive, "--setting", "trace_debug", "1") as running:
        yield running


@pytest.fixture(scope="module")
def forbidding(archive, tmp_path_factory):
    """Serve the archive with an operator's metadata of it, once for each."""
    with ExitStack() as running:

        @cache
        def serving(metadata):
            path = tmp_path_factory.mktemp("metadata") / "metadata.json"
            path.write_text(metadata)
            return running.enter_context(serve(archive, "-m", path))

        yield lambda of_archive: serving(json.dumps({"databases": {"archive": of_archive}}))


def facets(server, asked):
    """Each facet without the addresses of its links, which name all that is asked; and the statements that ran."""
    answer = get(server.url, f"/archive/articles.json?{asked}&_trace=1").json
    shown = {
        name: {
            **{key: value for key, value in facet.items() if key != "toggle_url"},
            "results": [
                {key: value for key, value in row.items() if key != "toggle_url"} for row in facet["results"]
            ],
        }
        for name, facet in answer["facet_results"].items()
        if name != "status"
    }
    counting = [
        statement["sql"] for statement in answer["_trace"]["traces"] if "group by" in statement["sql"].lower()
    ]
    return shown, counting


@pytest.mark.parametrize(
    "more",
    ["", "_facet=writer", "_facet=writer&_facet_size=2", "_facet_size=max", "_sort=title", "_col=title"],
)
@pytest.mark.parametrize("words", [None, "الكهرباء", "من", "مسرح -المدينة", "كلمةليستهنا", '"', "-"])
def test_facets_of_the_table_are_those_of_sql(traced, words, more):
    asked = "&".join(filter(None, [f"_search={quote(words)}" if words else "", more]))
    known, counting = facets(traced, asked)
    expected, by_sql = facets(traced, f"{asked}&{ANOTHER}")
    assert known == expected
    assert (len(counting), len(by_sql)) == (0, len(expected) + 1)


@pytest.mark.parametrize(
    "more", ["section=رياضة", "title__contains=ا", "_where=id>5", "_facet_date=published_at"]
)
def test_facets_of_what_is_narrowed_otherwise_are_counted_by_sql(traced, more):
    known, counting = facets(traced, quote(more, safe="=&_"))
    assert counting
    assert known["section"]["results"]


@pytest.mark.parametrize(
    "more", ["_size=1", "_size=0", "_size=max", "_facet=writer&_facet=writer", '_facet={"column":"writer"}']
)
@pytest.mark.parametrize("words", ["الكهرباء", "كلمةليستهنا"])
def test_table_counts_and_names_its_facets_as_sql_does(traced, words, more):
    known, expected = (
        get(traced.url, f"/archive/articles.json?_search={quote(words)}&{quote(asked, safe='=&_')}").json
        for asked in (more, f"{more}&{ANOTHER}")
    )
    counted = expected["filtered_table_rows_count"]
    assert known["filtered_table_rows_count"] == counted
    assert counted == len(
        get(traced.url, f"/archive/articles.json?_search={quote(words)}&_size=max").json["rows"]
    )
    assert [*known["facet_results"], "status"] == [*expected["facet_results"]]


@pytest.mark.parametrize("words", [None, "الكهرباء"])
def test_facets_beside_a_later_page_are_those_of_the_first(traced, words):
    asked = f"_size=3&_sort=published_on&_search={quote(words)}" if words else "_size=100"
    following = get(traced.url, f"/archive/articles.json?{asked}").json["next"]
    first, _ = facets(traced, asked)
    assert facets(traced, f"{asked}&_next={quote(following)}") == (first, [])


@pytest.mark.parametrize("more", ["_nofacet=1", "_shape=array"])
def test_where_no_facets_are_wanted_none_are_counted(traced, more):
    answer = get(traced.url, f"/archive/articles.json?_search={quote('الكهرباء')}&{more}").json
    assert isinstance(answer, list) or answer["facet_results"] == {}


@pytest.mark.parametrize(
    "asked", ["_through={}", "_through=x", "_facet={", '_facet={"x":1}', "_search_nosuch=x"]
)
@pytest.mark.parametrize(
    ("of_archive", "status"),
    [
        ({"tables": {"articles": {"allow": False}}}, 403),
        ({"allow": False}, 403),
        ({"queries": {"articles": "SELECT 1 AS section"}}, 200),
    ],
    ids=["table", "database", "ready query"],
)
def test_what_is_no_table_for_the_reader_is_not_read_as_one(forbidding, of_archive, status, asked):
    server = forbidding(of_archive)
    assert get(server.url, f"/archive/articles.json?{quote(asked, safe='=&_')}").status == status


def test_facets_are_suggested_beside_another_database(archive, tmp_path):
    sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE things (id)").connection.close()
    with serve(archive, tmp_path / "other.db") as running:
        for words in ("", f"_search={quote('الكهرباء')}"):
            answer = get(running.url, f"/archive/articles.json?{words}").json
            assert "writer" in {facet["name"] for facet in answer["suggested_facets"]}
            assert answer["facet_results"]["section"]["results"]
            page = get(running.url, f"/archive/articles?{words}").text
            assert "_facet=writer" in page
            quiet = get(running.url, f"/archive/articles.json?{words}&_nosuggest=1").json
            assert quiet["suggested_facets"] == []
            assert quiet["facet_results"]["section"]["results"]


def test_a_facet_can_be_chosen_and_shows_that_it_is(traced):
    answer = get(traced.url, f"/archive/articles.json?_search={quote('الكهرباء')}").json
    first = answer["facet_results"]["section"]["results"][0]
    chosen = get(traced.url, first["toggle_url"].removeprefix(traced.url)).json
    assert chosen["filtered_table_rows_count"] == first["count"]
    (selected,) = (row for row in chosen["facet_results"]["section"]["results"] if row["selected"])
    assert selected["value"] == first["value"]


def test_facets_are_those_of_the_present_archive(archive, tmp_path):
    own = shutil.copy(archive, tmp_path / "archive.db")
    with serve(own) as running, closing(sqlite3.connect(own)) as writer:
        for number in range(3):
            with writer:
                writer.execute(
                    "UPDATE articles SET section = ? WHERE id = (SELECT max(id) FROM articles)",
                    (f"قسم {number}",),
                )
            answer = get(running.url, "/archive/articles.json?_size=1&_facet_size=max").json
            values = {row["value"] for row in answer["facet_results"]["section"]["results"]}
            assert {value for value in values if value.startswith("قسم ")} == {f"قسم {number}"}


def test_sections_that_are_no_text_are_in_the_order_of_sqlite(archive, tmp_path):
    own = shutil.copy(archive, tmp_path / "archive.db")
    with closing(sqlite3.connect(own)) as writer, writer:
        # of equally many articles, so that only the order of their values is left
        for section, article in (("x'ff'", "max(id)"), ("'وحيد'", "min(id)")):
            writer.execute(
                f"UPDATE articles SET section = {section} WHERE id = (SELECT {article} FROM articles)"
            )
    with serve(own) as running:
        known, expected = (
            get(running.url, f"/archive/articles.json?_size=1&{asked}").json["facet_results"]["section"]
            for asked in ("", ANOTHER)
        )
    assert [row["value"] for row in known["results"]] == [row["value"] for row in expected["results"]]
    assert [row["count"] for row in known["results"]][-2:] == [1, 1]


def test_the_last_page_of_what_is_found_says_how_many_are_found(traced):
    asked = f"/archive/articles.json?_search={quote('الكهرباء')}&_size="
    (found, page) = (get(traced.url, f"{asked}{size}").json for size in ("max", "30"))
    last = get(traced.url, f"{asked}30&_next={quote(page['next'])}").json
    assert last["next"] is None
    assert last["filtered_table_rows_count"] == len(found["rows"]) == 30 + len(last["rows"])
