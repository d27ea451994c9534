"""What is found by bitmaps is what FTS5 finds, whatever became of the articles since the bitmaps were made."""

import random
import re
from array import array
from itertools import product

import pytest
from asked_news import FREQUENT, QUESTIONS, SECTIONS, articles

from newsarchive import search
from newsarchive.search import bits, flags, rarity, spans
from newsarchive.storage import bitmaps, index
from newsarchive.text.arabic import tokens

LOWEST, HIGHEST = -(2**63), 2**63 - 1


def answers(reader):
    """Counts and two pages of every question in every order."""
    return [
        (answer.count, answer.ranked, [hit.id for hit in answer.hits])
        for text, sort, page in product(QUESTIONS, ("relevance", "newest", "oldest"), (1, 2))
        for answer in [search.ask(reader, text, sort=sort, page=page, size=7)]
    ]


def by_the_index(reader, monkeypatch):
    with monkeypatch.context() as without:
        without.setattr(bits, "has_bitmaps", lambda _: False)
        return answers(reader)


def spans_of(connection):
    return connection.execute("SELECT count(*) FROM index_spans").fetchone()[0]


def counted_by_fts5(reader, text, **more):
    """The ranges of row ids in which FTS5 counts for a question, None for everywhere."""
    statements = []
    reader.set_trace_callback(statements.append)
    search.ask(reader, text, **more)
    reader.set_trace_callback(None)
    ranges = []
    for statement in statements:
        if statement.startswith(
            ("SELECT count(*) FROM articles_fts", "SELECT json_group_array(rowid) FROM (")
        ):
            between = re.search(r"BETWEEN (-?\d+) AND (-?\d+)", statement)
            ranges.append(tuple(map(int, between.groups())) if between else None)
    return ranges


@pytest.mark.parametrize("seed", range(2))
def test_what_is_found_by_bitmaps_is_what_fts5_finds(archive, connection, monkeypatch, seed):
    chance = random.Random(seed)
    reader = archive(*articles(chance, 300))
    assert bitmaps.complete(connection, rows=16) >= 290
    assert spans_of(connection) >= 18
    found = answers(reader)
    assert found == by_the_index(reader, monkeypatch)
    assert sum(count for count, _, _ in found) > 1_000


@pytest.mark.parametrize("seed", range(2))
def test_answers_are_right_while_articles_come_change_and_go(archive, connection, monkeypatch, seed):
    monkeypatch.setattr(spans, "_MOST_GAPS", 1_000)
    chance = random.Random(seed)
    reader = archive(*articles(chance, 200))
    bitmaps.complete(connection, rows=16)
    for _ in range(4):
        ids = [row[0] for row in connection.execute("SELECT id FROM articles")]
        for number in chance.sample(ids, 3):
            connection.execute("UPDATE articles SET body = body || ' طماطم النفط' WHERE id = ?", (number,))
        for number in chance.sample(ids, 2):
            connection.execute("DELETE FROM articles WHERE id = ?", (number,))
        for number in chance.sample(range(min(ids) - 50, max(ids) + 50), 3):
            connection.execute(
                "INSERT OR IGNORE INTO articles (id, key, title, body) VALUES (?, ?, 'دمشق', 'سورية وزير من')",
                (number, f"new-{number}-{chance.random()}"),
            )
        index.refresh(connection)
        assert answers(reader) == by_the_index(reader, monkeypatch)
        if chance.random() < 0.5:
            bitmaps.complete(connection, rows=16)
            assert answers(reader) == by_the_index(reader, monkeypatch)


@pytest.fixture
def with_bitmaps(archive, connection):
    """64 articles in four spans."""
    reader = archive(*articles(random.Random(1), 64))
    bitmaps.complete(connection, rows=16)
    return reader


def of_many_words_while_spans_are_forgotten(archive, connection, monkeypatch):
    """A question of more words than are looked for; as soon as the ids of a span are asked for, it is gone."""
    words = [f"{'ابتثجحخدذر'[n]}كلمن" for n in range(10)] + list(FREQUENT[:4])
    reader = archive(*({"body": " ".join(words)} for _ in range(64)))
    bitmaps.complete(connection, rows=16)
    monkeypatch.setattr(rarity, "COMPARED", 8)
    monkeypatch.setattr(rarity, "ORDERED", 8)
    ids = bits.row_ids

    def forgotten_meanwhile(conn, first_id):
        connection.execute("DELETE FROM index_spans WHERE first_id = ?", (first_id,))
        return ids(conn, first_id)

    monkeypatch.setattr(bits, "row_ids", forgotten_meanwhile)
    return reader, " ".join(words)


