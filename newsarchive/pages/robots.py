"""What a page asks of robots: `<meta name="robots">` and X-Robots-Tag.

<https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag>; `noarchive` there means a cached copy.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

WISHES = frozenset(["noarchive", "noindex"])
# The head of a page; what stands behind it is no head.
_HEAD_BYTES = 256 << 10
_META = re.compile(rb"<meta\s[^>]{0,2000}>", re.IGNORECASE)
_ROBOTS = re.compile(rb"""\bname\s*=\s*["']?robots["'\s>/]""", re.IGNORECASE)
_CONTENT = re.compile(rb"""\bcontent\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
# A line that names one robot: `googlebot: noindex`. These names are rules with a value.
_NAMED = re.compile(r"\s*(?!unavailable_after|max-)[\w-]+\s*:")


def wishes(body: bytes, headers: Iterable[str] = ()) -> frozenset[str]:
    """Which of `WISHES` a decoded page and its X-Robots-Tag headers state to every robot; `none` is noindex."""
    lines = [line for line in headers if not _NAMED.match(line)]
    for tag in _META.findall(body[:_HEAD_BYTES]):
        content = _CONTENT.search(tag) if _ROBOTS.search(tag) else None
        if content:
            lines.append(b"".join(part or b"" for part in content.groups()).decode("latin-1"))
    rules = {rule.strip().lower() for line in lines for rule in line.split(",")}
    return WISHES & (rules | {"noindex"} if "none" in rules else rules)
