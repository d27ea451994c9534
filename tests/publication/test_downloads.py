"""Every file is complete or its transfer fails."""

import csv
import io
import json
import shutil
import sqlite3
import subprocess
from urllib.parse import quote

import pytest
import sample_archive
from fetching import check_broken_transfer, get
from serving import serve

SQL = "select key, title, body from articles"


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """5,000 articles of May 2016 beside the others."""
    return sample_archive.create(tmp_path_factory.mktemp("large") / "archive.db", extra=5000)


@pytest.fixture(scope="module")
def large_server(large):
    """With a query that an operator added."""
    metadata = large.with_name("metadata.json")
    metadata.write_text(json.dumps({"databases": {"archive": {"queries": {"everything": {"sql": SQL}}}}}))
    with serve(large, "-m", metadata) as running:
        yield running


def total(path):
    connection = sqlite3.connect(path)
    try:
        return connection.execute("select count(*) from articles").fetchone()[0]
    finally:
        connection.close()


def rows_of(answer):
    if "csv" in answer.headers["content-type"]:
        return list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"), newline="")))
    return [json.loads(line) for line in answer.text.splitlines()]


@pytest.mark.parametrize("extension", ["csv", "jsonl"])
@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/archive/articles", ""),
        ("/archive/articles", "?_stream=on"),
        ("/archive/articles", "?_size=max"),
        ("/archive", "?_stream=on&sql=" + quote(SQL)),
        ("/archive", "?sql=" + quote(SQL + ";  ")),
        ("/archive", "?sql=" + quote(SQL + " -- all")),
        ("/archive/everything", ""),
        ("/archive/everything", "?_stream=on"),
    ],
)
def test_files_of_tables_statements_and_queries_hold_every_row(large_server, large, path, query, extension):
    answer = get(large_server.url, f"{path}.{extension}{query}")
    keys = [row["key"] for row in rows_of(answer)]
    assert answer.status == 200
    assert len(keys) == len(set(keys)) == total(large) == int(answer.headers["x-row-count"])


@pytest.mark.parametrize(
    "address", ["/archive.json?_shape=array&sql=" + quote(SQL), "/archive/everything.json?_shape=array"]
)
def test_json_array_is_not_cut(large_server, large, address):
    answer = get(large_server.url, address)
    assert len(answer.json) == total(large)
    assert set(answer.json[0]) == {"key", "title", "body"}
    lines = get(large_server.url, address + "&_nl=on").text.splitlines()
    assert [json.loads(line) for line in lines] == answer.json


def test_json_array_of_nothing_is_an_array(large_server):
    assert get(large_server.url, "/archive.json?_shape=array&sql=" + quote(SQL + " where false")).json == []


def test_ready_query_file_and_array_hold_the_same_rows(large_server):
    rows = rows_of(get(large_server.url, "/archive/writers_and_their_years.csv"))
    array = get(large_server.url, "/archive/writers_and_their_years.json?_shape=array").json
    assert rows == [{name: str(value) for name, value in row.items()} for row in array]


def test_other_shapes_of_json_are_datasettes_own(large_server):
    answer = get(large_server.url, "/archive.json?_shape=objects&sql=" + quote(SQL)).json
    assert answer["truncated"] is True
    assert len(answer["rows"]) == 1000
    assert len(get(large_server.url, "/archive/articles.json?_shape=array").json) == 50


@pytest.mark.parametrize("extension", ["csv", "jsonl"])
def test_search_files_hold_every_hit(large_server, extension):
    answer = get(large_server.url, f"/search.{extension}?q=" + quote("الخبر"))
    assert answer.headers["x-row-count"] == "5000"
    assert len(rows_of(answer)) == 5000


def test_table_search_file_holds_every_hit(large_server):
    answer = get(large_server.url, "/archive/articles.csv?_search=" + quote("الخبر القصير"))
    assert len(rows_of(answer)) == 5000


def test_the_same_file_twice_is_the_same_bytes(large_server):
    for path in (
        "/search.csv?q=" + quote("الخبر"),
        "/archive/articles.jsonl",
        "/archive.csv?sql=" + quote(SQL),
        "/archive/everything.json?_shape=array",
    ):
        assert get(large_server.url, path).body == get(large_server.url, path).body