def test_a_question_of_many_words_is_read_in_one_state(archive, connection, monkeypatch):
    reader, words = of_many_words_while_spans_are_forgotten(archive, connection, monkeypatch)
    assert len(search.settled(reader, words).left_out) >= 2


def test_what_is_found_is_selected_in_one_state(archive, connection, monkeypatch):
    reader, words = of_many_words_while_spans_are_forgotten(archive, connection, monkeypatch)
    ids = array("q", (row[0] for row in reader.execute("SELECT id FROM articles ORDER BY id")))
    assert flags.found(reader, search.parse(words), "newest", ids) == b"\1" * 64


def test_a_word_of_one_week_is_found_beside_frequent_ones(archive, connection, monkeypatch):
    chance = random.Random(1)
    rows = sorted(articles(chance, 800), key=lambda row: row["id"])
    of_that_week = rows[400:415]
    for row in of_that_week:
        row["body"] += " انتخابات"
    reader = archive(*rows)
    bitmaps.complete(connection, rows=16)
    question = "انتخابات النفط وزير قالت"
    texts = {row["id"]: f"{row['title']} {row['body']}" for row in of_that_week}
    wanted = [number for number, text in texts.items() if all(word in text for word in question.split())]
    assert 0 < len(wanted) < 8
    found = search.ask(reader, question, sort="oldest")
    assert [hit.id for hit in found.hits] == wanted
    monkeypatch.setattr(bits, "has_bitmaps", lambda _: False)
    assert search.ask(reader, question, sort="oldest") == found


@pytest.mark.parametrize("rows", [16, 64, 400])
def test_of_many_words_the_same_are_left_out_with_bitmaps_and_without(archive, connection, monkeypatch, rows):
    words = [f"{'ابتثجحخدذر'[n % 10]}{'سشصضطظعغفق'[n // 10]}كلمن" for n in range(14)]
    chance = random.Random(1)
    of_400_days = articles(chance, 400)
    for row in of_400_days:
        row["body"] += "".join(
            f" {word}" for n, word in enumerate(words) if chance.random() < 0.06 * n + 0.01
        )
    reader = archive(*of_400_days)
    bitmaps.complete(connection, rows=rows)
    monkeypatch.setattr(rarity, "COMPARED", 40)
    asked = " ".join(chance.sample(words, 14))
    left_out = search.settled(reader, asked).left_out
    assert len(left_out) == 4
    assert set(left_out) <= set(words[7:])
    monkeypatch.setattr(bits, "has_bitmaps", lambda _: False)
    assert search.settled(reader, asked).left_out == left_out


FUNCTION_WORDS_AND_WORDS_THEY_ARE_STEMS_OF = (("عبر", "تعبره"), ("قبل", "استقبله"), ("بعد", "ابتعاد"))


@pytest.mark.parametrize(("word", "other"), FUNCTION_WORDS_AND_WORDS_THEY_ARE_STEMS_OF)
@pytest.mark.parametrize("rows", [None, 16])
def test_a_function_word_is_found_as_it_stands_and_in_no_other_word(archive, connection, word, other, rows):
    bodies = [f"جاء {word} الحدود" if n % 2 else f"الحدود {other} أمس" for n in range(40)]
    reader = archive(*({"body": body} for body in bodies))
    if rows:
        bitmaps.complete(connection, rows=rows)
    for sort in ("relevance", "newest", "oldest"):
        found = search.ask(reader, word, sort=sort, size=100)
        assert (found.count, len(found.hits)) == (20, 20)
        assert all(f"<mark>{word}</mark>" in hit.snippet for hit in found.hits)


@pytest.mark.parametrize(("word", "other"), [("من", "المن"), ("بعد", "بعدها"), ("كل", "الكل")])
def test_a_function_word_is_found_in_titles_as_it_stands(archive, word, other):
    reader = archive({"title": f"جاء {word} الحدود"}, {"title": f"الحدود {other} أمس"})
    (hit,) = search.ask(reader, f"عنوان:{word}").hits
    assert f"<mark>{word}</mark>" in hit.title_html


