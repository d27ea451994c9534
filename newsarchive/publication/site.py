"""What every template is given as `site`: the reader's language, its words, its dates, its addresses."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, quote, quote_plus, urlencode, urlsplit
from weakref import WeakKeyDictionary

from markupsafe import Markup, escape

from newsarchive.publication import words
from newsarchive.publication.archives import archive_of

if TYPE_CHECKING:
    from datasette.app import Datasette
    from datasette.utils.asgi import Request
    from jinja2 import Environment
    from jinja2.environment import TemplateModule

    from newsarchive.publication.archives import Archive

DEFAULT_LANGUAGE: Final = "ar"
_LATIN: Final = re.compile(r"(https?://\S*[^\s.]|SHA-256: [0-9a-f]+|\b[a-z]+-[0-9a-zx]+\b)")
_STATIC: Final = "/-/static-plugins/newsarchive/"

_environments: Final[WeakKeyDictionary[Datasette, Environment]] = WeakKeyDictionary()

# a page names the same words, sections and years in a hundred addresses
_WORDS_REMEMBERED: Final = 1_024
_LONGEST_REMEMBERED: Final = 100

_quoted: Final = lru_cache(maxsize=_WORDS_REMEMBERED)(quote_plus)


def _encoded(value: str) -> str:
    return _quoted(value) if len(value) <= _LONGEST_REMEMBERED else quote_plus(value)


class Site:
    """One request's view of the site. Addresses keep the reader's language and Datasette's base_url."""

    def __init__(self, datasette: Datasette, archive: Archive, request: Request | None) -> None:
        self.archive = archive
        self.datasette = datasette
        self.request = request
        asked = request.args.get("lang") if request is not None else None
        self.lang = asked if asked in words.LANGUAGES else DEFAULT_LANGUAGE
        self.dir = "rtl" if self.lang == "ar" else "ltr"
        self.base = str(datasette.setting("base_url")).rstrip("/")

    @property
    def leads(self) -> bool:
        """Whether the pages of this server are this archive's: of several the first has them."""
        return self.archive == archive_of(self.datasette)

    @property
    def title(self) -> str:
        """The newspaper's name."""
        return self.archive.title

    def t(self, key: str, /, **values: object) -> str:
        """The words for `key`."""
        return words.word(key, self.lang, **values)

    def known(self, prefix: str, value: str | None) -> str:
        """The words for `prefix.value`, or the value itself where the table has none."""
        key = f"{prefix}.{value}"
        return words.word(key, self.lang) if key in words.table() else str(value)

    def count(self, number: int, noun: str) -> str:
        """A counted noun."""
        return words.counted(number, noun, self.lang)

    def number(self, number: float) -> str:
        """A number with its thousands apart."""
        return f"{number:,}"

    def date(self, value: str | None, *, weekday: bool = False) -> str | None:
        """A date in words."""
        return words.long_date(value, self.lang, weekday=weekday)

    def months(self, first: str, last: str) -> str | None:
        """A month (YYYY-MM) or a run of them in words; whole years as years."""
        if first.endswith("-01") and last.endswith("-12"):
            first, last = first[:4], last[:4]
        return self.date(first) if first == last else f"{self.date(first)} – {self.date(last)}"

    def moment(self, value: str | None) -> str | None:
        """A time in words, with its zone."""
        return words.long_moment(value, self.lang)

    def month(self, number: int) -> str:
        """A month's name."""
        return words.month_name(number, self.lang)

    def url(self, path: str, **query: object) -> str:
        """An address of ours; parameters that are None or empty are left out."""
        given = {key.rstrip("_"): str(value) for key, value in query.items() if value not in (None, "")}
        if self.lang != DEFAULT_LANGUAGE:
            given.setdefault("lang", self.lang)
        parameters = "&".join([f"{key}={_encoded(value)}" for key, value in given.items()])
        return self.base + path + (f"?{parameters}" if parameters else "")

    def article(self, key: str, suffix: str = "") -> str:
        """The address of an article's page, or of what follows it (`.bib`, `/changes`)."""
        return self.url(f"/article/{quote(key, safe='')}{suffix}")

    def static(self, name: str) -> str:
        """The address of a file of ours."""
        return f"{self.base}{_STATIC}{name}"

    def tables(self, table: str | None = None) -> str:
        """Datasette's page of the archive or of one table."""
        urls = self.datasette.urls
        name = self.archive.database
        return self.keep(str(urls.table(name, table) if table else urls.database(name)))

    def keep(self, address: str) -> str:
        """Any address of this server, with the reader's language added."""
        if self.lang == DEFAULT_LANGUAGE or "lang=" in address:
            return address
        return f"{address}{'&' if '?' in address else '?'}lang={self.lang}"

    def isolated(self, text: str) -> Markup:
        """A text with each address, key and digest in it kept in one piece, whatever the direction around it."""
        pieces = _LATIN.split(text)
        return Markup("").join(
            Markup('<bdi dir="ltr">{}</bdi>').format(piece) if number % 2 else escape(piece)
            for number, piece in enumerate(pieces)
        )

    @cached_property
    def _origin(self) -> str:
        return str(self.datasette.absolute_url(self.request, "/")).removesuffix("/") if self.request else ""

    def absolute(self, address: str) -> str:
        """An address of ours, which begins with a slash, with scheme and host as the request named them."""
        return self._origin + address

    def other_language(self) -> str:
        """The same page in the other language."""
        lang = "en" if self.lang == "ar" else "ar"
        if self.request is None:
            return f"{self.base}/?lang={lang}"
        query = [(key, value) for key, value in self._query() if key != "lang"]
        query += [("lang", lang)] if lang != DEFAULT_LANGUAGE else []
        path: str = urlsplit(self.request.full_path).path
        return "/" + path.lstrip("/") + (f"?{urlencode(query)}" if query else "")

    def _query(self) -> list[tuple[str, str]]:
        assert self.request is not None
        return parse_qsl(self.request.query_string, keep_blank_values=True)

    @cached_property
    def parts(self) -> TemplateModule:
        """The macros of `_parts.html`.

        Pages use them many times; Datasette's asynchronous environment, where every call may be awaited, would
        take three times as long.
        """
        return self._environment.get_template("newsarchive/_parts.html").make_module({"site": self})

    def fragment(self, name: str, **context: object) -> Markup:
        """`newsarchive/NAME.html` rendered for a long part of a page."""
        template = self._environment.get_template(f"newsarchive/{name}.html")
        return Markup(template.render(site=self, **context))  # noqa: S704 - the environment escapes

    @property
    def _environment(self) -> Environment:
        known = _environments.get(self.datasette)
        if known is None:
            known = _environments[self.datasette] = self.datasette.jinja_env.overlay(enable_async=False)
        return known

    def context(self, **more: object) -> dict[str, object]:
        """The context of one of our own pages: `database` tells the hooks that it is the archive's."""
        return {"site": self, "database": self.archive.database, **more}
