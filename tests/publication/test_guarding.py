"""What a stranger may try: hostile words, heavy SQL, stored markup; and what other databases must not notice."""

import http.client
import random
import re
import sqlite3
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from urllib.parse import quote, quote_from_bytes, urlsplit

import pytest
import sample_archive
from fetching import get
from serving import environment, serve, wait_for

from newsarchive.storage import index
from newsarchive.storage.migrations import SCHEMA_VERSION

HOSTILE = [
    '"غضب', "وزارة: النفط", "الرقة -دمشق", "(الرقة", " ", '"', "\0", "*", "AND", "-داعش", "it's", "NEAR(", "title:", "",
    "OR", "NOT", '""', '"" ""', "a:b:c", "{title_exact}: x", "^x", "x^2", "'; drop table articles; --", "%", "_", "\\",
    "<script>alert(1)</script>", "\u202e", "ا" * 5000, "((((((((((", "ة" * 100 + "*", "قسم:", 'قسم:"', "منذ:2016-99",
    "-", "--", "- -", "+", "NEAR(a b, 3)", "\ufeff", "\U0001f600", "١٢٣", "\n", "\t", "&amp;", "?", "/../", "%2e%2e",
]  # fmt: skip


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_are_answered_on_page_table_and_json(server, words):
    coded = quote(words, safe="")
    for path in (
        "/search?q=",
        "/search.json?q=",
        "/search.atom?q=",
        "/search.csv?q=",
        "/archive/articles.json?_search=",
    ):
        assert get(server.url, path + coded).status == 200, path


def test_random_strings_never_fail(server):
    random_ = random.Random(5)
    letters = "ابتثةىأإ ـَُ\"'*-():^{}<>&;%\0\u202e\u200fABNEARORNOT0١.,+|\\/\n"
    for _ in range(300):
        words = "".join(random_.choice(letters) for _ in range(random_.randrange(1, 40)))
        assert get(server.url, "/search.json?q=" + quote(words, safe="")).status == 200
        assert (
            get(server.url, "/archive/articles.json?_size=1&_search=" + quote(words, safe="")).status == 200
        )


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=-1", "page=9999999999", "size=0", "size=x", "size=1000000", "sort=worst", "from=yesterday",
     "until=2016-13-45", "section=nothing", "writer=%00", "lang=xx", "from=2019&until=2011", "q=%ff%fe", "explain=1"],
)  # fmt: skip
def test_wrong_parameters_are_a_page(server, query):
    assert get(server.url, "/search?q=%D8%A7%D9%84%D9%85%D9%8A%D8%A7%D9%87&" + query).status == 200


DIGITS = "9" * 4_301
"""More than Python reads as a number."""


@pytest.mark.parametrize(
    "path",
    ["/search?q=x&page={}", "/search?q=x&size={}", "/search.json?q=x&page={}", "/search.json?q=x&size={}",
     "/writers?page={}", "/changes?page={}", f"/article/{sample_archive.EDITED_KEY}/changes?from=1&to={{}}",
     f"/article/{sample_archive.EDITED_KEY}/changes?to=000001{{}}", "/archive/articles.csv?_size={}"],
)  # fmt: skip
def test_a_number_of_any_length_is_a_page(server, path):
    assert get(server.url, path.format(DIGITS)).status == 200
    assert get(server.url, path.format("0" * 5_000 + "1")).status == 200


def test_a_timeline_has_the_years_of_the_archive_and_no_others(server):
    year = re.compile(r"from=(\d{4})-01-01")
    shown = set(year.findall(get(server.url, "/search?q=" + quote("الكهرباء")).text))
    everything = get(server.url, "/search?from=0001&until=9999").text
    assert set(year.findall(everything)) == shown
    assert len(everything) < 200_000
    assert get(server.url, "/search?from=0001&until=0002").status == 200


def test_invalid_bytes_in_every_address_are_no_server_error(server):
    junk = quote_from_bytes(b"\xff\xfe\x80<>\"'")
    for path in (
        f"/article/{junk}",
        f"/{junk}",
        f"/day/{junk}",
        f"/archive/{junk}",
        f"/article/{junk}/changes",
    ):
        assert get(server.url, path).status in (302, 404)


