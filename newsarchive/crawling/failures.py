"""Why a request got no answer: the conditions, and each as a reason code and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    NotSupported,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from twisted.internet.error import ConnectError, ConnectionClosed
from twisted.web.client import RequestTransmissionFailed, ResponseFailed

from newsarchive.items import Reason

if TYPE_CHECKING:
    from twisted.python.failure import Failure

NO_ANSWER = (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    NotSupported,
    OSError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
    # Scrapy hands these on as Twisted raises them.
    ConnectError,
    ConnectionClosed,
    RequestTransmissionFailed,
    ResponseFailed,
)
"""What Scrapy's downloader raises when the network, or the server, is at fault."""


class Offsite(IgnoreRequest):
    """A request to somewhere that the newspaper's card does not name."""


class SourceStopped(IgnoreRequest):
    """A request to a web archive that is asked no more in this run."""


class Closed(IgnoreRequest):
    """A request after the day's budget or hours ended; its address stays as it is."""


class RobotsDisallowed(IgnoreRequest):
    """The site's robots.txt asks not to fetch this address."""


class RobotsUnreachable(IgnoreRequest):
    """The site's robots.txt could not be read, so nothing of it is asked (RFC 9309, 2.3.1.4)."""


_REASONS = (
    (Offsite, Reason.OFFSITE),
    (RobotsDisallowed, Reason.ROBOTS_DISALLOWED),
    (RobotsUnreachable, Reason.ROBOTS_UNREACHABLE),
    # What is left of Scrapy's own refusals is the end of a chain of redirects.
    (IgnoreRequest, Reason.REDIRECT_LOOP),
)


def reason_of(failure: Failure) -> tuple[Reason, str]:
    """The reason code of a failed request, and what to say of it.

    Raises the failure's own exception where neither network nor server is at fault: it is an error of ours.
    """
    error = failure.value
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return reason, str(error)
    if not isinstance(error, NO_ANSWER):
        failure.raiseException()
    return Reason.NETWORK_ERROR, f"{type(error).__name__}: {error}"