def test_libreoffice_opens_the_file_for_excel_with_its_arabic_intact(server, tmp_path):
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice is not installed: apt-get install libreoffice-calc-nogui")
    sql = "select key, title, section, writer, body from articles order by id"
    answer = get(server.url, "/archive.csv?_bom=on&_safe=on&sql=" + quote(sql))
    (tmp_path / "all.csv").write_bytes(answer.body)
    # 44 is the comma, 34 the quotation mark, 76 UTF-8: what its window of import offers
    form = "Text - txt - csv (StarCalc):44,34,76"
    own = f"-env:UserInstallation={(tmp_path / 'office').as_uri()}"
    saving = ["--convert-to", f"csv:{form}", "--outdir", tmp_path / "saved"]
    command = [soffice, own, "--headless", f"--infilter={form}", *saving, tmp_path / "all.csv"]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    saved = list(csv.reader(io.StringIO((tmp_path / "saved" / "all.csv").read_text("utf-8-sig"), newline="")))
    assert saved == list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"), newline="")))


def test_file_names_say_query_and_day(server):
    header = get(server.url, "/search.csv?q=" + quote("المسرح القومي")).headers["content-disposition"]
    assert header.startswith('attachment; filename="nahar-search-')
    assert quote("المسرح-القومي") in header
    assert header.endswith(".csv")


def test_excel_gets_a_byte_order_mark_and_no_formula(server):
    answer = get(server.url, "/archive/articles.csv?_bom=on&_safe=on&key=" + sample_archive.FORMULA_KEY)
    assert answer.body.startswith(b"\xef\xbb\xbf")
    row = rows_of(answer)[0]
    assert row["title"] == "'" + sample_archive.FORMULA_TITLE
    assert row["body"] == "'@SUM(1+1)\n\n-2+3"


def test_plain_csv_is_the_text_as_stored(server):
    answer = get(server.url, "/archive/articles.csv?key=" + sample_archive.FORMULA_KEY)
    assert answer.body.startswith(b"id,key,")
    assert rows_of(answer)[0]["title"] == sample_archive.FORMULA_TITLE


def test_asked_number_of_rows_is_given(server):
    assert len(rows_of(get(server.url, "/archive/articles.csv?_size=7"))) == 7


def test_filters_mean_what_they_mean_on_the_page(server):
    answer = get(server.url, "/archive/articles.csv?section=رياضة&published_on__gte=2016-01-01")
    rows = rows_of(answer)
    assert {row["section"] for row in rows} == {"رياضة"}
    assert min(row["published_on"] for row in rows) >= "2016-01-01"


def test_labels_of_keys_are_added_when_asked(server):
    rows = rows_of(get(server.url, "/archive/article_sections.csv?_labels=on&_size=5"))
    assert set(rows[0]) == {"article_id", "article_id_label", "section_id", "section_id_label", "position"}
    assert rows[0]["section_id_label"] in sample_archive.SECTIONS


def test_sidecar_says_rows_query_digest_and_rights(server):
    sidecar = get(server.url, "/search.csv.meta.json?q=" + quote("المسرح")).json
    file = get(server.url, "/search.csv?q=" + quote("المسرح"))
    assert sidecar["rows"] == int(file.headers["x-row-count"])
    assert sidecar["columns"] == next(csv.reader(io.StringIO(file.text)))
    assert sidecar["query"] == {"q": "المسرح", "sort": "relevance", "ranked": sidecar["rows"]}
    assert len(sidecar["archive"]["digest"]) == 64
    assert sidecar["file"].endswith("/search.csv?q=المسرح")
    assert "rights" in sidecar


def test_the_sidecar_names_whose_articles_are_left_out_as_the_archive_spells_them(server):
    asked = "/search.csv.meta.json?q=" + quote("قسم:رياضه -كاتب:رنا -قسم:سوريه")
    assert get(server.url, asked).json["query"] == {
        "q": "قسم:رياضه -كاتب:رنا -قسم:سوريه",
        "section": "رياضة",
        "barred": [["writer", "رنا الشاغوري"], ["section", "سورية"]],
        "sort": "newest",
    }


def test_head_tells_the_count_without_the_rows(server):
    answer = get(server.url, "/archive/articles.csv", method="HEAD")
    assert answer.headers["x-row-count"] == "175"
    assert answer.body == b""


def test_wrong_sql_is_refused_before_the_first_byte(server):
    assert get(server.url, "/archive.csv?sql=" + quote("select nothing from nowhere")).status == 400
    assert get(server.url, "/archive.csv?sql=" + quote("delete from articles")).status == 400
    assert get(server.url, "/archive/articles.csv?_size=x").status == 400


def test_killed_server_is_a_failed_transfer(large):
    wide = "select a.*, b.body as other from articles a, (select body from articles limit 40) b"
    with serve(large) as running:
        check_broken_transfer(running.url, "/archive.csv?sql=" + quote(wide), running.process.kill)


def test_rows_that_differ_from_their_count_are_a_failed_transfer(large_server):
    changing = "select key, body from articles where random() % 2"
    check_broken_transfer(large_server.url, "/archive.csv?sql=" + quote(changing))
