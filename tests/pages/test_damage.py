"""A layout that changes: each mark of a page broken in turn leaves the record right, or the page refused.

Right means: headline, signature and text as before; any other field as before or unknown, a date at most
coarser. Nothing is ever silently something else.
"""

import re

import pytest
from page_cases import ARTICLES, record

from newsarchive.items import Article, Refusal

PAGES = {
    case.name.partition("/")[2]: case
    for case in ARTICLES
    if case.name.partition("/")[2]
    in {
        "jannah5-everything",
        "jannah-junk-inside-the-body",
        "jannah-stranger-dropped-by-article-body",
        "jannah-head-of-the-home-page",
        "webnews-signature-at-the-end",
        "jannah-paged-part-1",
        "sahifa-related-posts-first",
        "jarida-english-page-language",
        "amp-twin",
    }
}
EXACT = (
    "title",
    "byline",
    "writer",
    "place",
    "agency",
    "paragraphs",
    "language",
    "reader",
    "newspaper",
    "url",
)
MARKS = re.compile(r'(?:class|id)="([^"]+)"')


def marks_of(page):
    return sorted({name for names in MARKS.findall(page) for name in names.split()})


def renamed(page, mark):
    """The page with one class or id called otherwise wherever it stands."""

    def swap(match):
        return re.sub(rf"(?<![\w-]){re.escape(mark)}(?![\w-])", f"zz-{mark}", match[0])

    return MARKS.sub(swap, page)


def assert_right_or_refused(case, page):
    found, right = case.read(page.encode()), record(case.found)
    if isinstance(found, Refusal):
        assert found.detail
        return
    assert isinstance(found, Article)
    said = record(found)
    for field in EXACT:
        assert said.get(field) == right.get(field), field
    for field in set(said) - {*EXACT, "published_from"}:
        got, expected = said[field], right.get(field)
        if field in {"published_at", "modified_at"}:
            assert expected.startswith(got), field
        elif isinstance(got, list):
            assert set(got) <= set(expected), field
        else:
            assert got == expected or (field == "section" and got in right["sections"]), field


BROKEN = [(name, mark) for name, case in PAGES.items() for mark in marks_of(case.page.decode())]


@pytest.mark.parametrize(("name", "mark"), BROKEN)
def test_a_renamed_class_or_id_leaves_the_record_right_or_refused(name, mark):
    case = PAGES[name]
    assert_right_or_refused(case, renamed(case.page.decode(), mark))


@pytest.mark.parametrize("name", PAGES)
def test_without_json_ld_the_record_is_right_or_refused(name):
    page = re.sub(r"<script[^>]*ld\+json.*?</script>", "", PAGES[name].page.decode(), flags=re.DOTALL)
    assert_right_or_refused(PAGES[name], page)


@pytest.mark.parametrize("name", PAGES)
def test_without_any_meta_element_the_record_is_right_or_refused(name):
    assert_right_or_refused(PAGES[name], re.sub(r"<meta [^>]*>", "", PAGES[name].page.decode()))


STRANGERS = {
    "links": '<div class="new-widget"><a href="/1">خبر آخر</a> <a href="/2">وخبر ثان بعده</a></div>',
    "list of links": '<section id="new-1"><ul><li><a href="/1">خبر آخر</a></li><li>وخبر</li></ul></section>',
    "label": '<div class="new-label">مساحة إعلانية</div>',
    "button": '<div class="new-box">انسخ رابط هذا المقال واحتفظ به<button>نسخ</button></div>',
    "script": '<div class="new-ad"><script>document.write("إعلان");</script></div>',
    "form": '<form class="new-form"><p>اشترك في النشرة</p><input name="mail"></form>',
    "known": '<div class="stream-item new"><p>إعلان طويل لا علاقة له بالنص أبداً.</p></div>',
    "furniture": "<p>مقالات ذات صلة</p>",
}


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("name", PAGES)
def test_a_strange_block_between_the_paragraphs_is_left_out_or_the_page_refused(name, stranger):
    page = PAGES[name].page.decode()
    (where,) = {match.end() for match in list(re.finditer("</p>\n<p>", page))[:1]} or {
        page.rindex("</p>") + 7
    }
    assert_right_or_refused(PAGES[name], page[: where - 3] + STRANGERS[stranger] + page[where - 3 :])


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_is_cut_anywhere_is_refused(name):
    page = PAGES[name].page
    for end in range(len(page) // 50, len(page) - 20, len(page) // 50):
        assert isinstance(PAGES[name].read(page[:end]), Refusal)
