"""The sample's pages grown to the size and make-up of real ones.

What real pages of the theme are made of, counted over the saved Jannah pages, against what is made here
(`python benchmarks/real_sized.py [FOLDER]` prints the same for both). Where real pages differ, this takes what
costs a reader more:

                          Arabic Jannah (20 pages)       other Jannah (3)   made here
    bytes                 118,000 to 168,000             130,000-297,000    60,000 to 120,000
    start tags per KB     3.4 and 5.3 by site, at most 6.1     5.9 to 7.4   6.3
    scripts and styles    .53 and .34, at least .32      .24 to .47         .32
    not ASCII             .04 and .11                    .00                .11
    JSON-LD               11 and 10 KB, at most 15       8 to 18            12 KB
    text in the body      4.6 and 5.0 KB                 2.8 to 9.3         3.5 KB
    elements in the body  7 and 40                       21 to 220          19
    gzip, times smaller   6.6 and 5.3                    5.0 to 5.9         6.4
"""

import gzip
import json
import random
import re
import statistics
import sys
from dataclasses import replace
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from newsarchive import sample
from newsarchive.sample.sites import NEWSPAPER
from newsarchive.sample.stories import Block

STARTS_PER_KB = 6.1
SCRIPTS = 0.32
JSON_LD = 11_000
TEXT = 3_000
_PARAGRAPH = 60
_START = re.compile(rb"<[a-zA-Z]")
_SCRIPTS = re.compile(rb"<(script|style)\b.*?</\1>", re.DOTALL)
_JSON_LD = re.compile(rb"<script[^>]*ld\+json.*?</script>", re.DOTALL)
_CSS = (
    ".c{0} .entry-content>p{{margin:0 0 {0}px;color:#{1:06x};background:url(img/{1:06x}.png) no-repeat 0}}\n"
)
_JS = 'var tie{0}={{"ajaxurl":"https:\\/\\/alwatan.sy\\/wp-admin\\/admin-ajax.php","key":"{1:06x}","n":{0}<9&&"a"}};\n'
_MENU = (
    '<li id="menu-item-{0}" class="menu-item menu-item-type-taxonomy menu-item-object-category menu-item-{0}">'
    '<a href="https://alwatan.sy/archives/category/c{0}">قسم {0}</a></li>\n'
)
_CARD = (
    '<li class="widget-single-post-item widget-post-list tie-standard">\n\t<div class="post-widget-thumbnail">'
    '<a aria-label="عنوان خبر آخر رقمه {0}" href="https://alwatan.sy/{0}/{1}/" class="post-thumb">'
    '<span class="post-cat-wrap"><span class="post-cat tie-cat-{0}">محليات</span></span><img width="390" height="220" '
    'src="https://alwatan.sy/wp-content/uploads/2026/10/{0}-390x220.jpg" class="attachment-jannah-image-large '
    'size-jannah-image-large wp-post-image" alt="" decoding="async" loading="lazy"></a></div>\n<!-- post /-->\n\t'
    '<div class="post-widget-body"><a class="post-title the-subtitle" href="https://alwatan.sy/{0}/{1}/">'
    'عنوان خبر آخر رقمه {0}</a><div class="post-meta"><span class="date meta-item tie-icon">منذ 3 أيام</span>'
    "</div></div></li>\n"
)


def pages(count, seed=1):
    """Address and page of so many articles, each with words of its own."""
    chance = random.Random(seed)
    paper = sample.Paper()
    models = [a for a in paper.articles if a.site is NEWSPAPER and len(a.parts) == 1]
    words = sorted({w for a in models for b in a.parts[0] for w in b.text.split() if w.isalpha()})
    for number in range(count):
        model = models[number % len(models)]
        page = paper.render(_longer(model, words, chance))
        yield f"https://alwatan.sy/archives/{1_000_000 + number}", grown(page, chance)


def _longer(article, words, chance):
    """The article with further paragraphs after its first one, until its text is as long as real ones are."""
    first, *rest = article.parts[0]
    size = sum(len(block.text.encode()) for block in article.parts[0])
    more = []
    while size < TEXT:
        text = " ".join(chance.choices(words, k=_PARAGRAPH)) + "."
        more.append(Block("p", text))
        size += len(text.encode())
    return replace(article, parts=((first, *more, *rest),))


