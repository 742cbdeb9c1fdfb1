"""Mirrors cash/judging/position_bands.py; worked by hand in docs/methods/forecast_accuracy.md."""

from datetime import date
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import worked
from tests.cash.logs import CALENDAR
from workbench.cash.judging.accuracy import ALL
from workbench.cash.judging.position_bands import plans_apart, position_coverage, positions_held
from workbench.cash.judging.proven_accounts import Proof
from workbench.schemas.tables import TABLES

CASE = worked("forecast_accuracy")["position"]
FIRST = date(2025, 3, 14)
ENDS = [CALENDAR.add(FIRST, 5 * week) for week in range(1, 5)]
PROOF = Proof(ENDS[3], {"A": ENDS[3], "B": ENDS[1]}, frozenset("B"))


def row(
    plan: int, week: int, account: str, low: float, high: float, value: int = 0, **more: object
) -> dict[str, object]:
    origin = CALENDAR.add(FIRST, 5 * plan)
    told = account != "B" or plan < 2
    bands = {"median_mad": 0.0, "q025_mad": low - 10.0, "q10_mad": low, "q90_mad": high, "q975_mad": high + 10.0}
    when = {"origin_date": pd.Timestamp(origin), "target_date": pd.Timestamp(CALENDAR.add(origin, 5 * week))}
    names = {"plan_id": f"plan-{plan}", "currency_code": "MAD", "account_number": account, "is_told": told}
    return {**names, **when, "horizon_days": 5 * week, "value_centimes": value, **bands, **more}


def the_log() -> pd.DataFrame:
    rows = []
    for plan, weeks in enumerate(CASE["said_80"]):
        for week, (low, high) in enumerate(weeks, 1):
            told = (
                dict(zip(("told_q10_mad", "told_q90_mad"), CASE["told_80"], strict=True))
                if (plan, week) == (2, 1)
                else {}
            )
            wide = {"told_q025_mad": 40.0, "told_q975_mad": 90.0} if told else {}
            rows.append(row(plan, week, ALL, low, high, **told, **wide))
            rows += [row(plan, week, "A", 0, 0, 6_000), row(plan, week, "B", 0, 0, 4_000)]
    return pd.DataFrame(rows).reindex(columns=TABLES["position_forecasts"].columns)


def balances() -> pd.DataFrame:
    rows = [("A", day, amount * 100) for day, amount in zip(ENDS, CASE["held_a"], strict=True)]
    carried = [
        *CASE["held_b"],
        CASE["held_b"][-1],
        CASE["held_b"][-1],
    ]  # a day without a statement carries the last balance: it proves nothing
    rows += [("B", day, amount * 100) for day, amount in zip(ENDS, carried, strict=True)]
    found = pd.DataFrame(rows, columns=["account_number", "day_date", "value_centimes"])
    return found.astype({"day_date": "datetime64[s]"})


def test_bands_of_the_position_as_worked_by_hand() -> None:
    found = position_coverage(the_log(), balances(), PROOF).set_index(["week_count", "band"])
    for week in (1, 2):
        one = found.loc[(week, 80)]
        expected = [CASE[f"{name}_{week}"] for name in ("share", "low", "high")]
        assert [one["share"], one["low"], one["high"]] == pytest.approx(expected, abs=5e-5)
    assert found["plan_count"].tolist() == [3, 3, 1, 1]
    assert found["apart_count"].tolist() == [3, 3, 1, 1]
    assert found.loc[(1, 95), "share"] == 1.0
    assert found.loc[(1, 80), "judged_share"] == pytest.approx((1 + 1 + 0.6) / 3)


def test_a_position_counts_over_all_accounts_or_those_told_never_over_a_balance_carried() -> None:
    held = positions_held(the_log(), balances(), PROOF).set_index(["plan_id", "horizon_days"])["held_centimes"]
    assert held.loc[("plan-0", 5)] == 10_000
    assert held.loc[("plan-0", 10)] == held.loc[("plan-1", 5)] == 11_000
    assert held.loc[("plan-2", 5)] == 8_000
    assert pd.isna(held.loc[("plan-1", 10)])
    assert pd.isna(held.loc[("plan-2", 10)])


def test_nothing_to_judge_is_an_empty_table_and_a_day_to_come_is_none() -> None:
    assert position_coverage(pd.DataFrame(), balances(), PROOF).empty
    assert position_coverage(the_log(), None, PROOF).empty
    assert position_coverage(the_log(), balances(), Proof(FIRST, {"A": FIRST, "B": FIRST})).empty


def test_plans_that_share_days_are_no_more_trials_than_they_are_apart() -> None:
    origins = pd.Series(pd.date_range("2025-01-06", periods=12, freq="7D"))
    assert plans_apart(origins, origins + pd.Timedelta(days=7)) == 12
    assert plans_apart(origins, origins + pd.Timedelta(days=28)) == 3
    assert plans_apart(origins, origins + pd.Timedelta(days=91)) == 1
    assert plans_apart(origins.head(0), origins.head(0)) == 0


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30)), min_size=1, max_size=9))
def test_plans_apart_are_the_most_that_share_no_day(spans: list[tuple[int, int]]) -> None:
    start = pd.Timestamp("2025-01-01")
    origins = pd.Series([start + pd.Timedelta(days=first) for first, _ in spans])
    ends = pd.Series([start + pd.Timedelta(days=first + length) for first, length in spans])
    most = 0
    for chosen in range(1 << len(spans)):
        picked = sorted((first, first + length) for n, (first, length) in enumerate(spans) if chosen >> n & 1)
        if all(before[1] <= after[0] for before, after in pairwise(picked)):
            most = max(most, len(picked))
    assert plans_apart(origins, ends) == most


def test_a_balance_that_was_certain_and_came_is_held() -> None:
    end = ENDS[0]
    bands = dict.fromkeys(("median_mad", "q025_mad", "q10_mad", "q90_mad", "q975_mad"), 99.997)
    log = pd.DataFrame([{**row(0, 1, account, 0, 0, 10_000), **bands} for account in (ALL, "A")])
    held = pd.DataFrame({"account_number": ["A"], "day_date": [pd.Timestamp(end)], "value_centimes": [10_000]})
    assert position_coverage(log, held, PROOF)["share"].tolist() == [1.0, 1.0]
