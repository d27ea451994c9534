"""What Scrapy's downloader lacks: a guard of hosts, robots.txt by the RFC, pauses, and raw captures."""

from newsarchive.middlewares.answers import CaptureAnswers
from newsarchive.middlewares.guard import GuardedResolver, HostGuard, Offsite, SourceStopped
from newsarchive.middlewares.pauses import Pauses
from newsarchive.middlewares.robots import Robots, RobotsDisallowed, RobotsUnreachable

__all__ = [
    "CaptureAnswers",
    "GuardedResolver",
    "HostGuard",
    "Offsite",
    "Pauses",
    "Robots",
    "RobotsDisallowed",
    "RobotsUnreachable",
    "SourceStopped",
]
