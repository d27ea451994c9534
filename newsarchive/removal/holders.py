"""Which processes hold a database open, told from Linux's /proc as far as this user may look."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Holder:
    """A process: its number, and the name of its program."""

    pid: int
    name: str


def of(database: Path) -> list[Holder]:
    """Processes that have the database, or its write-ahead log, open; none where there is no /proc."""
    wanted = {str(database.resolve()) + suffix for suffix in ("", "-wal", "-shm")}
    found = (_holder(folder, wanted) for folder in _PROC.glob("[0-9]*"))
    return sorted((holder for holder in found if holder), key=lambda holder: holder.pid)


def _holder(folder: Path, wanted: set[str]) -> Holder | None:
    try:
        if any(str(link.readlink()) in wanted for link in (folder / "fd").iterdir()):
            words = (folder / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
            return Holder(int(folder.name), _name(words))
    except OSError:  # ended meanwhile, or somebody else's
        return None
    return None


def _name(words: list[str]) -> str:
    """The program's name; of an interpreter, that of the module or script it runs."""
    names = [Path(word).name for word in words if word and not word.startswith("-")]
    if len(names) > 1 and names[0].startswith("python"):
        return names[1]
    return names[0] if names else "?"
