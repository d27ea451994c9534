"""The sample's texts keep their promises: number, variety, spread, and the traps that readers must meet."""

import re
from collections import Counter
from datetime import date, timedelta
from itertools import combinations, pairwise
from urllib.parse import quote

import pytest

from newsarchive.items import Paragraph, ParagraphKind, PublishedFrom
from newsarchive.sample import load
from newsarchive.sample.dress import OPTIONS, Dress, Theme
from newsarchive.sample.stories import article_from, slug_of, tidied

ARTICLES = load()
TITLES = {article.title: article for article in ARTICLES}
TWINS = {"مؤسسة الإسكان توزع ألف شقة في ضاحية قدسيا", "مكتتبو ضاحية قدسيا يتسلمون مفاتيحهم"}
# Post ids of the live paper and the days they were published on.
ID_LINE = {
    31481: date(2015, 12, 6),
    107528: date(2017, 6, 12),
    216673: date(2019, 10, 5),
    378300: date(2024, 2, 5),
}


def shingles(article):
    words = re.findall(r"\w+", article.truth.body)
    return {tuple(words[n : n + 4]) for n in range(len(words) - 3)}


def test_there_are_enough_articles_each_at_its_own_address():
    assert len(ARTICLES) == 184
    assert len({article.address for article in ARTICLES}) == 184
    assert len({(article.host, article.post_id) for article in ARTICLES}) == 184


def test_sections_writers_places_and_agencies_are_many():
    sections = Counter(article.truth.section for article in ARTICLES)
    assert {
        "الأولى",
        "سورية",
        "اقتصاد",
        "رياضة",
        "محلي",
        "ثقافة وفن",
        "عربي ودولي",
        "من دفتر الوطن",
    } <= sections.keys()
    assert len({article.writer for article in ARTICLES if article.writer}) >= 18
    assert len({article.place for article in ARTICLES if article.place}) >= 15
    assert {"وكالات", "سانا"} == {article.agency for article in ARTICLES if article.agency}
    assert len({tag for article in ARTICLES for tag in article.tags}) >= 80


def test_dates_span_2011_to_2026_with_a_long_gap_and_full_days():
    days = sorted(article.published.date() for article in ARTICLES)
    assert {day.year for day in days} == set(range(2011, 2027))
    assert max(later - earlier for earlier, later in pairwise(days)) > timedelta(days=150)
    assert Counter(days)[date(2017, 6, 11)] >= 6
    assert sum(count >= 3 for count in Counter(days).values()) >= 4


@pytest.mark.parametrize("host", ["alwatan.sy", "alwatanonline.com"])
def test_post_ids_grow_with_time_on_each_site(host):
    assert len([a for a in ARTICLES if a.host == host]) >= 20
    in_order = [a.post_id for a in sorted(ARTICLES, key=lambda a: a.published) if a.host == host]
    assert in_order == sorted(in_order)


def test_post_ids_follow_the_line_of_the_live_paper():
    newspaper = [a for a in ARTICLES if a.host == "alwatan.sy"]
    for post_id, day in ID_LINE.items():
        for article in newspaper:
            if article.published.date() < day - timedelta(days=20):
                assert article.post_id < post_id
            if article.published.date() > day + timedelta(days=20):
                assert article.post_id > post_id


def test_no_two_bodies_are_near_duplicates_but_for_the_long_and_short_twin():
    shared = [
        {a.title, b.title}
        for (a, s), (b, t) in combinations([(a, shingles(a)) for a in ARTICLES], 2)
        if len(s & t) > 0.1 * max(1, min(len(s), len(t)))
    ]
    assert shared == [TWINS]


def test_headlines_are_distinct_but_for_one_column_of_one_writer_in_two_years():
    repeated = [title for title, count in Counter(a.title for a in ARTICLES).items() if count > 1]
    assert repeated == ["دوري مثير"]
    first, second = (a for a in ARTICLES if a.title == "دوري مثير")
    assert first.writer == second.writer
    assert {first.published.year, second.published.year} == {2017, 2021}
    assert not shingles(first) & shingles(second)


def test_lengths_reach_from_a_line_to_several_pages():
    lengths = sorted(len(article.truth.body) for article in ARTICLES)
    assert lengths[0] < 150
    assert sum(length < 350 for length in lengths) >= 20
    assert sum(length > 1000 for length in lengths) >= 7
    assert lengths[-1] > 2500


def test_every_kind_of_paragraph_occurs():
    assert {p.kind for a in ARTICLES for p in a.truth.paragraphs} == set(ParagraphKind)


def test_every_theme_and_every_option_is_worn():
    assert {a.dress.theme for a in ARTICLES} == set(Theme)
    assert {option for a in ARTICLES for option in a.dress.options} == OPTIONS.keys()


