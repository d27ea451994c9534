"""What the pages say, over real HTTP."""

import html
import re
from urllib.parse import quote

import pytest
import sample_archive
from fetching import get
from serving import serve

NARROWING = """
from datasette import hookimpl
from datasette.filters import FilterArguments

@hookimpl
def filters_from_request(table):
    return FilterArguments(["(section <> 'رياضة')"] if table == "articles" else [])
"""


def words(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def test_home_says_how_much_is_held_and_from_when_to_when(server):
    page = get(server.url, "/")
    assert page.status == 200
    assert '<html lang="ar" dir="rtl">' in page.text
    assert "175 مقالة من 3 كانون الثاني 2011 إلى 3 كانون الأول 2019" in words(page.text)


def test_home_speaks_english_when_asked(server):
    page = get(server.url, "/?lang=en")
    assert '<html lang="en" dir="ltr">' in page.text
    assert "175 articles from 3 January 2011 to 3 December 2019" in words(page.text)


def test_every_link_of_the_english_home_keeps_english(server):
    page = get(server.url, "/?lang=en").text
    own = [
        link for link in re.findall(r'href="(/[^"]*)"', page) if not link.startswith("/-/") and link != "/"
    ]
    without = [link for link in own if "lang=en" not in link]
    assert without == []


def test_article_shows_headline_byline_date_with_source_and_paragraphs(server):
    page = get(server.url, f"/article/{sample_archive.EDITED_KEY}")
    text = words(page.text)
    assert "<h1>الوزير: الأسعار ترتفع</h1>" in page.text
    assert "دمشق – سامر قصاب" in text
    assert "الأحد، 10 حزيران 2018 (من بيانات الصفحة)" in text.replace(" )", ")").replace("( ", "(")
    assert "<p>قال الوزير إن الأسعار سترتفع غداً.</p>" in page.text


def test_article_prints_each_paragraph_as_its_kind(server):
    page = get(server.url, f"/article/{sample_archive.LIST_KEY}").text
    assert "<ul><li>ملء الاستمارة</li><li>دفع الرسوم</li></ul>" in page
    assert "<h2>مواعيد</h2>" in page
    assert "<blockquote><p>لن يمدد الموعد.</p></blockquote>" in page
    assert '<p class="caption">طلاب أمام مبنى الجامعة</p>' in page


def test_older_key_redirects_for_good_to_the_present_one(server):
    page = get(server.url, f"/article/{sample_archive.MOVED_KEY}")
    assert (page.status, page.headers["location"]) == (301, f"/article/{sample_archive.EDITED_KEY}")


def test_article_names_the_articles_that_share_its_text(server):
    one, other = sample_archive.RELATED_KEYS
    page = get(server.url, f"/article/{one}").text
    (panel,) = re.findall(r'<section class="panel" id="related">.*?</section>', page, re.DOTALL)
    assert f'href="/article/{other}"' in panel
    assert "1 أيار 2016" in words(panel)
    assert "<script>" not in panel
    assert get(server.url, f"/article/{other}.json").json["related"] == [one]
    assert 'id="related"' not in get(server.url, f"/article/{sample_archive.GONE_KEY}").text


def test_unknown_key_is_a_page_with_a_search_box(server):
    page = get(server.url, "/article/nahar-9999999")
    assert page.status == 404
    assert 'name="q"' in page.text


def test_gone_article_says_since_when(server):
    assert "منذ 19 كانون الأول 2024، 06:30 بتوقيت غرينتش" in words(
        get(server.url, f"/article/{sample_archive.GONE_KEY}").text
    )


def test_comparison_shows_the_words_that_went_and_came(server):
    page = get(server.url, f"/article/{sample_archive.EDITED_KEY}/changes").text
    assert re.findall(r"<(ins|del)>([^<]*)</\1>", page.split('<article class="story diff"')[1]) == [
        ("del", "لا "),
        ("del", "لن ترتفع "),
        ("ins", "سترتفع "),
    ]


def test_search_finds_a_word_however_it_is_spelt_and_marks_it(server):
    page = get(server.url, "/search?q=" + quote("كهربا*"))
    assert page.status == 200
    assert "<mark>الكهرباء</mark>" in get(server.url, "/search?q=" + quote("الكهرَباء")).text


def test_search_json_has_the_promised_fields(server):
    answer = get(server.url, "/search.json?q=" + quote("المسرح") + "&size=3").json
    assert answer["count"] > 3
    assert len(answer["results"]) == 3
    assert set(answer["results"][0]) == {
        "key", "url", "title", "section", "writer", "published_on", "status", "snippet",
    }  # fmt: skip


def test_search_is_explained_word_by_word_when_asked(server):
    page = get(server.url, "/search?q=" + quote("للكهرباء في -المسرح")).text
    link = html.unescape(re.search(r'href="([^"]*explain=1[^"]*)#explained"', page)[1])
    assert 'id="explained"' not in page
    text = words(get(server.url, link).text.split('id="explained"')[1])
    assert re.search(r"للكهرباء كهرب كهرب 0 [1-9]\d* 0 الكهرباء", text)
    assert "في أداة: لا تُحسب إلا وحدها" in text
    assert re.search(r"مستبعدة المسرح · \d+ ", text)


def test_search_says_which_parameters_it_could_not_read(server):
    wrong = "/search{}?q=" + quote("الكهرباء") + "&sort=best&size=many&page=-1&from=yesterday&until=2019"
    answer = get(server.url, wrong.format(".json")).json
    assert sorted(answer["ignored"]) == ["from", "page", "size", "sort"]
    assert (answer["page"], answer["size"], len(answer["results"])) == (1, 20, 20)
    page = get(server.url, wrong.format("")).text
    assert all(f"«{name}»" in page for name in ("من", "الصفحة", "عدد النتائج في الصفحة", "الترتيب"))
    assert get(server.url, "/search.json?sort=relevance&page=2&size=5").json["ignored"] == []


def test_search_json_leads_from_page_to_page_and_ends(server):
    path, keys = "/search.json?size=10&q=" + quote("الكهرباء"), []
    while path:
        answer = get(server.url, path).json
        keys += [row["key"] for row in answer["results"]]
        path = answer["next"] and "/" + answer["next"].split("/", 3)[3]
    assert len(keys) == len(set(keys)) == answer["count"]
    assert get(server.url, "/search.json?page=99&q=" + quote("الكهرباء")).json["next"] is None


def test_search_json_explains_when_asked(server):
    plain = get(server.url, "/search.json?q=" + quote("الكهرباء")).json
    explained = get(server.url, "/search.json?explain=1&q=" + quote("الكهرباء قسم:رياضة")).json
    assert "explain" not in plain
    (word,) = explained["explain"]["words"]
    assert (word["word"], word["stem"], word["written"]) == ("الكهرباء", "كهرب", plain["count"])
    assert explained["explain"]["filters"] == {"section": "رياضة"}
    assert explained["suggestion"] is None


def test_a_word_that_finds_nothing_is_suggested_otherwise_and_only_then(server):
    assert "هل تقصد" not in get(server.url, "/search?q=" + quote("الكهرباء")).text
    page = get(server.url, "/search?q=" + quote("المسرخح")).text
    assert f'href="/search?q={quote("المسرح")}"' in page
    assert "هل تقصد" in words(page)


@pytest.mark.parametrize(
    "query", ["q={الوزير الأسعار التحويل}", "q={الوزير الأسعار}&sort=newest", 'q={"القصير الخبر" المياه}']
)
def test_page_json_facets_and_file_hold_the_same_articles(server, query):
    query = re.sub("{(.*)}", lambda found: quote(found[1]), query)
    count = get(server.url, "/search.json?" + query).json["count"]
    assert count > 0
    assert int(get(server.url, "/search.csv?" + query).headers["x-row-count"]) == count
    side = get(server.url, "/search?" + query).text.split("<aside")[1]
    sections = side.split("<h2>")[2]
    assert sum(int(n) for n in re.findall(r'<span class="n">(\d+)', sections)) == count


def test_empty_search_finds_nothing_and_helps(server):
    page = get(server.url, "/search?q=")
    assert page.status == 200
    assert get(server.url, "/search.json?q=").json["count"] == 0


def test_table_page_reads_right_to_left_and_shows_no_body(server):
    page = get(server.url, "/archive/articles").text
    assert 'dir="rtl"' in page
    assert 'class="col-body' not in page
    assert f'href="/article/{sample_archive.EDITED_KEY}"' in page


def test_table_box_finds_arabic_in_every_spelling(server):
    counts = {
        word: get(server.url, f"/archive/articles.json?_search={quote(word)}&_size=1").json[
            "filtered_table_rows_count"
        ]
        for word in ("الكهرباء", "الكهربـــاء", "الكَهرَباء", "كهرباء")
    }
    assert len(set(counts.values())) == 1
    assert counts["الكهرباء"] > 20


@pytest.mark.parametrize(
    "narrowed", ["", "&section=رياضة", "&_facet=writer", "&_sort=title&_col=title", "&title__contains=ا"]
)
@pytest.mark.parametrize("asked", ["الكهرباء", "من", "في من", "-من", "كلمةليستهنا"])
def test_the_table_box_counts_what_it_finds(server, asked, narrowed):
    address = f"/archive/articles.json?_search={quote(asked)}{quote(narrowed, safe='&=_')}&_size=max"
    answer = get(server.url, address).json
    assert answer["filtered_table_rows_count"] == len(answer["rows"])
    assert len(answer["rows"]) == len(get(server.url, f"{address}&_shape=array").json)


def test_the_table_box_counts_by_what_it_reads_of_a_long_question(server):
    asked = quote(f"{'الكهرباء':2000}كلمةليستهنا")
    answer = get(server.url, f"/archive/articles.json?_search={asked}&_size=1").json
    found = get(server.url, f"/archive/articles.json?_search={quote('الكهرباء')}&_size=max").json
    assert answer["filtered_table_rows_count"] == len(found["rows"]) > 0


def check_count(url, asked):
    address = f"/archive/articles.json?_search={quote(asked)}"
    number = len(get(url, f"{address}&_shape=array&_size=max").json)
    assert number > 10
    first = get(url, f"{address}&_size=2").json
    more = get(url, f"{address}&_size=2&_next={quote(first['next'])}").json
    assert [page["filtered_table_rows_count"] for page in (first, more)] == [number, number]


def test_the_table_box_counts_what_another_plugin_lets_through(archive, tmp_path):
    (tmp_path / "narrowing.py").write_text(NARROWING)
    with serve(archive, "--plugins-dir", tmp_path) as running:
        check_count(running.url, "الكهرباء")


def test_the_table_box_counts_what_it_finds_in_the_search_mode_of_the_operator(archive, tmp_path):
    metadata = tmp_path / "metadata.json"
    metadata.write_text('{"databases": {"archive": {"tables": {"articles": {"searchmode": "raw"}}}}}')
    with serve(archive, "-m", metadata) as running:
        check_count(running.url, "كهرباء OR مسرح")


def test_the_table_page_counts_what_its_box_finds_and_offers_the_rest(server):
    page = get(server.url, f"/archive/articles?_search={quote('الكهرباء')}&_size=5").text
    found = get(server.url, f"/archive/articles.json?_search={quote('الكهرباء')}").json
    assert re.search(rf'<p class="standfirst">{found["filtered_table_rows_count"]} ', page)
    assert "_next=" in page
    assert "_nocount" not in page


@pytest.mark.parametrize(
    "search", ["", "%20", "%22", "%00", "*", "AND", "-x", "NEAR(", "title:", "(الرقة", "it's"]
)
def test_table_search_never_fails(server, search):
    assert get(server.url, f"/archive/articles.json?_search={search}&_size=1").status == 200


def test_blank_table_search_is_no_search(server):
    answer = get(server.url, "/archive/articles.json?_search=&_size=1&section=رياضة").json
    assert answer["filtered_table_rows_count"] == 34
