"""The verbs, and what a user can fumble: one clear line and the right exit code."""

import json
import shutil

import pytest
from running import content, home, rows, scrapy, without_root_privileges

from newsarchive import sample
from newsarchive.sample.server import serving

SEED_TITLE = "«قسد» تتقدم داخل الرقة.. وأنباء عن أن داعش يفاوض للخروج"


@pytest.fixture
def folder(tmp_path):
    return home(tmp_path)


def complaint(done):
    """The one line a user sees."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("scrapy ")]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("crawl", "alwatan", "-a", "since=yesterday"), 4, "since=yesterday is no day"),
        (("crawl", "alwatan", "-a", "since=2024-02-30"), 4, "is no day"),
        (("crawl", "alwatan", "-a", "since=2024-02-02", "-a", "until=2024-01-01"), 4, "nothing lies between"),
        (("crawl", "alwatan", "-a", "source=moon"), 4, "source=moon is unknown"),
        (("crawl", "alwatan", "-a", "limit=none"), 4, "limit=none"),
        (("crawl", "alwatan", "-a", "sinse=2024-01-01"), 4, "sinse=… is unknown"),
        (("crawl", "alwatan", "-a", "site=localhost"), 4, "no base address"),
        (("crawl", "nowhere"), 4, "no newspaper 'nowhere'"),
        (("crawl", "alwatan", "-s", "ARCHIVE_DB=missing/archive.db"), 4, "does not exist"),
        (("readpage", "missing.html"), 4, "does not exist"),
        (("readpage", "empty"), 4, "holds no pages"),
        (("ingest", "missing.html"), 4, "does not exist"),
        (("ingest", "empty"), 4, "holds no pages"),
        (("ingest", "scrapy.cfg"), 4, "is none of"),
        (("readpage", "page.html", "--url", "file:///etc/hostname"), 4, "no web address"),
        (("readpage", "page.html", "--newspaper", "nowhere"), 4, "no newspaper 'nowhere'"),
        (("refused",), 4, "does not exist"),
        (("refused", "--reason", "bad-weather"), 4, "no reason code"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_fumble_is_one_line_and_an_exit_code(folder, words, code, said):
    (folder / "empty").mkdir()
    (folder / "page.html").write_text("<html></html>")
    done = scrapy(folder, *words, check=code)
    assert said in complaint(done)
    assert not (folder / "archive.db").exists()


def test_an_archive_that_cannot_be_written_is_exit_4_before_any_request(folder):
    folder.chmod(0o555)
    try:
        done = scrapy(folder, "crawl", "alwatan", check=4, preexec_fn=without_root_privileges)
    finally:
        folder.chmod(0o755)
    assert "cannot be written" in complaint(done)


def test_a_database_of_something_else_is_left_alone(folder):
    import sqlite3

    connection = sqlite3.connect(folder / "archive.db")
    connection.execute("CREATE TABLE mine (x)")
    connection.close()
    done = scrapy(folder, "crawl", "alwatan", check=4)
    assert "database of something else" in complaint(done)


def test_a_file_that_is_no_database_is_left_alone(folder):
    (folder / "archive.db").write_text(
        "this is a letter, not a database, and long enough to be read as one" * 20
    )
    done = scrapy(folder, "crawl", "alwatan", check=4)
    assert "no SQLite database" in complaint(done)


def test_a_damaged_archive_is_left_alone_and_the_way_to_rebuild_it_is_named(folder):
    (folder / "articles.jsonl").write_text(json.dumps({"title": "عنوان", "body": "نص."}) + "\n")
    scrapy(folder, "ingest", "articles.jsonl", check=0)
    path = folder / "archive.db"
    whole = path.read_bytes()
    for broken in (whole[:8192] + b"\xde\xad" * (len(whole) // 2 - 4096), whole[: len(whole) // 2]):
        path.write_bytes(broken)
        done = scrapy(folder, "crawl", "alwatan", check=4)
        assert "scrapy ingest captures/" in complaint(done)
        assert path.read_bytes() == broken


def test_scrapy_list_names_the_newspaper(folder):
    assert scrapy(folder, "list", check=0).stdout.split() == ["alwatan"]


def test_scrapy_parse_prints_the_headline_and_writes_nothing(folder):
    article = sample.load()[0]
    with serving() as site:
        for words in (
            ("--spider", "alwatan", f"{site}{article.address.removeprefix('https://alwatan.sy')}"),
            ("-a", f"site={site}", article.truth.url),
        ):
            done = scrapy(folder, "parse", "--nolinks", "--nocolour", *words, check=0)
            assert article.truth.title in done.stdout.replace("'\n", "").replace("'", "").replace("  ", "")
    assert sorted(path.name for path in folder.iterdir()) == ["scrapy.cfg"]


def test_readpage_reads_the_seed(folder, shared):
    (seed,) = (shared / "seed").glob("*.txt")
    record = json.loads(scrapy(folder, "readpage", seed, check=0).stdout)
    assert record["kind"] == "article"
    assert record["newspaper"] == "alwatan"
    assert record["section"] == "سورية"
    assert record["title"] == SEED_TITLE
    assert (record["byline"], record["writer"], record["agency"]) == ("الوطن- وكالات", None, "وكالات")
    assert len(record["paragraphs"]) == 9
    assert record["body"].startswith("واصلت حملة")
    assert record["body"].endswith("باتجاه تدمر.")
    assert "زر الذهاب" not in record["body"]
    assert "صحيفة الوطن" not in record["body"]
    assert sorted(path.name for path in folder.iterdir()) == ["scrapy.cfg"]


def test_the_seed_ingested_twice_is_one_article_found_by_an_inflected_word(folder, shared):
    from newsarchive import search
    from newsarchive.storage.connection import connect_for_reading

    (seed,) = (shared / "seed").glob("*.txt")
    scrapy(folder, "ingest", seed, check=0)
    scrapy(folder, "ingest", seed, check=0)
    assert len(rows(folder, "SELECT 1 FROM articles")) == 1
    connection = connect_for_reading(folder / "archive.db")
    assert [hit.title for hit in search.ask(connection, "الرقه").hits] == [SEED_TITLE]
    connection.close()


def test_readpage_prints_refusals_and_exits_with_0(folder):
    (folder / "page.html").write_text("<html><body><p>مرحبا</p></body></html>")
    record = json.loads(scrapy(folder, "readpage", "page.html", check=0).stdout)
    assert record["kind"] == "refused"
    assert set(record) == {"kind", "url", "reason", "detail"}


def test_what_readpage_prints_can_be_ingested(folder):
    article = sample.load()[0]
    (folder / "page.html").write_bytes(sample.render(article))
    line = scrapy(folder, "readpage", "page.html", "--url", article.address, check=0).stdout
    (folder / "articles.jsonl").write_text(line)
    scrapy(folder, "ingest", "articles.jsonl", check=0)
    (kept,) = rows(folder, "SELECT * FROM articles")
    assert (kept["title"], kept["body"]) == (article.truth.title, article.truth.body)


def test_url_title_and_body_are_enough_to_ingest(folder):
    line = {"url": "https://alwatan.sy/archives/5", "title": "عنوان", "body": "فقرة أولى.\n\nفقرة ثانية."}
    (folder / "articles.jsonl").write_text(json.dumps(line, ensure_ascii=False) + "\n")
    scrapy(folder, "ingest", "articles.jsonl", check=0)
    (kept,) = rows(folder, "SELECT * FROM articles")
    assert (kept["key"], kept["body"], kept["lead"]) == ("alwatan-5", line["body"], "فقرة أولى.")


@pytest.mark.parametrize("line", ["{broken", "[1]", '{"title": "عنوان"}', '{"title": 5, "body": "نص"}',
                                  '{"title": "عنوان", "body": "نص", "published_at": "yesterday"}'])  # fmt: skip
def test_a_line_that_is_no_record_is_refused_and_the_others_go_in(folder, line):
    good = json.dumps(
        {"url": "https://alwatan.sy/archives/5", "title": "عنوان", "body": "نص كامل."}, ensure_ascii=False
    )
    (folder / "articles.jsonl").write_text(f"{line}\n{good}\n")
    scrapy(folder, "ingest", "articles.jsonl", check=0)
    assert len(rows(folder, "SELECT 1 FROM articles")) == 1
    assert [row["reason"] for row in rows(folder, "SELECT reason FROM refusals")] == ["invalid-record"]


def test_a_second_writer_is_told_so_at_once(folder):
    from newsarchive.storage.lock import WriterLock

    lock = WriterLock(folder / "archive.db")
    try:
        assert "another command is writing" in complaint(scrapy(folder, "demo", check=11))
    finally:
        lock.release()


def test_a_second_writer_that_comes_by_a_link_is_told_so_too(folder):
    from newsarchive.storage.lock import WriterLock

    (folder / "elsewhere").mkdir()
    (folder / "elsewhere/link.db").symlink_to(folder / "archive.db")
    lock = WriterLock(folder / "elsewhere/link.db")
    try:
        assert "another command is writing" in complaint(scrapy(folder, "demo", check=11))
    finally:
        lock.release()


def test_links_that_lead_to_each_other_are_a_fumble(folder):
    (folder / "archive.db").symlink_to("other.db")
    (folder / "other.db").symlink_to("archive.db")
    assert "cannot be opened" in complaint(scrapy(folder, "demo", check=4))


def test_the_paper_is_never_mixed_with_the_sample(folder, monkeypatch):
    scrapy(folder, "demo", "-a", "limit=3", check=0)
    # Nobody asks the paper from here: everything goes to a proxy that is not there.
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    done = scrapy(
        folder, "crawl", "alwatan", "-s", "RETRY_ENABLED=False", "-s", "DOWNLOAD_TIMEOUT=1", "-s", "DOWNLOAD_DELAY=0",
        "-s", "DNS_TIMEOUT=1",
    )  # fmt: skip
    assert "archive.sample.db" in done.stderr
    assert len(content(folder, "archive.sample.db")) == 3
    assert content(folder) == []
    assert (folder / "captures.sample").is_dir()
    assert done.returncode not in {0, 1}


def test_the_demo_leaves_the_papers_archive_alone(folder):
    shutil.copy(folder / "scrapy.cfg", folder / "x.html")
    (folder / "articles.jsonl").write_text(json.dumps({"title": "عنوان", "body": "نص."}) + "\n")
    scrapy(folder, "ingest", "articles.jsonl", check=0)
    assert "holds the live paper" in complaint(scrapy(folder, "demo", check=4))
