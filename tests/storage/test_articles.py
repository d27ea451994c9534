"""Articles and revisions: a row depends on its captures, not on their order."""

import itertools
from dataclasses import replace

import pytest

from newsarchive.items import Article, Capture, Paragraph, ParagraphKind, PublishedFrom
from newsarchive.storage import articles, captures
from newsarchive.storage.connection import transaction

HOST = "alwatan.sy"
URL = "https://alwatan.sy/archives/107528"


def capture(minute, **changed):
    made = Capture(
        url=URL,
        fetched_at=f"2026-01-01T10:{minute:02}:00Z",
        status=200,
        source="live",
        warc_file="alwatan.warc.gz",
        warc_offset=minute * 1000,
        warc_length=900,
        payload_sha256=f"{minute:064}",
    )
    return replace(made, **changed)


def article(text="نص الخبر الأول في الصحيفة.", *, minute=0, truncated=False, **changed):
    made = Article(
        url=URL,
        newspaper="alwatan",
        title="«قسد» تتقدم",
        paragraphs=(Paragraph(ParagraphKind.PROSE, text),),
        reader="jannah",
        published_at="2017-06-11T23:15:00+03:00",
        published_from=PublishedFrom.JSON_LD,
        sections=("سورية",),
        captures=(capture(minute, truncated=truncated),),
    )
    return replace(made, **changed)


def save(connection, *items):
    for item in items:
        with transaction(connection):
            for made in item.captures:
                captures.insert(connection, made, None)
            saved = articles.save(connection, item, principal_host=HOST)
    return saved


def row(connection):
    (only,) = connection.execute("SELECT * FROM articles").fetchall()
    return only


def test_a_post_is_keyed_by_newspaper_and_number():
    assert articles.article_key("alwatan", HOST, URL, "0" * 64) == "alwatan-107528"


def test_equal_post_numbers_on_two_hosts_are_two_keys():
    other = articles.article_key("alwatan", HOST, "https://alwatanonline.com/archives/107528", "0" * 64)
    assert other.startswith("alwatanonline-")
    assert other != "alwatan-107528"


def test_a_page_without_address_is_keyed_by_its_text():
    assert articles.article_key("alwatan", HOST, None, "abcdef0123456789") == "alwatan-xabcdef012345"


def test_a_new_article_says_new_and_shows_what_was_read(connection):
    assert save(connection, article()).outcome == "new"
    kept = row(connection)
    assert (kept["key"], kept["section"], kept["published_on"]) == ("alwatan-107528", "سورية", "2017-06-11")
    assert kept["body"] == "نص الخبر الأول في الصحيفة."
    assert kept["revision_count"] == 1
    assert kept["changed_at"] is None


def test_the_same_text_again_is_unchanged_and_was_seen_longer(connection):
    assert save(connection, article(), article(minute=5)).outcome == "unchanged"
    assert row(connection)["first_seen_at"] == "2026-01-01T10:00:00Z"
    assert row(connection)["last_seen_at"] == "2026-01-01T10:05:00Z"
    assert connection.execute("SELECT count(*) FROM revisions").fetchone()[0] == 1


def test_an_altered_word_is_a_revision(connection):
    assert save(connection, article(), article("نص الخبر الثاني في الصحيفة.", minute=5)).outcome == "changed"
    assert row(connection)["body"] == "نص الخبر الثاني في الصحيفة."
    assert row(connection)["revision_count"] == 2
    assert row(connection)["changed_at"] == "2026-01-01T10:05:00Z"


def test_the_former_text_stands_in_its_revision_and_the_current_one_in_the_article(connection):
    save(connection, article(), article("نص آخر.", minute=5))
    bodies = connection.execute("SELECT body FROM revisions ORDER BY first_seen_at").fetchall()
    assert [body[0] for body in bodies] == ["نص الخبر الأول في الصحيفة.", None]


def test_a_text_that_returns_is_no_third_revision(connection):
    save(connection, article(), article("نص آخر.", minute=5), article(minute=9))
    assert row(connection)["body"] == "نص الخبر الأول في الصحيفة."
    assert row(connection)["revision_count"] == 2


@pytest.mark.parametrize(
    "form",
    [
        "نص الخبر  الأول في الصحيفة.",
        "نص\u00a0الخبر الأول في الصحيفة.",
        "\u200fنص الخبر الأول في الصحيفة.\u200e",
    ],
    ids=["white space", "no-break space", "bidi marks"],
)
def test_white_space_and_invisible_marks_are_no_edit(connection, form):
    assert save(connection, article(), article(form, minute=5)).outcome == "unchanged"


