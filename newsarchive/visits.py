"""What an answer to an article's address means: an article, or why there is none. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsarchive import pages
from newsarchive.items import BLOCKS, Article, Reason, Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from newsarchive.items import Newspaper

_GONE = frozenset({404, 410})
_FORBIDDEN = frozenset({401, 403, 451})
_OK = 200
_BUSY = frozenset(["HTTP 429", "HTTP 503"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A final answer as it reached us.

    url: the normal address it is an answer for. final_url: the normal address it came from, after redirects.
    body: decoded. captured_at: aware. challenged: the server's own header says that this is a challenge.
    """

    url: str
    final_url: str
    status: int
    body: bytes
    content_type: str | None
    captured_at: datetime
    truncated: bool = False
    challenged: bool = False


def read(answer: Answer, newspaper: Newspaper) -> Article | Refusal:
    """Read an answer: by its status, by where it came from, then by its page."""
    refused = _refused_by_status(answer) or _refused_by_address(answer)
    if refused:
        return Refusal(url=answer.url, newspaper=newspaper.name, reason=refused[0], detail=refused[1])
    result = pages.read(answer.body, answer.url, answer.content_type, answer.captured_at, newspaper)
    if isinstance(result, Refusal):
        return replace(result, newspaper=newspaper.name)
    return result


def turned_away(item: Article | Refusal) -> bool:
    """Whether the server gave nothing and would give no more of another address: a block, a busy or a dead host."""
    if not isinstance(item, Refusal):
        return False
    return item.reason in {*BLOCKS, Reason.NETWORK_ERROR} or (
        item.reason is Reason.HTTP_ERROR and item.detail in _BUSY
    )


def reason_of_status(status: int) -> Reason:
    """Why an answer with this status other than 200 is no article."""
    if status in _GONE:
        return Reason.HTTP_GONE
    return Reason.HTTP_FORBIDDEN if status in _FORBIDDEN else Reason.HTTP_ERROR


def joined(parts: Sequence[Article]) -> Article:
    """A paged article from its parts in order: the first part's record with everybody's paragraphs."""
    first = parts[0]
    return replace(
        first,
        paragraphs=tuple(paragraph for part in parts for paragraph in part.paragraphs),
        byline=first.byline or parts[-1].byline,
        writer=first.writer or parts[-1].writer,
        place=first.place or parts[-1].place,
        agency=first.agency or parts[-1].agency,
        captures=tuple(capture for part in parts for capture in part.captures),
        next_page=None,
    )


def _refused_by_status(answer: Answer) -> tuple[Reason, str] | None:
    status = answer.status
    if answer.challenged:
        return Reason.CHALLENGE_PAGE, f"HTTP {status} with a challenge header"
    if status in _GONE:
        return Reason.HTTP_GONE, f"HTTP {status}"
    if status in _FORBIDDEN:
        return Reason.HTTP_FORBIDDEN, f"HTTP {status}"
    if status != _OK:
        return (Reason.EMPTY_ANSWER if status // 100 == 2 else Reason.HTTP_ERROR), f"HTTP {status}"  # noqa: PLR2004
    if answer.truncated:
        return Reason.INCOMPLETE, f"the answer broke off after {len(answer.body)} bytes"
    if not answer.body.strip():
        return Reason.EMPTY_ANSWER, "HTTP 200 without a body"
    return None


def _refused_by_address(answer: Answer) -> tuple[Reason, str] | None:
    if answer.final_url != answer.url and urlsplit(answer.final_url).path in {"", "/"}:
        return Reason.REDIRECTED_HOME, f"redirected to {answer.final_url}"
    return None
