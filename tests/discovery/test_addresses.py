"""One article, one address, however it is spelt."""

import pytest

from newsarchive.discovery.addresses import may_be_article, may_be_listed, normal
from newsarchive.discovery.addresses import part as part_of

HOSTS = ("alwatan.sy", "alwatanonline.com")


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("https://alwatan.sy/archives/107528", "https://alwatan.sy/archives/107528"),
        ("http://alwatan.sy/archives/107528", "https://alwatan.sy/archives/107528"),
        ("https://www.alwatan.sy/archives/107528/", "https://alwatan.sy/archives/107528"),
        ("HTTPS://WWW.ALWATAN.SY:443/archives/107528", "https://alwatan.sy/archives/107528"),
        ("https://alwatan.sy//archives//107528", "https://alwatan.sy/archives/107528"),
        ("https://alwatan.sy/archives/107528?utm_source=x#top", "https://alwatan.sy/archives/107528"),
        ("https://alwatan.sy/archives/31481/amp", "https://alwatan.sy/archives/31481"),
        ("https://alwatan.sy/archives/31481/amp/", "https://alwatan.sy/archives/31481"),
        ("https://alwatan.sy/?p=31481", "https://alwatan.sy/archives/31481"),
        ("https://alwatan.sy/archives/31481/2", "https://alwatan.sy/archives/31481"),
        ("https://alwatan.sy/page/2", "https://alwatan.sy/page/2"),
        (
            "https://alwatanonline.com/خبر-عاجل",
            "https://alwatanonline.com/%D8%AE%D8%A8%D8%B1-%D8%B9%D8%A7%D8%AC%D9%84",
        ),
        ("https://alwatanonline.com/%d8%ae%d8%a8%d8%b1/", "https://alwatanonline.com/%D8%AE%D8%A8%D8%B1"),
        ("http://www.alwatan.sy/view.aspx?id=7", "https://alwatan.sy/view.aspx?id=7"),
        ("https://alwatan.sy/2027/01/02/slug/", "https://alwatan.sy/2027/01/02/slug"),
        ("https://alwatan.sy/2027/01/02/slug/3/", "https://alwatan.sy/2027/01/02/slug"),
        ("https://alwatan.sy/2027/01/slug/3/amp", "https://alwatan.sy/2027/01/slug"),
        ("https://alwatan.sy/index.php/archives/12/2", "https://alwatan.sy/index.php/archives/12"),
        ("https://alwatan.sy/index.php/archives/12", "https://alwatan.sy/index.php/archives/12"),
        ("https://alwatan.sy/index.php/12", "https://alwatan.sy/index.php/12"),
        ("https://alwatan.sy/2027/01/", "https://alwatan.sy/2027/01"),
        ("https://alwatan.sy/2027/01/02/", "https://alwatan.sy/2027/01/02"),
        ("https://alwatan.sy/", "https://alwatan.sy"),
        ("https://alwatan.sy/?p=٣١٤٨١", "https://alwatan.sy"),
        ("https://الوطن.سورية/archives/5", "https://xn--mgb6azbji.xn--ogbpf8fl/archives/5"),
    ],
)
def test_every_spelling_has_the_one_normal_form(spelling, expected):
    assert normal(spelling) == expected


@pytest.mark.parametrize(
    "spelling",
    [
        "file:///etc/hostname",
        "javascript:void(0)",
        "mailto:a@b.sy",
        "https://u@alwatan.sy/x",
        "https://alwatan.sy:8080/x",
        "//",
        "https://[",
        "https://alwatan.sy:x/",
        "https://al watan.sy/x",
        "https://alwatan..sy/x",
        "https://exa<mple.org/x",
        "https://[::1]/x",
    ],
)
def test_what_is_no_web_address_of_a_paper_has_no_normal_form(spelling):
    assert normal(spelling) is None


