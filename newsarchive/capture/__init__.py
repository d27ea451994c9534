"""Raw captures: every answer as it came, in WARC/1.1 files, before anything is derived from it.

records: bytes of records. files: the directory they are appended to, repaired after a kill. reading: records
read back. bodies, codings: from a record to the page's bytes. checking: is every byte still what was written?
"""

from newsarchive.capture.bodies import Http, http, made_whole, payload, payload_as_read, payload_sha256
from newsarchive.capture.checking import NOTES, Finding, Problem, check_directory, check_file, manifest
from newsarchive.capture.codings import decode
from newsarchive.capture.files import OPEN, CaptureFiles, Position, Repair, is_own, locate, repair
from newsarchive.capture.reading import Damage, Record, read_at, read_bytes, read_from, walk, walk_wacz
from newsarchive.capture.records import Exchange, exchange, metadata, payload_digest, resource

__all__ = [
    "NOTES",
    "OPEN",
    "CaptureFiles",
    "Damage",
    "Exchange",
    "Finding",
    "Http",
    "Position",
    "Problem",
    "Record",
    "Repair",
    "check_directory",
    "check_file",
    "decode",
    "exchange",
    "http",
    "is_own",
    "locate",
    "made_whole",
    "manifest",
    "metadata",
    "payload",
    "payload_as_read",
    "payload_digest",
    "payload_sha256",
    "read_at",
    "read_bytes",
    "read_from",
    "repair",
    "resource",
    "walk",
    "walk_wacz",
]
