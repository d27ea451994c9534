"""Articles that share text are related, in whatever order they come, and only as long as they share it."""

import random
import sqlite3

import pytest

from newsarchive.commands import reindex
from newsarchive.evidence import tables
from newsarchive.items import Article, Capture, Paragraph, ParagraphKind, PublishedFrom
from newsarchive.storage import articles, captures, joining, related
from newsarchive.storage.connection import connect_for_writing, transaction

FIRST = "سيطرت القوات على حي الرومانية في الجهة الغربية للمدينة بعد يومين من الاشتباكات."
SECOND = "ونقلت وكالة الأنباء الألمانية عن نشطاء أن وفداً خرج مساء الجمعة من المدينة."
THIRD = "وأعلن مجلس المحافظة أن لا علم له بوصول الوفد إلى بلدة عين عيسى للتفاوض."
FORMULA = "ولنا في الأسبوع المقبل عودة إلى الدوري ومبارياته."
OTHER = "وتابع المهندسون أعمال الصيانة في محطة الضخ الرئيسية حتى ساعة متأخرة من الليل."
LONG = f"{FIRST} {SECOND}\n\n{THIRD}"


def reading(number, body, *, minute=0, day="2017-06-11", host="alwatan.sy", title=None):
    url = f"https://{host}/archives/{number}"
    made = Capture(
        url=url, fetched_at=f"2026-01-01T10:{minute:02}:00Z", status=200, source="live", warc_file="a.warc.gz",
        warc_offset=random.randrange(10**12), warc_length=9, payload_sha256="0" * 64,
    )  # fmt: skip
    return Article(
        url=url, newspaper="alwatan", title=title or f"عنوان {number}", reader="jannah",
        paragraphs=tuple(Paragraph(ParagraphKind.PROSE, text) for text in body.split("\n\n")),
        published_at=day, published_from=PublishedFrom.VISIBLE if day else None, captures=(made,),
    )  # fmt: skip


def save(connection, *readings):
    for article in readings:
        for made in article.captures:
            captures.insert(connection, made, None)
        joining.join(connection, articles.save(connection, article, principal_host="alwatan.sy"))


def relations(connection):
    rows = connection.execute(
        "SELECT a.key, b.key, r.shared_sentences FROM related_articles AS r"
        " JOIN articles AS a ON a.id = r.article_id JOIN articles AS b ON b.id = r.related_id ORDER BY 1, 2"
    )
    return [tuple(row) for row in rows]


def test_the_short_and_the_long_form_of_an_article_stay_two_and_are_related(connection):
    save(connection, reading(1, LONG, title="تقدم داخل الرقة"), reading(2, f"{FIRST}\n\n{THIRD}"))
    assert relations(connection) == [
        ("alwatan-1", "alwatan-2", 2), ("alwatan-2", "alwatan-1", 2),
    ]  # fmt: skip


def test_decoration_and_punctuation_do_not_hide_what_is_shared(connection):
    decorated = SECOND.replace("وكالة", "وكالــة").replace("وفداً", "وفدا").replace(" عن", "، عن")
    save(connection, reading(1, LONG), reading(2, f"{decorated}\n\n{THIRD}"))
    assert len(relations(connection)) == 2


@pytest.mark.parametrize(
    "body",
    [f"{FIRST}\n\n{OTHER}", f"{OTHER} {FORMULA}", f"{FIRST} {FIRST} {OTHER}"],
    ids=["one sentence", "a formula", "one sentence twice"],
)
def test_less_than_two_sentences_in_common_relate_nothing(connection, body):
    save(connection, reading(1, f"{LONG} {FORMULA}"), reading(2, body))
    assert relations(connection) == []


