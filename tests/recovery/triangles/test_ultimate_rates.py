"""Mirrors recovery/triangles/ultimate_rates.py: rates of old and young vintages, and intervals held against what came."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from tests.recovery.triangles.triangle_cases import CASES, case, of_rows, staircases
from workbench.errors import WrongUse
from workbench.recovery.triangles import (
    Triangle,
    chain_ladder,
    check_intervals,
    over_dispersed_poisson,
    prior_rate,
    ultimate_rates,
)

SHAPE = np.array([0.25, 0.3, 0.2, 0.1, 0.06, 0.04, 0.03, 0.02])


def drawn(seed: int, count: int = 40, bills: int = 400) -> tuple[Triangle, np.ndarray]:
    """Synthetic vintages: each bill is of 1 and is paid at one of eight ages with its share × .9, or never. And the true rates by the last age."""
    rng = np.random.default_rng(seed)
    cells = rng.multinomial(bills, [*SHAPE * 0.9, 0.1], count)[:, : len(SHAPE)].astype(np.float64)
    whole = np.cumsum(cells, axis=1)
    known = np.add.outer(np.arange(count), np.arange(len(SHAPE))) < count
    return Triangle.of(np.where(known, whole, np.nan), np.full(count, float(bills))), whole[:, -1] / bills


def test_worked_case_of_the_method() -> None:
    found = ultimate_rates(case("hand"))
    assert found.methods.tolist() == ["observed", "chain_ladder", "bornhuetter_ferguson"]
    assert found.rates == pytest.approx(
        [165 / 200, 352 / 400, CASES["hand"]["bornhuetter_ferguson"]["ultimates"][2] / 320], abs=1e-5
    )
    assert found.so_far == pytest.approx([0.825, 0.8, 150 / 320])
    assert found.errors == pytest.approx(
        [0, 25.854 / 400, CASES["hand"]["bornhuetter_ferguson"]["error"] / 320], abs=1e-4
    )
    assert found.low[1] == pytest.approx(0.88 - 1.28155 * 25.854 / 400, abs=1e-4)
    table = found.table()
    assert table["ultimate_rate"].tolist() == found.rates.tolist()
    assert table["developed_share"][2] == pytest.approx(0.580271, abs=1e-6)


def test_an_interval_goes_no_higher_than_what_was_billed_unless_the_rate_does() -> None:
    tight = ultimate_rates(of_rows([[100, 150, 165], [200, 320], [150]], [170, 353, 320]))
    assert tight.high[1] == 1.0
    beyond = ultimate_rates(of_rows([[100, 150, 165], [200, 320], [150]], [160, 340, 320]))
    assert beyond.rates[0] > 1  # paid beyond what was billed: shown as it is
    assert beyond.high[1] == beyond.rates[1] > 1


def test_a_vintage_billed_nothing_has_no_rate() -> None:
    found = ultimate_rates(of_rows([[100, 150, 165], [200, 320], [150]], [0, 400, 320]))
    assert np.isnan(found.rates[0])
    assert found.methods[0] == ""
    unknown = ultimate_rates(case("raa"))
    assert np.isnan(unknown.rates).all()
    assert set(unknown.methods) == {""}
    with pytest.raises(WrongUse, match="a level lies between 0 and 1"):
        ultimate_rates(case("hand"), level=1.0)


def test_a_prior_rate_given_is_used_and_errors_are_widened_by_method() -> None:
    known = prior_rate(chain_ladder(case("hand")), given=0.5)
    found = ultimate_rates(case("hand"), prior=known, widening={"chain_ladder": 2.0})
    plain = ultimate_rates(case("hand"), prior=known)
    assert found.prior.source_code == "given"
    assert found.rates[2] == pytest.approx(150 / 320 + 0.5 * (1 - 0.580271), abs=1e-5)
    assert found.errors.tolist() == pytest.approx((plain.errors * [1, 2, 1]).tolist())


def test_intervals_hold_their_share_of_the_truths() -> None:
    inside, methods = [], []
    for seed in range(12):
        triangle, truth = drawn(seed)
        found = ultimate_rates(triangle)
        young = np.flatnonzero(found.methods != "observed")
        methods += found.methods[young].tolist()
        inside += ((truth >= found.low) & (truth <= found.high))[young].tolist()
    assert set(methods) == {"chain_ladder", "bornhuetter_ferguson"}
    assert len(inside) == 84
    assert 0.70 <= np.mean(inside) <= 0.90


def test_checked_intervals_are_those_that_would_have_been_said() -> None:
    triangle, truth = drawn(1)
    check = check_intervals(triangle)
    assert set(check.rows["hidden_count"]) == set(range(1, 8))
    assert check.held.count == len(check.rows) == 7 * 8 // 2
    # The youngest vintage that is over was of age 0 seven periods ago.
    row = check.rows.query("hidden_count == 7").iloc[-1]
    then = ultimate_rates(triangle.hidden(7))
    assert row["ultimate_rate"] == then.rates[32]
    assert row["came_rate"] == truth[32]
    assert row["is_inside"] == (then.low[32] <= truth[32] <= then.high[32])
    assert all(factor >= 1 for factor in check.widening.values())
    again = check_intervals(triangle, over_dispersed_poisson, count=2)
    assert set(again.rows["method_code"]) == {"over_dispersed_poisson"}


def test_intervals_that_fail_are_widened() -> None:
    # Rates that jump from vintage to vintage after all but the last age is in: nothing before the end tells them.
    triangle, _ = drawn(3)
    values = triangle.values.copy()
    values[:, -1] += np.where(np.arange(40) % 2 == 0, 25.0, -25.0) * (np.arange(40) > 24)
    check = check_intervals(replace(triangle, values=values))
    assert check.held.share < 0.7
    assert max(check.widening.values()) > 1.2


def test_a_triangle_of_which_nothing_is_over_checks_nothing() -> None:
    check = check_intervals(Triangle.of([[1.0, np.nan], [2.0, np.nan]], [10, 10]))
    assert (check.held.count, check.widening, len(check.rows)) == (0, {}, 0)


@settings(max_examples=20)
@given(triangle=staircases())
def test_rates_lie_in_their_intervals_and_are_not_below_what_is_in(triangle: Triangle) -> None:
    found = ultimate_rates(triangle)
    told = ~np.isnan(found.low)
    assert (found.low[told] <= found.rates[told] + 1e-12).all()
    assert (found.rates[told] <= found.high[told] + 1e-12).all()
    assert (found.rates >= found.so_far - 1e-9).all()
