"""Mirrors cash/judging/misses.py; figures worked by hand in docs/methods/forecast_accuracy.md."""

import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cash.logs import CALENDAR, bank_days, came, day_rows
from workbench.cash.judging.accuracy import with_actuals
from workbench.cash.judging.misses import miss_summary, split_misses, timing_of

CASES = tomllib.loads((Path(__file__).parent.parent / "cases" / "forecast_accuracy.toml").read_text(encoding="utf-8"))
ORIGIN = date(2025, 3, 14)


def test_timing_and_amount_as_worked_by_hand() -> None:
    case = CASES["timing"]
    gap = np.array(case["gap"])
    timing = timing_of(np.array(case["ahead"]), gap)
    assert timing.tolist() == case["timing"]
    assert (gap - timing).tolist() == case["amount"]


@given(
    st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=30),
    st.integers(0, 8),
    st.integers(0, 100),
)
def test_timing_sums_to_nothing_and_never_exceeds_a_miss(gaps: list[int], reach: int, tolerance: int) -> None:
    gap = np.array(gaps, np.int64)
    timing = timing_of(np.arange(1, len(gap) + 1), gap, reach, tolerance)
    assert timing.sum() == 0
    assert (timing * gap >= 0).all()
    assert (np.abs(timing) <= np.abs(gap)).all()
    assert (gap - timing).sum() == gap.sum()


@given(st.integers(1, 10**12), st.integers(-5, 5), st.booleans())
def test_one_flow_on_another_day_within_reach_is_all_timing(amount: int, later: int, out: bool) -> None:
    sign = -1 if out else 1
    plan, actual = [0] * 20, [0] * 20
    plan[9], actual[9 + later] = sign * amount, sign * amount
    gap = np.array(actual) - np.array(plan)
    assert (gap == timing_of(np.arange(1, 21), gap)).all()


def test_a_plan_is_split_by_line_and_its_last_days_are_open() -> None:
    days = bank_days(ORIGIN, 12)
    plan = [0, 0, -10_000, 0, 0, 0, 0, 0, 0, -3_000, 0, 0]
    log = pd.concat([day_rows(ORIGIN, plan), day_rows(ORIGIN, [100] * 12, "taxes")])
    flows = pd.concat([came([days[5]], [-10_200]), came(days[:10], [90] * 10, "taxes")])
    split = split_misses(with_actuals(log, flows, CALENDAR, days[9]))
    assert len(split) == 20
    assert (split["timing_gap_centimes"] + split["amount_gap_centimes"] == split["gap_to_plan_centimes"]).all()
    found = miss_summary(split).set_index("line_code")
    assert found.loc["suppliers"].drop("timing_share").to_dict() == {
        "row_count": 10,
        "gap_to_plan_centimes": 2_800,
        "timing_size_centimes": 20_000,
        "amount_size_centimes": 3_200,
        "open_count": 5,
    }
    assert found.loc["suppliers", "timing_share"] == pytest.approx(20_000 / 23_200)
    assert found.loc["taxes", "timing_share"] == 0.0
    whole = split_misses(with_actuals(log, flows, CALENDAR, date(2025, 12, 31)))
    assert whole["is_final"].all()


def test_what_did_not_miss_has_no_cause() -> None:
    days = bank_days(ORIGIN, 3)
    split = split_misses(with_actuals(day_rows(ORIGIN, [1, 2, 3]), came(days, [1, 2, 3]), CALENDAR, days[2]))
    assert miss_summary(split, ("plan_id",))["timing_share"].isna().all()
