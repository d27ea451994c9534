"""What was taken down is in no public byte, and nothing brings it back (promise P8)."""

import asyncio
import json
import shutil
import sqlite3
import stat
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from running import ROOT, change, environment, home, rows, scrapy
from telling import (
    HURRY,
    NAME,
    ONLINE,
    REDACTED,
    REMOVED,
    WORDS,
    database,
    files,
    take_down,
    telling,
    tells,
    unpacked,
    verb,
)

from newsarchive import capture, search
from newsarchive.sample.exchange import Response
from newsarchive.sample.server import serving
from newsarchive.text.redaction import MARK

KEPT = ("key", "url", "title", "subtitle", "byline", "writer", "place", "agency", "section", "published_at", "lead",
        "body", "paragraphs", "status", "revision_count", "body_sha256", "text_sha256", "image_url")  # fmt: skip


def articles(folder):
    """Every article's words, but for times and local numbers."""
    return [tuple(row[name] for name in KEPT) for row in rows(folder, "SELECT * FROM articles ORDER BY key")]


def everything(folder):
    """Every value that a SELECT can give, words of the index among them."""
    connection = sqlite3.connect(folder / "archive.db")
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = [repr(connection.execute(f'SELECT * FROM "{name}"').fetchall()) for name in names]
    connection.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, articles_fts, row)")
    found.append(repr(connection.execute("SELECT term FROM temp.words").fetchall()))
    connection.close()
    return "\n".join(found).encode()


def nothing_tells(folder):
    assert telling(*database(folder)) == []
    assert tells(everything(folder)) == []


def test_the_words_are_there_before(crawled):
    found = tells(b"".join(path.read_bytes() for path in database(crawled)))
    assert all(
        any(word.encode() in found for word in (word, word[1:])) for word in (*WORDS.values(), *NAME.split())
    )
    assert NAME.split()[1].encode().hex().encode() in found  # as a writer in the index
    assert tells(everything(crawled))


def test_no_byte_of_the_archive_and_no_select_tells(taken_down):
    nothing_tells(taken_down)
    said = (taken_down / "said.txt").read_text()
    assert "withheld" in said


def test_no_snapshot_export_or_proof_tells(folder):
    verb(folder, "export", "--snapshot", "public/archive.db", check=0)
    verb(folder, "export", "out", "--wacz", "--bag", check=0)
    (kept,) = rows(
        folder, "SELECT key FROM articles WHERE key NOT IN (SELECT key FROM taken_down) ORDER BY id LIMIT 1"
    )
    done = verb(folder, "prove", kept["key"])
    assert telling(folder / "public", folder / "out", *folder.glob("alwatan-*.zip")) == []
    names = [name for name, _ in files(folder / "out")]
    assert sum("@https://" in name for name in names) >= 2, "the WACZ holds what tells nothing"
    # The pages of the others show the removed headline in «read also», so no proof of them can be handed out.
    assert done.returncode == 10
    assert "may be handed out" in done.stderr
    assert "taken down" in verb(folder, "prove", REDACTED.key, check=4).stderr


def asked(folder, *paths):
    """What Datasette with the plugin answers, by path."""
    from datasette.app import Datasette

    async def ask():
        datasette = Datasette([str(folder / "archive.db")])
        return {path: await datasette.client.get(path) for path in paths}

    return asyncio.run(ask())


