"""Files read back by the programs of those who download them: how many rows each finds, types and Arabic checked."""

# ruff: noqa: PLC0415 - a program that is not installed is left out

from __future__ import annotations

import csv
import importlib.util
import json
import re
import shutil
import subprocess
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ARABIC = re.compile("[\u0621-\u064a]")


def readers(form: str):
    """Name of a program that is installed → a function of the file and a folder that returns its rows."""
    known = {
        "csv": {"csv": _csv},
        "jsonl": {"json": _jsonl},
        "xlsx": {"openpyxl": _openpyxl, "pandas": _pandas_xlsx, "soffice": _libreoffice},
        "parquet": {"duckdb": _duckdb, "pandas": _pandas_parquet},
    }[form]
    missing = [name for name in known if not (importlib.util.find_spec(name) or shutil.which(name))]
    for name in missing:
        print(f"        {name} is not installed: not opened by it")
    return {name: reader for name, reader in known.items() if name not in missing}


def _csv(path: Path, _: Path) -> int:
    csv.field_size_limit(1 << 30)
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.DictReader(file))


def _jsonl(path: Path, _: Path) -> int:
    with path.open(encoding="utf-8") as file:
        return sum(1 for line in file if ARABIC.search(json.loads(line)["body"]))


def _openpyxl(path: Path, _: Path) -> int:
    import openpyxl

    sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
    rows = sheet.iter_rows(values_only=True)
    names = {name: place for place, name in enumerate(next(rows))}
    count = 0
    for row in rows:
        assert type(row[names["published_on"]]) is datetime
        assert type(row[names["published_at"]]) is datetime
        assert row[names["published_at"]].isoformat() == row[names["published_at_text"]][:19]
        assert type(row[names["word_count"]]) is int
        assert ARABIC.search(row[names["body"]])
        count += 1
    return count


def _pandas_xlsx(path: Path, _: Path) -> int:
    import pandas as pd

    frame = pd.read_excel(path)
    _check(frame)
    return len(frame)


def _pandas_parquet(path: Path, _: Path) -> int:
    import pandas as pd

    frame = pd.read_parquet(path)
    _check(frame)
    assert str(frame["published_at"].dtype) == "datetime64[ms, UTC]"
    assert type(frame["published_on"].iloc[0]) is date
    assert frame["paragraphs"].iloc[0][0]["kind"] == "prose"
    return len(frame)


def _check(frame) -> None:
    assert frame["word_count"].dtype == "int64"
    assert str(frame["published_at"].dtype).startswith("datetime64")
    assert frame["body"].str.contains("[\u0621-\u064a]").all()


def _duckdb(path: Path, _: Path) -> int:
    import duckdb

    kinds = dict(duckdb.sql(f"SELECT column_name, column_type FROM (DESCRIBE FROM '{path}')").fetchall())
    assert kinds["published_at"] == "TIMESTAMP WITH TIME ZONE"
    assert kinds["published_on"] == "DATE"
    assert kinds["word_count"] == "BIGINT"
    assert kinds["tags"] == "VARCHAR[]"
    assert kinds["paragraphs"] == 'STRUCT(kind VARCHAR, "text" VARCHAR)[]'
    [(count,)] = duckdb.sql(
        f"SELECT count(*) FROM '{path}' WHERE regexp_matches(body, '[\u0621-\u064a]') AND paragraphs[1].text <> ''"
        " AND published_at = published_at_text::TIMESTAMPTZ"
    ).fetchall()
    return count


def _libreoffice(path: Path, folder: Path) -> int:
    """Converted to CSV by LibreOffice, without its window."""
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1"]
    subprocess.run([*command, "--outdir", folder / "converted", path], check=True, capture_output=True)
    return _csv(folder / "converted" / f"{path.stem}.csv", folder)
