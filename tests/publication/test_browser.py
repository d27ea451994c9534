"""A reader in Chromium: the ten tasks of docs/searching.md from the bare address, six clicks at most each."""

import io
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest
import sample_archive
from axe_playwright_python.sync_playwright import Axe
from browsing import CHROMIUM, CHROMIUM_ARGUMENTS
from playwright.sync_api import expect, sync_playwright
from screenshots import PAGES
from serving import serve

AXE = Axe().axe_script
ARTICLE_OF_SEARCH = ".brief .headline a"


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield running
        running.close()


class Reader:
    """A page that counts its clicks and fails on anything the console or the network complains about."""

    def __init__(self, browser, base, **options):
        self.context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))
        self.page = self.context.new_page()
        self.base = base
        self.clicks = 0
        self.complaints = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("requestfailed", self._failed)
        self.page.on("request", lambda request: self._only_here(request.url))

    def _failed(self, request):
        # a navigation that turns out to be a file is given up by the browser and goes on as a download
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(request.url)

    def _only_here(self, url):
        if not url.startswith((self.base, "data:")):
            self.complaints.append(f"asked {url}")

    def open(self, path="/"):
        self.page.goto(self.base + path)
        return self

    def click(self, what):
        self.clicks += 1
        # what reads the page at once must not read the one before
        with self.page.expect_navigation():
            (self.page.locator(what) if isinstance(what, str) else what).first.click()
        return self

    def link(self, name):
        return self.click(self.page.get_by_role("link", name=name))

    def search(self, words):
        self.page.locator("#q").fill(words)
        self.clicks += 1
        with self.page.expect_navigation():
            self.page.locator("#q").press("Enter")
        return self

    def file(self, name):
        self.clicks += 1
        with self.page.expect_download() as download:
            self.page.get_by_role("link", name=name).first.click()
        return Path(download.value.path()).read_bytes(), download.value.suggested_filename

    def done(self):
        assert self.clicks <= 6
        assert self.complaints == []
        self.context.close()


@pytest.fixture
def reader(browser, server):
    one = Reader(browser, server.url).open()
    yield one
    one.done()


def test_1_find_a_word_and_see_it_marked(reader):
    reader.search("الكهربا")
    reader.search("كهرباء")
    expect(reader.page.locator("[role=status]")).to_contain_text("نتيجة")
    assert reader.page.locator("mark").count() > 10


def test_2_narrow_to_a_section(reader):
    reader.search("كهرباء").click(".side-column >> text=رياضة")
    metas = reader.page.locator(".brief .meta").all_inner_texts()
    assert metas
    assert all("رياضة" in meta for meta in metas)


def test_3_narrow_to_a_year_on_the_timeline(reader):
    reader.search("كهرباء").click(".timeline a:has(.label:text-is('2016'))")
    assert "from=2016-01-01&until=2016-12-31" in reader.page.url
    assert all("2016" in meta for meta in reader.page.locator(".brief .meta").all_inner_texts())
    assert reader.page.locator(".timeline.months li").count() == 12


def test_4_search_the_words_as_an_exact_phrase(reader):
    reader.search("التحويل محطة")
    some = reader.page.locator("[role=status]").inner_text()
    reader.link("ابحث عنها عبارةً كما هي")
    assert "لا نتائج" in reader.page.locator("[role=status]").inner_text()
    assert "نتيجة" in some


def test_5_read_an_article_and_the_next_of_its_day(reader):
    reader.search("التسجيل في الجامعة").click(ARTICLE_OF_SEARCH)
    expect(reader.page.locator("article.story h1")).to_have_text("التسجيل في الجامعة")
    assert reader.page.locator(".story .text li").all_inner_texts() == ["ملء الاستمارة", "دفع الرسوم"]


def test_6_compare_two_versions_word_by_word(reader):
    reader.link("مقالات عُدّلت").link("قارن كلمة بكلمة")
    assert [text.strip() for text in reader.page.locator(".diff del").all_inner_texts()] == ["لا", "لن ترتفع"]
    assert [text.strip() for text in reader.page.locator(".diff ins").all_inner_texts()] == ["سترتفع"]


def test_gaps_are_named_where_they_are_shaded(browser, server):
    one = Reader(browser, server.url).open()
    assert "2013 – 2014" in one.page.locator(".legend").inner_text()
    one.link("لماذا؟")
    assert "ينقص 24 شهراً: 2013 – 2014" in one.page.locator(".legend").inner_text()
    assert one.page.locator("td.gap").count() == 24
    one.done()


def test_7_cite_an_article(reader):
    reader.search("الوزير الأسعار").click(ARTICLE_OF_SEARCH)
    chicago = reader.page.locator(".citations dd").first.inner_text()
    for part in (
        "سامر قصاب",
        "10 حزيران 2018",
        "https://nahar.example/archives/7001",
        sample_archive.EDITED_KEY,
    ):
        assert part in chicago
    content, name = reader.file("BibTeX")
    assert content.decode().startswith("@article{nahar-7001,")
    assert name == "nahar-7001.bib"


def test_8_download_all_results_for_a_spreadsheet(reader):
    reader.search("كهرباء")
    count = int(re.search(r"\d+", reader.page.locator("[role=status]").inner_text())[0])
    content, name = reader.file("إكسل")
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert sheet.max_row == count + 1
    assert "كهرباء" in name


