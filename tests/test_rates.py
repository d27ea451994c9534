"""The rates that show a silent change of layout, and the bands they are held against."""

from newsarchive.reporting import rates


def articles(*bylines, reader="jannah"):
    """Articles in the order in which they were stored, as the archive gives them: backwards."""
    return [{"reader": reader, "byline": int(filled)} for filled in reversed(bylines)]


def run(*bylines, visits=0, refusals=None):
    return rates.counted(articles(*bylines), visits, refusals or {})


def earlier(rate, size=100):
    return {"fill": {"jannah": {"articles": size, "byline": rate}}}


def test_a_rate_is_the_share_of_articles_with_the_field():
    record = run(1, 1, 0, 1).record()
    assert record["fill"] == {"jannah": {"articles": 4, "byline": 0.75}}


def test_refusals_are_shares_of_the_visits():
    record = run(visits=50, refusals={"no-text": 2}).record()
    assert record["refusals"] == {"visits": 50, "no-text": 0.04}


def test_without_history_nothing_is_unusual():
    assert rates.unusual(run(*[0] * 50), []) == []


def test_a_rate_within_a_twentieth_of_the_usual_is_usual():
    assert rates.unusual(run(*[0] * 15, *[1] * 85), [earlier(0.90, 1000)]) == []


def test_a_rate_far_below_the_usual_is_named_with_its_band():
    # the chance of a run of 100 is 3 * sqrt(0.9 * 0.1 / 100) = 0.09
    assert rates.unusual(run(*[1, 0] * 50), [earlier(0.9)]) == [
        "jannah: byline in 50% of 100 articles, usually 81% to 99%"
    ]


def test_runs_that_differ_widen_the_band():
    history = [earlier(0.9), earlier(0.5), earlier(0.7)]
    assert rates.unusual(run(*[1, 0] * 50), history) == []


def test_a_handful_of_articles_proves_nothing_but_none_of_many_does():
    assert rates.unusual(run(0, 0), [earlier(0.7)]) == []
    assert rates.unusual(run(*[0] * 12), [earlier(0.7)]) == [
        "jannah: byline in 0% of 12 articles, usually 30% to 100%"
    ]


def test_a_field_that_stops_in_mid_run_is_named_without_any_history():
    assert rates.unusual(run(*[1] * 30, *[0] * 10), []) == [
        "jannah: no byline in the last 10 articles, before in 100%"
    ]


def test_a_field_that_few_articles_have_may_stay_away():
    assert rates.unusual(run(*[1, 0, 0, 0] * 10, *[0] * 60), []) == []


def test_a_field_that_comes_and_goes_has_not_stopped():
    assert rates.unusual(run(*[1, 1, 0] * 20), []) == []


def test_more_refusals_than_usual_are_named_and_fewer_are_not():
    history = [{"refusals": {"visits": 1000, "no-text": 0.02, "undecodable": 0.3}}]
    found = rates.unusual(run(visits=100, refusals={"no-text": 20}), history)
    assert found == ["no-text in 20% of 100 visits, usually 0% to 7%"]


def test_a_refusal_never_met_before_is_named_above_a_twentieth():
    history = [{"refusals": {"visits": 1000}}]
    assert rates.unusual(run(visits=100, refusals={"ambiguous": 5}), history) == []
    assert len(rates.unusual(run(visits=100, refusals={"ambiguous": 6}), history)) == 1


def revisits(again, changed):
    return rates.counted([], again, {}, again, changed)


def test_texts_that_changed_are_a_share_of_the_known_articles_that_were_visited_again():
    assert revisits(40, 10).record()["again"] == {"visits": 40, "changed": 0.25}
    assert revisits(0, 0).record()["again"] == {"visits": 0}


def test_a_wave_of_other_texts_is_named_beside_what_is_usual():
    history = [revisits(30, 3).record(), revisits(170, 7).record()]
    assert rates.unusual(revisits(100, 30), history) == []
    assert rates.unusual(revisits(100, 31), history) == [
        "another text in 31% of 100 known articles, usually in 5%"
    ]


def test_without_history_a_wave_is_more_than_half_of_many():
    assert rates.unusual(revisits(184, 92), []) == []
    assert rates.unusual(revisits(19, 19), []) == []
    assert rates.unusual(revisits(184, 164), []) == [
        "another text in 89% of 184 known articles, before unknown"
    ]


def test_runs_of_a_release_that_did_not_count_changes_are_no_history_of_them():
    assert rates.unusual(revisits(184, 90), [earlier(0.9), {"refusals": {"visits": 1000}}]) == []


def test_what_is_unusual_is_one_matter_whatever_its_share():
    often = ["jannah: byline in 50% of 100 articles, usually 81% to 99%", "no-text in 20% of 100 visits, …"]
    assert [rates.matter(words) for words in often] == ["jannah: byline", "no-text"]
