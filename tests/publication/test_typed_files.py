"""Spreadsheets and Parquet hold every row with its type, and are read by the programs of others."""

import csv
import datetime as dt
import io
import json
import shutil
import sqlite3
import subprocess
import zipfile
from urllib.parse import quote

import openpyxl
import pytest
import sample_archive
from fetching import get
from pyarrow import parquet as pq

from newsarchive.formats.kinds import Column, Kind, survey
from newsarchive.formats.parquet import ParquetEncoder
from newsarchive.formats.rows import Outline
from newsarchive.formats.sheet_cells import LONGEST, pieces, serial
from newsarchive.formats.xlsx import Xlsx

WORDS = {"rows": "البيانات", "about": "عن الملف", "replaced": "استُبدلت"}
UTC = dt.UTC
ADDRESSES = {
    "search": "/search.{}?q=" + quote("المسرح"),
    "table": "/archive/articles.{}?section=" + quote("رياضة"),
    "sql": "/archive.{}?sql=" + quote("select key, title, body from articles"),
    "ready": "/archive/word_by_month.{}?word=" + quote("المسرح"),
}


def result(sql, *, cells=False):
    """The outline and the rows of a statement on an empty database."""
    connection = sqlite3.connect(":memory:")
    cursor = connection.execute(sql)
    columns = survey(connection, sql, {}, [column[0] for column in cursor.description], cells=cells)
    rows = cursor.fetchall()
    return Outline(columns, len(rows), about=[("السؤال", sql)], words=WORDS), rows


def whole(encoder, rows):
    return encoder.head() + (encoder.rows(rows) if rows else b"") + encoder.tail()


def book(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def sheet_of(sql, **options):
    outline, rows = result(sql, cells=True)
    return book(whole(Xlsx(**options).encoder(outline), rows))


def table_of(sql):
    outline, rows = result(sql)
    read = pq.read_table(io.BytesIO(whole(ParquetEncoder(outline), rows)))
    read.validate(full=True)
    return read


def kinds_of(sql):
    outline, _ = result(sql)
    return {column.name: column.kind for column in outline.columns}


def values(table, name):
    return table.column(name).to_pylist()


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_both_forms_hold_the_rows_of_the_csv(server, address):
    plain = get(server.url, address.format("csv"))
    sheet = get(server.url, address.format("xlsx"))
    lists = get(server.url, address.format("parquet"))
    rows = list(csv.DictReader(io.StringIO(plain.text, newline="")))
    first = next(iter(rows[0]))
    found = [str(row[0]) for row in book(sheet.body).worksheets[0].iter_rows(min_row=2, values_only=True)]
    expected = [row[first] for row in rows]
    assert found == [str(v) for v in values(pq.read_table(io.BytesIO(lists.body)), first)] == expected
    for answer in (plain, sheet, lists):
        assert answer.headers["x-row-count"] == str(len(rows))


@pytest.mark.parametrize("form", ["xlsx", "parquet"])
@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_the_same_archive_gives_the_same_bytes(server, address, form):
    assert get(server.url, address.format(form)).body == get(server.url, address.format(form)).body


def test_the_spreadsheet_reads_from_right_to_left_under_a_frozen_header(server):
    sheet = book(get(server.url, ADDRESSES["search"].format("xlsx")).body).worksheets[0]
    assert sheet.sheet_view.rightToLeft
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold


def test_dates_of_the_file_are_the_last_runs(server):
    body = get(server.url, ADDRESSES["search"].format("xlsx")).body
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2025, 2, 1, 8, 30, 0)}
    assert book(body).properties.created == dt.datetime(2025, 2, 1, 8, 30)  # noqa: DTZ001 - openpyxl's


def test_days_and_times_are_dates_and_the_offset_is_kept(server):
    sheet = book(get(server.url, ADDRESSES["search"].format("xlsx")).body).worksheets[0]
    names = [cell.value for cell in sheet[1]]
    row = dict(zip(names, sheet[2], strict=True))
    assert row["published_on"].is_date
    assert row["published_at"].is_date
    assert row["published_at"].value.isoformat() == row["published_at_text"].value.removesuffix("+03:00")
    assert isinstance(row["word_count"].value, int)
    table = pq.read_table(io.BytesIO(get(server.url, ADDRESSES["search"].format("parquet")).body))
    assert values(table, "published_on")[0] == row["published_on"].value.date()
    assert values(table, "published_at")[0] == dt.datetime.fromisoformat(row["published_at_text"].value)
    assert values(table, "tags")[0] == ["المسرح"]


