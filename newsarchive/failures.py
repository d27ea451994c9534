"""Why no answer came, as a reason code and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import IgnoreRequest

from newsarchive.items import Reason
from newsarchive.middlewares import Offsite, RobotsDisallowed, RobotsUnreachable

if TYPE_CHECKING:
    from twisted.python.failure import Failure

_REASONS = (
    (Offsite, Reason.OFFSITE),
    (RobotsDisallowed, Reason.ROBOTS_DISALLOWED),
    (RobotsUnreachable, Reason.ROBOTS_UNREACHABLE),
    # What is left of Scrapy's own refusals is the end of a chain of redirects.
    (IgnoreRequest, Reason.REDIRECT_LOOP),
)


def reason_of(failure: Failure) -> tuple[Reason, str]:
    """The reason code of a failed request, and what to say of it."""
    error = failure.value
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return reason, str(error)
    return Reason.NETWORK_ERROR, f"{type(error).__name__}: {error}"