@pytest.mark.parametrize(("word", "function_word"), [("المن", "من"), ("بعدها", "بعد"), ("الكل", "كل")])
@pytest.mark.parametrize("rows", [None, 16])
def test_a_word_of_which_a_function_word_is_left_is_not_that_one(
    archive, connection, word, function_word, rows
):
    bodies = [f"جاء {word} أمس" if n % 4 else f"جاء {function_word} أمس" for n in range(40)]
    reader = archive(*({"body": body} for body in bodies))
    if rows:
        bitmaps.complete(connection, rows=rows)
    for sort in ("relevance", "newest"):
        found = search.ask(reader, word, sort=sort, size=100)
        assert (found.count, len(found.hits)) == (30, 30)
        assert all(f"<mark>{word}</mark>" in hit.snippet for hit in found.hits)


def test_fts5_is_not_asked_for_frequent_words(with_bitmaps):
    assert counted_by_fts5(with_bitmaps, "النفط وزير قسم:اقتصاد", sort="newest", size=2) == []
    assert counted_by_fts5(with_bitmaps, "النفط وزير", sort="relevance") == []


@pytest.mark.parametrize("text", ['"من قبل"', '"من قبل" "على ان"', '"من قبل" وزير قسم:اقتصاد'])
def test_fts5_is_not_asked_for_frequent_pairs_of_function_words(with_bitmaps, text):
    assert counted_by_fts5(with_bitmaps, text, sort="newest", size=2) == []


def test_a_pair_of_function_words_without_bitmaps_is_found_by_fts5(with_bitmaps, connection):
    found = search.ask(with_bitmaps, '"من قبل"', sort="newest")
    connection.execute("DELETE FROM index_bitmaps WHERE word LIKE '%\u0640%'")
    assert found.count > 10
    assert search.ask(with_bitmaps, '"من قبل"', sort="newest") == found


def test_what_is_excluded_is_counted_among_the_articles_that_have_the_words(with_bitmaps):
    statements = []
    with_bitmaps.set_trace_callback(statements.append)
    search.ask(with_bitmaps, "النفط -وزير", sort="newest", size=2)
    (counted,) = [sql for sql in statements if sql.startswith("SELECT count(*) FROM articles_fts")]
    assert "NOT" not in counted


def test_a_word_as_written_shuts_out_articles_of_which_another_analyser_made_another_stem(
    archive, connection
):
    reader = archive(*({"body": "النفط" if n % 2 else "النفط وزراء"} for n in range(40)))
    bitmaps.complete(connection, rows=16)
    connection.execute("INSERT INTO articles_fts (rowid, body_exact) VALUES (1000, 'النفط وزراء')")
    connection.execute("UPDATE articles SET index_version = 1 WHERE id = 1")
    assert search.ask(reader, "النفط -وزراء", sort="newest").count == 20


def test_in_days_without_an_article_no_word_is_looked_for(with_bitmaps):
    statements = []
    with_bitmaps.set_trace_callback(statements.append)
    assert search.ask(with_bitmaps, "النفط منذ:1999 حتى:1999").count == 0
    assert not [sql for sql in statements if "+rowid IN (SELECT id FROM articles" in sql]


def test_fts5_is_asked_for_what_came_since(with_bitmaps, connection):
    connection.execute(
        "INSERT INTO articles (id, key, title, body) VALUES (200000000, 'x', 'x', 'وزير النفط')"
    )
    index.refresh(connection)
    (last,) = connection.execute("SELECT max(last_id) FROM index_spans").fetchone()
    assert counted_by_fts5(with_bitmaps, "النفط وزير", sort="newest", size=2) == [(last + 1, HIGHEST)]
    assert search.ask(with_bitmaps, "النفط وزير", sort="newest", size=2).hits[0].id == 200_000_000


@pytest.mark.parametrize("text", ["نادر", "every"])
def test_rare_and_latin_words_are_counted_by_fts5_everywhere(with_bitmaps, text):
    assert counted_by_fts5(with_bitmaps, text) == [None]


@pytest.fixture
def with_few_rare_words(archive, connection):
    """64 articles in four spans, one in eight of which has a rare word, half of these without the frequent one."""
    bodies = ["النفط", "النفط", "خبر", "النفط", "النفط", "النفط طماطم", "النفط", "Damascus"]
    reader = archive(*({"body": body} for body in bodies * 8))
    bitmaps.complete(connection, rows=16)
    connection.execute("DELETE FROM index_bitmaps WHERE word NOT LIKE 'نفط%'")
    return reader


@pytest.mark.parametrize(
    ("text", "count"), [("النفط طماطم", 48), ("النفط Damascus", 56), ("النفط طماطم Damascus", 56)]
)
def test_rare_words_beside_frequent_ones_are_listed_and_no_article_is_counted_twice(
    with_few_rare_words, text, count
):
    statements = []
    with_few_rare_words.set_trace_callback(statements.append)
    assert search.ask(with_few_rare_words, text).count == count
    assert not [sql for sql in statements if sql.startswith("SELECT count(*) FROM articles_fts WHERE")]


