"""Mirrors recovery/triangles/poisson.py: published errors, the chain ladder's ultimates, seasons and periods that were planted."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from tests.recovery.triangles.triangle_cases import CASES, QUARTERS, case, of_rows, planted, same, staircases
from workbench.errors import WrongUse
from workbench.recovery.triangles import Triangle, chain_ladder, over_dispersed_poisson


def test_worked_case_of_the_method() -> None:
    found = over_dispersed_poisson(case("hand"))
    assert found.ultimates == pytest.approx(CASES["hand"]["mack"]["ultimates"])
    assert found.dispersion == pytest.approx(CASES["hand"]["poisson"]["dispersion"], abs=1e-6)
    assert found.fitted[0] == pytest.approx(CASES["hand"]["poisson"]["first_row"], abs=1e-3)
    assert (found.calendar_used, len(found.calendar)) == ("none", 0)


def test_published_errors() -> None:
    # What was published rests on weights one step short of the end of the fit: five digits are the same.
    found = over_dispersed_poisson(case("genins"))
    assert found.ultimate_errors == pytest.approx(CASES["genins"]["poisson_errors"], rel=1e-5)
    assert found.total_error == pytest.approx(CASES["genins"]["poisson_total_error"], rel=1e-5)
    assert np.rint(found.ultimates).tolist() == CASES["genins"]["ultimates"]


@settings(max_examples=20)
@given(triangle=staircases())
def test_without_a_calendar_the_ultimates_are_those_of_the_chain_ladder(triangle: Triangle) -> None:
    found, ladder = over_dispersed_poisson(triangle), chain_ladder(triangle)
    assert same(found.ultimates, ladder.ultimates, rtol=1e-6)
    assert same(found.developed, ladder.developed, rtol=1e-6)
    assert (found.full[triangle.is_known] == triangle.values[triangle.is_known]).all()


def test_seasons_are_found_and_go_on() -> None:
    found = over_dispersed_poisson(planted(QUARTERS), "season")
    assert found.calendar_used == "season"
    told = found.calendar.set_index("place")["effect_ratio"]
    assert (told / told[0]).tolist() == pytest.approx((QUARTERS / QUARTERS[0]).tolist())
    assert np.log(told).sum() == pytest.approx(0, abs=1e-9)
    assert found.calendar_p < 1e-6
    whole = planted(QUARTERS, count=21)
    assert found.ultimates[-5:] == pytest.approx(whole.values[11:16, -1])
    # A vintage's shares follow its own seasons.
    assert found.developed[3] == pytest.approx(whole.values[3] / whole.values[3, -1])
    plain = over_dispersed_poisson(planted(QUARTERS))
    assert np.abs(plain.ultimates[-1] / whole.values[15, -1] - 1) > 0.2


def test_a_period_out_of_the_ordinary_is_found_and_does_not_go_on() -> None:
    effects = np.ones(16)
    effects[15] = 0.5  # the last one: counters were closed
    triangle, whole = planted(effects), planted(np.ones(16), count=21)
    found = over_dispersed_poisson(triangle, "period")
    told = found.calendar.set_index("place")["effect_ratio"]
    assert told.idxmin() == 15
    assert told[15] < 0.7
    assert found.calendar_p < 1e-6
    missing = whole.values[14, -1] - triangle.values[14, 1]
    plain = over_dispersed_poisson(triangle)
    assert abs(found.to_come[14] - missing) < abs(plain.to_come[14] - missing)


def test_a_calendar_that_cannot_be_told_is_left_out_and_says_so() -> None:
    short = planted(QUARTERS, count=6)  # six quarters are less than two years
    found = over_dispersed_poisson(short, "season")
    assert found.calendar_used == "none"
    assert np.isnan(found.calendar_p)
    assert same(found.ultimates, over_dispersed_poisson(short).ultimates)
    assert over_dispersed_poisson(of_rows([[100, 150], [80]]), "period").calendar_used == "none"


def test_cells_below_zero_stay() -> None:
    triangle = of_rows([[100, 150, 140], [200, 320, 310], [150, 230], [90]])
    found = over_dispersed_poisson(triangle)
    assert np.isfinite(found.ultimates).all()
    # The last age brought −20 in all: a mean cannot be below zero, and what is expected of it is nothing.
    assert found.fitted[2, 2] == 0
    assert found.ultimates[2] == 230
    mixed = of_rows([[100, 150, 140, 190], [200, 320, 390, 420], [150, 230, 240], [90, 140], [80]])
    assert same(over_dispersed_poisson(mixed).ultimates, chain_ladder(mixed).ultimates, rtol=1e-6)


def test_a_vintage_of_nothing_has_no_estimate_and_a_hole_leaves_its_cells_out() -> None:
    found = over_dispersed_poisson(of_rows([[100, 150, 165], [0, 0], [200, 320], [150]]))
    assert np.isnan(found.ultimates[1])
    assert np.isnan(found.ultimate_errors[1])
    assert found.ultimates[3] == pytest.approx(150 * 470 / 300 * 1.1)
    holed = replace(case("genins"), values=case("genins").values.copy())
    holed.values[2, 3] = np.nan
    assert np.isfinite(over_dispersed_poisson(holed).ultimates).all()
    nothing = over_dispersed_poisson(of_rows([[0, 0], [0]]))
    assert np.isnan(nothing.ultimates[1])
    assert np.isnan(nothing.total_error)


def test_other_words_are_refused() -> None:
    with pytest.raises(WrongUse, match="is none, season or period, not 'moon'"):
        over_dispersed_poisson(case("hand"), "moon")
    with pytest.raises(WrongUse, match="has no seasons"):
        over_dispersed_poisson(case("hand"), "season")