def test_formulas_are_texts(server):
    sheet = book(get(server.url, "/archive/articles.xlsx?key=" + sample_archive.FORMULA_KEY).body).worksheets[
        0
    ]
    cells = {name.value: cell for name, cell in zip(sheet[1], sheet[2], strict=True)}
    assert cells["title"].value == sample_archive.FORMULA_TITLE
    assert {cells[name].data_type for name in ("title", "body")} == {"s"}


def test_the_second_sheet_says_what_the_file_is(server):
    about = book(get(server.url, ADDRESSES["search"].format("xlsx")).body).worksheets[1]
    said = dict(about.iter_rows(values_only=True))
    assert about.title == "عن الملف"
    assert "المسرح" in said["السؤال"]
    assert said["عدد الصفوف"] == get(server.url, ADDRESSES["search"].format("csv")).headers["x-row-count"]
    assert said["انتهاء آخر جولة جمع"] == "2025-02-01T08:30:00Z"
    assert "The texts belong to the newspaper" in said["الحقوق"]


def test_paragraphs_are_lists_in_every_file_that_has_them(server):
    for address in ("/archive/articles.parquet", "/search.parquet?from=2011"):
        table = pq.read_table(io.BytesIO(get(server.url, address).body))
        lists = dict(zip(values(table, "key"), values(table, "paragraphs"), strict=True))
        assert [item["kind"] for item in lists[sample_archive.LIST_KEY]][:2] == ["prose", "list"]
        assert [item["kind"] for item in lists[sample_archive.EDITED_KEY]] == ["prose", "prose"]


def test_the_sidecar_names_kinds_and_what_was_split(server):
    long = quote("select key, replace(hex(zeroblob(20000)), '0', 'م') as body from articles limit 3")
    sidecar = get(server.url, f"/archive.xlsx.meta.json?sql={long}").json
    assert sidecar["split"] == {"body": {"texts": 3, "cells": 2}}
    assert sidecar["sheets"] == 1
    search = get(server.url, ADDRESSES["search"].format("parquet.meta.json")).json
    assert search["kinds"]["published_at"] == "instant"
    assert search["texts_of_times"] == ["published_at_text", "modified_at_text"]


def test_a_long_text_goes_on_in_the_next_column():
    text = "بيت " * 20_000
    workbook = sheet_of(f"select 1 as n, '{text}' as body, 'آخر' as last union all select 2, 'قصير', 'ب'")
    rows = list(workbook.worksheets[0].iter_rows(values_only=True))
    assert rows[0] == ("n", "body", "body (2)", "body (3)", "last")
    assert "".join(rows[1][1:4]) == text
    assert rows[2] == (2, "قصير", None, None, "ب")


@pytest.mark.parametrize("unit", ["😀", "ب\u0651\u064e", "👩\u200d🚀", "a\u0301"])
def test_a_text_is_never_cut_inside_what_is_read_as_one(unit):
    parts = list(pieces(unit * 40_000))
    assert "".join(parts) == unit * 40_000
    assert all(len(part.encode("utf-16-le")) <= 2 * LONGEST for part in parts)
    assert all(part.startswith(unit[0]) for part in parts)


def test_a_text_of_nothing_but_marks_is_cut_all_the_same():
    parts = list(pieces("\u064e" * 40_000))
    assert [len(part) for part in parts] == [LONGEST, 40_000 - LONGEST]


def test_rows_go_on_in_a_second_sheet():
    sql = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 25) select i from n"
    workbook = sheet_of(sql, sheet_rows=11)
    assert workbook.sheetnames == ["البيانات", "البيانات 2", "البيانات 3", "عن الملف"]
    sheets = [[row[0] for row in sheet.iter_rows(values_only=True)] for sheet in workbook.worksheets[:3]]
    assert [sheet[0] for sheet in sheets] == ["i"] * 3
    assert [number for sheet in sheets for number in sheet[1:]] == list(range(1, 26))


