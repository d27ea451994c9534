"""A capture file torn at random bytes and spoilt by random bit flips, against the sample's archive.

    python benchmarks/damage.py [CUTS] [FLIPS]

Each of the cuts (300 unless told) is what a kill in the middle of a write leaves: the next run's repair has to leave
whole records and nothing else, keep the torn bytes aside, and go on. Each of the flips (100 unless told) that changes
a record has to be reported by `scrapy verify` with exit code 10. Exits with 1 where one is not.
"""

import argparse
import contextlib
import io
import random
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from running import home, scrapy

from newsarchive import capture
from newsarchive.commands.verify import verify
from newsarchive.removal.takedowns import Takedowns
from newsarchive.storage.connection import connect_for_reading

CLEAN, WRONG = 0, 10


@dataclass
class Spoilt:
    """The sample's archive; its one capture file is spoilt again and again."""

    folder: Path

    def __post_init__(self):
        (self.warc,) = (self.folder / "captures").glob("*.warc.gz")
        self.data = self.warc.read_bytes()
        self.records = {r.offset: (r.length, r.headers, r.block) for r in capture.walk(self.warc)}

    def verified(self):
        """The exit code of `scrapy verify`."""
        connection = connect_for_reading(self.folder / "archive.db")
        with contextlib.redirect_stdout(io.StringIO()), contextlib.closing(connection):
            return verify(connection, self.folder / "captures", None, Takedowns(None))

    def survives(self, cut, work):
        """Whether repair makes the best of the first `cut` bytes, and the next run can write."""
        work.mkdir()
        (work / f"{self.warc.name}.open").write_bytes(self.data[:cut])
        capture.repair(work, "alwatan")
        whole = max((offset + r[0] for offset, r in self.records.items() if offset + r[0] <= cut), default=0)
        kept = work / self.warc.name
        if (kept.read_bytes() if kept.exists() else b"") != self.data[:whole]:
            return False
        torn = work / f"{self.warc.name}.torn-{whole}"
        if (torn.read_bytes() if torn.exists() else b"") != self.data[whole:cut]:
            return False
        with capture.CaptureFiles(work, "alwatan") as files:
            files.append([capture.resource("urn:x", "2026-01-01T00:00:00Z", "text/plain", b"x")])
        return all(list(capture.walk(path)) for path in work.glob("*.warc.gz"))

    def told(self, chance):
        """Whether one flipped bit changed a record, and whether that was reported."""
        spoiled = bytearray(self.data)
        spoiled[chance.randrange(len(spoiled))] ^= 1 << chance.randrange(8)
        self.warc.write_bytes(spoiled)
        found = {r.offset: (r.length, r.headers, r.block) for r in capture.walk(self.warc, lambda _: None)}
        return found != self.records, self.verified() == WRONG


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cuts", type=int, nargs="?", default=300)
    parser.add_argument("flips", type=int, nargs="?", default=100)
    given, chance = parser.parse_args(), random.Random(300)
    with tempfile.TemporaryDirectory() as directory:
        folder = home(Path(directory))
        scrapy(folder, "demo", check=0)
        spoilt = Spoilt(folder)
        assert spoilt.verified() == CLEAN
        whole = 0
        for cut in chance.sample(range(len(spoilt.data)), given.cuts):
            whole += spoilt.survives(cut, folder / "work")
            shutil.rmtree(folder / "work")
        told = [spoilt.told(chance) for _ in range(given.flips)]
    changing = [reported for changes, reported in told if changes]
    print(f"{whole} of {given.cuts} torn files repaired to their last whole record and written on")
    print(
        f"{sum(changing)} of {len(changing)} flipped bits that change a record reported by verify"
        f" ({given.flips - len(changing)} change none, {sum(r for c, r in told if not c)} of those reported)"
    )
    return 0 if whole == given.cuts and all(changing) and changing else 1


if __name__ == "__main__":
    sys.exit(main())
