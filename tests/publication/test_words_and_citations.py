"""Words, dates, citations, comparison and charts, without a server."""

import gzip
import json
from urllib.parse import urlencode

import pytest
import sample_archive
from datasette.app import Datasette
from fetching import get
from serving import serve

from newsarchive.formats.kinds import Column
from newsarchive.formats.rows import Csv, JsonArray, JsonLines, Outline
from newsarchive.publication import citing, diffing, words
from newsarchive.publication.archives import archive_of
from newsarchive.publication.charts import Span
from newsarchive.publication.questions import bounds
from newsarchive.publication.site import Site
from newsarchive.publication.stories import Paragraph, blocks, excerpt, paragraphs, safe_link

ITEM = citing.Cited(
    key="nahar-77",
    title="موسم القمح",
    newspaper="النهار",
    permalink="https://archive.example/article/nahar-77",
    archive="أرشيف صحيفة النهار",
    author="ليان الحمصي",
    published_at="2016-05-03T10:00:00+03:00",
    published_on="2016-05-03",
    url="https://nahar.example/archives/77",
    captured_at="2025-02-01T08:00:00Z",
    digest="ab" * 32,
    section="محليات",
)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 مقالة"),
        (1, "مقالة واحدة"),
        (2, "مقالتان"),
        (3, "3 مقالات"),
        (10, "10 مقالات"),
        (11, "11 مقالة"),
        (100, "100 مقالة"),
        (103, "103 مقالات"),
        (1102, "1,102 مقالة"),
    ],
)
def test_arabic_counts_agree_with_their_number(number, text):
    assert words.counted(number, "article", "ar") == text


def test_rows_agree_in_the_accusative_from_eleven():
    assert [words.counted(n, "row", "ar") for n in (5, 25, 200)] == ["5 صفوف", "25 صفاً", "200 صف"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2016-11-24", "24 تشرين الثاني 2016"),
        ("2016-11-24T18:05:00+03:00", "24 تشرين الثاني 2016"),
        ("2016-11", "تشرين الثاني 2016"),
        ("2016", "2016"),
        ("2016-13", "2016-13"),
        ("soon", "soon"),
        (None, None),
    ],
)
def test_dates_carry_levantine_months_and_nonsense_stays_as_it_is(value, text):
    assert words.long_date(value, "ar") == text


def test_moments_name_their_zone():
    assert (
        words.long_moment("2016-11-24T18:05:00+03:00", "ar") == "24 تشرين الثاني 2016، 18:05 بتوقيت غرينتش+3"
    )
    assert words.long_moment("2016-11-24T18:05:00Z", "en") == "24 November 2016, 18:05 UTC"


def test_every_word_stands_in_both_languages():
    assert [key for key, (arabic, english) in words.table().items() if not arabic or not english] == []


def test_chicago_names_writer_headline_paper_day_address_capture_digest_and_key():
    assert citing.chicago(ITEM, "ar") == (
        "ليان الحمصي. «موسم القمح.» النهار، 3 أيار 2016. https://nahar.example/archives/77. "
        "حُفظت في 1 شباط 2025، 08:00 بتوقيت غرينتش. SHA-256: abababababababab. "
        "أرشيف صحيفة النهار، nahar-77. https://archive.example/article/nahar-77"
    )


@pytest.mark.parametrize(
    ("url", "read"),
    [
        (
            "https://a.example/%D8%B1%D8%A8%D8%A7%D8%B9-%d8%b3%d9%88%d8%b1%d9%8a",
            "https://a.example/رباع-سوري",
        ),
        ("https://a.example/x%20y%2Fz?q=%25", "https://a.example/x%20y%2Fz?q=%25"),
        ("https://a.example/%E2%80%AE%D8%B1", "https://a.example/%E2%80%AE%D8%B1"),
        ("https://a.example/%D8%FF", "https://a.example/%D8%FF"),
    ],
)
def test_addresses_are_cited_in_letters_and_nothing_else_is_decoded(url, read):
    assert citing.readable(url) == read


def test_apa_begins_with_writer_and_date():
    assert citing.apa(ITEM, "en").startswith(
        "ليان الحمصي (3 May 2016). موسم القمح. النهار. https://nahar.example"
    )


def test_bibtex_escapes_what_tex_would_read():
    hostile = citing.Cited("k_1", "50% {x} & $y_z", "N", "https://a.example/k_1", "A")
    entry = citing.bibtex(hostile)
    assert entry.startswith("@article{k-1,\n")
    assert r"title = {{50\% \{x\} \& \$y\_z}}" in entry


def test_ris_is_a_newspaper_record_with_crlf():
    lines = citing.ris(ITEM).split("\r\n")
    assert lines[:5] == [
        "TY  - NEWS",
        "TI  - موسم القمح",
        "AU  - ليان الحمصي",
        "T2  - النهار",
        "DA  - 2016/05/03",
    ]
    assert lines[-2:] == ["ER  - ", ""]
    assert "AN  - nahar-77" in lines


def test_zotero_finds_title_author_paper_and_date():
    found = dict(citing.meta(ITEM))
    assert found["citation_title"] == "موسم القمح"
    assert found["citation_author"] == "ليان الحمصي"
    assert found["citation_publication_date"] == "2016/05/03"
    assert found["DC.type"] == "newspaperArticle"


