"""Mirrors recovery/ranking/shrinkage.py, next_year.py, places.py and funnel.py: the figures behind a ranking, and how often they hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom

from tests.builders import worked
from workbench.errors import WrongUse
from workbench.recovery.ranking.funnel import ordinary_spread
from workbench.recovery.ranking.next_year import amount_drift, count_drift, shrunk_misses
from workbench.recovery.ranking.places import place_intervals, places
from workbench.recovery.ranking.shrinkage import (
    concentration,
    count_interval,
    credibility,
    drawn_misses,
    drawn_shares,
    shrunk_share,
)

CASE = worked("ranking")


def test_worked_cases_of_the_method() -> None:
    case = CASE["shrunk"]
    found = shrunk_share(np.array([case["paid"]]), np.array([case["billed"]]), np.array([case["mean"]]), case["kappa"])
    assert found[0] == pytest.approx(case["share"])
    case = CASE["credibility"]
    misses, noise = np.array(case["misses"]), np.full(4, case["noise"])
    assert credibility(misses, noise) == pytest.approx(case["between"], abs=1e-3)
    assert shrunk_misses(misses[None], noise[None])[0] == pytest.approx(case["shrunk"], abs=2e-3)
    case = CASE["interval"]
    low, high = count_interval(np.array([case["billed"]]), np.array([case["mean"]]), case["kappa"], 0.8)
    assert (low[0], high[0]) == (case["low"], case["high"])


@given(st.integers(0, 400), st.floats(0.01, 0.99), st.floats(0.5, 1e4), st.sampled_from([0.5, 0.8, 0.95]))
def test_limits_of_counts_are_those_of_the_beta_binomial(size: int, mean: float, kappa: float, level: float) -> None:
    low, high = count_interval(np.array([size]), np.array([mean]), kappa, level)
    law = betabinom(size, mean * kappa, (1 - mean) * kappa)
    assert 0 <= low[0] <= high[0] <= size
    assert law.cdf(high[0]) - law.cdf(low[0] - 1) >= level - 1e-6
    assert law.cdf(low[0] - 1) <= (1 - level) / 2 + 1e-6


def test_limits_of_many_bills_are_those_of_counts() -> None:
    mean, kappa = np.array([0.9]), 50.0
    low, high = count_interval(np.array([25_000.0]), mean, kappa, 0.95)
    law = betabinom(25_000, 45, 5)
    assert (low[0], high[0]) == pytest.approx((law.ppf(0.025), law.ppf(0.975)), abs=2)


def test_the_spread_that_was_planted_is_found_and_none_is_none() -> None:
    rng = np.random.default_rng(3)
    billed, mean = np.full(400, 500), np.full(400, 0.8)
    paid = rng.binomial(billed, rng.beta(0.8 * 60, 0.2 * 60, 400))
    assert concentration(paid, billed, mean) == pytest.approx(60, rel=0.2)
    alike = rng.binomial(billed, 0.8)
    assert concentration(alike, billed, mean) > 5_000


def test_draws_are_those_of_their_seed_and_a_small_centre_is_drawn_further() -> None:
    paid, billed, mean = np.array([9.0, 900.0, 780.0, 0.0]), np.array([10.0, 1000.0, 1000.0, 0.0]), np.full(4, 0.8)
    first, again = drawn_shares(paid, billed, mean), drawn_shares(paid, billed, mean)
    assert (first == again).all()
    spread = first.std(axis=0)
    assert spread[0] > 2 * spread[1]
    assert abs(first[:, 3].mean() - 0.8) < 0.05  # no bill: what is expected, and wide
    assert 0.8 < first[:, 0].mean() < 0.9 < first[:, 1].mean() + 0.02
    misses = drawn_misses(np.array([0.3, 0.3, -0.3]), np.array([0.5, 0.001, 0.01]))
    assert abs(misses[:, 0].mean()) < abs(misses[:, 1].mean())


def test_places_and_their_intervals() -> None:
    assert places(np.array([0.2, 0.9, 0.9, 0.1])).tolist() == [3, 1, 2, 4]
    rng = np.random.default_rng(1)
    low, high = place_intervals(np.array([3.0, 0.0, 0.05, -3.0]) + 0.1 * rng.standard_normal((500, 4)))
    assert (low.tolist(), high.tolist()) == ([1, 2, 2, 4], [1, 3, 3, 4])


def test_odd_centres_do_not_widen_the_limits_that_look_for_them() -> None:
    rng = np.random.default_rng(2)
    billed, mean = np.full(120, 400), np.full(120, 0.85)
    paid = rng.binomial(billed, rng.beta(0.85 * 80, 0.15 * 80, 120))
    paid[:6] = rng.binomial(400, 0.55, 6)
    once, twice = concentration(paid, billed, mean), ordinary_spread(paid, billed, mean)
    assert twice > 1.5 * once
    assert twice == pytest.approx(concentration(paid[6:], billed[6:], mean[6:]), rel=0.25)


def test_the_next_year_holds_the_drift_of_centres() -> None:
    rng = np.random.default_rng(4)
    own, years = rng.normal(0, 0.3, 300), 4
    odds = 1.5 + own + rng.normal(0, 0.2, (years, 300))
    billed = np.full((years, 300), 2000)
    paid = rng.binomial(billed, 1 / (1 + np.exp(-odds)))
    mean = np.repeat(paid.mean(axis=1, keepdims=True) / 2000, 300, axis=1)
    drift = count_drift(paid[:3], billed[:3], mean[:3])
    assert drift.lasting == pytest.approx(0.3**2 / (0.3**2 + 0.2**2), abs=0.15)
    still = count_drift(paid[[0, 0]], billed[:2], mean[[0, 0]])  # the same year twice: nothing drifts
    assert still.lasting > 0.95
    assert still.kappa > 10 * drift.kappa
    with pytest.raises(WrongUse, match="a single year tells no drift"):
        count_drift(paid[:1], billed[:1], mean[:1])
    with pytest.raises(WrongUse, match="a single year tells no drift"):
        amount_drift(own[None], np.full((1, 300), 0.01))


def test_the_next_year_of_amounts_is_held_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    own = rng.normal(0, 0.3, 300)
    noise = rng.gamma(2, 0.01, (4, 300))
    misses = own + rng.normal(0, 0.15, (4, 300)) + np.sqrt(noise) * rng.standard_normal((4, 300))
    drift = amount_drift(misses[:3], noise[:3])
    low, high = drift.interval(shrunk_misses(misses[2:3], noise[2:3])[0], noise[3])
    assert 0.73 <= np.mean((low <= misses[3]) & (misses[3] <= high)) <= 0.87  # 80 % of 300, ± 3 standard errors
    unknown = np.where(np.arange(300) < 5, np.inf, noise)
    assert amount_drift(misses[:3], unknown[:3]).lasting == pytest.approx(drift.lasting, abs=0.05)
