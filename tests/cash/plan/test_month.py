"""Mirrors cash/plan/plan/month.py and month_page.py: the month against its plan, what is placed and owed, accounts that changed."""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.builders import rows
from tests.cash import plans
from tests.cash.months import ACCOUNTS, LOANS, PLACEMENTS, made_month
from workbench.cash import (
    Month,
    month_card_rows,
    month_decisions,
    month_findings,
    month_states,
    month_tables,
    month_ties,
    month_tone,
)
from workbench.cash.plan.month import _judged, account_events, debt_service, debts_on, month_groups, placements_on
from workbench.reporting.words import has
from workbench.standards import DatedValue

CASES = Path(__file__).parents[2] / "cases" / "plan_page.toml"

REPORT = "treasury/treasury_monthly"
AS_OF = plans.AS_OF
M = plans.M


@pytest.fixture(scope="module")
def found() -> Month:
    return made_month()


@pytest.fixture(scope="module")
def said(found: Month) -> dict[str, Any]:
    return month_findings(found)


def test_placements_that_run_have_the_rate_that_they_make() -> None:
    table = placements_on(PLACEMENTS, AS_OF, "MAD")
    assert list(table["counterparty"]) == ["Banque-A", "Fonds"]  # the bill matured on the day
    assert table["placement_rate"].iloc[0] == pytest.approx(227_500 / 30_000_000 * 360 / 91)  # 3.00 %
    assert pd.isna(table["placement_rate"].iloc[1])
    assert placements_on(PLACEMENTS, AS_OF, "EUR").empty


def test_debt_is_what_was_signed_and_is_not_paid_by_month() -> None:
    table = debt_service(LOANS, AS_OF, "MAD")
    assert rows(table) == [
        (date(2024, 10, 1), 20 * M, 4 * M + 25_000_000, 24 * M + 25_000_000),
        (date(2025, 1, 1), 20 * M, 4 * M, 24 * M),
    ]
    assert len(debt_service(LOANS, AS_OF, "MAD", months=1)) == 1


def test_debts_that_run_with_what_is_left_of_them() -> None:
    table = debts_on(LOANS.assign(rate_kind_code="fixed"), AS_OF, "MAD")
    assert (
        table["outstanding_centimes"].sum() == debt_service(LOANS, AS_OF, "MAD", months=600)["principal_centimes"].sum()
    )
    assert (table["next_date"] <= table["last_date"]).all()
    assert (table["next_date"] > pd.Timestamp(AS_OF)).all()
    assert table["last_date"].is_monotonic_increasing
    assert set(table["rate_kind_code"]) == {"fixed"}
    assert debts_on(LOANS, AS_OF, "EUR").empty


def test_accounts_opened_closed_and_still() -> None:
    moved = pd.DataFrame(
        {"account_number": ["C-00", "R-02"], "last_date": pd.to_datetime(["2024-09-30", "2024-06-28"])}
    )
    table = account_events(ACCOUNTS, moved, AS_OF)
    assert rows(table[["account_number", "event_code", "event_date"]]) == [
        ("R-01", "opened", date(2024, 9, 2)),
        ("R-02", "dormant", date(2024, 6, 28)),
    ]


def test_gaps_are_actual_less_plan_judged_and_given_a_cause(found: Month, said: dict[str, Any]) -> None:
    gaps = found.gaps.set_index("line_code")
    assert found.planned_on == date(2024, 8, 30)
    assert (gaps["actual_centimes"] - gaps["plan_centimes"] == gaps["gap_to_plan_centimes"]).all()
    lines = gaps.drop("all")
    assert lines["gap_to_plan_centimes"].sum() == gaps.at["all", "gap_to_plan_centimes"] == said["month_gap"]
    assert list(gaps.index)[-1] == "all"
    assert (lines["comment_code"].isna() == (lines["status"] == "ok")).all()
    large = lines["gap_to_plan_centimes"].abs() >= 0.01 * lines["plan_centimes"].abs().sum()
    size = (lines["gap_to_plan_centimes"] / lines["plan_centimes"]).abs().fillna(np.inf)
    assert ((lines["status"] == "alert") == (large & (size > 0.15))).all()
    assert (lines["gap_share"].isna() == ((lines["plan_centimes"] == 0) | (size >= 10))).all()
    groups = month_groups(found)
    assert groups["gap_to_plan_centimes"].sum() == said["month_gap"]


