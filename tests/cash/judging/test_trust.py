"""Mirrors cash/judging/trust.py; the rule is in docs/methods/forecast_accuracy.md."""

from datetime import date

import pandas as pd
import pytest

from tests.cash.logs import CALENDAR, bank_days, came, day_rows
from workbench.cash.judging.accuracy import with_actuals
from workbench.cash.judging.trust import trust, trust_trend

FIRST = date(2025, 2, 3)


def weekly_plans(count: int, miss: float, width: float, naive_miss: float = 50.0) -> pd.DataFrame:
    """`count` plans a week apart of 20 days each; 100.00 comes every day; every fifth day misses its band by `miss`."""
    plans = []
    for week in range(count):
        bands = {"q10_mad": [100 - width] * 20, "q90_mad": [100 + width] * 20, "naive_mad": [100 - naive_miss] * 20}
        medians = [100 + miss * ((week * 5 + ahead) % 5 == 0) for ahead in range(20)]
        plans.append(day_rows(CALENDAR.add(FIRST, 5 * week), [10_000] * 20, "all", median_mad=medians, **bands))
    return pd.concat(plans, ignore_index=True)


def judged(log: pd.DataFrame, amounts: list[int] | None = None, proven: int = 120) -> pd.DataFrame:
    days = bank_days(FIRST, 120)
    return with_actuals(log, came(days, amounts or [10_000] * 120), CALENDAR, days[proven - 1])


def every_fifth_is_large() -> list[int]:
    return [20_000 if day % 5 == 0 else 10_000 for day in range(120)]


def test_plans_that_beat_the_naive_one_with_honest_bands_hold() -> None:
    found = trust(judged(weekly_plans(14, 10, 30), every_fifth_is_large()))
    assert (found.trust_code, found.origin_count, found.better_count) == ("holds", 12, 12)
    assert found.coverage_80.share == pytest.approx(0.8)
    assert found.coverage_80.count == 75  # 11 × 5 + 20 days, each once
    assert list(found.trend["origin_date"]) == sorted(found.trend["origin_date"])


def test_one_of_the_two_is_partly_and_none_is_not_yet() -> None:
    assert trust(judged(weekly_plans(14, 10, 30))).trust_code == "partly"  # bands that hold everything
    assert trust(judged(weekly_plans(14, -10, 30, 0.0), every_fifth_is_large())).trust_code == "partly"
    assert trust(judged(weekly_plans(14, 300, 30, 10.0))).trust_code == "not_yet"


def test_only_plans_proven_to_the_end_of_the_stretch_are_judged() -> None:
    matched = judged(weekly_plans(10, 10, 30), proven=34)
    assert len(trust_trend(matched)) == 3
    assert trust(matched).trust_code == "unmeasured"
    nothing = trust(matched, "taxes")
    assert (nothing.trust_code, nothing.origin_count, nothing.coverage_80.count) == ("unmeasured", 0, 0)
