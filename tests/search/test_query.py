import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.search import Filters, parse
from newsarchive.search.query import MOST_WORDS


def words(text):
    return [word.exact for word in parse(text).words]


def test_text_is_words():
    assert words("ماذا قال «وزير النفط»، أمس؟") == ["ماذا", "قال", "وزير", "النفط", "امس"]


def test_function_words_rank_only_among_themselves():
    assert [word.exact for word in parse("من في دمشق").content] == ["دمشق"]
    assert [word.exact for word in parse("من في").content] == ["من", "في"]


def test_quotation_marks_make_a_phrase():
    query = parse('"وزارة النفط" غاز')
    assert query.phrases == (("وزاره", "النفط"),)
    assert [word.exact for word in query.words] == ["غاز"]


def test_quotation_marks_in_a_pasted_headline_are_part_of_it():
    query = parse('مخرج "غدوة حي" الفيلم يجمع التشويق والمغامرة')
    assert query.phrases == ()
    assert [word.exact for word in query.words][:3] == ["مخرج", "غدوه", "حي"]


def test_a_plus_makes_a_phrase_in_any_query():
    assert parse('مخرج +"غدوة حي" الفيلم يجمع التشويق والمغامرة').phrases == (("غدوه", "حي"),)


@pytest.mark.parametrize("text", ['"غضب', 'غضب"', '"', '""', '" "'])
def test_an_open_quotation_mark_is_no_operator(text):
    assert parse(text).phrases == ()


def test_a_hyphen_before_a_word_excludes_it_and_inside_a_word_does_not():
    assert [form.exact for (form,) in parse("الرقة -داعش").excluded] == ["داعش"]
    assert parse("الوطن- وكالات دمشق-حلب").excluded == ()
    assert [form.exact for form in parse('الرقة -"تنظيم داعش"').excluded[0]] == ["تنظيم", "داعش"]


def test_a_star_asks_for_words_that_begin_so():
    assert parse("كهرب*").beginnings == ("كهرب",)


@pytest.mark.parametrize("text", ["*", "ال*", "الوز*", "والوز*", "كهرب* ا*ب"])
def test_a_star_after_too_little_or_inside_is_nothing(text):
    assert parse(text).beginnings == (("كهرب",) if "كهرب*" in text else ())


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("نفط قسم:اقتصاد", Filters(section="اقتصاد")),
        ("نفط section:اقتصاد", Filters(section="اقتصاد")),
        ('نفط قسم:"عربي ودولي"', Filters(section="عربي ودولي")),
        ('كاتب:"نبال إبراهيم" حمص', Filters(writer="نبال إبراهيم")),
        ("حمص منذ:2017", Filters(since="2017")),
        ("حمص منذ:٢٠١٧-٠٥ حتى:2017-06-30", Filters(since="2017-05", until="2017-06-30")),
        ("حمص since:2017 until:2018", Filters(since="2017", until="2018")),
    ],
)
def test_fields_have_arabic_and_english_names(text, filters):
    assert parse(text).filters == filters


def test_a_field_of_the_title_asks_for_words_there():
    assert [word.exact for word in parse("عنوان:النفط غاز").title] == ["النفط"]


@pytest.mark.parametrize("text", ["وزارة: النفط", "قال:نعم", "منذ:أمس", "title:", "since:2017-1"])
def test_what_is_no_filter_is_words(text):
    assert not parse(text).filters
    assert parse(text).words


@pytest.mark.parametrize("text", ["", " ", "«»", "()", "!", "\0", "-", "- -", '-""', "ـــ", "\u0651"])
def test_a_query_without_words_is_false(text):
    assert not parse(text)


def test_words_beyond_the_most_are_named():
    query = parse(" ".join(f"كلمة{chr(0x627 + n // 10)}{chr(0x628 + n % 10)}" for n in range(MOST_WORDS + 5)))
    assert len(query.words) == MOST_WORDS
    assert len(query.left_out) == 5


def test_parts_beyond_the_most_are_named():
    query = parse(
        " ".join(
            [*(f"-كلمة{letter}" for letter in "بتثجحخدذرزسشصض"), *(f'+"حرف {letter}"' for letter in "بتث")]
        )
    )
    assert (len(query.excluded), len(query.phrases)) == (14, 2)
    assert query.left_out == ("حرف ث",)


@given(st.text(alphabet=' "-+*:()«»ابوزيق سد٢2017sectionقسممنذ\u0640\u064f\u200f'))
def test_no_text_raises(text):
    parse(text)