def test_what_xml_cannot_hold_is_replaced_and_counted():
    workbook = sheet_of(
        "select 'أ' || char(1) || 'ب' || char(65534) || char(13) || char(10) || ' & <b> ' as t"
    )
    assert workbook.worksheets[0]["A2"].value == "أ\ufffdب\ufffd\r\n & <b> "
    assert ("استُبدلت", "2") in list(workbook.worksheets[1].iter_rows(values_only=True))


def test_numbers_that_a_spreadsheet_would_round_are_texts():
    workbook = sheet_of(
        "select 9007199254740993 as a, '0012' as b, 1.5 as c, 9e999 as d, x'00ff' as e, 7 as f"
    )
    assert [cell.value for cell in workbook.worksheets[0][2]] == [
        "9007199254740993",
        "0012",
        1.5,
        "inf",
        "AP8=",
        7,
    ]


def test_days_before_the_spreadsheets_calendar_are_texts():
    workbook = sheet_of("select '1899-05-06' as a union all select '1900-03-01'")
    first, second = (cell.value for (cell,) in workbook.worksheets[0]["A2:A3"])
    assert (first, second.isoformat()) == ("1899-05-06", "1900-03-01T00:00:00")
    assert serial("1900-03-01") == 61


@pytest.mark.parametrize(
    ("union", "kind"),
    [
        (["1", "null", "-5"], Kind.INTEGER),
        (["1", "2.5"], Kind.REAL),
        (["9007199254740993", "2.5"], Kind.TEXT),
        (["1", "'2'"], Kind.TEXT),
        (["x'00'", "null"], Kind.BLOB),
        (["'2016-02-29'", "null"], Kind.DAY),
        (["'2015-02-29'"], Kind.TEXT),
        (["'0000-01-01'"], Kind.TEXT),
        (["'2016-02-29T10:00:00Z'", "'2016-02-29T10:00:00+03:00'", "'2016-02-28'"], Kind.INSTANT),
        (["'2016-02-29T24:00:00Z'"], Kind.TEXT),
        (["'2016-02-29T10:00:00'"], Kind.TEXT),
        (["'2016-02-29T10:00:00Z'", "'2016'"], Kind.TEXT),
        (['\'["أ","ب"]\'', "'[]'", "null"], Kind.LIST),
        (["'[1]'"], Kind.TEXT),
        (["'[غير JSON'"], Kind.TEXT),
        (["null"], Kind.TEXT),
    ],
)
def test_the_kind_of_a_column_is_that_of_all_its_values(union, kind):
    assert kinds_of(" union all ".join(f"select {value} as c" for value in union)) == {"c": kind}


def test_columns_of_the_archive_keep_their_kind_without_values():
    columns = ["published_on", "published_at", "first_seen_at", "tags", "paragraphs", "word_count", "title"]
    found = kinds_of("select " + ", ".join(f"null as {name}" for name in columns))
    assert list(found.values()) == [
        Kind.DAY, Kind.INSTANT, Kind.INSTANT, Kind.LIST, Kind.PARAGRAPHS, Kind.INTEGER, Kind.TEXT,
    ]  # fmt: skip


def test_parquet_keeps_every_kind():
    table = table_of(
        "select 1 as i, 1.5 as r, x'00ff' as b, '2016-02-29' as d, '2016-02-29T10:00:00+03:00' as at,"
        " '[\"أ\"]' as l, 'نص' as t"
        " union all select null, 2, null, null, '2016-03-01', '[]', 5 union all"
        " select -2, null, x'', '0999-01-01', null, null, null"
    )
    moment = dt.datetime(2016, 2, 29, 7, tzinfo=UTC)
    assert table.to_pydict() == {
        "i": [1, None, -2],
        "r": [1.5, 2.0, None],
        "b": [b"\0\xff", None, b""],
        "d": [dt.date(2016, 2, 29), None, dt.date(999, 1, 1)],
        "at": [moment, None, None],
        "at_text": ["2016-02-29T10:00:00+03:00", "2016-03-01", None],
        "l": [["أ"], [], None],
        "t": ["نص", "5", None],
    }


