from array import array

import pytest
from filling import BALL, GAS, OIL, begin_rebuild, keys

from newsarchive import search
from newsarchive.search import flags, ranking
from newsarchive.storage import index


def test_a_hit_is_the_article_with_its_words_marked(archive):
    reader = archive({**OIL, "key": "alwatan-1", "url": "https://alwatan.sy/archives/1", "writer": "نبال"})
    (hit,) = search.ask(reader, "النفط").hits
    assert hit == search.Hit(
        id=1,
        key="alwatan-1",
        url="https://alwatan.sy/archives/1",
        title="وزير النفط",
        title_html="وزير <mark>النفط</mark>",
        section="اقتصاد",
        writer="نبال",
        published_on="2017-03-05",
        status="unknown",
        revision_count=1,
        snippet="زار وزير <mark>النفط</mark> مصفاة حمص.",
    )


@pytest.mark.parametrize("text", ["", " ", '"', "*", "-النفط", "\0"])
def test_a_query_without_words_finds_nothing(archive, text):
    assert search.ask(archive(OIL), text).count == 0


def test_the_form_typed_comes_before_its_relatives(archive):
    reader = archive(
        {"body": "إدارة وإدارات للإدارة"},
        {"body": "ديار بعيدة"},
        {"body": "في دار كبيرة قديمة جميلة واسعة من دور المدينة"},
    )
    assert keys(search.ask(reader, "دار"))[0] == "test-3"
    assert "test-1" not in keys(search.ask(reader, "دار"))


def test_articles_are_ordered_by_several_words_though_another_tool_stored_bytes_that_are_no_text(archive):
    reader = archive(OIL, {"title": "وزير النفط", "body": b"\xff"})
    assert search.ask(reader, "وزير النفط").count == 2


def test_an_article_with_more_of_the_words_comes_first(archive):
    assert keys(search.ask(archive(GAS, BALL, OIL), "وزير النفط في حمص"))[0] == "test-3"


def test_a_word_in_the_title_counts_more(archive):
    reader = archive(
        {"body": "قمح كثير في الحسكة هذا العام"}, {"title": "قمح", "body": "كثير في الحسكة هذا العام"}
    )
    assert keys(search.ask(reader, "قمح")) == ["test-2", "test-1"]


@pytest.mark.parametrize("sort", ["relevance", "newest"])
def test_a_latin_word_is_looked_for_in_texts_and_not_in_what_the_index_holds_besides(archive, sort):
    reader = archive({**OIL, "id": 10**9}, {"key": "said", "body": "He went astray every day"})
    for text in ("every", "astray", "EVERY"):
        assert keys(search.ask(reader, text, sort=sort)) == ["said"]
    assert search.explain(reader, search.parse("every")).words[0].by_skeleton == 0


def test_the_byline_and_the_subtitle_are_found(archive):
    reader = archive({"byline": "حمص – نبال إبراهيم"}, {"subtitle": "مصفاة بانياس تعود"})
    assert keys(search.ask(reader, "نبال")) == ["test-1"]
    assert keys(search.ask(reader, "بانياس")) == ["test-2"]
    assert "<mark>نبال</mark>" in search.ask(reader, "نبال").hits[0].snippet


def test_a_phrase_must_stand_as_typed(archive):
    reader = archive({"body": "وزارة النفط"}, {"body": "وزارة غير النفط"}, {"body": "النفط وزارة"})
    assert keys(search.ask(reader, '"وزارة النفط"')) == ["test-1"]


def test_a_phrase_alone_that_no_article_has_finds_nothing(archive):
    assert search.ask(archive(OIL), '"النفط وزير"').count == 0


def test_a_phrase_among_words_that_no_article_has_is_looked_for_by_its_words(archive):
    answer = search.ask(archive(OIL), 'غاز: "النفط وزير"')
    assert answer.count == 1
    assert answer.parsed.phrases == ()
    assert answer.parsed.loosened == ("النفط وزير",)


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_a_phrase_that_an_article_has_is_looked_for_in_every_order(archive, sort):
    reader = archive({"body": "وزارة النفط"}, {"body": "النفط في وزارة الغاز"})
    answer = search.ask(reader, '"وزارة النفط" غاز', sort=sort)
    assert answer.parsed.phrases
    assert answer.parsed.loosened == ()
    assert set(keys(answer)) <= {"test-1"}


def test_words_beside_a_phrase_only_rank(archive):
    reader = archive({"body": "وزارة النفط"}, {"body": "وزارة النفط والغاز"})
    assert keys(search.ask(reader, '"وزارة النفط" غاز')) == ["test-2", "test-1"]


def test_an_exclusion_beside_a_filter_shuts_out_what_has_the_word(archive):
    reader = archive(
        {"body": "النفط", "section": "اقتصاد"},
        {"body": "الغاز", "section": "اقتصاد"},
        {"body": "الماء", "section": "محليات"},
    )
    query = search.settled(reader, "قسم:اقتصاد -غاز")
    sql, parameters = search.listing(query)
    assert [
        row[0] for row in reader.execute(f"SELECT key FROM articles WHERE id IN ({sql})", parameters)
    ] == ["test-1"]
    ids = dict(reader.execute("SELECT key, id FROM articles").fetchall())
    assert flags.shut_out(reader, query, array("q", [ids["test-2"], ids["test-3"]])) == b"\1\0"