def test_no_page_feed_or_download_tells(folder):
    keys = [row["key"] for row in rows(folder, "SELECT key FROM articles UNION SELECT key FROM taken_down")]
    captures = rows(folder, "SELECT a.key, c.id FROM captures AS c JOIN articles AS a ON a.id = c.article_id")
    tables = [row["name"] for row in rows(folder, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    months = rows(folder, "SELECT DISTINCT substr(published_on, 1, 7) AS month FROM articles")
    answers = asked(
        folder, "/", "/search?q=البحر", "/search.atom", "/search.csv?from=2000", "/search.jsonl?from=2000", "/days",
        "/sections", "/writers", "/changes", "/changes?show=edited", "/coverage", "/about", "/data", "/sitemap.xml",
        "/archive", "/archive/articles", "/archive/articles.csv?_stream=on", "/archive.db",
        "/archive.csv?sql=select+*+from+revisions", "/search.xlsx?from=2000", "/search.parquet?from=2000",
        "/archive/revisions.parquet", "/archive/articles.xlsx", *(f"/sitemap-{row['month']}.xml" for row in months),
        *(f"/article/{key}{suffix}" for key in keys for suffix in ("", ".json", ".bib", ".ris", "/changes")),
        *(f"/article/{row['key']}/capture/{row['id']}.warc.gz" for row in captures),
        *(f"/archive/{name}.json?_shape=array&_size=max" for name in tables),
    )  # fmt: skip
    assert [path for path, answer in answers.items() if tells(unpacked(answer.content))] == []
    assert {answer.status_code for answer in answers.values()} <= {200, 403, 451}
    gone = answers[f"/article/{REMOVED.key}"]
    assert (gone.status_code, 'rel="blocked-by"' in gone.headers["link"], "الخصوصية" in gone.text) == (
        451,
        True,
        True,
    )
    assert "حُجب اسم" in answers[f"/article/{REDACTED.key}"].text
    handed_out = [
        answer for path, answer in answers.items() if "/capture/" in path and answer.status_code == 200
    ]
    assert [
        tells(capture.payload_as_read(capture.read_bytes(answer.content))[0]) for answer in handed_out
    ] == [[] for _ in handed_out]
    raw = [answers[f"/article/{row['key']}/capture/{row['id']}.warc.gz"].status_code for row in captures]
    assert 451 in raw
    for word in WORDS.values():
        (answer,) = asked(folder, f"/search.json?q={word}").values()
        assert answer.json()["count"] == 0


def test_the_states_still_sum_and_the_archive_is_clean(folder):
    assert verb(folder, "verify", check=0).stdout.startswith("clean")
    verb(folder, "health", check=0)
    closed = rows(folder, "SELECT url, state, next_visit_at FROM addresses WHERE reason = 'taken-down'")
    assert sorted((row["url"].startswith("urn:taken-down:"), row["state"], row["next_visit_at"]) for row in closed) == [
        (False, "refused", None), (True, "refused", None),
    ]  # fmt: skip


def test_the_public_log_counts_and_names_nobody(taken_down):
    (takedowns,) = rows(taken_down, "SELECT count(*) AS n, group_concat(state) AS states FROM takedowns")
    assert (takedowns["n"], sorted(takedowns["states"].split(","))) == (3, ["redact", "remove", "remove"])
    assert [row["command"] for row in rows(taken_down, "SELECT command FROM runs")] == ["crawl"]


def test_the_sealed_store_is_its_owners_alone_and_holds_the_words(taken_down):
    sealed = taken_down / "sealed.db"
    assert stat.S_IMODE(sealed.stat().st_mode) == 0o600
    assert tells(sealed.read_bytes())


def test_the_redacted_article_is_whole_but_for_the_name(taken_down):
    (row,) = rows(taken_down, "SELECT * FROM articles WHERE key = ?", REDACTED.key)
    assert row["title"] == f"حكاية {MARK} مع البحر"
    assert row["body"].startswith(f"قال {MARK} إن الموسم جيد، ول{MARK} رأي آخر.")
    assert (row["byline"], row["writer"], row["place"], row["url"]) == (
        f"دمشق – {MARK}",
        None,
        "دمشق",
        REDACTED.url,
    )
    tags = rows(
        taken_down,
        "SELECT t.name FROM article_tags JOIN tags AS t ON t.id = tag_id WHERE article_id = ?",
        row["id"],
    )
    assert [tag["name"] for tag in tags] == ["بحر"]
    assert (
        rows(taken_down, "SELECT 1 FROM captures WHERE article_id = ? AND outcome IS NOT 'image'", row["id"])
        == []
    )
    connection = sqlite3.connect(taken_down / "archive.db")
    assert row["key"] in [hit.key for hit in search.ask(connection, "حكاية البحر").hits]
    connection.close()


def test_crawl_reread_and_ingest_bring_nothing_back(folder, paper, crawled):
    known = {row[0]: row for row in articles(folder)}
    redacted = paper.by_address[REDACTED.url]
    twin = replace(paper.by_address[REMOVED.url], post_id=990_001, title="عنوان آخر لنص واحد")
    edited = paper.changed(REDACTED.url, title=f"عنوان جديد عن {NAME}", modified=datetime.now(UTC)).added(
        twin
    )
    moved = "/archives/990002"
    connection = sqlite3.connect(folder / "archive.db")
    with connection:
        connection.execute("UPDATE addresses SET next_visit_at = '2020-01-01T00:00:00Z', visited_at = '2020'"
                           " WHERE reason IS NOT 'taken-down'")  # fmt: skip
        connection.execute(
            "INSERT INTO addresses (url, newspaper, source, found_at) VALUES (?, 'alwatan', 'feed', '2026')",
            (f"https://alwatan.sy{moved}",),
        )
    connection.close()

    def before(request):
        if request.path == moved:
            return Response(301, b"", headers=(("Location", f"{REMOVED.url}/"),))
        return None

    with serving(edited, before=before) as site:
        scrapy(folder, "crawl", "alwatan", "-a", f"site={site}", *HURRY, check=0)
        asked = [request.path for request in site.log]
    assert {moved, twin.path, redacted.path} <= set(asked)
    nothing_tells(folder)
    (row,) = rows(folder, "SELECT * FROM articles WHERE key = ?", REDACTED.key)
    assert (row["title"], row["revision_count"]) == (f"عنوان جديد عن {MARK}", 2)
    (address,) = rows(folder, "SELECT * FROM addresses WHERE url = ?", REDACTED.url)
    assert (address["state"], address["etag"], address["payload_sha256"]) == ("article", None, None)
    after = {row[0]: row for row in articles(folder)}
    assert {**after, REDACTED.key: known[REDACTED.key]} == known
    verb(folder, "reread", "--apply", "--processes", "1", check=0)
    verb(folder, "ingest", "captures", check=0)
    verb(folder, "ingest", crawled / "before.jsonl", check=0)
    nothing_tells(folder)
    assert {row[0] for row in articles(folder)} == set(known)
    assert verb(folder, "verify", check=0).stdout.startswith("clean")


def test_an_article_that_a_removed_address_leads_to_stays(folder):
    from newsarchive.archive import Archive
    from newsarchive.spiders.alwatan import AlwatanSpider

    (other,) = rows(
        folder,
        "SELECT url FROM articles WHERE key NOT IN (SELECT key FROM taken_down) AND post_id > 470239 LIMIT 1",
    )
    archive = Archive(folder / "archive.db", folder / "captures", AlwatanSpider.newspaper, command="crawl",
                      kind="sample", sealed=folder / "sealed.db")  # fmt: skip
    archive.join(REMOVED.url, other["url"])
    archive.join("https://alwatan.sy/archives/990003", REMOVED.url)
    archive.flush()
    archive.end(verdict="", exit_code=0)
    archive.close()
    states = {row["url"]: row["state"] for row in rows(folder, "SELECT url, state FROM addresses")}
    assert (states[other["url"]], states["https://alwatan.sy/archives/990003"]) == ("article", "refused")


def test_an_archive_made_again_from_its_captures_is_the_same(folder):
    known = articles(folder)
    for path in database(folder):
        path.unlink()
    verb(folder, "ingest", "captures", check=0)
    nothing_tells(folder)
    assert articles(folder) == known
    assert len(rows(folder, "SELECT 1 FROM takedowns")) == 3
    assert (
        rows(folder, "SELECT state, reason FROM addresses WHERE url = ?", REMOVED.url)[0]["reason"]
        == "taken-down"
    )
    verb(folder, "export", "out", "--wacz", check=0)
    assert telling(folder / "out") == []
    assert verb(folder, "verify", check=0).stdout.startswith("clean")


def test_without_the_sealed_list_nothing_is_read(folder):
    (folder / "sealed.db").unlink()
    crawl = ("crawl", "alwatan", "-a", "site=http://127.0.0.1:9")
    complaints = [scrapy(folder, *crawl, check=4).stderr]
    verbs = (("ingest", "captures"), ("reread",), ("reread", "--apply"), ("verify",), ("export", "out"))
    complaints += [verb(folder, *words, check=4).stderr for words in verbs]
    for path in database(folder):
        path.unlink()
    complaints.append(verb(folder, "ingest", "captures", check=4).stderr)
    for complaint in complaints:
        (line,) = [line for line in complaint.splitlines() if line.startswith("scrapy ")]
        assert "their sealed list sealed.db is not there" in line


def test_an_older_copy_of_the_list_is_no_list(before):
    take_down(before, REMOVED.key, "remove")
    shutil.copy(before / "sealed.db", before / "old.db")
    take_down(before, REDACTED.key, "redact", names=[NAME])
    shutil.move(before / "old.db", before / "sealed.db")
    assert "older copy" in verb(before, "ingest", "captures", check=4).stderr


@pytest.mark.parametrize("state", ["remove", "delist", "redact"])
def test_undo_brings_back_every_word_and_version(before, state):
    known = articles(before)
    take_down(before, REDACTED.key, state, names=[NAME] if state == "redact" else ())
    assert articles(before) != known
    assert "restored 1" in verb(before, "remove", REDACTED.key, "--undo", check=0).stdout
    assert articles(before) == known
    assert rows(before, "SELECT 1 FROM takedowns UNION ALL SELECT 1 FROM taken_down") == []
    assert rows(before, "SELECT 1 FROM captures WHERE withheld") == []
    assert verb(before, "verify", check=0).stdout.startswith("clean")


def test_an_embargo_ends_by_itself(before):
    known = articles(before)
    take_down(before, REMOVED.key, "embargo", until="2099-01-01")
    assert telling(*database(before), words=(WORDS["body"], WORDS["title"])) == []
    connection = sqlite3.connect(before / "sealed.db")
    with connection:
        connection.execute("UPDATE takedowns SET until = '2026-01-01'")
    connection.close()
    (before / "other.jsonl").write_text(
        json.dumps({"url": "https://alwatan.sy/archives/1", "title": "عنوان", "body": "نص"})
    )
    verb(before, "ingest", "other.jsonl", check=0)
    assert [row for row in articles(before) if row[0] != "alwatan-1"] == known


def test_a_delisted_article_is_read_at_its_address_and_found_nowhere(before):
    take_down(before, REMOVED.key, "delist")
    assert REMOVED.key not in [row[0] for row in articles(before)]
    (row,) = rows(before, "SELECT * FROM taken_down")
    record = json.loads(row["record"])
    assert record["title"].startswith(WORDS["title"])
    assert record["revisions"][0]["body"] == record["body"]
    page, table = asked(before, f"/article/{REMOVED.key}", f"/search.json?q={WORDS['body']}").values()
    assert (page.status_code, page.headers["x-robots-tag"], WORDS["body"] in page.text) == (
        200,
        "noindex",
        True,
    )
    assert table.json()["count"] == 0
    verb(before, "export", "out", check=0)
    assert telling(before / "out", words=[WORDS["body"], WORDS["title"]]) == []


def test_from_one_state_to_another_that_shows_less(before):
    take_down(before, REDACTED.key, "redact", names=[NAME.split()[0]])
    take_down(before, REDACTED.key, "redact", names=[NAME.split()[1]])
    take_down(before, REDACTED.key, "delist")
    take_down(before, REDACTED.key, "remove", reason="court")
    assert telling(*database(before), words=NAME.split()) == []
    assert [tuple(row) for row in rows(before, "SELECT state, reason FROM takedowns")] == [
        ("remove", "court")
    ]
    assert "bring it back first" in verb(before, "remove", REDACTED.key, "--state", "redact", "--redact", NAME,
                                           "--reason", "court", check=4).stderr  # fmt: skip


def test_an_address_that_prints_the_name_is_printed_no_more(before):
    key = ONLINE(before)
    said = take_down(before, key, "redact", names=[WORDS["slug"]])
    (row,) = rows(before, "SELECT * FROM articles WHERE title LIKE ?", f"{MARK}%")
    assert row["url"] is None
    assert row["key"] in said
    assert row["key"].startswith("alwatan-r")
    assert telling(*database(before), words=[WORDS["slug"]]) == []
    assert key not in everything(before).decode()
    known = articles(before)
    for path in database(before):
        path.unlink()
    verb(before, "ingest", "captures", check=0)
    assert articles(before) == known
    assert telling(*database(before), words=[WORDS["slug"]]) == []


def test_a_page_without_address_gets_a_key_that_is_no_digest_of_it(tmp_path):
    folder = home(tmp_path)
    (folder / "page.jsonl").write_text(
        json.dumps({"newspaper": "alwatan", "title": f"عن {NAME}", "body": f"قال {NAME} نعم."})
    )
    verb(folder, "ingest", "page.jsonl", check=0)
    (row,) = rows(folder, "SELECT key FROM articles")
    take_down(folder, row["key"], "redact", names=[NAME])
    known = articles(folder)
    assert known[0][0] != row["key"]
    verb(folder, "ingest", "page.jsonl", check=0)
    assert articles(folder) == known
    nothing_tells(folder)
    assert len(list((folder / "captures").glob("*.warc.gz"))) == 1


def test_the_words_of_another_analyser_and_of_an_unfinished_index_go_too(before):
    connection = sqlite3.connect(before / "archive.db")
    with connection:
        connection.execute("UPDATE articles SET index_version = 0")
        connection.execute("UPDATE articles SET title = title || ' ثم'")
        sql = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'articles_fts'").fetchone()[0]
        connection.execute(sql.replace("articles_fts", "articles_fts_next", 1))
        connection.execute(
            "INSERT INTO articles_fts_next (rowid, body_exact) VALUES (1, ?)", (WORDS["body"],)
        )
        connection.execute("ANALYZE")
    connection.close()
    take_down(before, REMOVED.key, "remove")
    assert telling(*database(before), words=[WORDS["body"], WORDS["title"], WORDS["tag"]]) == []


def test_salts_of_removed_records_are_destroyed_and_later_manifests_leave_them_out(folder):
    salts = (folder / "captures/evidence/SALTS").read_text().splitlines()
    gone = sum(line.startswith("-") for line in salts)
    assert gone >= 3
    verb(folder, "verify", "--manifest", check=0)
    assert len((folder / "captures/evidence/SALTS").read_text().splitlines()) == len(salts)


def test_copies_beside_the_archive_are_named(before):
    verb(before, "export", "--snapshot", "public/archive.db", check=0)
    verb(before, "export", "out", check=0)
    said = take_down(before, REMOVED.key, "remove")
    assert f"{before / 'public/archive.db'} holds it still" in said
    assert f"{before / 'out'} holds it still" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere-1", "--state", "remove", "--reason", "privacy"), "there is no article nowhere-1"),
        ((REMOVED.key, "--reason", "privacy"), "--state is missing"),
        ((REMOVED.key, "--state", "hide", "--reason", "privacy"), "--state hide: say one of"),
        ((REMOVED.key, "--state", "remove"), "--reason is missing"),
        ((REMOVED.key, "--state", "remove", "--reason", "because of Ahmad"), "it is public"),
        ((REMOVED.key, "--state", "embargo", "--reason", "court"), "needs --until"),
        ((REMOVED.key, "--state", "embargo", "--reason", "court", "--until", "tomorrow"), "is no day"),
        ((REMOVED.key, "--state", "embargo", "--reason", "court", "--until", "2099-02-30"), "is no day"),
        (
            (REMOVED.key, "--state", "embargo", "--reason", "court", "--until", "2020-01-01"),
            "not in the future",
        ),
        ((REMOVED.key, "--state", "redact", "--reason", "court"), "--redact NAME"),
        ((REMOVED.key, "--state", "redact", "--reason", "court", "--redact", "…"), "is no name"),
        (
            (REMOVED.key, "--state", "redact", "--reason", "court", "--redact", "قبيسي طغراني"),
            "stands nowhere",
        ),
        ((REMOVED.key, "--undo"), "not taken down"),
    ],
    ids=lambda value: " ".join(value[1:]) if isinstance(value, tuple) else "",
)
def test_a_fumble_is_one_line_and_exit_4(crawled, words, said):
    (line,) = verb(crawled, "remove", *words, check=4).stderr.splitlines()
    assert said in line
    assert not (crawled / "sealed.db").exists()