def test_pages_forbid_scripts_frames_and_foreign_content(server):
    for path in (
        "/",
        "/search?q=x",
        "/archive/articles",
        "/archive?sql=select+1",
        "/article/none",
        "/search.json?q=x",
    ):
        headers = get(server.url, path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-frame-options"] == "DENY"


def test_no_page_sets_a_cookie(server):
    for path in ("/", "/search?q=x", "/archive", "/archive/articles", "/data"):
        assert "set-cookie" not in get(server.url, path).headers


def test_pages_have_no_inline_script_or_style(server):
    for path in (
        "/",
        "/search?q=" + quote("المياه"),
        "/archive/articles",
        "/archive?sql=select+1",
        "/archive",
        "/sql",
    ):
        page = get(server.url, path).text
        assert not re.search(r"<script(?! src)|<style|\sstyle=|\son[a-z]+=", page), path


@pytest.mark.parametrize(
    "sql",
    [
        "select zeroblob(300000000)",
        "select length(hex(zeroblob(450000000)))",
        "select zeroblob(900000) from articles, articles",
        "select group_concat(body) from articles a, articles b, articles c",
        "with recursive c(x) as (values(1) union all select x+1 from c) select count(*) from c",
        "attach database '/etc/passwd' as x",
        "delete from articles",
    ],
)
def test_heavy_or_writing_sql_is_stopped(server, sql):
    before = time.monotonic()
    assert get(server.url, "/archive.json?sql=" + quote(sql)).status == 400
    assert time.monotonic() - before < 10
    assert server.peak_memory() < 400_000_000


def test_text_that_is_no_utf8_is_given_to_a_function_as_bytes(server):
    as_bytes = "select arabic_fold(cast(cast(x'eda080' as text) as blob))"
    assert get(server.url, "/archive.json?_shape=array&sql=" + quote(as_bytes)).status == 200


@pytest.mark.parametrize("table", ["articles", "revisions"])
def test_bytes_in_the_place_of_a_text_are_said_to_be_unreadable(tmp_path, table):
    archive = sample_archive.create(tmp_path / "archive.db")
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.execute(
            f"UPDATE {table} SET body = x'd8a7ff', title = CAST(title AS BLOB) WHERE body IS NOT NULL"
        )
    key = sample_archive.EDITED_KEY
    page, word = f"/article/{key}", quote("الكهرباء")
    paths = [page, f"{page}/changes", f"{page}.json", f"{page}.bib", "/", "/changes", f"/search?q={word}",
             f"/search.json?q={word}", "/search?from=2011", "/search.jsonl?from=2011",
             "/search.csv?from=2011"]  # fmt: skip
    with serve(archive) as server:
        answers = {path: get(server.url, path) for path in paths}
    assert {path: answer.status for path, answer in answers.items()} == dict.fromkeys(paths, 200)
    assert "لا يُقرأ هذا النص" in answers[f"/article/{key}/changes"].text
    assert ("لا يُقرأ هذا النص" in answers[f"/article/{key}"].text) is (table == "articles")


def test_bytes_in_the_place_of_a_section_or_writer_name_nobody(tmp_path):
    archive = sample_archive.create(tmp_path / "archive.db")
    with closing(sqlite3.connect(archive)) as connection, connection:
        for end, section, writer in (("max", b"\xd8\xa7", b"\xff"), ("min", "ب", "ج")):
            connection.execute(
                f"UPDATE articles SET section = ?, writer = ? WHERE id = (SELECT {end}(id) FROM articles)",
                (section, writer),
            )
    named = quote("قسم:غيره"), quote("كاتب:غيره"), quote("-قسم:غيره -كاتب:غيره")
    paths = ["/", "/sections", "/writers", f"/writers?q={quote('ج')}", "/search?sort=newest&until=2030",
             *(f"/search?q={words}" for words in named), *(f"/search.csv?q={words}" for words in named),
             f"/archive/articles.json?_search={quote('المياه')}&_facet=writer"]  # fmt: skip
    with serve(archive) as server:
        answers = {path: get(server.url, path) for path in paths}
    assert {path: answer.status for path, answer in answers.items()} == dict.fromkeys(paths, 200)
    assert "b&#39;" not in answers["/sections"].text + answers["/writers"].text
    assert f"section={quote('ب')}" in answers["/sections"].text


def test_page_is_served_while_strangers_run_slow_sql(tmp_path):
    archive = sample_archive.create(tmp_path / "archive.db")
    slow = quote("with recursive c(x) as (values(1) union all select x+1 from c) select count(*) from c")
    with serve(archive, "--setting", "sql_time_limit_ms", "20000") as running, ExitStack() as strangers:
        get(running.url, "/")
        idle = running.cpu_seconds()
        for _ in range(6):
            stranger = http.client.HTTPConnection(urlsplit(running.url).netloc, timeout=60)
            strangers.callback(stranger.close)
            stranger.request("GET", f"/archive.json?sql={slow}")
        wait_for(lambda: running.cpu_seconds() - idle > 0.5)
        before = time.monotonic()
        assert get(running.url, f"/article/{sample_archive.EDITED_KEY}").status == 200
        waited = time.monotonic() - before
        running.process.kill()
    assert waited < 3


def other_database(path):
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("create table things (id integer primary key, name text)")
        connection.execute("insert into things (name) values ('one')")
    connection.close()
    return path


def visible(page, hidden=()):
    text = re.sub(r"Queries took [\d.]+ms|http://127\.0\.0\.1:\d+", "", page.text)
    return [line for line in text.splitlines() if not any(part in line for part in hidden)]


def test_other_database_looks_as_without_the_plugin(tmp_path):
    path = other_database(tmp_path / "other.db")
    paths = [
        "/",
        "/other",
        "/other/things",
        "/other/things/1",
        "/other?sql=select+1",
        "/nothing",
    ]
    with serve(path) as with_plugin, serve(path, stock=True) as stock:
        assert "newsarchive" in get(with_plugin.url, "/-/plugins.json").text
        assert "newsarchive" not in get(stock.url, "/-/plugins.json").text
        for address in paths:
            ours, theirs = get(with_plugin.url, address), get(stock.url, address)
            assert (ours.status, visible(ours)) == (theirs.status, visible(theirs)), address
            assert set(ours.headers) == set(theirs.headers)
        assert get(with_plugin.url, "/-/settings.json").json == get(stock.url, "/-/settings.json").json


def test_other_database_beside_an_archive_keeps_its_looks(tmp_path, archive):
    with serve(archive, other_database(tmp_path / "other.db")) as both:
        page = get(both.url, "/other/things")
        assert "<html>" in page.text
        assert "content-security-policy" not in page.headers
        assert '<html lang="ar"' in get(both.url, "/archive/articles").text
        assert '<html lang="ar"' in get(both.url, "/").text


def test_of_two_archives_the_first_has_the_pages_and_both_can_be_joined(tmp_path, archive):
    second = sample_archive.create(tmp_path / "second.db")
    with serve(archive, second, "--crossdb") as both:
        assert 'href="/article/' in get(both.url, "/archive/articles").text
        page = get(both.url, "/second/articles")
        assert 'dir="rtl"' in page.text
        assert 'href="/article/' not in page.text
        joined = quote("select count(*) as n from [archive].articles join [second].articles using (key)")
        assert get(both.url, f"/_memory.json?_shape=array&sql={joined}").json == [{"n": 175}]


def test_archive_without_flags_gets_settings_that_suit_it(server):
    settings = get(server.url, "/-/settings.json").json
    assert settings["suggest_facets"] is False


def test_datasette_keeps_its_own_addresses(server):
    for path in (
        "/.json",
        "/archive.json",
        "/archive/articles.json",
        "/archive/runs/1",
        "/archive/runs/1.json",
        "/archive/articles?_facet=writer",
        "/archive/articles?_sort=title",
        "/archive/articles.json?_facet=section&_shape=objects",
        "/-/plugins.json",
        "/-/metadata.json",
    ):
        assert get(server.url, path).status == 200, path


def test_base_url_is_kept_in_every_link(archive):
    with serve(archive, "--setting", "base_url", "/paper/") as running:
        for path in ("/paper/", "/paper/search?q=" + quote("المياه"), f"/paper/article/{sample_archive.EDITED_KEY}",
                     "/paper/archive/articles", "/paper/coverage"):  # fmt: skip
            page = get(running.url, path)
            assert page.status == 200
            links = re.findall(r'(?:href|action)="(/[^"]*)"', page.text)
            assert [link for link in links if not link.startswith("/paper/")] == []


def test_datasette_command_line_shows_the_site(archive, tmp_path):
    command = [sys.executable, "-m", "datasette", str(archive), "--get", "/"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment(tmp_path))
    assert "النهار الدمشقي" in done.stdout


@pytest.mark.parametrize(("step", "advice"), [(-1, "scrapy reindex --check"), (1, "update newsarchive")])
def test_archive_of_another_release_is_refused_in_one_line(tmp_path, step, advice):
    archive = sample_archive.create(tmp_path / "archive.db")
    with closing(sqlite3.connect(archive)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + step}")
    command = [sys.executable, "-m", "datasette", str(archive), "--get", "/"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment(tmp_path))
    assert done.returncode == 1
    assert advice in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_snapshot_is_served_immutable_and_can_be_downloaded(archive, tmp_path):
    copy = tmp_path / "archive.db"
    connection = sqlite3.connect(archive)
    connection.execute("VACUUM INTO ?", (str(copy),))
    connection.close()
    with serve("-i", copy) as running:
        assert '<html lang="ar"' in get(running.url, "/").text
        assert get(running.url, "/search.json?q=" + quote("المياه")).json["count"] > 20
        assert get(running.url, "/archive.db").body[:15] == b"SQLite format 3"


def test_what_is_committed_while_serving_is_seen(tmp_path):
    archive = sample_archive.create(tmp_path / "archive.db")
    with serve(archive) as running:
        assert get(running.url, "/search.json?q=" + quote("استثنائية")).json["count"] == 0
        connection = sqlite3.connect(archive)
        with connection:
            connection.row_factory = sqlite3.Row
            sample_archive.add(
                connection, "nahar-8000", "جلسة استثنائية", "نص الجلسة.", "2019-12-30", "محليات"
            )
            index.refresh(connection)
        connection.close()
        assert get(running.url, "/search.json?q=" + quote("استثنائية")).json["count"] == 1
        wait_for(lambda: "30 كانون الأول 2019" in get(running.url, "/").text)
        wait_for(lambda: "2019-12" in get(running.url, "/search?q=" + quote("استثنائية")).text)
