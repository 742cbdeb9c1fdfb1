"""Mirrors recovery/triangles/bornhuetter_ferguson.py: the case worked by hand, where the rate comes from, the package beside."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from tests.recovery.triangles.triangle_cases import CASES, QUARTERS, case, of_rows, planted, same, staircases
from workbench.errors import WrongUse
from workbench.recovery.triangles import (
    Triangle,
    bornhuetter_ferguson,
    chain_ladder,
    over_dispersed_poisson,
    prior_rate,
)


def test_worked_case_of_the_method() -> None:
    told, found = CASES["hand"]["bornhuetter_ferguson"], bornhuetter_ferguson(case("hand"))
    assert found.prior.rate == pytest.approx(told["prior_rate"], abs=1e-6)
    assert (found.prior.source_code, found.prior.count) == ("mature_vintages", 2)
    assert found.prior.variance == pytest.approx(told["variance"], abs=1e-6)
    assert found.ultimates == pytest.approx(told["ultimates"], abs=1e-3)
    assert found.ultimate_errors[2] == pytest.approx(told["error"], abs=1e-2)


def test_a_vintage_of_which_nothing_is_in_brings_what_older_ones_brought() -> None:
    triangle = of_rows([[100, 150, 165], [200, 320], [0]], [200, 400, 320])
    assert np.isnan(chain_ladder(triangle).ultimates[2])
    found = bornhuetter_ferguson(triangle)
    assert found.ultimates[2] == pytest.approx(320 * found.prior.rate * (1 - found.developed[2, 0]))
    assert found.ultimate_errors[2] > 0


def test_the_rate_says_where_it_comes_from() -> None:
    ladder = chain_ladder(case("hand"))
    assert prior_rate(ladder, count=1).rate == pytest.approx(352 / 400)  # the latest mature vintage alone
    assert np.isnan(prior_rate(ladder, count=1).variance)
    given = prior_rate(ladder, given=0.8)
    assert (given.rate, given.source_code) == (0.8, "given")
    assert given.variance == pytest.approx((200 * 0.025**2 + 400 * 0.08**2) / 2)  # their spread around it
    young = chain_ladder(of_rows([[100, 150, 165], [200, 320], [150]], [0, 400, 320]))
    cape = prior_rate(young, mature_share=1.0)
    assert (cape.source_code, cape.count) == ("cape_cod", 0)
    shares = young.developed_so_far
    assert cape.rate == pytest.approx((320 + 150) / (400 * shares[1] + 320 * shares[2]))
    assert np.isnan(bornhuetter_ferguson(young.triangle, young, cape).ultimate_errors[2])
    nobody = prior_rate(chain_ladder(of_rows([[100, 150], [80]])))
    assert (nobody.source_code, nobody.count) == ("none", 0)
    assert np.isnan(nobody.rate)
    with pytest.raises(WrongUse, match="above 0 and up to 1"):
        prior_rate(ladder, mature_share=0)


def test_a_vintage_billed_nothing_has_no_estimate() -> None:
    found = bornhuetter_ferguson(of_rows([[100, 150, 165], [200, 320], [150]], [200, 400, 0]))
    assert np.isnan(found.ultimates[2])
    assert np.isfinite(found.ultimates[:2]).all()


def test_shares_of_seasons_are_taken_from_their_model() -> None:
    triangle, whole = planted(QUARTERS), planted(QUARTERS, count=21)
    seasons = over_dispersed_poisson(triangle, "season")
    found = bornhuetter_ferguson(triangle, seasons, prior_rate(seasons, given=1.0))
    due = whole.values[15, -1] - whole.values[15, 0]
    assert found.to_come[15] == pytest.approx(triangle.billed[15] * due / whole.values[15, -1])


@settings(max_examples=20)
@given(triangle=staircases())
def test_with_its_own_rate_a_vintage_goes_where_the_chain_ladder_takes_it(triangle: Triangle) -> None:
    ladder = chain_ladder(triangle)
    for row in range(1, len(triangle.billed)):
        own = prior_rate(ladder, given=float(ladder.ultimates[row] / triangle.billed[row]))
        assert same(bornhuetter_ferguson(triangle, ladder, own).ultimates[row], ladder.ultimates[row])


@settings(max_examples=20)
@given(triangle=staircases())
def test_amounts_billed_and_paid_in_another_unit_give_the_same_rates(triangle: Triangle) -> None:
    other = replace(triangle, values=triangle.values * 100, billed=triangle.billed * 100)
    one, hundred = bornhuetter_ferguson(triangle), bornhuetter_ferguson(other)
    assert same(hundred.ultimates, one.ultimates * 100)
    assert same(hundred.ultimate_errors, one.ultimate_errors * 100, rtol=1e-6)
    assert same(hundred.total_error, one.total_error * 100, rtol=1e-6)


@pytest.mark.parametrize("name", ["raa", "genins"])
def test_the_package_says_the_same(name: str) -> None:
    package = pytest.importorskip("chainladder", reason="the chainladder package is not installed")
    sample = package.load_sample(name)
    exposure = sample.latest_diagonal * 0 + 40_000 if name == "raa" else sample.latest_diagonal * 0 + 8_000_000
    peer = package.BornhuetterFerguson(apriori=0.7).fit(
        package.Development().fit_transform(sample), sample_weight=exposure
    )
    triangle = Triangle.of(sample.values[0, 0], exposure.values.ravel())
    found = bornhuetter_ferguson(triangle, prior=prior_rate(chain_ladder(triangle), given=0.7))
    assert found.ultimates == pytest.approx(peer.ultimate_.values.ravel())
    assert isinstance(found.table(), pd.DataFrame)
