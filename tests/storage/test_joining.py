"""Old addresses join the article that stands at a new one; everything else stays apart."""

import random

import pytest

from newsarchive.items import Article, Capture, Paragraph, ParagraphKind, PublishedFrom
from newsarchive.storage import articles, captures, joining
from newsarchive.storage.connection import connect_for_writing, transaction

OLD = "https://alwatan.sy/view.aspx?id=77"
NEW = "https://alwatan.sy/archives/107528"


def reading(url, minute=0, *, title="عنوان الخبر", body="نص الخبر الأول.", day="2017-06-11", tags=()):
    made = Capture(
        url=url, fetched_at=f"2026-01-01T10:{minute:02}:00Z", status=200, source="wayback", warc_file="a.warc.gz",
        warc_offset=abs(hash((url, minute))) % 10**9, warc_length=9, payload_sha256="0" * 64,
    )  # fmt: skip
    return Article(
        url=url, newspaper="alwatan", title=title, paragraphs=(Paragraph(ParagraphKind.PROSE, body),),
        reader="jannah", published_at=day, published_from=PublishedFrom.VISIBLE if day else None, tags=tags,
        captures=(made,),
    )  # fmt: skip


@pytest.fixture
def connection(tmp_path):
    connection = connect_for_writing(tmp_path / "archive.db")
    yield connection
    connection.close()


def save(connection, *readings):
    for article in readings:
        for made in article.captures:
            captures.insert(connection, made, None)
        joining.join(connection, articles.save(connection, article, principal_host="alwatan.sy"))


def kept(connection):
    rows = connection.execute("SELECT * FROM articles ORDER BY key").fetchall()
    return [{name: row[name] for name in row.keys() if name not in {"id", "capture_id"}} for row in rows]  # noqa: SIM118


@pytest.mark.parametrize("order", [(OLD, NEW), (NEW, OLD)])
def test_an_old_address_joins_where_headline_and_day_agree(connection, order):
    save(connection, *(reading(url, minute) for minute, url in enumerate(order)))
    (row,) = kept(connection)
    assert (row["key"], row["url"]) == ("alwatan-107528", NEW)


def test_the_old_key_leads_to_the_article_for_ever(connection):
    save(connection, reading(OLD), reading(NEW, 1))
    keys = [key for (key,) in connection.execute("SELECT key FROM article_keys ORDER BY key")]
    assert keys == ["alwatan-107528", articles.article_key("alwatan", "alwatan.sy", OLD, "")]


def test_another_text_at_the_old_address_is_a_revision(connection):
    save(connection, reading(OLD, body="النص القديم."), reading(NEW, 5))
    (row,) = kept(connection)
    assert (row["body"], row["revision_count"]) == ("نص الخبر الأول.", 2)
    bodies = [body for (body,) in connection.execute("SELECT body FROM revisions WHERE body IS NOT NULL")]
    assert bodies == ["النص القديم."]


@pytest.mark.parametrize(
    "other",
    [{"day": "2017-06-12"}, {"title": "عنوان آخر"}, {"day": None}],
    ids=["another day", "another headline", "no day"],
)
def test_without_agreement_an_old_address_stands_alone(connection, other):
    save(connection, reading(OLD, **other), reading(NEW, 1))
    assert len(kept(connection)) == 2


def test_two_articles_with_one_headline_on_one_day_stay_two(connection):
    twin = "https://alwatan.sy/archives/107529"
    save(
        connection, reading(NEW, title="دوري مثير"), reading(twin, 1, title="دوري مثير", body="مباراة أخرى.")
    )
    assert len(kept(connection)) == 2
    save(connection, reading(OLD, 2, title="دوري مثير"))
    assert len(kept(connection)) == 3


def test_the_other_host_is_another_newspaper(connection):
    save(connection, reading(OLD), reading("https://alwatanonline.com/archives/107528", 1))
    assert len(kept(connection)) == 2


def test_nothing_is_left_of_the_row_that_joined(connection):
    save(connection, reading(OLD, tags=("الرقة",)), reading(NEW, 1))
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert connection.execute("SELECT count(*) FROM index_stale").fetchone()[0] == 0
    assert connection.execute("SELECT count(*) FROM articles_fts").fetchone()[0] == 1
    assert connection.execute("SELECT count(DISTINCT article_id) FROM captures").fetchone()[0] == 1


def test_twenty_random_orders_give_the_same_rows(tmp_path):
    readings = [
        reading(OLD, 1), reading(OLD, 9, body="النص القديم."), reading(NEW, 3, tags=("الرقة",)),
        reading(NEW, 7, body="النص الأخير."), reading("https://alwatan.sy/view.aspx?id=78", 4, title="آخر"),
        reading("https://alwatan.sy/archives/5", 5, title="دوري مثير"),
        reading("https://alwatan.sy/archives/6", 6, title="دوري مثير", body="مباراة أخرى."),
        reading("https://alwatanonline.com/archives/5", 8, title="دوري مثير"),
    ]  # fmt: skip
    chance, seen = random.Random(5), set()
    for number in range(20):
        chance.shuffle(readings)
        connection = connect_for_writing(tmp_path / f"{number}.db")
        with transaction(connection):
            save(connection, *readings)
        keys = connection.execute(
            "SELECT k.key, a.key FROM article_keys AS k JOIN articles AS a ON a.id = k.article_id ORDER BY 1"
        )
        revisions = connection.execute(
            "SELECT a.key, r.text_sha256, r.first_seen_at, r.last_seen_at, r.title, r.body FROM revisions AS r"
            " JOIN articles AS a ON a.id = r.article_id ORDER BY 1, 2"
        )
        seen.add(repr((kept(connection), [tuple(row) for row in keys], [tuple(row) for row in revisions])))
        connection.close()
    assert len(seen) == 1
