"""What is counted in memory is what SQL counts; what costs a scan is made once."""

import asyncio
import gc
import json
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import compress, product
from urllib.parse import quote

import pytest
import sample_archive
from datasette.app import Datasette
from fetching import get
from serving import wait_for

from newsarchive import search
from newsarchive.publication import shelf, spreading
from newsarchive.publication.archives import archive_of
from newsarchive.publication.connections import Readers
from newsarchive.publication.shelf import read_shelf
from newsarchive.search import flags, spans
from newsarchive.storage import index
from newsarchive.storage.connection import connect_for_writing


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    """The sample with an article whose date was corrected after its id was given, and one of a date that is none."""
    with corrected(tmp_path_factory.mktemp("counted")) as connection:
        yield connection


@pytest.fixture(scope="module")
def indexed(tmp_path_factory):
    """The same after the search index was brought up to date."""
    with corrected(tmp_path_factory.mktemp("indexed")) as connection:
        index.refresh(connection)
        yield connection


@contextmanager
def corrected(folder):
    path = sample_archive.create(folder / "archive.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "UPDATE articles SET published_on = '2011-02-03' WHERE key = ?", (sample_archive.LIST_KEY,)
        )
        connection.execute(
            "UPDATE articles SET published_on = '2016-13-40' WHERE key = ?", (sample_archive.FORMULA_KEY,)
        )
        yield connection


def counted(connection, column, ids, parameters=()):
    rows = connection.execute(
        f"SELECT {column}, count(*) FROM articles WHERE id IN ({ids}) AND {column} IS NOT NULL GROUP BY 1",
        parameters,
    )
    return dict(rows.fetchall())


@pytest.mark.parametrize("step", [1 << 16, 7], ids=["one step", "many steps"])
@pytest.mark.parametrize("every", [1, 2, 40], ids=["all", "many", "few"])
@pytest.mark.parametrize("digits", [7, 10])
def test_spread_is_what_sql_counts(connection, monkeypatch, step, every, digits):
    monkeypatch.setattr(flags, "_STEP", step)
    for module in (shelf, spreading):
        monkeypatch.setattr(module, "TOGETHER", step)
    articles = read_shelf(connection)
    chosen = f"SELECT id FROM articles WHERE id % {every} = 0 AND published_on IS NOT '2016-13-40'"
    ids = sorted(row[0] for row in connection.execute(chosen))
    spread = spreading.spread_of(articles, flags.chosen(articles.ids, ids), digits)
    assert spread.dates == counted(connection, f"substr(published_on, 1, {digits})", chosen)
    assert dict(spread.sections) == counted(connection, "section", chosen)
    assert dict(spread.writers) == counted(connection, "writer", chosen)
    unknown = max(articles.ids) + 1
    assert spreading.spread_of_ids(articles, [*ids, unknown], digits) == spread


def test_shelf_has_every_article_in_the_order_of_the_ids(connection):
    articles = read_shelf(connection)
    rows = connection.execute("SELECT id, published_on, section, writer FROM articles ORDER BY id").fetchall()
    columns = (articles.sections, articles.writers)
    found = [
        (number, articles.dates.get(day), *(column.names[column.codes[at]] or None for column in columns))
        for at, (number, day) in enumerate(zip(articles.ids, articles.days, strict=True))
    ]
    assert found == [(n, None if day == "2016-13-40" else day, s, w) for n, day, s, w in rows]


BARRED = (("section", "محليات"), ("writer", "سامر قصاب"), ("section", "لا قسم"))


@pytest.mark.parametrize(
    ("section", "writer", "since", "until", "barred"),
    list(
        product(
            [None, "رياضة", "لا قسم"], [None, "سامر قصاب"], [None, "2015"], [None, "2016-05"], [(), BARRED]
        )
    ),
)
def test_filters_list_what_sql_lists(connection, section, writer, since, until, barred):
    filters = search.Filters(section, writer, since, until, barred)
    sql, parameters = search.listing(search.Query(filters=filters))
    expected = [row[0] for row in connection.execute(f"{sql} ORDER BY id", parameters)]
    articles = read_shelf(connection)
    assert list(compress(articles.ids, articles.selected(filters))) == expected


@pytest.mark.parametrize("few", [80_000, 0], ids=["by id", "by bytes"])
@pytest.mark.parametrize("limits", ["", "حتى:1950", "منذ:2016", "منذ:2016-03 حتى:2016-03", "حتى:2016-03"])
def test_a_search_counts_what_it_finds_whatever_stands_in_place_of_a_date(
    connection_of_dates, monkeypatch, few, limits
):
    monkeypatch.setattr(shelf, "FEW", few)
    query = search.settled(connection_of_dates, f"النفط {limits}")
    spread = spreading.read_spreads(connection_of_dates).of(connection_of_dates, query, "newest", 10)
    assert spread.articles == search.answer(connection_of_dates, query, sort="newest").count
    assert spread.dates.keys() <= {"1899-12-30", "1899-12-31", "2016-03-05"}


@pytest.fixture
def connection_of_dates(tmp_path):
    """An archive in which another tool wrote days before 1900, a date in another form, and what is none."""
    dates = [
        "1899-12-30",
        "1899-12-31",
        "2016-03-05",
        "20160305",
        "2016-13-40",
        "",
        None,
        "2016-03-05",
    ]
    with closing(connect_for_writing(tmp_path / "archive.db")) as connection:
        connection.executemany(
            "INSERT INTO articles (key, title, body, published_on) VALUES (?, 'خبر', 'النفط', ?)",
            enumerate(dates),
        )
        index.refresh(connection)
        yield connection


