"""Where the web archives are asked, and how often: the settings' addresses and no others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from newsarchive.exceptions import SettingsError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

WEB_ARCHIVE = "web_archive"
"""Key of `request.meta`: the source (wayback, commoncrawl) that a request to a web archive is for."""

MEMENTO = "memento"
"""Key of `request.meta`: (Memento, normal address) of a request for a copy."""

NO_COPY = "no_copy"
"""Key of `response.meta`: why an answer to such a request holds no copy (`webarchives.NoCopy`)."""

COPY = "copy"
"""Flag of a response that is the newspaper's own answer, as a web archive gave it."""

BROKE_OFF = "broke-off"
"""Flag of a response that broke off on its way from a web archive."""

_SERVICES = (
    ("ARCHIVE_WAYBACK_URL", "wayback"),
    ("ARCHIVE_COMMONCRAWL_INDEX_URL", "commoncrawl"),
    ("ARCHIVE_COMMONCRAWL_DATA_URL", "commoncrawl"),
)
_DEFAULTS = ("https://web.archive.org", "https://index.commoncrawl.org", "https://data.commoncrawl.org")


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Base addresses without a final slash, and seconds between two requests to each."""

    wayback: str
    index: str
    data: str
    seconds: tuple[float, float, float]

    @classmethod
    def from_settings(
        cls, settings: Mapping[Any, Any], sources: Collection[str], *, stands_in: bool
    ) -> Endpoints:
        """The archives that the settings name. Raises SettingsError.

        A stand-in for the newspaper needs stand-ins for the archives: the sample is not the paper's history.
        """
        bases = [_base(name, str(settings[name])) for name, _ in _SERVICES]
        for (name, source), base in zip(_SERVICES, bases, strict=True):
            if stands_in and source in sources and base in _DEFAULTS:
                raise SettingsError(f"-a site= needs a stand-in for {base} too: -s {name}=http://…")
        delays = (
            "ARCHIVE_WAYBACK_DELAY",
            "ARCHIVE_COMMONCRAWL_INDEX_DELAY",
            "ARCHIVE_COMMONCRAWL_DATA_DELAY",
        )
        wayback, index, data = (float(settings[name]) for name in delays)
        return cls(bases[0], bases[1], bases[2], (wayback, index, data))

    def allow(self, source: str, url: str) -> bool:
        """Whether this is an address of the named source's service."""
        if source == "wayback":
            return url.startswith((f"{self.wayback}/cdx/search/cdx?", f"{self.wayback}/web/"))
        return url.startswith(
            (f"{self.index}/CC-MAIN-", f"{self.index}/collinfo.json", f"{self.data}/crawl-data/")
        )

    def delays(self) -> dict[str, float]:
        """Seconds between two requests by host (and port); where services share one, the longest."""
        found: dict[str, float] = {}
        for base, seconds in zip((self.wayback, self.index, self.data), self.seconds, strict=True):
            netloc = urlsplit(base).netloc
            found[netloc] = max(seconds, found.get(netloc, 0.0))
        return found


def _base(name: str, value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise SettingsError(f"{name}={value} is no base address; write it as https://web.archive.org")
    return value.rstrip("/")
