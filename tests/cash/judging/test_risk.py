"""Mirrors cash/judging/risk.py; figures worked by hand in docs/methods/cash_risk.md."""

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.cash.judging.risk import buffer_needed, days_of_cover, low_point, order_statistic, rank_of, risk_by_day
from workbench.errors import Unanswerable, WrongUse

CASES = tomllib.loads((Path(__file__).parent.parent / "cases" / "cash_risk.toml").read_text(encoding="utf-8"))
DAYS = pd.DatetimeIndex(["2026-06-01", "2026-06-02", "2026-06-03"])


def nineteen() -> np.ndarray:
    """The paths of the worked case."""
    n = np.arange(1, CASES["paths"]["count"] + 1)
    return np.column_stack([200 + n, 70 + 10 * n, 150 + n]).astype(float)


def test_the_risk_of_each_day_as_worked_by_hand() -> None:
    case = CASES["paths"]
    found = risk_by_day(nineteen(), case["plan_centimes"], DAYS, case["floor_centimes"], case["confidence"])
    assert rank_of(case["count"], case["confidence"]) == case["rank"]
    for name in ("below_share", "passed_share"):
        assert list(found[name]) == pytest.approx(case[name], abs=1e-6)
    for name in ("at_risk_centimes", "placeable_centimes"):
        assert list(found[name]) == case[name]
    assert list(found["buffer_centimes"]) == [0, case["buffer_centimes"], case["buffer_centimes"]]
    assert buffer_needed(nineteen(), case["floor_centimes"], case["confidence"]) == case["buffer_centimes"]


def test_the_low_point_has_a_band_and_a_span_of_dates() -> None:
    case = CASES["low_point"]
    low = low_point(nineteen(), CASES["paths"]["plan_centimes"], DAYS)
    assert (low.day, low.value_centimes) == (DAYS[case["day_index"]].date(), case["value_centimes"])
    assert low.median_mad == case["median_mad"]
    assert (low.first_date, low.last_date) == (DAYS[case["first_index"]].date(), DAYS[case["last_index"]].date())
    assert low.q025_mad <= low.q10_mad <= low.median_mad <= low.q90_mad <= low.q975_mad


def test_without_a_balance_there_is_no_low_point() -> None:
    for unknown, days in (([pd.NA, pd.NA, pd.NA], DAYS), ([], DAYS[:0])):
        with pytest.raises(Unanswerable, match="the plan has no balance to be lowest"):
            low_point(nineteen(), unknown, days)  # type: ignore[arg-type]


def test_days_of_cover_count_what_goes_out_only() -> None:
    case = CASES["cover"]
    flows = np.array(case["flows"])
    assert days_of_cover(case["opening_centimes"], flows, case["floor_centimes"]) == case["days"]
    assert days_of_cover(10**9, flows) is None
    assert days_of_cover(0, flows, 1) == 0


def test_too_few_paths_promise_nothing_and_no_floor_measures_nothing() -> None:
    few = nineteen()[:5]
    assert order_statistic(few, 0.95) is None
    assert buffer_needed(few, 0, 0.95) is None
    found = risk_by_day(few, [0, 0, 0], DAYS, None, 0.95)
    unknown = ["below_share", "passed_share", "at_risk_centimes", "placeable_centimes", "buffer_centimes"]
    assert found[unknown].isna().all(axis=None)
    assert found["q10_mad"].notna().all()


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0, -0.1])
def test_a_confidence_is_between_nothing_and_certainty(confidence: float) -> None:
    with pytest.raises(WrongUse, match=r"is not between 0 and 1 — as in 0\.95"):
        rank_of(400, confidence)


@given(
    st.lists(st.lists(st.integers(-(10**6), 10**6), min_size=3, max_size=3), min_size=20, max_size=60),
    st.integers(-(10**6), 10**6),
)
def test_with_the_buffer_fewer_than_k_paths_pass_the_floor_and_with_a_dirham_less_k_do(
    paths: list[list[int]], floor: int
) -> None:
    balances, confidence = np.array(paths, float), 0.90
    buffer, rank = buffer_needed(balances, floor * 100, confidence), rank_of(len(paths), confidence)
    assert buffer is not None
    lowest = balances.min(axis=1)
    assert (lowest + buffer / 100 < floor).sum() < rank
    assert (lowest + buffer / 100 - 1 < floor).sum() >= rank


@given(st.integers(20, 80), st.integers(0, 2**32))
def test_risks_only_grow_with_time_and_with_the_floor(count: int, seed: int) -> None:
    balances = np.random.default_rng(seed).normal(0, 100, (count, 3)).cumsum(axis=1)
    low, high = (risk_by_day(balances, [0, 0, 0], DAYS, floor, 0.90) for floor in (-5_000, 5_000))
    for found in (low, high):
        assert found["passed_share"].is_monotonic_increasing
        assert found["buffer_centimes"].is_monotonic_increasing
        assert found["placeable_centimes"].is_monotonic_decreasing
        assert (found["passed_share"] >= found["below_share"]).all()
    assert (high["buffer_centimes"] >= low["buffer_centimes"]).all()


def test_the_promise_of_the_buffer_holds_on_paths_that_it_was_not_made_from() -> None:
    rng, broken = np.random.default_rng(11), []
    for _ in range(150):
        made, fresh = (rng.standard_t(5, (count, 20)).cumsum(axis=1) for count in (199, 400))
        buffer = buffer_needed(made, 0, 0.90)
        assert buffer is not None
        broken.append((fresh.min(axis=1) + buffer / 100 < 0).mean())
    # 20 of 200: one in ten; the mean of 150 offices has a standard error of about 0.2 points.
    assert np.mean(broken) == pytest.approx(0.10, abs=0.01)