def grown(page, chance):
    """The page with the menus, lists, scripts and structured data around the article that real pages have."""
    size = chance.randrange(60_000, 120_000)
    graph = _graph(JSON_LD - sum(len(found[0]) for found in _JSON_LD.finditer(page)))
    scripts = int(SCRIPTS * size) - len(graph) - sum(len(found[0]) for found in _SCRIPTS.finditer(page))
    head = graph + _filled("<style>", _CSS, "</style>", scripts // 2, chance)
    foot = _filled("<script>", _JS, "</script>", scripts // 2, chance)
    tags = int(STARTS_PER_KB * size / 1000) - len(_START.findall(page))
    room = size - len(page) - len(head) - len(foot)
    markup = _lists(tags, room, chance)
    page = page.replace(b"</head>", head + b"</head>", 1)
    at = page.rindex(b"</body>")
    return page[:at] + markup + foot + page[at:]


def _graph(size):
    """A Yoast graph, as it stands in the head beside the theme's own data."""
    things = [
        {
            "@type": "ListItem",
            "position": n,
            "name": f"قسم {n}",
            "item": f"https://alwatan.sy/archives/category/c{n}",
        }
        for n in range(max(0, size) // 135)
    ]
    page = {"@type": "CollectionPage", "name": "الوطن", "datePublished": "2020-01-01T00:00:00+00:00"}
    data = {
        "@context": "https://schema.org",
        "@graph": [page, {"@type": "BreadcrumbList", "itemListElement": things}],
    }
    return f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>'.encode()


def _filled(start, line, end, size, chance):
    count = max(0, size) // len(line.format(100, 0xFFFFFF))
    return (start + "".join(line.format(n, chance.getrandbits(24)) for n in range(count)) + end).encode()


def _lists(tags, room, chance):
    """A menu and a list of other articles with so many start tags, in so many bytes."""
    menus = min(40, max(tags, 0) // 2)
    cards = max(1, (tags - 2 * menus - 2) // 10)
    menu = "".join(_MENU.format(n) for n in range(menus))
    bare = len(menu.encode()) + cards * len(_CARD.format(100_000, "").encode())
    # Two addresses a card: they are what fills real lists, percent-encoded words of headlines.
    slug = max(0, room - bare) // cards // 2
    lists = "".join(
        _CARD.format(chance.randrange(100_000, 1_000_000), _slug(slug, chance)) for _ in range(cards)
    )
    return f"<ul>{menu}</ul>\n<ul>{lists}</ul>".encode()


def _slug(size, chance):
    """So many bytes of an address as WordPress makes it of an Arabic headline."""
    letters = chance.choices(range(0xA7, 0xBF), k=size // 6)
    return "".join(f"%d8%{letter:x}" for letter in letters)


def figures(page):
    """What a page is made of, in the order of the table above."""
    size = len(page) / 1000
    body = LexborHTMLParser(page).css_first(".entry-content, div.entry")
    return {
        "KB": size,
        "start tags/KB": len(_START.findall(_SCRIPTS.sub(b"<script>", page))) / size,
        "scripts": sum(len(found[0]) for found in _SCRIPTS.finditer(page)) / size / 1000,
        "not ASCII": sum(byte > 0x7F for byte in page) / size / 1000,
        "JSON-LD KB": sum(len(found[0]) for found in _JSON_LD.finditer(page)) / 1000,
        "text KB": len(body.text().encode()) / 1000 if body else 0.0,
        "body elements": float(len(body.css("*"))) if body else 0.0,
        "gzip x": len(page) / len(gzip.compress(page, 6)),
    }


def describe(name, pages_):
    """One line: the mean of every figure, with the least and the greatest."""
    rows = [figures(page) for page in pages_]
    told = [
        f"{figure} {statistics.mean(values):.2f} ({min(values):.2f}-{max(values):.2f})"
        for figure in rows[0]
        for values in [[row[figure] for row in rows]]
    ]
    print(f"{name}, {len(rows)} pages: {', '.join(told)}")


def main():
    describe("made here", [page for _, page in pages(60)])
    for folder in map(Path, sys.argv[1:]):
        by_site = {}
        for path in sorted(folder.glob("*.html")):
            by_site.setdefault(path.stem.rsplit("-", 1)[0], []).append(path.read_bytes())
        for site, found in by_site.items():
            describe(site, found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