def test_directions_of_a_hostile_headline_do_not_leave_it():
    names = [
        "writer",
        "agency",
        "published_at",
        "published_on",
        "url",
        "capture_id",
        "body_sha256",
        "section",
    ]
    article = dict.fromkeys(names) | {"key": "k", "title": "أ\u202eب", "captures": []}
    item = citing.cited(article, newspaper="ن", permalink="p", archive="a")
    assert "\u202e" not in citing.chicago(item, "ar")


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("قال الوزيرُ إنّ الأسعار", "قال الوزير إن الأسعار"),
        ("قال «الوزير» إن", 'قال "الوزير" إن'),
        ("قال  الوزير\u00a0إن", "قال الوزير إن"),
        ("الوزيـــر", "الوزير"),
    ],
)
def test_marks_spaces_and_quotes_are_no_change(older, newer):
    assert {piece.kind for piece in diffing.diff(older, newer)} == {diffing.SAME}


def test_comparison_keeps_every_word_of_both_versions():
    older, newer = "بدأ العام الدراسي أمس في دمشق", "بدأ العام الدراسي الجديد اليوم في دمشق وريفها"
    pieces = diffing.diff(older, newer)
    assert "".join(p.text for p in pieces if p.kind != diffing.OUT).split() == newer.split()
    assert "".join(p.text for p in pieces if p.kind == diffing.OUT).split() == ["أمس"]


def test_comparison_of_long_texts_is_quick():
    older = [f"فقرة رقم {n} " + "كلمة " * 300 for n in range(60)]
    newer = [*older[:30], "فقرة جديدة", *older[30:]]
    out = list(diffing.diff_paragraphs(older, newer))
    assert [[p.kind for p in line] for line in out if line[0].kind != diffing.SAME] == [[diffing.IN]]


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://nahar.example/1", "https://nahar.example/1"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("//evil.example", None),
        ("http://[", None),
        (None, None),
    ],
)
def test_only_web_addresses_become_links(url, link):
    assert safe_link(url) == link


def test_body_without_stored_kinds_is_prose_split_at_blank_lines():
    assert paragraphs("أ\n\nب", None) == [Paragraph("prose", "أ"), Paragraph("prose", "ب")]
    given = [Paragraph("list", "١"), Paragraph("list", "٢"), Paragraph("prose", "ج")]
    assert blocks(given) == [("list", ["١", "٢"]), ("prose", ["ج"])]


def test_excerpt_is_cut_between_words():
    assert excerpt("كلمة " * 100).endswith("كلمة…")
    assert excerpt(None) is None


@pytest.mark.parametrize("text", ["دمشق", "a b&c=d/+%'\"", "حلب " * 60, "\n"])
def test_addresses_are_encoded_as_forms_encode_them(archive, text):
    datasette = Datasette([str(archive)])
    site = Site(datasette, archive_of(datasette), None)
    assert site.url("/search", q=text, page=2) == f"/search?{urlencode({'q': text, 'page': 2})}"


def test_timeline_is_as_fine_as_its_span():
    assert Span("2011-01-01", "2019-12-31").level == "years"
    assert Span("2016-01-01", "2016-12-31").level == "months"
    assert Span("2016-05-01", "2016-05-31").level == "days"


def test_limits_of_a_search_are_filled_up_to_days():
    assert bounds("2016", "2016-05", "2011-02-03", "2019-12-03") == ("2016-01-01", "2016-05-31")
    assert bounds(None, None, "2011-02-03", "2019-12-03") == ("2011-02-03", "2019-12-03")
    assert bounds("0001", "9999", "2011-02-03", "2019-12-03") == ("2011-01-01", "2019-12-31")
    assert bounds("2001", "2004", "2011-02-03", "2019-12-03") == ("2011-02-03", "2019-12-03")
    assert bounds("2004", "2004-05", "2011-02-03", "2019-12-03") == ("2004-01-01", "2004-05-31")


def test_formats_write_the_same_rows():
    outline, rows = Outline([Column("a"), Column("a")], 2), [("=1", None), ("x\ny", b"\0")]
    plain = Csv().encoder(outline)
    assert plain.head() + plain.rows(rows) == b'a,a\r\n=1,\r\n"x\ny",AA==\r\n'
    assert Csv(safe=True).encoder(outline).rows(rows).startswith(b"'=1,")
    line = '{"a": "x\\ny", "a_2": {"$base64": true, "encoded": "AA=="}}'
    lines = JsonLines().encoder(outline)
    assert (lines.rows(rows) + lines.tail()).decode().splitlines()[1] == line
    array = JsonArray().encoder(outline)
    whole = array.head() + array.rows(rows) + array.rows(rows) + array.tail()
    assert whole.decode().count('"a_2"') == 4
    assert len(json.loads(whole)) == 4


def test_capture_is_handed_over_byte_for_byte(tmp_path):
    archive = sample_archive.create(tmp_path / "archive.db")
    content = gzip.compress(b"WARC/1.1\r\n\r\n" + b"x" * 3000)
    member = (content + b"\0" * 400_000)[:400_000]
    (tmp_path / "captures").mkdir()
    (tmp_path / "captures" / "nahar-00001.warc.gz").write_bytes(member)
    with serve(archive) as running:
        page = get(running.url, f"/article/{sample_archive.EDITED_KEY}.json").json
        number = get(running.url, f"/archive/captures.json?_shape=objects&url={page['url']}").json["rows"][0]
        answer = get(running.url, f"/article/{sample_archive.EDITED_KEY}/capture/{number['id']}.warc.gz")
    assert page["captures"][0]["warc_file"] == "nahar-00001.warc.gz"
    assert answer.body == member[number["warc_offset"] : number["warc_offset"] + 1000]
    assert answer.headers["content-type"] == "application/warc"


def test_capture_of_a_published_copy_says_where_it_is_not(server):
    page = get(server.url, "/archive.json?_shape=objects&sql=select+min(id)+as+id+from+captures").json[
        "rows"
    ][0]
    answer = get(server.url, f"/article/nahar-1001/capture/{page['id']}.warc.gz")
    assert answer.status == 404
    assert "nahar-00001.warc.gz" in answer.text