def test_an_excluded_word_excludes_its_inflections(archive):
    assert keys(search.ask(archive(OIL, GAS), "النفط -غاز")) == ["test-1"]


def test_a_beginning_finds_longer_words(archive):
    reader = archive({"body": "الكهرومغناطيسية"}, {"body": "كهرومائية"}, {"body": "كهرباء"})
    assert keys(search.ask(reader, "كهروما*")) == ["test-2"]


def test_a_beginning_finds_words_behind_particles_and_one_with_the_article_only_these(archive):
    bodies = ("كهرباء", "الكهرباء", "والكهربائية", "للكهرباء", "بكهرباء", "مكهرب")
    reader = archive(*({"body": body} for body in bodies))
    assert sorted(keys(search.ask(reader, "كهرب*"))) == [f"test-{n}" for n in range(1, 6)]
    assert keys(search.ask(reader, "الكهرب*")) == ["test-2"]


def test_a_title_word_must_stand_in_the_title(archive):
    assert keys(search.ask(archive(OIL, GAS), "عنوان:النفط")) == ["test-1"]


def test_newest_and_oldest_order_the_articles_with_every_word(archive):
    reader = archive(OIL, GAS, {**BALL, "body": "وزير النفط شاهد المباراة"})
    assert keys(search.ask(reader, "وزير النفط", sort="newest")) == ["test-3", "test-2", "test-1"]
    assert keys(search.ask(reader, "وزير النفط", sort="oldest")) == ["test-1", "test-2", "test-3"]
    assert keys(search.ask(reader, "غاز النفط", sort="newest")) == ["test-2"]
    assert search.ask(reader, "غاز النفط", sort="newest").count == 1


def test_pages_follow_one_another_without_gap_or_repetition(archive):
    reader = archive(*({"body": f"النفط {'والغاز ' * (n % 7)} خبر"} for n in range(130)))
    pages = [keys(search.ask(reader, "النفط", size=20, page=page)) for page in range(1, 8)]
    assert [len(page) for page in pages] == [20] * 6 + [10]
    assert len({key for page in pages for key in page}) == 130
    assert keys(search.ask(reader, "النفط", size=130)) == [key for page in pages for key in page]


def test_matching_selects_all_articles_that_are_counted(archive):
    reader = archive(OIL, GAS, BALL)
    sql, parameters = search.matching(search.parse("النفط الجيش"))
    assert sorted(row["id"] for row in reader.execute(sql, parameters)) == [1, 2, 3]
    sql, parameters = search.matching(search.parse("النفط قسم:محليات"))
    assert [row["id"] for row in reader.execute(sql, parameters)] == [2]


def test_a_table_is_filtered_by_every_word_in_its_inflections_only(archive):
    reader = archive({"body": "للوزارات نفط كثير"}, {"body": "الوزير والنفط"}, {"body": "وزارة الغاز"})
    rows = reader.execute(
        "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?", (search.table_match("وزارة النفط"),)
    )
    assert [row[0] for row in rows] == [1]


def test_what_another_tool_deleted_is_not_counted_in_a_table(connection, archive):
    reader = archive(OIL, GAS, BALL)
    assert search.table_count(reader, "النفط") == 2
    connection.execute("DELETE FROM articles WHERE key = 'test-1'")
    assert search.table_count(reader, "النفط") == 1
    index.refresh(connection)
    assert search.table_count(reader, "النفط") == 1


def test_what_was_deleted_while_the_index_is_rebuilt_is_not_counted_in_a_table(
    connection, archive, monkeypatch
):
    monkeypatch.setattr(index, "_BATCH", 2)
    reader = archive(OIL, GAS, BALL)
    begin_rebuild(connection)
    connection.execute("DELETE FROM articles WHERE key = 'test-1'")
    index.refresh(connection)
    assert search.table_count(reader, "النفط") == 1


def test_of_many_words_the_rarest_are_looked_for_and_the_others_named(archive):
    rare = [f"نادر{letter}" for letter in "بتثجحخدذرز"]
    reader = archive({"body": " ".join([*rare, "النفط"])}, {"body": "النفط"}, {"body": "نفط"})
    answer = search.ask(reader, " ".join(["النفط", *rare]))
    assert (keys(answer), answer.parsed.left_out) == (["test-1"], ("النفط",))
    assert search.ask(reader, " ".join(["النفط", *rare[:9]])).count == 3


def test_pages_by_date_count_all_articles(archive):
    reader = archive(*({"body": "النفط"} for _ in range(25)))
    answers = [search.ask(reader, "النفط", sort="oldest", size=10, page=page) for page in (1, 2, 3, 4)]
    assert [answer.count for answer in answers] == [25] * 4
    assert [len(answer.hits) for answer in answers] == [10, 10, 5, 0]


