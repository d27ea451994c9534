"""How far long work has come: a moving line on a terminal, a plain line now and then in a log."""

from __future__ import annotations

import logging
import sys
import time
from typing import TYPE_CHECKING, Self

from tqdm import tqdm

if TYPE_CHECKING:
    from types import TracebackType

_LINE_EVERY_SECONDS = 30.0

logger = logging.getLogger(__name__)


class Progress:
    """Counts steps of one kind. `total` is None where nobody knows how many there will be."""

    def __init__(self, unit: str, total: int | None = None, *, show: bool = True) -> None:
        self._unit = unit
        self._total = total
        self._done = 0
        self._said_at = time.monotonic()
        self._bar = None
        if show and sys.stderr.isatty():
            # The line says all that the lines of the log would.
            logging.getLogger("newsarchive").setLevel(logging.WARNING)
            self._bar = tqdm(total=total, unit=f" {unit}", file=sys.stderr)

    def __enter__(self) -> Self:
        """The counter itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the terminal tidy."""
        self.close()

    def step(self, count: int = 1) -> None:
        """So many more are done."""
        self._done += count
        if self._bar is not None:
            self._bar.update(count)
        elif time.monotonic() - self._said_at >= _LINE_EVERY_SECONDS:
            self._said_at = time.monotonic()
            of = f" of {self._total}" if self._total is not None else ""
            logger.info("%d%s %s", self._done, of, self._unit)

    def write(self, line: str) -> None:
        """Print a line, above the moving one where there is one."""
        tqdm.write(line, file=sys.stdout)

    def on_item(self) -> None:
        """One more, as Scrapy's signals tell it."""
        self.step()

    def close(self) -> None:
        """Leave the terminal tidy."""
        if self._bar is not None:
            self._bar.close()