@pytest.mark.parametrize(
    "phrase",
    ["صحيفة الوطن", "لـ«الوطن»", "زر الذهاب إلى الأعلى", "«قوات»", "الأنبــاء", "أتركُ البابَ", "٢٠٢٢"],
)
def test_phrases_that_tempt_a_cleaner_stand_inside_sentences(phrase):
    lines = [p.text for a in ARTICLES for p in a.truth.paragraphs if phrase in p.text]
    assert lines
    assert phrase not in lines


def test_the_country_is_never_spelt_with_alef():
    assert not [a.title for a in ARTICLES if "سوريا" in f"{a.title} {a.truth.body}"]


def test_invisible_marks_and_hard_spaces_are_printed_but_not_in_the_record():
    printed = "".join(block.text for a in ARTICLES for block in a.blocks)
    read = "".join(p.text for a in ARTICLES for p in a.truth.paragraphs)
    assert {"\u200f", "\u202b", "\u00a0"} <= set(printed)
    assert not {"\u200f", "\u202b", "\u202c", "\u00a0"} & set(read)
    assert tidied("\u200fأ\u00a0 ب\t") == "أ ب"


def test_the_seed_page_is_an_article_with_its_nine_paragraphs():
    seed = TITLES["«قسد» تتقدم داخل الرقة.. وأنباء عن أن داعش يفاوض للخروج"].truth
    assert (seed.section, seed.byline, seed.agency, seed.writer) == ("سورية", "الوطن- وكالات", "وكالات", None)
    assert len(seed.paragraphs) == 9
    assert seed.paragraphs[0].text.startswith("واصلت حملة")
    assert seed.paragraphs[-1].text.endswith("باتجاه تدمر.")
    assert seed.published_at == "2017-06-11T08:20:00+03:00"


def test_the_doubled_hour_of_autumn_keeps_its_offset():
    clock = TITLES["تأخير الساعة ستين دقيقة.. والتوقيت الشتوي يبدأ الليلة"].truth
    assert clock.published_at == "2021-10-28T23:40:00+02:00"


def test_winter_and_summer_time_end_with_2022():
    offsets = {(a.published.year, a.published.month): a.published.isoformat()[-6:] for a in ARTICLES}
    assert offsets[2016, 1] == "+02:00"
    assert offsets[2019, 6] == "+03:00"
    assert offsets[2023, 1] == offsets[2023, 6] == "+03:00"


def test_where_only_the_day_is_printed_the_record_has_only_the_day():
    truth = TITLES["افتتاح عقدة طرقية جديدة على مدخل حمص الجنوبي"].truth
    assert (truth.published_at, truth.published_from) == ("2011-04-19", PublishedFrom.VISIBLE)
    assert truth.modified_at is None


def test_a_nested_section_comes_before_its_parent():
    assert TITLES["رسالة إلى ساعي البريد"].truth.sections == ("من دفتر الوطن", "الأولى")


def test_a_placement_is_not_a_section_even_when_it_comes_first():
    article = TITLES["سلة الكرامة تخسر نجمها حتى نهاية الموسم بسبب الإصابة في الركبة"]
    assert article.categories == ("headlines", "sports")
    assert article.truth.sections == ("الرياضة",)


def test_a_slug_is_cut_at_200_bytes_inside_a_word():
    title = "ثلوج وأمطار: سد الرستن يفيض للمرة الأولى منذ ثلاثة عشر عاما ومديرية الموارد المائية تطمئن"
    assert slug_of(title) == "ثلوج-وأمطار-سد-الرستن-يفيض-للمرة-الأول"
    assert len(quote(slug_of(title))) == 198
    assert slug_of("ثلاثية نظيفة للكرامة في شباك الساحل ترفعه إلى الوصافة").endswith("-الساحل-تر")


def test_an_entry_of_a_data_file_becomes_an_article():
    entry = {
        "id": 7,
        "published": ARTICLES[0].published,
        "title": "عنوان",
        "dress": "jannah7 yoast junk",
        "body": "\nسطر أول\n## عنوان فرعي\n* بند\n",
    }
    article = article_from(entry, {"host": "alwatan.sy", "categories": ["local"]})
    assert article.address == "https://alwatan.sy/archives/7"
    assert article.truth.paragraphs == (
        Paragraph(ParagraphKind.PROSE, "سطر أول"),
        Paragraph(ParagraphKind.SUBHEAD, "عنوان فرعي"),
        Paragraph(ParagraphKind.LIST, "بند"),
    )


def test_an_unknown_dress_or_field_is_refused():
    with pytest.raises(ValueError, match="unknown options of a dress: hat"):
        Dress.named("jannah7 yoast hat")
    with pytest.raises(TypeError, match="hat"):
        article_from(
            {"id": 1, "published": ARTICLES[0].published, "dress": "jannah7 yoast", "body": "", "hat": 1},
            {"categories": []},
        )
