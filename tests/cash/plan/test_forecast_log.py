from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tests.cash.made_plans import AS_OF, plan
from tests.cash.plan_inputs import made, overrides
from workbench.cash.plan.forecast_log import account_rows, log_rows, position_rows, told_part
from workbench.cash.plan.plan import CashPlan
from workbench.schemas.checking import check_table
from workbench.schemas.tables import TABLES

MADE_AT = datetime(2024, 9, 26, 6, 0, tzinfo=UTC)
DAYS = [[100, 200, -1000], [10, 20, 0], [1, 2, 0], [5, 5, 5], [0, 0, -7]]


def test_rows_are_as_declared_and_every_length_of_time_says_the_same_total() -> None:
    rows = log_rows(plan(DAYS), MADE_AT)
    assert check_table(rows, TABLES["forecasts"]) == []
    table = rows.to_pandas()
    assert table["plan_id"].nunique() == 1
    assert set(table["period_code"]) == {"day", "week", "month", "total"}
    sums = table.groupby(["period_code", "line_code"])["plan_centimes"].sum().unstack()
    assert (sums["all"] == sums["payroll"] + sums["receipts_counters"]).all()
    assert sums["all"].unique().tolist() == [-659]


def test_a_row_says_origin_horizon_model_and_what_was_known() -> None:
    table = log_rows(plan(DAYS), MADE_AT, "imp-00007", is_made_again=True).to_pandas()
    day = table[(table["period_code"] == "day") & (table["line_code"] == "payroll")].iloc[-1]
    assert (day["origin_date"], day["target_date"], day["horizon_days"]) == (AS_OF, date(2024, 10, 2), 5)
    assert (day["model_name"], day["reason_code"], day["known_import_id"], bool(day["is_made_again"])) == (
        "calendar_ridge",
        "won",
        "imp-00007",
        True,
    )
    assert table[table["line_code"] == "all"][["model_name", "reason_code"]].drop_duplicates().to_numpy().tolist() == [
        ["sum_of_lines", "sum"]
    ]


def test_days_and_weeks_go_to_the_thirteen_weeks_and_months_to_the_end() -> None:
    table = log_rows(made(), MADE_AT).to_pandas()
    last = table.groupby("period_code")["target_date"].max()
    assert last["day"] == date(2024, 12, 30)
    assert last["week"] == date(2024, 12, 30)  # a Monday
    assert last["month"] == date(2025, 9, 1)
    assert last["total"] == date(2024, 10, 1)


def test_an_override_is_logged_with_who_and_why() -> None:
    words = """
    override_id account_number line_code         target_date amount_centimes entered_by note
    o1          R1             receipts_counters 2024-10-04  7_000           ana        acompte
    o2          R2             receipts_counters 2024-10-04  2_000           ben        rappel
    """
    table = log_rows(made(overrides=overrides(words)), MADE_AT).to_pandas()
    told = table[table["note"].notna()]
    assert set(told["line_code"]) == {"receipts_counters", "all"}
    assert told[["entered_by", "note"]].drop_duplicates().to_numpy().tolist() == [["ana; ben", "acompte; rappel"]]
    assert told.loc[told["period_code"] == "day", "override_centimes"].tolist() == [9_000, 9_000]
    assert pd.isna(table[table["line_code"] == "suppliers"]["note"]).all()


def with_silent(number: str = "A2") -> CashPlan:
    """The plan with an account whose statements stopped before its origin."""
    whole = plan(DAYS, spread=3.0)
    states = whole.opening["state_code"].where(whole.opening["account_number"] != number, "stale")
    return replace(whole, opening=whole.opening.assign(state_code=states))


def test_accounts_of_the_log_add_up_to_its_lines_in_every_period() -> None:
    made_up = made()
    lines, accounts = (to_table(rows) for rows in (log_rows(made_up, MADE_AT), account_rows(made_up)))
    assert check_table(account_rows(made_up), TABLES["account_forecasts"]) == []
    keys = ["period_code", "line_code", "target_date", "horizon_days"]
    for name in ("plan_centimes", "override_centimes"):
        ours = accounts.groupby(keys)[name].sum()
        theirs = lines.set_index(keys)[name]
        pd.testing.assert_series_equal(ours.sort_index(), theirs.sort_index(), check_dtype=False)
    of_account = accounts[accounts["line_code"] == "all"]
    assert of_account[BANDS].notna().all(axis=None)
    assert accounts.loc[accounts["line_code"] != "all", BANDS].isna().all(axis=None)


def test_bands_of_the_accounts_told_are_logged_where_one_is_silent_and_only_there() -> None:
    whole = to_table(log_rows(plan(DAYS, spread=3.0), MADE_AT))
    assert whole["told_median_mad"].isna().all()
    silent = with_silent()
    rows = to_table(log_rows(silent, MADE_AT)).set_index(["period_code", "line_code", "target_date"])
    first = rows.loc[("day", "receipts_counters", date(2024, 9, 26))]
    assert (first["median_mad"], first["told_median_mad"]) == (3.0, 1.0)  # 100 + 200 centimes, and A1 alone
    only = to_table(log_rows(told_part(silent) or silent, MADE_AT)).set_index(rows.index.names)
    for name in BANDS:
        np.testing.assert_array_equal(rows[f"told_{name}"].to_numpy(float), only[name].to_numpy(float))
    told = to_table(account_rows(silent)).drop_duplicates("account_number").set_index("account_number")["is_told"]
    assert dict(told) == {"A1": True, "A2": False, "C": True}


def test_balances_are_logged_at_the_end_of_every_fifth_bank_day_by_account_and_for_all() -> None:
    silent = with_silent()
    rows = position_rows(silent)
    assert check_table(rows, TABLES["position_forecasts"]) == []
    table = to_table(rows).set_index("account_number")
    assert set(table["horizon_days"]) == {5}
    values = table["value_centimes"]
    assert dict(values) == {"A1": 1116, "A2": 2227, "C": 48_998, "all": 52_341}
    assert (
        table.at["all", "q10_mad"] < table.at["all", "told_q10_mad"] + 22.27
    )  # a silent account makes the whole band wider
    assert table.at["all", "told_median_mad"] == pytest.approx(11.16 + 489.98)
    assert not table.at["all", "is_told"]
    weekly = to_table(position_rows(made()))
    assert sorted(set(weekly["horizon_days"])) == list(range(5, 61, 5))


def test_an_account_without_a_known_balance_is_in_no_position() -> None:
    unknown = plan(DAYS, balances={"A1": 1000, "A2": None, "C": 50_000})
    table = to_table(position_rows(unknown)).set_index("account_number")
    assert set(table.index) == {"A1", "C", "all"}
    assert table.at["all", "value_centimes"] == 1116 + 48_998
    nothing = plan(DAYS, balances={"A1": None, "A2": None, "C": None})
    assert len(position_rows(nothing)) == 0


BANDS = ["median_mad", "q025_mad", "q10_mad", "q90_mad", "q975_mad"]


def to_table(rows: pa.Table) -> pd.DataFrame:
    table: pd.DataFrame = rows.to_pandas()
    return table
