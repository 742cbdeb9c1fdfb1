from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import rows
from tests.cash.made_plans import SERIES, plan
from workbench.errors import WrongUse

DAYS = [
    [100, 200, -1000],
    [10, 20, 0],
    [1, 2, 0],
    [5, 5, 5],
    [0, 0, -7],
]  # Thu 26, Fri 27, Mon 30 September, Tue 1, Wed 2 October


def test_flows_by_line_and_month_begin_the_day_after_the_origin() -> None:
    found = plan(DAYS).flows(by=("line_code",), period="month")
    assert rows(found[["line_code", "target_date", "last_date", "horizon_days", "plan_centimes"]]) == [
        ("payroll", date(2024, 9, 26), date(2024, 9, 30), 3, -1000),
        ("payroll", date(2024, 10, 1), date(2024, 10, 2), 5, -2),
        ("receipts_counters", date(2024, 9, 26), date(2024, 9, 30), 3, 333),
        ("receipts_counters", date(2024, 10, 1), date(2024, 10, 2), 5, 10),
    ]


def test_weeks_begin_on_monday_and_the_first_after_the_origin() -> None:
    found = plan(DAYS).flows(period="week")
    assert rows(found[["target_date", "plan_centimes"]]) == [(date(2024, 9, 26), -670), (date(2024, 9, 30), 11)]


def test_parts_stay_apart_and_make_the_plan() -> None:
    made = plan(DAYS, known=[[0, 0, -50]] + [[0, 0, 0]] * 4, override=[[7, 0, 0]] + [[0, 0, 0]] * 4)
    found = made.flows(period="total")
    names = ["known_centimes", "estimated_centimes", "override_centimes", "plan_centimes"]
    assert rows(found[names]) == [(-50, -659, 7, -702)]
    assert found["mean_mad"].tolist() == [-7.02]


def test_bands_come_from_summed_paths_not_from_summed_bands() -> None:
    made = plan(DAYS, spread=10.0)
    day, total = made.flows(), made.flows(period="total")
    assert total["q975_mad"].iloc[0] - total["median_mad"].iloc[0] == pytest.approx(
        15 * 10 * 0.925
    )  # 15 cells move together
    assert day["q90_mad"].iloc[0] - day["median_mad"].iloc[0] == pytest.approx(30 * 0.7)


def test_positions_open_with_what_is_known() -> None:
    found = plan(DAYS).positions(by=("bank_code",))
    columns = ["bank_code", "opening_centimes", "flow_centimes", "value_centimes"]
    assert rows(found[columns])[:3] == [
        ("011", 51_000, -900, 50_100),
        ("011", 50_100, 10, 50_110),
        ("011", 50_110, 1, 50_111),
    ]
    assert rows(found[found["bank_code"] == "022"][columns])[-1] == ("022", 2227, 0, 2227)


def test_an_account_without_a_balance_is_null_and_in_no_total() -> None:
    made = plan(DAYS, balances={"A1": None, "A2": 2000, "C": 50_000})
    by_account, office = made.positions(by=("account_number",)), made.positions()
    unknown = by_account[by_account["account_number"] == "A1"]
    assert unknown[["opening_centimes", "flow_centimes", "value_centimes", "median_mad"]].isna().all().all()
    assert int(office["opening_centimes"].iloc[0]) == 52_000
    assert int(office["flow_centimes"].iloc[0]) == 200 - 1000
    assert made.balance_paths()[0, 0] == pytest.approx((52_000 - 800) / 100)


def test_an_account_with_a_balance_and_no_flow_counts() -> None:
    made = plan([[1], [1]], series=[("A1", "receipts_counters")], balances={"A1": 5, "A2": 7})
    assert made.positions()["value_centimes"].tolist() == [13, 14]
    assert made.positions(by=("account_number",))["value_centimes"].tolist() == [6, 7, 7, 7]