def test_another_writer_is_exit_11(before):
    from newsarchive.storage.lock import WriterLock

    lock = WriterLock(before / "archive.db")
    try:
        verb(before, "remove", REMOVED.key, "--state", "remove", "--reason", "privacy", check=11)
    finally:
        lock.release()
    assert not (before / "sealed.db").exists()


def test_nothing_names_a_page_of_what_is_taken_down_because_its_reader_died(before):
    change(before, "INSERT INTO newsarchive VALUES (?, 1), (?, 1)",
           f"suspect {REMOVED.url}/2", "suspect https://alwatan.sy/archives/1/2")  # fmt: skip
    verb(before, "remove", REMOVED.key, "--state", "remove", "--reason", "privacy", check=0)
    (before / "archive.db.lock").write_text(f"{REMOVED.url}/2")
    verb(before, "reread", "--apply", "--processes", "1", check=0)
    named = rows(before, "SELECT key FROM newsarchive WHERE key GLOB 'suspect *'")
    assert [row["key"] for row in named] == ["suspect https://alwatan.sy/archives/1/2"]


def test_a_reader_of_an_old_state_is_named_and_the_rest_follows(before, monkeypatch):
    from newsarchive.exceptions import RemovalUnfinishedError
    from newsarchive.storage import purging

    monkeypatch.setattr(purging, "_CHECKPOINT_PATIENCE_MS", 50)
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN');"
        " c.execute('SELECT count(*) FROM articles').fetchone(); print('reading', flush=True); sys.stdin.read()"
    )
    reader = subprocess.Popen(
        [sys.executable, "-c", code, before / "archive.db"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        reader.stdout.readline()
        with pytest.raises(RemovalUnfinishedError, match=rf"pid {reader.pid}\).*--finish") as raised:
            take_down(before, REMOVED.key, "remove")
        assert raised.value.exit_code == 5
        assert "bytes of it may stand in the file" in verb(before, "health", check=10).stdout
        assert "nothing is handed out" in verb(before, "export", "out", check=5).stderr
    finally:
        reader.communicate()
    verb(before, "remove", "--finish", check=0)
    assert telling(*database(before), words=[WORDS["body"], WORDS["title"]]) == []


# What is about to be called when the process ends.
STEPS = (
    "newsarchive.storage.takedowns.say",
    "newsarchive.removal.removing.withhold_quoting",
    "newsarchive.storage.purging.checkpoint",
    "newsarchive.storage.takedowns.set_unfinished#2",
)


def killed_at(folder, step, *arguments):
    name, _, count = step.partition("#")
    code = f"""
        import importlib, os, sys
        sys.path[:0] = [{str(ROOT / "tests/removals")!r}, {str(ROOT / "tests")!r}]
        import pathlib
        from telling import take_down
        module, _, function = {name!r}.rpartition(".")
        module = importlib.import_module(module)
        wanted, calls = getattr(module, function), []
        def kill(*args, **kwargs):
            calls.append(1)
            if len(calls) == {int(count or 1)}:
                os.kill(os.getpid(), 9)
            return wanted(*args, **kwargs)
        setattr(module, function, kill)
        take_down(pathlib.Path({str(folder)!r}), *{arguments[:2]!r}, names={arguments[2:]!r})
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env=environment(),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == -9, done.stderr.decode()


@pytest.mark.parametrize("step", STEPS)
def test_the_same_command_again_ends_where_an_unbroken_one_does(before, step):
    killed_at(before, step, REMOVED.key, "remove")
    assert verb(before, "verify", check=10).stdout.count("--finish") == 1
    take_down(before, REMOVED.key, "remove")
    assert telling(*database(before), words=list(WORDS.values())[:4]) == []
    assert rows(before, "SELECT count(*) AS n FROM takedowns")[0]["n"] == 1
    assert verb(before, "verify", check=0).stdout.startswith("clean")


def test_a_crawl_after_a_killed_removal_takes_the_rows_out_first(before):
    killed_at(before, "newsarchive.removal.takedowns.mark_directory", REDACTED.key, "redact", NAME)
    assert (
        "nothing is handed out" in verb(before, "export", "--snapshot", "public/archive.db", check=5).stderr
    )
    verb(before, "ingest", "captures", check=0)
    (row,) = rows(before, "SELECT title FROM articles WHERE key = ?", REDACTED.key)
    assert NAME not in row["title"]
    assert "--finish" in verb(before, "health", check=10).stdout
    verb(before, "remove", "--finish", check=0)
    assert telling(*database(before), words=NAME.split()) == []
    verb(before, "health", check=0)
