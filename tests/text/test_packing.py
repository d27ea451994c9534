"""Row ids take two bytes each and are read as what they were."""

import random
from array import array

import pytest

from newsarchive.text.packing import RowIds, packed

LOWEST, HIGHEST = -(2**63), 2**63 - 1
IDS = {
    "none": [],
    "one": [7],
    "of consecutive days": [day * 4096 + number for day in range(39_000, 39_120) for number in range(137)],
    "one in each block": list(range(0, 2**16 * 50, 2**16 + 3)),
    "at the edges of blocks": [-(2**16) - 1, -(2**16), -1, 0, 2**16 - 1, 2**16, 2**17],
    "everywhere": [LOWEST, *sorted(random.Random(1).sample(range(-(2**40), 2**40), 500)), HIGHEST],
}


@pytest.mark.parametrize("ids", IDS.values(), ids=IDS)
def test_ids_are_unpacked_as_they_were(ids):
    unpacked = RowIds.unpacked(packed(ids))
    assert unpacked.at(range(len(ids))) == ids
    assert unpacked.at(reversed(range(len(ids)))) == ids[::-1]
    assert len(unpacked.lows) == len(ids)


@pytest.mark.parametrize("ids", list(IDS.values())[1:], ids=list(IDS)[1:])
def test_some_of_the_ids_are_found_in_their_places(ids):
    chance = random.Random(2)
    places = sorted(chance.sample(range(len(ids)), (len(ids) + 1) // 2))
    unpacked = RowIds.unpacked(packed(ids))
    assert unpacked.places([ids[place] for place in places]) == places
    assert unpacked.at(places) == [ids[place] for place in places]


@pytest.mark.parametrize("ids", IDS.values(), ids=IDS)
def test_only_the_same_ids_are_the_same(ids):
    unpacked = RowIds.unpacked(packed(ids))
    assert unpacked.are(array("q", ids))
    for at in {*range(0, len(ids), max(1, len(ids) // 7)), *range(len(ids))[-1:]}:
        others = [*ids[:at], *ids[at + 1 :]]
        assert not unpacked.are(array("q", others))
        for other in (ids[at] + 1, ids[at] + 2**16, ids[at] + 2**40, ids[at] - 2**16):
            if LOWEST <= other <= HIGHEST and other not in ids:
                assert not unpacked.are(array("q", sorted([*others, other])))


def test_ids_of_days_take_little_more_than_two_bytes_each():
    ids = IDS["of consecutive days"]
    assert len(packed(ids)) < 2.02 * len(ids)
