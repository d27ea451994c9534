"""One article in several dresses: what the newspaper's page of it was, is, or reaches us as."""

from dataclasses import replace
from datetime import UTC, datetime

from newsarchive import pages, sample, validation
from newsarchive.sample import Paper
from newsarchive.sample.dress import Dress
from newsarchive.spiders.alwatan import AlwatanSpider

CARD = AlwatanSpider.newspaper
CAPTURED = datetime(2026, 11, 20, 6, tzinfo=UTC)
DRESSES = ("sahifa theme", "jarida theme", "jannah5 yoast", "jannah7 rankmath junk", "amp", "text")
_PAPER = Paper()


def whole(article):
    """The article on one page."""
    return replace(article, parts=(article.blocks,))


def page(article, dress):
    """The bytes of an article's page in a dress, and their content type."""
    if dress == "text":
        return text(article).encode(), "text/plain"
    if dress == "amp":
        return _PAPER.render_amp(whole(article)), "text/html; charset=UTF-8"
    worn = replace(whole(article), dress=Dress.named(dress))
    return _PAPER.render(worn), "text/html; charset=UTF-8"


def text(article):
    """The page as lines: section, headline, signature, text, the theme's and the newspaper's furniture."""
    lines = [article.sections[0], article.title]
    lines += [article.subtitle] if article.subtitle else []
    at_end = article.host == "alwatanonline.com"
    if article.byline and not at_end:
        lines.append(f"| {article.byline}")
    lines += [block.text for block in article.blocks]
    if article.byline and at_end:
        lines.append(article.byline)
    return "\n".join([*lines, "زر الذهاب إلى الأعلى", "صحيفة الوطن"]) + "\n"


def read(article, dress, address=None):
    """What the whole chain reads in that dress, at the article's or another address."""
    body, content_type = page(article, dress)
    found = pages.read(body, address or article.address, content_type, CAPTURED, CARD)
    return validation.judge(pages.clean(found, CARD), CARD) if not hasattr(found, "reason") else found


ARTICLES = sample.load()
