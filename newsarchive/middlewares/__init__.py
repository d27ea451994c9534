"""What Scrapy's downloader lacks: guards of hosts and budget, robots.txt by the RFC, pauses, and raw captures."""

from newsarchive.middlewares.answers import CaptureAnswers
from newsarchive.middlewares.guard import BudgetGuard, GuardedResolver, HostGuard
from newsarchive.middlewares.pauses import Pauses
from newsarchive.middlewares.robots import Robots

__all__ = ["BudgetGuard", "CaptureAnswers", "GuardedResolver", "HostGuard", "Pauses", "Robots"]