def test_columns_of_one_name_are_related_only_if_they_share_text(connection):
    title = "دوري مثير"
    save(
        connection,
        reading(1, f"{FIRST} {FORMULA}", title=title),
        reading(2, f"{OTHER} {FORMULA}", title=title),
    )
    assert relations(connection) == []
    save(connection, reading(3, f"{FIRST} {SECOND}", title=title), reading(4, LONG, title=title))
    assert {pair[:2] for pair in relations(connection)} == {
        ("alwatan-3", "alwatan-4"), ("alwatan-4", "alwatan-3"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("day", "count"), [("2017-06-14", 2), ("2017-06-15", 0), ("2017-06-08", 2), (None, 0)]
)
def test_what_was_published_more_than_three_days_apart_is_not_related(connection, day, count):
    save(connection, reading(1, LONG), reading(2, LONG, day=day, title="عنوان آخر"))
    assert len(relations(connection)) == count


def test_equal_post_ids_on_both_hosts_stay_two_articles_that_are_related(connection):
    save(connection, reading(7, LONG), reading(7, LONG, host="alwatanonline.com"))
    (one, _, shared), (two, _, _) = relations(connection)
    assert one == "alwatan-7"
    assert two.startswith("alwatanonline-")
    assert shared == 3


def test_an_edit_and_a_date_that_comes_later_are_followed(connection):
    save(connection, reading(1, LONG), reading(2, f"{FIRST} {SECOND}", day=None))
    assert relations(connection) == []
    save(connection, reading(2, f"{FIRST} {SECOND}", minute=1))
    assert len(relations(connection)) == 2
    save(connection, reading(2, f"{FIRST} {OTHER}", minute=2))
    assert relations(connection) == []
    save(connection, reading(2, LONG, minute=3))
    assert [shared for _, _, shared in relations(connection)] == [3, 3]


def test_nothing_is_left_of_an_article_that_any_tool_deletes(connection, tmp_path):
    save(connection, reading(1, LONG), reading(2, LONG, title="عنوان آخر"))
    (number,) = connection.execute("SELECT id FROM articles WHERE key = 'alwatan-2'").fetchone()
    other = sqlite3.connect(tmp_path / "archive.db")
    with other:
        other.execute("DELETE FROM articles WHERE id = ?", (number,))
    other.close()
    assert relations(connection) == []
    for table in ("article_sentences", "related_articles"):
        assert (
            connection.execute(f"SELECT count(*) FROM {table} WHERE article_id = ?", (number,)).fetchone()[0]
            == 0
        )


def test_twenty_random_orders_give_the_same_relations(tmp_path):
    readings = [
        reading(1, LONG, minute=1), reading(1, f"{LONG} {OTHER}", minute=5), reading(2, f"{FIRST} {THIRD}", minute=2),
        reading(3, f"{SECOND} {THIRD}", minute=3, day="2017-06-13"), reading(4, LONG, minute=4, day=None),
        reading(4, LONG, minute=8, day="2017-06-16"), reading(5, f"{OTHER} {FORMULA}", minute=6),
        reading(3, f"{SECOND} {OTHER}", minute=9, day="2017-06-13"), reading(6, f"{OTHER} {SECOND}", minute=7),
    ]  # fmt: skip
    chance, seen = random.Random(8), set()
    for number in range(20):
        chance.shuffle(readings)
        connection = connect_for_writing(tmp_path / f"{number}.db")
        with transaction(connection):
            save(connection, *readings)
        seen.add(repr(relations(connection)))
        before = relations(connection)
        with transaction(connection):
            related.rebuild(connection)
        assert relations(connection) == before
        assert related.disagreeing(connection) == []
        connection.close()
    assert len(seen) == 1
    assert len(before) == 8


def test_an_archive_of_an_older_schema_gets_its_relations(tmp_path):
    connection = connect_for_writing(tmp_path / "archive.db")
    save(connection, reading(1, LONG), reading(2, LONG, title="عنوان آخر"))
    before = relations(connection)
    connection.executescript(
        "DROP TRIGGER articles_unrelated; DROP TABLE related_articles; DROP TABLE article_sentences;"
        "DELETE FROM _sqlite_migrations WHERE name LIKE 'm005%';"
    )
    connection.close()
    connection = connect_for_writing(tmp_path / "archive.db")
    assert relations(connection) == before
    connection.close()


def test_relations_are_made_anew_in_batches(connection, monkeypatch):
    monkeypatch.setattr(reindex, "_BATCH", 2)
    save(connection, *(reading(n, LONG, title=f"عنوان {n}") for n in range(1, 6)), reading(6, OTHER))
    before = relations(connection)
    assert len(before) == 5 * 4
    connection.execute("PRAGMA foreign_keys = OFF")
    with transaction(connection):
        connection.execute("UPDATE related_articles SET shared_sentences = 9 WHERE related_id % 2")
        connection.execute("DELETE FROM article_sentences WHERE article_id = (SELECT max(id) FROM articles)")
        connection.execute("INSERT INTO article_sentences VALUES (1, 1, -5)")
        connection.execute("INSERT INTO related_articles SELECT id, -5, 2 FROM articles")
    batches = []
    reindex._relate(connection, batches.append)  # noqa: SLF001 - the verb asks for a file
    assert batches == [2, 2, 2]
    assert relations(connection) == before
    assert related.disagreeing(connection) == []


def test_what_another_tool_wrote_is_found(connection):
    save(connection, reading(1, LONG), reading(2, LONG, title="عنوان آخر"), reading(3, OTHER))

    def wrong():
        return [str(f) for f in tables.check(connection, quick=False) if "related" in f.what]

    assert wrong() == []
    with transaction(connection):
        connection.execute("DELETE FROM related_articles WHERE shared_sentences = 3")
    assert [line.split(":")[0] for line in wrong()] == [
        "WRONG  article alwatan-1",
        "WRONG  article alwatan-2",
    ]
    reindex._relate(connection, lambda _: None)  # noqa: SLF001 - the verb asks for a file
    assert wrong() == []
    connection.execute(
        "DELETE FROM article_sentences WHERE article_id = (SELECT min(article_id) FROM article_sentences)"
    )
    assert any("scrapy reindex" in line for line in wrong())
