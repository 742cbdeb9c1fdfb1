"""Mirrors recovery/triangles/chain_ladder.py: the case worked by hand, Mack's published figures, and what must hold of any triangle."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from tests.recovery.triangles.triangle_cases import CASES, case, of_rows, same, staircases
from workbench.errors import WrongUse
from workbench.recovery.triangles import Triangle, chain_ladder


def test_worked_case_of_the_method() -> None:
    found, told = chain_ladder(case("hand")), CASES["hand"]["mack"]
    assert found.factors == pytest.approx(told["factors"], abs=1e-6)
    assert found.variances == pytest.approx(told["variances"], abs=1e-6)
    assert found.ultimates == pytest.approx(told["ultimates"])
    assert found.ultimate_errors == pytest.approx(told["errors"], abs=1e-3)
    assert found.total_error == pytest.approx(told["total_error"], abs=1e-3)
    assert found.developed[0] == pytest.approx(told["developed"], abs=1e-6)
    assert found.pairs.tolist() == [2, 1]
    table = found.table()
    assert table["to_come_mad"].tolist() == pytest.approx([0, 32, 108.5])


@pytest.mark.parametrize("name", ["raa", "genins"])
def test_published_triangles_to_the_unit(name: str) -> None:
    found, told = chain_ladder(case(name)), CASES[name]
    assert np.rint(found.ultimates).tolist() == told["ultimates"]
    assert np.floor(found.ultimate_errors + 0.5) == pytest.approx(told["errors"], abs=1)
    assert found.total_error == pytest.approx(told["total_error"], abs=0.5 if name == "genins" else 0.005)


@pytest.mark.parametrize("name", ["raa", "genins", "abc", "ukmotor", "mw2008"])
def test_the_package_says_the_same(name: str) -> None:
    package = pytest.importorskip("chainladder", reason="the chainladder package is not installed")
    sample = package.load_sample(name)
    development = package.Development(sigma_interpolation="mack").fit_transform(sample)
    peer = package.MackChainladder().fit(development)
    found = chain_ladder(Triangle.of(sample.values[0, 0]))
    assert found.ultimates == pytest.approx(peer.ultimate_.values.ravel())
    assert found.total_error == pytest.approx(float(peer.total_mack_std_err_.values.ravel()[0]))
    errors = peer.summary_.to_frame()["Mack Std Err"].fillna(0).to_numpy(np.float64)
    assert found.ultimate_errors == pytest.approx(errors)


def test_a_hole_takes_only_its_own_pairs_out() -> None:
    whole = of_rows([[100, 150, 165], [200, 320, 352], [150, 240], [90]])
    holed = replace(whole, values=whole.values.copy())
    holed.values[1, 1] = np.nan
    found = chain_ladder(holed)
    assert found.factors == pytest.approx([(150 + 240) / (100 + 150), 165 / 150])
    assert holed.is_hole.sum() == 1
    assert found.pairs.tolist() == [2, 1]
    assert found.ultimates[1] == 352  # it is past the last age, whatever is missing before
    assert np.isnan(found.full[1, 1])


def test_amounts_below_zero_stay_in_the_sums() -> None:
    found = chain_ladder(of_rows([[100, 90, 80], [200, 190], [50]]))
    assert found.factors == pytest.approx([280 / 300, 80 / 90])
    assert found.ultimates[2] == pytest.approx(50 * 280 / 300 * 80 / 90)
    assert found.ultimates[2] < 50


def test_a_vintage_of_which_nothing_is_in_has_no_estimate() -> None:
    found = chain_ladder(of_rows([[100, 150, 165], [0, 0], [-5]]))
    assert np.isnan(found.ultimates[1:]).all()
    assert np.isnan(found.ultimate_errors[1:]).all()
    assert found.ultimates[0] == 165
    assert found.factors[0] == 150 / 100  # a step from nothing to nothing: it counts in the sums
    over = chain_ladder(of_rows([[0, 0, 0], [100, 150, 165], [50, 60]]))
    assert over.ultimates[0] == 0  # past the last age: nothing is what came


def test_steps_that_nothing_tells_give_nothing() -> None:
    nothing = chain_ladder(of_rows([[0, 0, 0], [0, 0], [10]]))
    assert np.isnan(nothing.factors).all()
    assert np.isnan(nothing.ultimates[2])
    alone = chain_ladder(of_rows([[100, 150]]))
    assert alone.ultimates.tolist() == [150]
    assert alone.total_error == 0
    pair = chain_ladder(of_rows([[100, 150], [80]]))
    assert pair.ultimates[1] == pytest.approx(120)
    assert np.isnan(pair.ultimate_errors[1])  # one vintage tells a factor, and nothing of its spread
    assert np.isnan(pair.total_error)


def test_a_window_forgets_old_periods() -> None:
    triangle = of_rows([[100, 150, 165], [200, 320], [150]])
    assert chain_ladder(triangle, window=1).factors == pytest.approx([1.6, 1.1])
    assert chain_ladder(triangle, window=9).factors == pytest.approx(chain_ladder(triangle).factors)
    with pytest.raises(WrongUse, match="one period at least"):
        chain_ladder(triangle, window=0)


@settings(max_examples=30)
@given(triangle=staircases())
def test_another_unit_changes_nothing_but_the_unit(triangle: Triangle) -> None:
    one, hundred = chain_ladder(triangle), chain_ladder(replace(triangle, values=triangle.values * 100))
    assert same(hundred.factors, one.factors)
    assert same(hundred.ultimates, one.ultimates * 100)
    # A variance is in units of the currency: errors grow like amounts where the spread does.
    assert same(hundred.variances, one.variances * 100)
    assert same(hundred.ultimate_errors, one.ultimate_errors * 100)


@settings(max_examples=30)
@given(triangle=staircases())
def test_what_is_known_stays_and_the_whole_errs_no_less_than_its_parts(triangle: Triangle) -> None:
    found = chain_ladder(triangle)
    known = triangle.is_known
    assert (found.full[known] == triangle.values[known]).all()
    assert (found.errors[known] == 0).all()
    assert (found.ultimates >= triangle.latest - 1e-6).all()
    assert found.total_error >= np.sqrt((found.ultimate_errors**2).sum()) * (1 - 1e-9)
