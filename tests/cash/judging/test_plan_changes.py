"""Mirrors cash/judging/plan_changes.py; figures worked by hand in docs/methods/forecast_accuracy.md."""

from datetime import date

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import rows, worked
from tests.cash.logs import CALENDAR, bank_days, came, day_rows
from workbench.cash.judging.accuracy import with_actuals
from workbench.cash.judging.plan_changes import against_budget, against_last

CASES = worked("forecast_accuracy")
LAST = date(2025, 3, 14)
NOW = CALENDAR.add(LAST, 5)


def test_a_plan_against_the_last_as_worked_by_hand() -> None:
    case = CASES["change"]
    log = pd.concat([day_rows(LAST, case["previous"]), day_rows(NOW, case["now"])])
    days = bank_days(LAST, 5)
    matched = with_actuals(log, came(days[:4], case["actual"]), CALENDAR, days[3])
    found = against_last(matched, NOW)
    assert found is not None
    (row,) = found.to_dict("records")
    names = ["previous_plan_centimes", "passed_gap_centimes", "unproven_centimes", "estimated_change_centimes"]
    assert {name: row[name] for name in [*names, "plan_now_centimes"]} == {
        name: case[name] for name in [*names, "plan_now_centimes"]
    }
    assert row["until_date"].date() == bank_days(LAST, 8)[-1]
    assert row["previous_origin_date"].date() == LAST
    assert against_last(matched, LAST) is None
    assert against_last(matched, date(2025, 3, 17)) is None


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 10), st.integers(0, 12), st.integers(0, 2**32))
def test_the_steps_lead_from_the_last_plan_to_what_is_said_now(between: int, proven: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    now, days = CALENDAR.add(LAST, between), bank_days(LAST, 12)
    old, new, actual = (rng.integers(-1_000, 1_000, 12) for _ in range(3))
    known = rng.integers(-500, 500, 12)
    log = pd.concat([day_rows(LAST, old.tolist()), day_rows(now, new.tolist(), known_centimes=known)])
    matched = with_actuals(log, came(days, actual.tolist()), CALENDAR, CALENDAR.add(LAST, proven))
    found = against_last(matched, now)
    assert found is not None
    (row,) = found.to_dict("records")
    said = int(actual[: min(between, proven)].sum() + new[: 12 - between].sum())
    assert row["plan_now_centimes"] == said
    assert row["previous_plan_centimes"] == old.sum()
    assert row["known_change_centimes"] == known[: 12 - between].sum()


def month_rows(origin: date, months: list[tuple[str, int]], line_code: str) -> pd.DataFrame:
    days = day_rows(origin, [amount for _, amount in months], line_code).assign(period_code="month")
    return days.assign(target_date=pd.to_datetime([day for day, _ in months]))


def test_months_against_the_budget_as_worked_by_hand() -> None:
    case, origin = CASES["budget"], date(2025, 3, 13)
    months = [("2025-03-14", case["plan_centimes"]), ("2025-04-01", 20_000)]
    log = pd.concat([month_rows(origin, months, line) for line in ("suppliers", "all")])
    flows = came([date(2025, 2, 3), date(2025, 3, 4), date(2025, 3, 20)], [7_000, case["actual_centimes"], 10**6])
    budgets = pd.DataFrame(
        {
            "line_code": ["suppliers", "suppliers", "taxes"],
            "month_date": pd.to_datetime(["2025-03-01", "2025-02-01", "2025-03-01"]),
            "budget_centimes": pd.array([case["budget_centimes"], 6_000, 1_000], dtype="Int64"),
        }
    )
    found = against_budget(log, flows, budgets, origin, origin).set_index(["line_code", "month_date"])
    march = found.loc[("suppliers", pd.Timestamp("2025-03-01"))]
    for name, value in case.items():
        assert march[name] == value, name
    columns = ["actual_centimes", "plan_centimes", "landing_centimes", "budget_centimes", "budget_gap_centimes"]
    assert rows(found.loc["suppliers", columns]) == [
        (0, None, 0, None, None),
        (7_000, None, 7_000, 6_000, 1_000),
        (30_000, 50_000, 80_000, 90_000, -10_000),
        (None, 20_000, 20_000, None, None),
    ]
    assert found.loc[("all", pd.Timestamp("2025-03-01")), "budget_centimes"] == 91_000
    assert found.loc[("taxes", pd.Timestamp("2025-03-01")), "landing_centimes"] == 0
    assert found.index.get_level_values("line_code")[-1] == "all"
    begun = found.index.get_level_values("month_date") <= pd.Timestamp(origin)
    assert list(found["is_proven"]) == list(begun)  # no month to come is proven
    early = against_budget(log, flows, budgets, origin, date(2025, 3, 1))
    assert early.groupby("month_date")["is_proven"].all().tolist() == [True, True, False, False]


def test_an_account_that_went_silent_hides_nothing_that_the_others_received_since() -> None:
    """300.00 came after the last statement of the silent account: it is in the landing, and the months are not called proven."""
    origin = date(2025, 3, 14)
    flows = came([date(2025, 1, 15), date(2025, 3, 10)], [7_000, 30_000])
    log = day_rows(origin, [50_000]).assign(period_code="month", target_date=pd.Timestamp("2025-03-17"))
    budgets = pd.DataFrame(
        {
            "line_code": ["suppliers"],
            "month_date": [pd.Timestamp("2025-03-01")],
            "budget_centimes": pd.array([90_000], "Int64"),
        }
    )
    found = against_budget(log, flows, budgets, origin, date(2025, 1, 31)).set_index(["line_code", "month_date"])
    assert found.loc["suppliers", "actual_centimes"].tolist() == [7_000, 0, 30_000]
    assert found.loc[("suppliers", pd.Timestamp("2025-03-01")), "landing_centimes"] == 80_000
    assert found.loc["suppliers", "is_proven"].tolist() == [True, False, False]