@pytest.mark.parametrize("few", [0, 24, 25])
@pytest.mark.parametrize("many", [2, 99])
@pytest.mark.parametrize(
    "text", ["النفط الغاز", "النفط غاز الماء هواء -سماء", '"والنفط والغاز" الماء', "والغاز*"]
)
@pytest.mark.parametrize("near", [0, 12, 100])
@pytest.mark.parametrize(("sort", "ids"), [("oldest", range(1, 26)), ("newest", range(25, 0, -1))])
def test_pages_by_date_are_the_same_however_they_are_found(
    archive, monkeypatch, few, many, text, sort, ids, near
):
    monkeypatch.setattr(ranking, "_FEW_WITH_EVERY", few)
    monkeypatch.setattr(ranking, "_MANY_WORDS", many)
    monkeypatch.setattr(ranking, "_NEAR", near)
    reader = archive(
        *({"body": "الهواء والنفط والغاز والماء"} for _ in range(25)),
        {"body": "الهواء والنفط"},
        {"body": "الماء والنفط والهواء"},
        {"body": "السماء"},
    )
    answers = [search.ask(reader, text, sort=sort, size=10, page=page) for page in (1, 2, 3, 4)]
    assert [answer.count for answer in answers] == [25] * 4
    assert [hit.id for answer in answers for hit in answer.hits] == list(ids)


@pytest.mark.parametrize("text", ['"من هذا"', '"في هذا"', '"في  هَذا"', 'النفط -"في هذا"', '+"في هذا" النفط'])
def test_two_function_words_in_a_row_are_a_phrase(archive, text):
    reader = archive(
        {"body": "النفط من هذا وذاك"},
        {"body": "النفط في هذا المكان"},
        {"body": "النفط هذا في المكان"},
        {"title": "النفط في هذا", "body": "خبر"},
    )
    found = {'"من هذا"': {"test-1"}, 'النفط -"في هذا"': {"test-1", "test-3"}}.get(text, {"test-2", "test-4"})
    assert set(keys(search.ask(reader, text))) == found


@pytest.fixture
def narrow(monkeypatch):
    monkeypatch.setattr(ranking, "BOUND", 20)
    monkeypatch.setattr(ranking, "RAREST", 10)


@pytest.mark.usefixtures("narrow")
def test_of_one_frequent_word_the_newest_are_ranked_and_all_are_counted(archive):
    reader = archive(*({"body": "النفط"} for _ in range(50)))
    answer = search.ask(reader, "النفط", size=100)
    assert (answer.count, answer.ranked) == (50, "bounded")
    assert sorted(hit.id for hit in answer.hits) == list(range(31, 51))


@pytest.mark.usefixtures("narrow")
def test_of_several_frequent_words_the_articles_with_every_word_come_first(archive):
    reader = archive(
        *({"body": "النفط"} for _ in range(30)),
        {"body": "النفط والغاز معاً في خبر واحد طويل " + "جداً " * 30},
        *({"body": "الغاز"} for _ in range(8)),
    )
    answer = search.ask(reader, "النفط الغاز")
    assert (answer.count, answer.ranked) == (39, "bounded")
    found = [hit.id for hit in answer.hits]
    assert (found[0], set(found[:9]), set(found[9:])) == (31, set(range(31, 40)), set(range(22, 31)))


@pytest.mark.usefixtures("narrow")
def test_a_page_is_full_though_the_newest_with_each_word_are_excluded(archive):
    reader = archive(
        *({"body": "النفط"} for _ in range(15)), *({"body": "النفط والغاز في سورية"} for _ in range(15))
    )
    answer = search.ask(reader, "النفط الغاز -سورية", size=10)
    assert (answer.count, answer.ranked) == (15, "bounded")
    assert {hit.id for hit in answer.hits} == set(range(6, 16))


@pytest.mark.usefixtures("narrow")
def test_where_every_word_is_frequent_the_newest_with_the_rarest_are_ranked(archive):
    reader = archive(*({"body": "النفط الغاز" if n % 2 else "النفط"} for n in range(60)))
    answer = search.ask(reader, "النفط الغاز", size=100)
    assert (answer.count, answer.ranked) == (60, "bounded")
    found = [hit.id for hit in answer.hits]
    assert (set(found[:30]), set(found[30:])) == (set(range(2, 61, 2)), {51, 53, 55, 57, 59})


def test_few_articles_are_all_ranked(archive):
    assert search.ask(archive(OIL, GAS), "النفط").ranked == "all"


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("text", ["الغاز النفط", "الغاز النفط قسم:محليات", "ضضضض النفط"])
def test_where_the_rarest_words_have_too_few_articles_the_next_fill_the_page(archive, text):
    reader = archive(
        *({"body": "النفط", "section": "محليات"} for _ in range(60)),
        *({"body": "الغاز", "section": "اقتصاد"} for _ in range(3)),
    )
    answer = search.ask(reader, text, size=10)
    assert answer.ranked == "bounded"
    assert len(answer.hits) == 10