def test_9_see_what_disappeared_after_the_turning_point(reader):
    reader.link("ما تغيّر").link("منذ 8 كانون الأول 2024")
    assert reader.page.locator(ARTICLE_OF_SEARCH).all_inner_texts() == ["مقالة لم تعد على الموقع"]


def test_10_ask_a_ready_question_and_take_its_answer(reader):
    reader.link("البيانات").link("كلمة عبر الأشهر")
    assert reader.page.locator("tbody tr").count() > 80
    content, _ = reader.file("إكسل")
    header = next(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].values)
    assert header == ("month", "hits", "articles", "per_thousand")


def test_language_switch_keeps_the_page(browser, server):
    one = Reader(browser, server.url).open(f"/article/{sample_archive.EDITED_KEY}")
    one.link("English")
    assert one.page.url.endswith(f"/article/{sample_archive.EDITED_KEY}?lang=en")
    expect(one.page.locator("#cite h2")).to_have_text("Cite")
    expect(one.page.locator("article.story")).to_have_css("direction", "rtl")
    one.link("العربية")
    assert one.page.url.endswith(f"/article/{sample_archive.EDITED_KEY}")
    one.done()


def test_everything_works_without_javascript(browser, server):
    one = Reader(browser, server.url, java_script_enabled=False).open()
    one.search("كهرباء").click(".timeline a:has(.label:text-is('2016'))").click(ARTICLE_OF_SEARCH)
    expect(one.page.locator("article.story h1")).to_contain_text("الكهرباء")
    one.done()


def test_stored_scripts_and_directions_are_inert(browser, server):
    one = Reader(browser, server.url).open(f"/article/{sample_archive.HOSTILE_KEY}")
    assert one.page.locator("article.story h1").inner_text().startswith("عنوان <script>alert")
    assert one.page.locator("img, script").count() == 0
    assert one.page.locator('a[href^="javascript"]').count() == 0
    one.done()


def test_keyboard_reaches_the_content_first(browser, server):
    one = Reader(browser, server.url).open("/search")
    one.page.keyboard.press("Tab")
    assert one.page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    one.done()


# Text that is mostly Arabic and stands against the left edge of its block
LEFT_ALIGNED_ARABIC = """
() => [...document.querySelectorAll('body *')].filter(element => {
  const own = [...element.childNodes].filter(n => n.nodeType === 3).map(n => n.textContent).join('').trim();
  const letters = own.match(/[\\p{L}]/gu) || [], arabic = own.match(/[\\u0600-\\u06ff]/gu) || [];
  if (arabic.length < 4 || arabic.length * 2 < letters.length) return false;
  let block = element;
  while (block && getComputedStyle(block).display.startsWith('inline')) block = block.parentElement;
  const style = getComputedStyle(block);
  if (style.textAlign === 'center' || element.closest('select, .hidden')) return false;
  const left = style.textAlign === 'left' || (style.textAlign === 'start' && style.direction === 'ltr');
  return left && !!element.getClientRects().length;
}).map(element => element.outerHTML.slice(0, 120))
"""


@pytest.fixture(scope="module")
def window(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_page_fits_every_window_has_no_barrier_and_arabic_begins_at_the_right(window, server, name):
    window.emulate_media(color_scheme="light")
    window.set_viewport_size({"width": 1280, "height": 900})
    window.goto(server.url + PAGES[name])
    assert barriers(window) == []
    window.emulate_media(color_scheme="dark")
    assert barriers(window, runOnly=["color-contrast"]) == []
    for width in (1280, 390, 360):
        window.set_viewport_size({"width": width, "height": 900})
        assert window.evaluate("document.documentElement.scrollWidth") == width
        if "lang=en" not in PAGES[name]:
            assert window.evaluate(LEFT_ALIGNED_ARABIC) == []


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    """An archive whose headline, signature, section and tag have no place to break a line."""
    path = sample_archive.create(tmp_path_factory.mktemp("unbroken") / "archive.db")
    marks, letters = "ا" + "\u0301" * 300, "س" * 400
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.row_factory = sqlite3.Row
        more = {"byline": letters, "writer": letters, "tags": (letters,)}
        sample_archive.add(connection, "nahar-8001", f"لافتة {marks}", letters, "2016-06-01", letters, **more)
        sample_archive.add(
            connection, "nahar-8002", f"لافتة {letters}", marks, "2016-06-01", marks, writer=marks
        )
    with serve(path) as running:
        yield running


@pytest.mark.parametrize(
    "path",
    ["/", "/search?from=2016-06-01&until=2016-06-01", f"/search?q={'س' * 400}&explain=1", "/sections", "/writers",
     "/article/nahar-8001", "/article/nahar-8002", "/day/2016-06-01", "/changes", "/archive/articles"],
)  # fmt: skip
def test_what_has_no_place_to_break_widens_no_page(window, unbroken, path):
    window.goto(unbroken.url + path)
    for width in (1280, 400):
        window.set_viewport_size({"width": width, "height": 900})
        assert window.evaluate("document.documentElement.scrollWidth") == width


def barriers(page, **options):
    """What axe-core finds that is serious: the rule and the elements."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    # of what passes one element is reported, not every one with its markup
    answer = page.evaluate("options => axe.run(options)", {"resultTypes": ["violations"], **options})
    assert answer["passes"]
    return [
        (violation["id"], [node["html"][:160] for node in violation["nodes"]][:3])
        for violation in answer["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
