from datetime import UTC, date, datetime

import pandas as pd

from tests.cash.made_plans import AS_OF, plan
from tests.cash.plan_inputs import made, overrides
from workbench.cash.plan.forecast_log import log_rows
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
