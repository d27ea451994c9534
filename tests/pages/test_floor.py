"""The floor under the page cases. `python benchmarks/pages.py --raise-floor` lifts it and never lowers it."""

import json

from page_cases import ARTICLES, COUNTED, FLOOR, REFUSALS, reached


def test_the_readers_stand_on_their_floor():
    assert reached() == json.loads(FLOOR.read_text()), "run benchmarks/pages.py --raise-floor and say why"


def test_the_floor_is_everything_that_the_cases_expect():
    floor = json.loads(FLOOR.read_text())
    assert floor["fields"] == sum(len(case.expected) for case in ARTICLES)
    assert floor["refusals"] == len(REFUSALS)
    assert all(floor[name] >= least for name, least in zip(COUNTED, (63, 345, 26), strict=True))
