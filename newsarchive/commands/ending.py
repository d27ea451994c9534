"""How a verb ends: with an exit code and one line for what a person can mend, and no matter who hears it."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from newsarchive.exceptions import NewsArchiveError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.commands import ScrapyCommand

# What a shell says of a program that SIGPIPE ended.
UNHEARD = 141

logger = logging.getLogger(__name__)


@contextmanager
def ending(command: ScrapyCommand) -> Iterator[None]:
    """Make one line and an exit code of an error that a person can mend, and of a reader that has gone (`| head`)."""
    try:
        yield
        if sys.stdout:
            sys.stdout.flush()
    except NewsArchiveError as error:
        _tell(command, str(error), error.exit_code)
    except BrokenPipeError:
        _speak_to_nobody()
        command.exitcode = UNHEARD
    except OSError as error:
        if error.filename is None:
            raise
        _tell(command, f"{error.filename}: {error.strerror}", SettingsError.exit_code)


def _tell(command: ScrapyCommand, trouble: str, exit_code: int) -> None:
    verb = type(command).__module__.rpartition(".")[2]
    print(f"scrapy {verb}: {trouble}", file=sys.stderr)
    command.exitcode = exit_code


def say(text: str) -> None:
    """Print the last words of a run that stand in its row too: that nobody takes them is a line of the log."""
    try:
        print(text, flush=True)
    except OSError as error:
        logger.warning("standard output takes no more (%s); the verdict stands in the table “runs”", error)
        _speak_to_nobody()


def _speak_to_nobody() -> None:
    """What standard output still holds would fail again when Python ends, and make that the exit code."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