def test_balance_paths_by_a_column_add_up_to_the_office() -> None:
    made = plan(DAYS, spread=3.0)
    found = made.balance_paths("directorate_code")
    assert set(found) == {"DR1", "DR2", "head_office"}
    np.testing.assert_allclose(sum(found.values()), made.balance_paths())


def test_a_line_has_no_balance_and_unknown_names_are_refused() -> None:
    made = plan(DAYS)
    with pytest.raises(WrongUse, match="line_code"):
        made.positions(by=("line_code",))
    with pytest.raises(WrongUse, match="nope"):
        made.flows(by=("nope",))
    with pytest.raises(WrongUse, match="quarter"):
        made.flows(period="quarter")


def test_the_same_plan_has_the_same_name_and_another_centime_another_name() -> None:
    changed = [row[:] for row in DAYS]
    changed[3][1] += 1
    assert plan(DAYS).plan_id == plan(DAYS, spread=2.0).plan_id  # bands are made from what is already in the name
    assert plan(DAYS).plan_id != plan(changed).plan_id


amounts = st.integers(-(10**13), 10**13)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(amounts, min_size=3, max_size=3), min_size=1, max_size=30))
def test_every_view_adds_up_to_the_centime_at_every_date(days: list[list[int]]) -> None:
    made = plan(days, known=[row[::-1] for row in days], override=[[1, -1, 0]] * len(days), series=SERIES)
    whole = made.flows()["plan_centimes"].astype(np.int64)
    for by in (
        ("account_number",),
        ("line_code",),
        ("directorate_code", "line_code"),
        ("bank_code",),
        ("account_number", "line_code"),
    ):
        found = made.flows(by=by)
        assert found.groupby("target_date")["plan_centimes"].sum().astype(np.int64).tolist() == whole.tolist()
        for period in ("week", "month", "total"):
            assert int(made.flows(by=by, period=period)["plan_centimes"].sum()) == int(whole.sum())
    office = made.positions()
    for by in (("account_number",), ("bank_code",), ("directorate_code",)):
        added = made.positions(by=by).groupby("day_date")[["opening_centimes", "value_centimes"]].sum()
        pd.testing.assert_frame_equal(
            added.reset_index(drop=True), office[["opening_centimes", "value_centimes"]], check_dtype=False
        )


def test_a_currency_that_is_held_and_never_moved_has_a_flat_plan() -> None:
    made = plan([[], []], series=[], balances={"A1": 5, "A2": 7})
    assert made.positions()["value_centimes"].tolist() == [12, 12]
    assert made.positions(by=("account_number",))["value_centimes"].tolist() == [5, 5, 7, 7]
    assert made.flows(by=("line_code",), period="week").empty
    assert made.flows(period="total")["plan_centimes"].tolist() == [0]


QUANTILES = ["q025_mad", "q10_mad", "median_mad", "q90_mad", "q975_mad"]


@pytest.mark.parametrize("centimes", [-544_440, 3_150_000_037, 12_345_678_911])
def test_the_quantiles_of_a_certain_amount_are_the_amount_itself(centimes: int) -> None:
    days = [[centimes, -centimes - 1, 0], [0, 0, 7], [centimes, 0, 0]]
    made = plan([[0, 0, 0]] * 3, known=days)
    for by in ((), ("line_code",), ("account_number",)):
        for period in ("day", "week", "month", "total"):
            found = made.flows(by, period)
            for name in QUANTILES:
                np.testing.assert_array_equal(found[name], found["plan_centimes"].to_numpy(np.int64) / 100)
    for by in ((), ("account_number",)):
        found = made.positions(by)
        for name in QUANTILES:
            np.testing.assert_array_equal(found[name], found["value_centimes"].to_numpy(np.int64) / 100)


def test_a_rare_amount_is_not_taken_for_a_certain_one() -> None:
    made = plan([[100, 0, 0]])
    paths = np.zeros((400, 1, 3), np.float32)
    paths[0, 0, 0] = 400  # once in four hundred
    found = replace(made, paths=paths).flows()
    assert found[QUANTILES].to_numpy().tolist() == [[0.0] * 5]
