"""Each dress prints what pages of its theme print, where they print it. Expectations are written by hand."""

import json
import re

import pytest

from newsarchive.items import Reason
from newsarchive.sample import Paper, load, load_others, render

ARTICLES = load()
TITLES = {article.title: article for article in ARTICLES}


def page_of(title, part=1):
    return render(TITLES[title], part).decode()


def worn(option):
    return next(article for article in ARTICLES if option in article.dress.options)


def test_yoast_states_the_date_in_utc_and_the_theme_in_local_time():
    page = page_of("صالة الجلاء تستعيد بريقها بعد ترميم دام سنتين")
    assert '<meta property="article:published_time" content="2019-10-04T21:30:00+00:00">' in page
    assert '"datePublished":"2019-10-05T00:30:00+03:00"' in page
    assert '<span class="date meta-item tie-icon">05/10/2019</span>' in page


def test_rankmath_states_the_date_in_local_time_and_leaves_the_theme_schema_out():
    page = page_of("مدرب حطين يستقيل بعد الخسارة السادسة").replace("\n", "")
    assert 'content="2023-01-05T17:45:00+00:00"' in page
    page = page_of("قرض من دون فوائد لأصحاب الورشات المتضررة في حمص")
    assert '<meta property="article:published_time" content="2021-02-25T08:30:00+02:00">' in page
    assert 'class="rank-math-schema-pro"' in page
    assert "tie-schema-json" not in page


def test_jannah_5_marks_the_meta_by_id_and_jannah_7_by_class():
    old, new = (
        page_of("عودة 350 عائلة إلى بلدة مهين في ريف حمص"),
        page_of("إغلاق الحدائق والمطاعم وتعليق الدوام في الجامعات حتى إشعار آخر"),
    )
    assert 'id="single-post-meta" class="post-meta' in old
    assert "wp-singular" not in old
    assert 'class="single-post-meta post-meta' in new
    assert 'class="rtl wp-singular wp-theme-jannah' in new


def test_sahifa_shows_a_levantine_date_and_puts_related_posts_first_in_the_body():
    page = page_of("مؤشر بورصة دمشق يغلق على ارتفاع طفيف")
    assert "28 أيلول، 2011</span>" in page
    assert re.search(r'<div class="entry">\s*<section id="related_posts">', page)
    assert "ld+json" not in page
    assert "published_time" not in page


def test_jarida_states_the_date_in_a_meta_element_only():
    page = page_of("صيدليات مناوبة في اللاذقية حتى الصباح")
    assert '<meta property="article:published_time" content="2014-03-27T08:20:00+02:00">' in page
    assert "ld+json" not in page
    assert '<html dir="rtl" lang="en-US"' in page
    assert '<div class="wpipa">' in page


def test_bylines_stand_behind_a_bar_in_the_newspaper_and_at_the_end_of_web_news():
    assert "<p>| حمص &#8211; رهف الجندلي</p>" in page_of(
        "تأهيل جسر الرستن يبدأ الشهر القادم والمرور على حارة واحدة"
    )
    assert "<p>|الوطن &#8211; وكالات </p>" in page_of("وفد أممي يزور مراكز الإيواء في حرجلة")
    assert "<p><strong>| دمشق &#8211; سوسن الكلاس</strong></p>" in page_of(
        "موجة حر: 43 درجة في دمشق والمشافي تستقبل حالات إعياء"
    )
    web = page_of("انخفاض ملموس في أسعار الفروج بأسواق حماة")
    body = web.split('entry-content entry clearfix">')[1].split("</div>")[0]
    assert body.rstrip().endswith("<p>حماة &#8211; مراسل الوطن</p>")


def test_categories_of_web_news_stand_without_a_separator():
    page = page_of("الطليعة يفتتح مبارياته في كأس الاتحاد بفوز صعب")
    cats = page.split('<span class="post-cat-wrap">')[1].split("</span>")[0]
    assert re.sub(r"<[^>]+>", "", cats) == "الرياضةالعناوين الرئيسية"


