"""Days, sections, writers, changes, coverage, ready queries and lessons."""

import html
import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
import sample_archive
from fetching import get

import newsarchive.publication

SHELF = json.loads(Path(newsarchive.publication.__file__).with_name("queries.json").read_text("utf-8"))


def words(text):
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def test_calendar_links_the_days_that_are_held(server):
    page = get(server.url, "/days?year=2018").text
    assert 'href="/day/2018-06-10"' in page
    assert 'href="/day/2018-06-11"' not in page


def test_day_shows_the_articles_of_that_day_and_the_nearest_papers(server):
    page = get(server.url, "/day/2018-06-10")
    assert "الأحد، 10 حزيران 2018" in words(page.text)
    assert f'href="/article/{sample_archive.EDITED_KEY}"' in page.text
    assert 'rel="prev" href="/day/2018-06-05"' in page.text
    assert 'rel="next" href="/day/2018-07-03"' in page.text


def test_day_that_is_not_held_says_so(server):
    page = get(server.url, "/day/2014-01-01")
    assert page.status == 200
    assert "ليس في الأرشيف شيء من هذا اليوم" in page.text


def test_day_that_is_none_is_not_found(server):
    assert get(server.url, "/day/2018-13-40").status == 404


def test_sections_say_how_many_articles_each_has(server):
    assert "رياضة 34 مقالة" in words(get(server.url, "/sections").text)


def test_writer_is_found_by_a_part_of_the_name_in_any_spelling(server):
    page = get(server.url, "/writers?name=" + quote("قَصّاب")).text
    assert "كاتب واحد" in page
    assert "سامر قصاب" in page


def test_spellings_of_one_name_stand_together(server):
    page = get(server.url, "/writers?name=" + quote("المرعى")).text
    assert "كاتب واحد" in page
    rows = re.findall(r'writer=([^"]*)"><bdi lang="ar">([^<]*)</bdi></a> <span class="n">(\d+)', page)
    assert [(name, int(number)) for _, name, number in rows] == [("عدنان المرعي", 33), ("عدنان المرعى", 1)]


def test_disappeared_articles_are_listed_since_a_day(server):
    assert sample_archive.GONE_KEY in get(server.url, "/changes?after=2024-12-08").text
    assert sample_archive.GONE_KEY not in get(server.url, "/changes?after=2025-01-01").text


def test_edited_headlines_show_what_went(server):
    page = get(server.url, "/changes?show=edited").text
    assert 'class="headline-change"' in page
    assert "<del>لا </del>" in page


def test_coverage_names_gaps_states_refusals_and_sources(server):
    text = words(get(server.url, "/coverage").text)
    assert "166 عنواناً" in text
    assert "قائمة عناوين (2)" in text
    assert "one part answered 500" in text
    assert "مقالات بلا تاريخ معروف، لا تدخل في الرسوم: مقالة واحدة" in text


@pytest.mark.parametrize("name", SHELF["queries"])
def test_ready_query_answers(server, name):
    given = "&".join(
        f"{key}={quote(value)}" for key, value in SHELF["queries"][name].get("parameters", {}).items()
    )
    answer = get(server.url, f"/archive/{name}.json?_shape=objects&{given}").json
    assert answer["ok"] is True
    assert answer["rows"]
    assert get(server.url, f"/archive/{name}?{given}").status == 200


@pytest.mark.parametrize("name", SHELF["queries"])
def test_ready_query_with_nothing_asked_is_no_error(server, name):
    assert get(server.url, f"/archive/{name}.json").status == 200


@pytest.mark.parametrize("lesson", SHELF["lessons"], ids=lambda lesson: lesson["question"][1])
def test_lesson_answers(server, lesson):
    answer = get(server.url, "/archive.json?_shape=objects&sql=" + quote("\n".join(lesson["sql"]))).json
    assert answer["rows"]


def test_there_are_ten_lessons_and_ten_ready_queries():
    assert (len(SHELF["lessons"]), len(SHELF["queries"])) == (10, 10)


def test_word_by_month_counts_the_articles_of_each_month(server):
    answer = get(server.url, "/archive/word_by_month.json?_shape=objects&word=" + quote("التسجيل")).json
    assert [row for row in answer["rows"] if row["hits"]] == [
        {"month": "2018-09", "hits": 1, "articles": 4, "per_thousand": 250.0}
    ]


@pytest.mark.parametrize(
    "path", ["/about", "/data", "/sql", "/api", "/coverage", "/days", "/writers", "/sections"]
)
def test_explaining_pages_stand_in_both_languages(server, path):
    assert 'lang="ar" dir="rtl"' in get(server.url, path).text
    assert '<html lang="en" dir="ltr">' in get(server.url, path + "?lang=en").text


def test_sitemap_leads_to_every_article(server):
    index = get(server.url, "/sitemap.xml").text
    maps = re.findall(r"<loc>http://[^/]*(/[^<]*)</loc>", index)
    keys = [key for path in maps for key in re.findall(r"/article/([^<]*)</loc>", get(server.url, path).text)]
    assert len(keys) == len(set(keys)) == 175


def test_robots_keeps_crawlers_from_searches_and_tables(server):
    lines = get(server.url, "/robots.txt").text.splitlines()
    assert {"Disallow: /search", "Disallow: /archive", "User-agent: *"} <= set(lines)