def test_a_normal_form_is_its_own_normal_form():
    url = normal("http://www.alwatanonline.com/%d8%ae-a b/amp?x=1")
    assert normal(url) == url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://alwatan.sy/archives/107528", True),
        ("https://alwatanonline.com/%D8%AE%D8%A8%D8%B1", True),
        ("https://alwatan.sy/view.aspx?id=7", True),
        ("https://alwatan.sy/2027/01/02/slug", True),
        ("https://alwatan.sy/2027/01/slug", True),
        ("https://alwatan.sy/2027/01/02/107528", True),
        ("https://alwatan.sy/index.php/archives/107528", True),
        ("https://alwatan.sy/index.php/2027/01/02/slug", True),
        ("https://alwatan.sy/index.php/slug", True),
        ("https://alwatan.sy/index.php", False),
        ("https://alwatan.sy/2027", False),
        ("https://alwatan.sy/2027/01", False),
        ("https://alwatan.sy/2027/01/02", False),
        ("https://alwatan.sy/index.php/2027/01/02", False),
        ("https://alwatan.sy/2027/01/page/2", False),
        ("https://alwatan.sy/2027/01/02/page/2", False),
        ("https://alwatan.sy/2027/01/02/feed", False),
        ("https://alwatan.sy/2027/01/02/slug/picture", False),
        ("https://alwatan.sy/2027/01/issue.pdf", False),
        ("https://alwatan.sy/category/syria", False),
        ("https://alwatan.sy/tag/syria", False),
        ("https://alwatan.sy/author/editor", False),
        ("https://alwatan.sy/page/2", False),
        ("https://alwatan.sy", False),
        ("https://alwatan.sy/feed", False),
        ("https://alwatan.sy/archives/category/newspaper", False),
        ("https://alwatan.sy/archives/category/newspaper/page/2", False),
        ("https://alwatan.sy/wp-sitemap.xml", False),
        ("https://alwatan.sy/wp-login.php", False),
        ("https://alwatan.sy/issue.pdf", False),
        ("https://other.example/archives/1", False),
    ],
)
def test_only_permalinks_on_the_papers_hosts_may_be_articles(url, expected):
    assert may_be_article(url, HOSTS) is expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://alwatan.sy/news/story-5", True),
        ("https://alwatan.sy/syria/107528.html", True),
        ("https://alwatan.sy/2027/01/02/slug", True),
        ("https://alwatan.sy", False),
        ("https://alwatan.sy/index.php", False),
        ("https://alwatan.sy/wp-content/uploads/2027/01/issue", False),
        ("https://alwatan.sy/news/issue.pdf", False),
        ("https://alwatan.sy/news/picture.JPG", False),
        ("https://other.example/news/story-5", False),
    ],
)
def test_what_a_source_of_articles_lists_may_have_any_form_but_a_files(url, expected):
    assert may_be_listed(url, HOSTS) is expected


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("https://alwatan.sy/2027/01/02/slug/2", 2),
        ("https://alwatan.sy/2027/01/02", 1),
        ("https://alwatan.sy/2027/01", 1),
        ("https://alwatan.sy/index.php/archives/12", 1),
        ("https://alwatan.sy/archives/107528", 1),
        ("https://alwatan.sy/archives/107528/2", 2),
        ("https://alwatan.sy/archives/107528/12/", 12),
        ("https://alwatan.sy/archives/107528/3/amp", 3),
        ("https://alwatanonline.com/%D8%AE%D8%A8%D8%B1/2", 2),
        ("https://alwatan.sy/?p=107528&page=2", 2),
        ("https://alwatan.sy/archives/12", 1),
        ("https://alwatan.sy/page/2", 1),
        ("https://alwatan.sy/archives/107528?page=two", 1),
        ("https://alwatan.sy/archives/107528/0", 1),
        ("http://[", 1),
    ],
)
def test_an_address_says_which_part_of_a_paged_article_it_names(url, part):
    assert part_of(url) == part