@pytest.mark.parametrize(
    ("few", "size"),
    [(80_000, 800_000), (0, 800_000), (0, 100)],
    ids=["by id", "one text", "many texts"],
)
@pytest.mark.parametrize("sort", ["relevance", "newest"])
@pytest.mark.parametrize(
    "asked",
    [
        "المياه",
        "المخابز الميدان قسم:رياضه",
        "المياه منذ:2015 حتى:2016-05",
        'المياه كاتب:"سامر قصاب"',
        'المياه -قسم:رياضه -كاتب:"سامر قصاب"',
    ],
)
@pytest.mark.parametrize("archive", ["connection", "indexed"])
def test_what_a_search_finds_is_spread_as_sql_counts_it(
    request, monkeypatch, archive, few, size, sort, asked
):
    connection = request.getfixturevalue(archive)
    monkeypatch.setattr(shelf, "FEW", few)
    monkeypatch.setattr(spans, "_TEXT_BYTES", size)
    query = search.settled(connection, asked)
    sql, parameters = search.matching(query, sort=sort)
    spread = spreading.read_spreads(connection).of(connection, query, sort, 7)
    columns = {
        "substr(published_on, 1, 7)": spread.dates,
        "section": dict(spread.sections),
        "writer": dict(spread.writers),
    }
    # the shelf has no day for a date that is none
    chosen = f"SELECT id FROM articles WHERE id IN ({sql}) AND published_on <> '2016-13-40'"
    assert spread.dates
    assert columns == {column: counted(connection, column, chosen, parameters) for column in columns}


def test_bytes_in_place_of_a_date_are_no_day(connection_of_dates):
    connection_of_dates.execute("UPDATE articles SET published_on = x'ff' WHERE id = 3")
    articles = read_shelf(connection_of_dates)
    assert (articles.ids[2], articles.days[2]) == (3, 0)


@pytest.fixture
def stale(tmp_path):
    """Readers who keep 1 as «number» of an archive that has changed since."""
    archive = sample_archive.create(tmp_path / "archive.db")
    datasette = Datasette([str(archive)])
    readers = Readers(datasette, archive_of(datasette))
    assert readers.kept("number", lambda _: 1) == 1
    with closing(sqlite3.connect(archive)) as writer, writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("INSERT INTO newsarchive VALUES ('touched', '1')")
    readers._kept["number"].good_until = 0  # noqa: SLF001 - rather than to wait for it
    return readers


@pytest.mark.parametrize("is_written", [False, True])
def test_what_was_made_after_a_commit_is_not_of_the_state_that_a_page_reads(stale, is_written):
    def page(_):
        if is_written:
            with closing(sqlite3.connect(stale.archive.path)) as writer, writer:
                writer.execute("INSERT INTO newsarchive VALUES ('written', '1')")
        stale.kept("number", lambda _: 2)
        return stale.is_current("number")

    assert asyncio.run(stale.read(page)) is not is_written


def test_what_was_made_while_something_was_committed_is_of_no_state(stale):
    def made(_):
        with closing(sqlite3.connect(stale.archive.path)) as writer, writer:
            writer.execute("INSERT INTO newsarchive VALUES ('written', '1')")

    def page(_):
        stale.kept("number", made)
        return stale.is_current("number")

    assert asyncio.run(stale.read(page)) is False


def test_what_costs_a_scan_is_made_by_one_reader_while_others_get_the_old(stale):
    started, go_on = threading.Event(), threading.Event()

    def slow(_):
        started.set()
        assert go_on.wait(10)
        return 2

    with ThreadPoolExecutor(1) as pool:
        making = pool.submit(stale.kept, "number", slow)
        assert started.wait(10)
        assert stale.kept("number", lambda _: 3) == 1
        go_on.set()
        assert making.result() == 2
    assert stale.kept("number", lambda _: 4) == 2


def test_a_server_does_not_search_its_own_modules_for_garbage(archive):
    gc.unfreeze()
    try:
        asyncio.run(Datasette([str(archive)]).invoke_startup())
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()


def test_nobody_waits_for_what_takes_long_to_make_again(stale):
    stale._kept["number"].seconds = 10  # noqa: SLF001 - as if it had
    assert stale.kept("number", lambda _: 2) == 1
    wait_for(lambda: stale.kept("number", lambda _: 3) == 2)


@pytest.mark.parametrize(
    "asked",
    [
        "q=" + quote("المخابز الميدان"),
        "q=" + quote("المخابز الميدان") + "&sort=newest",
        "q=" + quote("المخابز الميدان") + "&sort=oldest",
        "q=" + quote('"المخابز تعادل" المياه'),
        "q=" + quote("المياه") + "&section=" + quote("رياضه"),
        "section=" + quote("رياضه") + "&from=2016",
        "writer=" + quote("سامر قصاب") + "&sort=oldest",
        "q=" + quote("قسم:رياضة -المياه"),
        "q=" + quote("-المياه") + "&section=" + quote("رياضه") + "&sort=oldest",
    ],
)
def test_file_holds_what_the_page_finds_in_the_order_of_the_page(server, asked):
    page = get(server.url, f"/search.json?size=200&{asked}").json
    lines = [
        line["key"] for line in map(json.loads, get(server.url, f"/search.jsonl?{asked}").text.splitlines())
    ]
    assert 0 < page["count"] <= 200
    assert lines == [result["key"] for result in page["results"]]
    html = get(server.url, f"/search?lang=en&{asked}").text
    aside = html.partition("<h2>Sections</h2>")[2].partition("</ul>")[0]
    numbers = [int(part.partition("<")[0]) for part in aside.split('<span class="n">')[1:]]
    assert sum(numbers) == page["count"]