def test_a_month_without_a_plan_is_compared_with_nothing() -> None:
    new = made_month(record=None, log=plans.log().head(0))
    said = month_findings(new)
    waiting = month_findings(made_month(record=None))  # a plan was logged, no day of the month is proven yet
    assert (waiting["planned_on"], month_tone(waiting)["gaps"]) == (date(2024, 8, 30), "unproven")
    assert (said["month_plan"], said["lines_to_explain"], month_tone(said)["gaps"]) == (None, None, "none")
    assert "month_gaps" not in month_tables(new, said)
    assert month_states(said)["gap"] == "unmeasured"


def test_every_equality_of_the_report_holds(found: Month) -> None:
    assert [what for what, left, right in month_ties(found) if left != right] == []


def test_words_of_the_report(found: Month, said: dict[str, Any]) -> None:
    labels = [label for part in month_card_rows(said).values() for label, _, _ in part]
    assert [label for label in labels if not has(REPORT, label)] == []
    shown = month_tables(found, said)
    assert {"banks", "curve", "month_gaps", "placements", "loans", "events", "alerts", "months", "fan"} <= set(shown)
    assert [code for code in shown["alerts"]["alert_code"] if not has(REPORT, f"alert_code_{code}")] == []
    assert 1 <= len(month_decisions(said)) <= 3
    assert {month_tone(said)["gaps"], "none", "on"} <= {"off", "on", "none"}
    assert (said["placed"], said["owed"], said["opened"], said["dormant"]) == (35 * M, 48 * M + 25_000_000, 1, 1)


def test_gaps_and_rates_worked_by_hand() -> None:
    case = tomllib.loads(CASES.read_text(encoding="utf-8"))
    month = case["month"]
    sums = pd.DataFrame({name: month[name] for name in ("timing", "amount")})
    sums["plan_centimes"], sums["actual_centimes"] = (
        pd.array(month[name], dtype="Int64") for name in ("plan", "actual")
    )
    sums["line_code"] = list("abcde")
    sums["gap_to_plan_centimes"] = sums["actual_centimes"] - sums["plan_centimes"]
    dated = tuple(_dated(month[name]) for name in ("watch", "alert", "smallest"))
    judged = _judged(sums, dated)
    assert list(judged["status"]) == month["status"]
    assert list(judged["comment_code"].fillna("")) == month["cause"]
    shares = judged["gap_share"].astype("float64")
    expected = sums["gap_to_plan_centimes"] / sums["plan_centimes"].abs().where(sums["plan_centimes"] != 0)
    assert shares.fillna(0).tolist() == pytest.approx(
        expected.where(expected.abs() < 10).astype("float64").fillna(0).tolist()
    )
    rate = placements_on(PLACEMENTS, AS_OF, "MAD")["placement_rate"].iloc[0]
    placed = case["placement"]
    assert rate == pytest.approx(placed["rate"]) == placed["interest"] / placed["principal"] * 360 / placed["days"]


def test_a_gap_of_ten_times_the_plan_is_told_in_money_alone() -> None:
    sums = pd.DataFrame({"line_code": ["works", "energy"], "timing": [0, 0], "amount": [9_900, 90]})
    sums["plan_centimes"], sums["gap_to_plan_centimes"] = (
        pd.array(values, dtype="Int64") for values in ([100, 100], [9_900, 90])
    )
    judged = _judged(sums, tuple(_dated(value) for value in (0.05, 0.15, 0.01)))
    assert judged["gap_share"].isna().tolist() == [True, False]
    assert judged["gap_share"].iloc[1] == pytest.approx(0.9)
    assert judged["status"].tolist() == ["alert", "alert"]


def _dated(value: float) -> DatedValue:
    return DatedValue("x", Decimal(str(value)), "share", AS_OF, AS_OF, "illustrative", "", "", "")