def test_junk_stands_inside_the_body_between_paragraphs():
    page = render(
        TITLES[
            "«الوطن» في حي الوعر: الأسواق تعود إلى الحياة ببطء … أصحاب المحال: البضائع متوافرة والزبائن قلة"
        ]
    ).decode()
    body = page.split('entry-content entry clearfix">')[1].split("<!-- .entry-content /-->")[0]
    for mark in (
        "stream-item-above-post-content",
        'id="story-highlights"',
        'id="ez-toc-container"',
        "stream-item-in-post",
        'id="inline-related-post"',
        "<script",
        "post-bottom-source",
        "post-bottom-tags",
        "post-shortlink",
    ):
        assert mark in body, mark


@pytest.mark.parametrize("title", ["ضباب كثيف يؤخر الرحلات في مطار دمشق", "حلب بلا خطوط تماس"])
def test_the_back_to_top_line_and_a_popup_close_every_page(title):
    page = page_of(title)
    top = page.index('<span class="screen-reader-text">زر الذهاب إلى الأعلى</span>')
    assert page.index('id="tie-popup-adblock"') > top


def test_web_news_asks_for_the_ad_blocker_to_be_switched_off():
    page = page_of("قافلة من السويداء إلى جبلة: خبز وبطانيات وستون متطوعا")
    assert "<h2>أنت تستخدم إضافة Adblock</h2>" in page
    assert "برجاء دعمنا عن طريق تعطيل إضافة Adblock" in page


def test_raw_control_characters_break_strict_json_only():
    page = render(worn("control-characters")).decode()
    script = re.search(r'<script id="tie-schema-json"[^>]*>(.*?)</script>', page, re.DOTALL)[1]
    with pytest.raises(json.JSONDecodeError):
        json.loads(script)
    assert json.loads(script, strict=False)["@type"] == "NewsArticle"


def test_a_page_with_the_head_of_the_home_page_keeps_the_article_in_its_body():
    article = worn("home-og")
    page = render(article).decode()
    head, body = page.split("<body")
    assert '<meta property="og:title" content="صحيفة الوطن | الصفحة الرئيسية">' in head
    assert article.title not in head
    assert article.title in body
    assert f"postid-{article.post_id}" not in page


def test_a_paged_article_links_its_parts_and_prints_its_byline_once():
    article = TITLES["سوق الهال بين المنتج والمستهلك: حلقة ضائعة اسمها النقل"]
    first, second, third = (render(article, part).decode() for part in (1, 2, 3))
    assert f'<a href="{article.address}/2" class="post-page-numbers">2</a>' in first
    assert f'<a href="{article.address}" class="post-page-numbers">1</a>' in third
    assert ("| دمشق" in first, "<p>| دمشق" in second, "<p>| دمشق" in third) == (True, False, False)
    assert "في الساعة الثالثة فجراً" in second
    assert "في الساعة الثالثة فجراً" not in third


def test_an_amp_twin_names_its_article_and_carries_the_site_icon_line():
    article = TITLES["مؤتمر باريس للمناخ: مسودة أولى وخلاف على التمويل"]
    page = Paper().render_amp(article).decode()
    assert f'<link rel="canonical" href="{article.address}">' in page
    assert 'alt="Site icon"' in page
    assert "<p>|الوطن &#8211; وكالات </p>" in page


def test_others_carry_each_its_reason():
    assert {other.reason for other in load_others()} == {
        Reason.ISSUE_PAGE,
        Reason.NO_TEXT,
        Reason.NOT_FOUND_PAGE,
        Reason.STATIC_PAGE,
        Reason.UNKNOWN_LAYOUT,
    }


def test_an_issue_page_links_its_pdfs_by_relative_addresses():
    issue = next(other for other in load_others() if other.reason is Reason.ISSUE_PAGE)
    assert len(issue.links) == 12
    assert issue.links[0] == "https://alwatan.sy/wp-content/uploads/2018/10/168020-1.pdf"
    assert '<a href="/wp-content/uploads/2018/10/168020-1.pdf">' in issue.render(ARTICLES).decode()


def test_pages_load_nothing_from_the_live_paper():
    page = render(ARTICLES[-1]).decode()
    loaded = re.findall(r'<(?:img|script|iframe)[^>]+src="([^"]+)"', page)
    loaded += re.findall(r'<link rel="stylesheet"[^>]*href="([^"]+)"', page)
    assert loaded
    assert [address for address in loaded if not address.startswith("/wp-content/")] == []
