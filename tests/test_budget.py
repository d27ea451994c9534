"""How much the paper's server may be asked, and when."""

from datetime import UTC, datetime

import pytest

from newsarchive.crawling.budget import Budget, parse
from newsarchive.exceptions import SettingsError
from newsarchive.middlewares.pauses import retry_after


def at(hour):
    return datetime(2026, 1, 1, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "hour", "begins"),
    [
        ((22, 6), 23, None),
        ((22, 6), 5, None),
        ((22, 6), 6, 22),
        ((22, 6), 12, 22),
        ((1, 5), 1, None),
        ((1, 5), 5, 1),
    ],
)
def test_hours_may_cross_midnight(hours, hour, begins):
    assert Budget(0, hours).closed_until(at(hour)) == begins


def test_without_hours_the_day_is_open():
    assert Budget().closed_until(at(3)) is None


@pytest.mark.parametrize(
    ("asked", "blocks", "left"), [(0, 0, 100), (30, 0, 70), (130, 0, 0), (0, 1, 50), (0, 3, 12)]
)
def test_each_block_in_a_row_halves_the_budget(asked, blocks, left):
    assert Budget(100).left(asked, blocks) == left


@pytest.mark.parametrize(("per_day", "asked", "left"), [(100, 0, 5), (100, 3, 2), (100, 5, 0), (4, 0, 4)])
def test_after_many_blocks_so_many_are_left_that_their_end_is_noticed(per_day, asked, left):
    assert Budget(per_day).left(asked, 10) == left


def test_no_budget_is_no_bound():
    assert Budget().left(10**6, 0) is None


@pytest.mark.parametrize(
    ("requests", "hours"), [("many", ""), ("-1", ""), ("5", "22"), ("5", "25-3"), ("5", "3-3")]
)
def test_nonsense_is_refused(requests, hours):
    with pytest.raises(SettingsError):
        parse(requests, hours)


NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (b"120", 120.0), (b"0", 0.0), (b"Thu, 01 Jan 2026 12:01:00 GMT", 60.0),
        (b"Thu, 01 Jan 2026 11:00:00 GMT", 0.0), (b"soon", None), (b"-5", None), (None, None), (b"", None),
    ],
)  # fmt: skip
def test_retry_after_is_read_in_both_forms(header, seconds):
    assert retry_after(header, NOW) == seconds
