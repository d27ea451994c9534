"""What stands on the sites and is no article: each with the reason a reader must refuse it for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from newsarchive.items import Reason
from newsarchive.sample.dress import Dress
from newsarchive.sample.jannah import jannah_article
from newsarchive.sample.markup import fill
from newsarchive.sample.sites import DAMASCUS, NEWSPAPER, SITES, WEB_NEWS, Site
from newsarchive.sample.stories import SampleArticle, slug_of
from newsarchive.sample.surroundings import jannah_page

if TYPE_CHECKING:
    from collections.abc import Callable

Stories = tuple[SampleArticle, ...]


@dataclass(frozen=True, kw_only=True)
class Other:
    """A post or page that is not an article.

    `links` are the addresses of an issue's PDFs; `listed` says that
    sitemaps, feeds and REST name it among the posts; `category` is a slug.
    """

    host: str
    post_id: int
    path: str
    title: str
    reason: Reason
    published: datetime
    draw: Callable[[Other, Stories], bytes]
    links: tuple[str, ...] = ()
    listed: bool = True
    category: str | None = None

    @property
    def site(self) -> Site:
        """The site it stands on."""
        return SITES[self.host]

    @property
    def address(self) -> str:
        """The normal address."""
        return f"https://{self.host}{self.path}"

    @property
    def modified(self) -> datetime:
        """When it was last changed: never."""
        return self.published

    def render(self, shown: Stories) -> bytes:
        """The page; `shown` are the stories its lists show."""
        return self.draw(self, shown)


def not_found(site: Site, shown: Stories) -> bytes:
    """The theme's page for an unknown address."""
    return jannah_page(
        site,
        shown,
        head=(
            f'\t<title>الصفحة غير موجودة - {site.title}</title>\n\t<meta name="robots" content="noindex, follow">'
        ),
        body_class="rtl error404 wp-theme-jannah wrapper-has-shadow is-desktop",
        main=fill("not-found.html", home=site.home),
    )


def _as_post(other: Other) -> SampleArticle:
    return SampleArticle(
        post_id=other.post_id,
        host=other.host,
        title=other.title,
        parts=((),),
        published=other.published,
        modified=other.published,
        categories=(other.category or other.site.categories[0].slug,),
        dress=Dress.named("jannah7 yoast"),
        picture=f"{other.post_id}.png",
    )


def _photo(other: Other, shown: Stories) -> bytes:
    picture = f'<p><img src="/wp-content/uploads/{other.published:%Y/%m}/{other.post_id}-1.png" alt="" /></p>'
    return jannah_article(_as_post(other), shown[:6], shown, body=picture)


def _issue(other: Other, shown: Stories) -> bytes:
    paths = (link.removeprefix(f"https://{other.host}") for link in other.links)
    links = "\n".join(
        f'<p><a href="{path}"><img src="/wp-content/uploads/{other.post_id}-{number}.png" alt="" /></a></p>'
        for number, path in enumerate(paths, 1)
    )
    return jannah_article(_as_post(other), shown[:6], shown, body=links)


def _static(other: Other, shown: Stories) -> bytes:
    site = other.site
    return jannah_page(
        site,
        shown,
        head=f'\t<title>{other.title} - {site.title}</title>\n\t<link rel="canonical" href="{other.address}">',
        body_class=f"rtl page-template-default page page-id-{other.post_id} wrapper-has-shadow is-desktop",
        main=fill("static-page.html"),
    )


def _foreign(other: Other, _shown: Stories) -> bytes:
    site = other.site
    return fill(
        "jnews-article.html",
        title=other.title,
        address=other.address,
        post_id=other.post_id,
        home=site.home,
        site=site.title,
    ).encode()


def _soft_404(other: Other, shown: Stories) -> bytes:
    return not_found(other.site, shown)


def _issue_of(post_id: int, title: str, published: datetime, pages: int) -> Other:
    folder = f"https://{NEWSPAPER.host}/wp-content/uploads/{published:%Y/%m}"
    return Other(
        host=NEWSPAPER.host,
        post_id=post_id,
        path=f"/archives/{post_id}",
        title=title,
        reason=Reason.ISSUE_PAGE,
        published=published,
        draw=_issue,
        links=tuple(f"{folder}/{post_id}-{page}.pdf" for page in range(1, pages + 1)),
        category="newspaper",
    )


def load_others() -> tuple[Other, ...]:
    """Every page of the sample that is not an article."""
    stamp_show = "معرض الطوابع السنوي يفتح أبوابه"
    return (
        _issue_of(
            168020,
            "العدد 3012 الخميس 11 تشرين الأول 2018",
            datetime(2018, 10, 11, 0, 40, tzinfo=DAMASCUS),
            12,
        ),
        _issue_of(
            285260, "العدد 3741 الأحد 17 تشرين الأول 2021", datetime(2021, 10, 17, 0, 35, tzinfo=DAMASCUS), 8
        ),
        Other(
            host=NEWSPAPER.host,
            post_id=231400,
            path="/archives/231400",
            title="صورة اليوم: ربيع الغوطة",
            reason=Reason.NO_TEXT,
            published=datetime(2020, 4, 19, 9, 5, tzinfo=DAMASCUS),
            draw=_photo,
            category="local",
        ),
        Other(
            host=NEWSPAPER.host,
            post_id=302900,
            path="/archives/302900",
            title="خبر حذف",
            reason=Reason.NOT_FOUND_PAGE,
            published=datetime(2022, 5, 10, 18, 0, tzinfo=DAMASCUS),
            draw=_soft_404,
            category="syria",
        ),
        Other(
            host=NEWSPAPER.host,
            post_id=12,
            path="/contact",
            title="اتصل بنا",
            reason=Reason.STATIC_PAGE,
            published=datetime(2015, 2, 1, 12, 0, tzinfo=DAMASCUS),
            draw=_static,
            listed=False,
        ),
        Other(
            host=WEB_NEWS.host,
            post_id=2140,
            path=f"/{_quoted(stamp_show)}",
            title=stamp_show,
            reason=Reason.UNKNOWN_LAYOUT,
            published=datetime(2016, 4, 3, 13, 59, tzinfo=DAMASCUS),
            draw=_foreign,
            category="misc",
        ),
    )


def _quoted(title: str) -> str:
    return quote(slug_of(title))
