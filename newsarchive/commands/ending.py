"""How a verb ends: with an exit code and one line for what a person can mend, and no matter who hears it."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from newsarchive.exceptions import NewsArchiveError, OutOfSpaceError, SettingsError
from newsarchive.places import NO_SPACE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.commands import ScrapyCommand

    from newsarchive.archive import Archive

# What a shell says of a program that SIGPIPE ended.
UNHEARD = 141
_OURS = NewsArchiveError.exit_code

logger = logging.getLogger(__name__)


@contextmanager
def ending(command: ScrapyCommand) -> Iterator[None]:
    """Make one line and an exit code of an error that a person can mend, and of a reader that has gone (`| head`)."""
    try:
        yield
        if sys.stdout:
            sys.stdout.flush()
    except BrokenPipeError:
        _speak_to_nobody()
        command.exitcode = UNHEARD
    except (NewsArchiveError, OSError) as error:
        code = exit_code_of(error)
        if isinstance(error, OSError) and code == _OURS:
            raise
        _tell(command, told(error), code)


@contextmanager
def run_of(archive: Archive) -> Iterator[None]:
    """Close the archive behind a writing verb, and end the run's row where an error ends the verb.

    A row that does not end says that the run was killed; so does this one where the database cannot be written.
    """
    try:
        yield
    except (NewsArchiveError, OSError) as error:
        with suppress(NewsArchiveError):
            archive.end(verdict=f"ended      {told(error)}", exit_code=exit_code_of(error))
        raise
    finally:
        archive.close()


def exit_code_of(error: NewsArchiveError | OSError) -> int:
    """The exit code of an error that ends a verb; 1 for what nobody but us can mend."""
    if isinstance(error, NewsArchiveError):
        return error.exit_code
    if isinstance(error, BrokenPipeError):
        return UNHEARD
    if error.errno in NO_SPACE:
        return OutOfSpaceError.exit_code
    return _OURS if error.filename is None else SettingsError.exit_code


def told(error: NewsArchiveError | OSError) -> str:
    """One line for a person. A write that fails does not know its file."""
    if isinstance(error, NewsArchiveError):
        return str(error)
    if error.filename is None:
        return "no space left on the disk that is written to" if error.errno in NO_SPACE else str(error)
    return f"{error.filename}: {error.strerror}"


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