@pytest.mark.parametrize("text", ["الالماس النفط", "الالماس النفط قسم:محليات", "الالماس النفط طماطم"])
def test_a_word_is_found_though_one_of_its_tokens_has_no_bitmaps(archive, connection, monkeypatch, text):
    (word,) = search.parse("الالماس").words
    frequent, rare = tokens(word)
    bodies = ["لمس النفط", "الماس النفط طماطم", "النفط", "الالماس", "لمس طماطم"]
    reader = archive(
        *({"body": bodies[n % 5 if n % 7 else 0], "section": SECTIONS[n % 2]} for n in range(64))
    )
    bitmaps.complete(connection, rows=16)
    connection.execute("DELETE FROM index_bitmaps WHERE word = ?", (rare,))
    assert connection.execute("SELECT 1 FROM index_bitmaps WHERE word = ?", (frequent,)).fetchone()
    statements = []
    reader.set_trace_callback(statements.append)
    found = [search.ask(reader, text, sort=sort) for sort in ("newest", "oldest")]
    reader.set_trace_callback(None)
    assert not [sql for sql in statements if "MATCH" in sql and frequent in sql]
    assert found[0].count > 0
    monkeypatch.setattr(bits, "has_bitmaps", lambda _: False)
    assert [search.ask(reader, text, sort=sort) for sort in ("newest", "oldest")] == found


def test_too_many_articles_with_rare_words_are_counted_by_fts5(with_few_rare_words, monkeypatch):
    monkeypatch.setattr(spans, "_MOST_LISTED", 0)
    assert search.ask(with_few_rare_words, "النفط طماطم").count == 48
    assert counted_by_fts5(with_few_rare_words, "النفط طماطم")[-1] is None


def test_a_word_that_most_articles_have_tells_nothing_whether_there_are_bitmaps_or_not(archive, connection):
    bodies = ["من النفط قبل", "من الغاز", "من القمح النفط قبل", "من الغاز"]
    reader = archive(*({"body": body} for body in bodies * 20))
    words = search.parse("الغاز القمح النفط").words

    def telling():
        return [word.exact for word in rarity.telling(reader, rarity.rarest_first(reader, words, 4))]

    assert telling() == ["القمح"]
    bitmaps.complete(connection, rows=16)
    assert telling() == ["القمح"]
    assert [word.exact for word in rarity.telling(reader, rarity.rarest_first(reader, words, 50))] == [
        "القمح", "الغاز", "النفط",
    ]  # fmt: skip


def test_a_word_of_late_that_few_of_all_articles_have_tells_something(archive):
    reader = archive(
        *({"body": "خبر قديم"} for _ in range(80)), *({"body": "الزلزال في حلب"} for _ in range(20))
    )
    by_rarity = rarity.rarest_first(reader, search.parse("الزلزال حلب").words, 4)
    assert len(rarity.telling(reader, by_rarity)) == 2


@pytest.mark.parametrize("text", ['"وزير النفط"', "النفط -وزير", "عنوان:دمشق"])
def test_what_is_no_question_of_words_alone_is_counted_by_fts5(with_bitmaps, text):
    assert counted_by_fts5(with_bitmaps, text) == [None]


@pytest.fixture
def changed_span(with_bitmaps, connection):
    """The range of a span in which an article changed."""
    in_order = "SELECT first_id, last_id FROM index_spans ORDER BY first_id"
    _, span, *_ = with_bitmaps.execute(in_order).fetchall()
    connection.execute("UPDATE articles SET body = 'x' WHERE id = ?", (span["first_id"],))
    index.refresh(connection)
    return tuple(span)


def test_after_a_change_fts5_is_asked_in_that_span_alone(with_bitmaps, changed_span):
    assert counted_by_fts5(with_bitmaps, "النفط") == [changed_span]


@pytest.mark.usefixtures("changed_span")
def test_where_too_many_spans_are_missing_fts5_is_asked_everywhere(with_bitmaps, monkeypatch):
    monkeypatch.setattr(spans, "_MOST_GAPS", 0)
    assert counted_by_fts5(with_bitmaps, "النفط") == [None]


def test_an_archive_without_the_tables_is_counted(archive, connection):
    reader = archive({"body": "النفط"})
    connection.execute("DROP TABLE index_bitmaps")
    assert search.ask(reader, "النفط").count == 1
