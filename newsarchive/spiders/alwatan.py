"""The card of الوطن (Al-Watan), Damascus: the newspaper's site and its web news."""

from typing import ClassVar

from newsarchive.items import Newspaper
from newsarchive.newspaper import NewspaperSpider


class AlwatanSpider(NewspaperSpider):
    """Crawls alwatan.sy and alwatanonline.com."""

    name = "alwatan"
    newspaper = Newspaper(
        name="alwatan",
        title="الوطن",
        hosts=("alwatan.sy", "alwatanonline.com"),
        timezone="Asia/Damascus",
        sources=("rest", "sitemap", "feed", "listing"),
        readers=("jannah", "amp", "sahifa", "plaintext"),
        masthead=("صحيفة الوطن",),
        placements=("العناوين الرئيسية",),
        articles_per_day=(20, 150),
    )
    allowed_domains: ClassVar[list[str]] = list(newspaper.hosts)