def test_columns_of_one_name_are_told_apart():
    assert table_of("select 1 as a, 2 as a").column_names == ["a", "a_2"]
    sql = "select '2016-01-01T00:00:00+03:00' as at, 'x' as at_text"
    assert table_of(sql).column_names == ["at", "at_text"]


def test_parquet_is_sent_in_row_groups():
    outline = Outline([Column("n", Kind.INTEGER), Column("l", Kind.LIST)], 900)
    encoder = ParquetEncoder(outline, group_bytes=5_000)
    rows = [(n if n % 3 else None, json.dumps(["أ"] * (n % 4))) for n in range(900)]
    parts = [encoder.head(), *(encoder.rows(rows[n : n + 50]) for n in range(0, 900, 50)), encoder.tail()]
    file = pq.ParquetFile(io.BytesIO(b"".join(parts)))
    assert file.num_row_groups == sum(1 for part in parts[1:-1] if part) + 1
    assert file.read().to_pylist() == [{"n": n, "l": json.loads(items)} for n, items in rows]


@pytest.mark.parametrize("form", ["xlsx", "parquet"])
def test_no_rows_are_a_whole_file_too(server, form):
    body = get(server.url, f"/archive.{form}?sql=" + quote("select key, title from articles where 0")).body
    if form == "xlsx":
        assert list(book(body).worksheets[0].iter_rows(values_only=True)) == [("key", "title")]
    else:
        assert pq.read_table(io.BytesIO(body)).to_pydict() == {"key": [], "title": []}


@pytest.mark.parametrize("encoder", [Xlsx().encoder, ParquetEncoder])
@pytest.mark.parametrize(("kind", "value"), [(Kind.DAY, "أمس"), (Kind.INSTANT, "2016-01-01Tأمس")])
def test_a_value_that_is_not_of_its_columns_kind_ends_the_file(encoder, kind, value):
    made = encoder(Outline([Column("c", kind)], 1, words=WORDS))
    made.head()
    with pytest.raises((ValueError, TypeError)):
        made.rows([(value,)])


def test_a_number_that_became_a_text_ends_the_file():
    with pytest.raises(TypeError):
        ParquetEncoder(Outline([Column("c", Kind.INTEGER)], 1)).rows([("نص",)])


def test_a_text_that_grew_ends_the_file():
    made = Xlsx().encoder(Outline([Column("c", cells=2)], 1, words=WORDS))
    made.head()
    with pytest.raises(ValueError, match="longer than the 2 cells"):
        made.rows([("ب" * 3 * LONGEST,)])


@pytest.mark.parametrize("form", ["xlsx", "parquet"])
def test_explained_and_labelled_results_are_files_too(server, form):
    assert get(server.url, f"/archive.{form}?sql=" + quote("explain select 1")).status == 200
    answer = get(server.url, f"/archive/article_sections.{form}?_labels=on&_size=5")
    if form == "xlsx":
        names = next(book(answer.body).worksheets[0].iter_rows(values_only=True))
    else:
        names = pq.read_table(io.BytesIO(answer.body)).column_names
    assert "section_id_label" in names


def test_libreoffice_opens_the_spreadsheet(server, tmp_path):
    if not shutil.which("soffice"):
        pytest.skip("LibreOffice is not installed: apt-get install libreoffice-calc-nogui")
    path = tmp_path / "search.xlsx"
    path.write_bytes(get(server.url, ADDRESSES["search"].format("xlsx")).body)
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to"]
    subprocess.run(
        [*command, "csv:Text - txt - csv (StarCalc):44,34,76,1", "--outdir", tmp_path, path],
        check=True,
        capture_output=True,
        timeout=120,
    )
    text = (tmp_path / "search.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    plain = list(
        csv.DictReader(io.StringIO(get(server.url, ADDRESSES["search"].format("csv")).text, newline=""))
    )
    same = ("key", "title", "body", "published_on")
    assert [[row[name] for name in same] for row in rows] == [[row[name] for name in same] for row in plain]
