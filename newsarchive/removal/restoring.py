"""What was taken down comes back: its sealed captures are taken in again, as `scrapy ingest captures/` would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsarchive.offline import captured, rebuilding
from newsarchive.removal import removing
from newsarchive.storage.connection import transaction

if TYPE_CHECKING:
    from newsarchive.archive import Archive


def bring_back(archive: Archive) -> int:
    """Take in what lifted takedowns and ended embargoes sealed; returns how many articles came back.

    Killed, it does the same again. Raises CaptureError, OSError where a record cannot be read.
    """
    known = archive.takedowns
    if known.sealed is None or not known.lifted:
        return 0
    sealed = known.sealed
    made = [made for number in known.lifted for made in sealed.captures(number)]
    visits = rebuilding.Visits(archive)
    for one in sorted(made, key=lambda one: (one.warc_file, one.warc_offset)):
        record = captured.record_at(archive.capture_dir, one.warc_file, one.warc_offset, one.warc_length)
        visits.take(record, one.warc_file)
    visits.end()
    archive.flush()
    with transaction(sealed.connection):
        for number in known.lifted:
            sealed.forget(number)
    removing.recheck_withheld(archive.connection, known, archive.capture_dir)
    count = len(known.lifted)
    known.lifted.clear()
    return count