@pytest.mark.parametrize(
    "form", ["نص الخبر الاول في الصحيفة.", "نص الخبرِ الأول في الصحيفة.", "نص الخبر الأول في الصحيفة 2."]
)
def test_a_letter_a_vowel_sign_or_a_digit_is_an_edit(connection, form):
    assert save(connection, article(), article(form, minute=5)).outcome == "changed"


def test_a_cut_capture_never_proves_an_edit(connection):
    assert save(connection, article(), article("نص الخبر", minute=5, truncated=True)).outcome == "unchanged"
    assert row(connection)["body"] == "نص الخبر الأول في الصحيفة."
    assert row(connection)["revision_count"] == 1
    assert row(connection)["changed_at"] is None


def test_a_complete_text_takes_the_place_of_a_cut_one(connection):
    save(connection, article("نص الخبر", truncated=True), article(minute=5))
    assert row(connection)["body"] == "نص الخبر الأول في الصحيفة."
    assert row(connection)["revision_count"] == 1


def test_a_field_that_a_later_reading_does_not_know_stays_known(connection):
    save(connection, article(), article(minute=5, published_at=None, published_from=None, sections=()))
    assert row(connection)["published_at"] == "2017-06-11T23:15:00+03:00"
    assert row(connection)["section"] == "سورية"


@pytest.mark.parametrize("title", ["'); DROP TABLE articles;--", '"%s" ? :key {0}', "100% من «الوطن» \\"])
def test_a_title_that_looks_like_a_statement_is_a_title(connection, title):
    save(connection, article(title=title))
    assert row(connection)["title"] == title


def test_every_order_of_arrival_gives_the_same_row(tmp_path):
    from newsarchive.storage.connection import connect_for_writing

    readings = [
        article(),
        article("نص آخر.", minute=5, byline="الوطن- وكالات", agency="وكالات"),
        article(minute=9, published_at=None, published_from=None, tags=("الرقة",)),
        article("نص", minute=11, truncated=True),
    ]
    seen = set()
    for number, order in enumerate(itertools.permutations(readings)):
        connection = connect_for_writing(tmp_path / f"{number}.db")
        save(connection, *order)
        kept = dict(row(connection))
        revisions = connection.execute(
            "SELECT text_sha256, first_seen_at, last_seen_at, complete, title, body FROM revisions ORDER BY 1"
        ).fetchall()
        tags = connection.execute("SELECT name FROM tags JOIN article_tags ON tag_id = tags.id").fetchall()
        connection.close()
        del kept["id"], kept["capture_id"]
        seen.add((tuple(kept.items()), tuple(map(tuple, revisions)), tuple(map(tuple, tags))))
    assert len(seen) == 1


def test_a_page_without_address_joins_the_article_with_its_text(connection):
    save(connection, article(url=None), article(minute=5))
    assert row(connection)["key"] == "alwatan-107528"
    keys = {key for (key,) in connection.execute("SELECT key FROM article_keys")}
    assert len(keys) == 2


def test_newest_first_is_row_order(connection):
    for number, published in enumerate(
        ["2017-06-11T10:00:00+03:00", "2011-01-01T10:00:00+02:00", None, "2017-06-11"]
    ):
        save(connection, article(f"نص {number}", url=f"https://alwatan.sy/archives/{number}", minute=number,
                                 published_at=published, published_from=None))  # fmt: skip
    days = [day for (day,) in connection.execute("SELECT published_at FROM articles ORDER BY id DESC")]
    assert days == ["2017-06-11T10:00:00+03:00", "2017-06-11", "2011-01-01T10:00:00+02:00", None]


def test_paragraphs_of_other_kinds_are_kept(connection):
    paragraphs = (Paragraph(ParagraphKind.SUBHEAD, "لقطات"), Paragraph(ParagraphKind.PROSE, "نص"))
    save(connection, article(paragraphs=paragraphs))
    assert articles.paragraphs_of(row(connection)["body"], row(connection)["paragraphs"]) == paragraphs


def test_the_index_finds_what_was_saved(connection):
    save(connection, article())
    from newsarchive import search

    assert search.ask(connection, "الصحيفه").count == 1


def test_a_text_is_found_by_its_digest_without_reading_other_texts(connection):
    steps = []
    connection.set_trace_callback(steps.append)
    save(connection, article(url=None))
    connection.set_trace_callback(None)
    (query,) = [step for step in steps if "text_sha256 =" in step and "CROSS JOIN" in step]
    plan = [row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}")]
    assert [step for step in plan if step.startswith("SCAN")] == []
    assert "revisions_text" in plan[0]
