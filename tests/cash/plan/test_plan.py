from datetime import date

import numpy as np
import pandas as pd
import pytest

from tests.builders import rows, table
from tests.cash import plan_inputs as given
from tests.cash.plan_inputs import AS_OF, history, known, made, overrides
from workbench.cash.lines.flow_rules import UNCLASSIFIED
from workbench.cash.plan.plan_months import Months
from workbench.errors import OutsideSpan, Unanswerable
from workbench.standards.business_days import BankDays, ClosedDay


def test_a_plan_goes_thirteen_weeks_by_day_and_twelve_months_to_a_month_end() -> None:
    plan = made()
    assert plan.days[0].date() == date(2024, 10, 1)
    assert plan.daily_until == date(2024, 12, 30)  # 30 September + 91 days is a Monday
    assert plan.days[-1].date() == date(2025, 9, 30)
    assert plan.known.shape == plan.estimated.shape == plan.override.shape == plan.naive.shape
    assert plan.paths.shape == (8, *plan.known.shape)


def test_accounts_take_their_part_of_the_line_and_a_closed_one_takes_none() -> None:
    found = made().flows(by=("account_number", "line_code"))
    first = found[found["target_date"] == "2024-10-01"]
    assert rows(first[["account_number", "line_code", "estimated_centimes"]]) == [
        ("C", "suppliers", -12_007),
        ("R1", "receipts_counters", 30_001),
        ("R2", "receipts_counters", 10_000),
    ]


def test_an_order_takes_its_amount_from_the_estimate_around_it_so_that_nothing_counts_twice() -> None:
    words = """
    flow_id account_number line_code flow_date  amount_centimes
    o1      C              suppliers 2024-10-01 -15_000
    """
    total = made(known=known(words)).flows(by=("line_code",), period="week").set_index("line_code").loc["suppliers"]
    alone = made().flows(by=("line_code",), period="week").set_index("line_code").loc["suppliers"]
    assert int(total["known_centimes"].iloc[0]) == -15_000
    assert int(total["plan_centimes"].iloc[0]) == int(alone["plan_centimes"].iloc[0])


def test_a_scheduled_line_is_what_is_known_and_nothing_else() -> None:
    words = """
    flow_id account_number line_code    flow_date  amount_centimes flow_source_code
    l1      C              debt_service 2024-10-15 -90_000         loan
    """
    past = pd.concat([history(), history().assign(line_code="debt_service", account_number="C")], ignore_index=True)
    plan = made(flows=past, known=known(words))
    line = plan.series["line_code"] == "debt_service"
    assert not plan.estimated[:, line].any()
    assert plan.series.loc[line, ["model_name", "reason_code"]].to_numpy().tolist() == [["known", "known_only"]]
    assert (plan.paths[:, :, line].sum(axis=1) == -900.0).all()


def test_an_override_is_added_on_its_bank_day_and_stays_visible() -> None:
    words = """
    override_id account_number line_code         target_date amount_centimes
    o1          R1             receipts_counters 2024-10-05  7_000
    """
    plan, plain = made(overrides=overrides(words)), made()
    day = plan.flows(by=("account_number", "line_code")).set_index(["account_number", "target_date"]).loc["R1"]
    monday = day.loc["2024-10-07"]  # the 5th is a Saturday
    assert int(monday["override_centimes"]) == 7_000
    assert int(plan.plan.sum() - plain.plan.sum()) == 7_000
    assert int(plan.estimated.sum()) == int(plain.estimated.sum())
    assert plan.paths.sum(dtype=float) - plain.paths.sum(dtype=float) == pytest.approx(70 * 8, abs=0.5)
    assert plan.notes["overrides"]["note"].tolist() == ["why"]


def test_refused_overrides_are_problems_and_the_plan_is_made_without_them() -> None:
    words = """
    override_id account_number line_code         target_date amount_centimes currency_code
    a           NONE           receipts_counters 2024-10-05  1               MAD
    b           OLD            receipts_counters 2024-10-05  1               MAD
    c           R1             no_line           2024-10-05  1               MAD
    d           R1             receipts_counters 2026-10-05  1               MAD
    e           R1             receipts_counters 2024-09-05  1               MAD
    """
    plan = made(overrides=overrides(words))
    told = [(problem.row_key, problem.code) for problem in plan.notes["problems"]]
    assert told == [
        ("a", "override_account_unknown"),
        ("b", "override_account_closed"),
        ("c", "override_line_unknown"),
        ("d", "override_beyond"),
        ("e", "override_past"),  # typed on the day of the plan for a day before it
    ]
    assert all(
        problem.message(lang) and problem.remedy(lang) for problem in plan.notes["problems"] for lang in ("fr", "en")
    )
    assert not plan.override.any()


def test_an_override_in_another_currency_than_its_account_is_refused_in_the_plan_of_the_account() -> None:
    words = """
    override_id account_number line_code         target_date amount_centimes currency_code
    f           R1             receipts_counters 2024-10-05  1               EUR
    """
    assert [problem.code for problem in made(overrides=overrides(words)).notes["problems"]] == ["override_currency"]
    assert made(overrides=overrides(words), currency_code="EUR").notes["problems"] == []


def test_an_account_without_a_statement_is_told_and_is_not_zero() -> None:
    plan = made()
    told = plan.notes["accounts"]
    assert rows(told) == [("OLD", "closed"), ("R2", "missing")]
    assert plan.positions(by=("account_number",)).set_index("account_number").loc["R2", "value_centimes"].isna().all()
    words = """
    flow_id account_number line_code         flow_date  amount_centimes
    d1      R2             receipts_counters 2024-10-01 900
    """
    unplaced = made(known=known(words)).notes["unplaced"]
    assert rows(unplaced[["left_out_code", "flow_id"]]) == [("balance_unknown", "d1")]


def test_a_flow_whose_account_nobody_tells_goes_to_the_account_that_moved_most() -> None:
    words = """
    flow_id account_number line_code         flow_date  amount_centimes flow_source_code
    i1      -              receipts_counters 2024-10-02 500             instalment
    i2      -              payroll           2024-10-02 -700            instalment
    """
    flows = made(known=known(words)).notes["flows"]
    assert rows(flows[["flow_id", "account_number", "is_account_assumed"]]) == [("i1", "R1", True), ("i2", "C", True)]


def test_currencies_are_planned_apart() -> None:
    euros = made(currency_code="EUR")
    assert euros.series.empty
    assert euros.positions()["value_centimes"].unique().tolist() == [700]
    assert "E" not in set(made().opening["account_number"])


def test_history_after_the_date_changes_nothing_and_an_account_opened_last_week_is_told() -> None:
    later = pd.concat(
        [history(), history().tail(5).assign(flow_date=pd.Timestamp(2024, 10, 3), amount_centimes=9_999_999)],
        ignore_index=True,
    )
    assert made(flows=later).plan_id == made().plan_id
    words = given.ACCOUNTS.replace(
        "DR2              receipts  MAD           2015-01-01  -",
        "DR2              receipts  MAD           2024-09-24  -",
    )
    assert ("R2", "new") in rows(made(accounts=table(words)).notes["accounts"])


def test_a_calendar_that_ends_inside_the_plan_is_refused_with_what_to_add() -> None:
    short = BankDays(
        (ClosedDay(date(2023, 1, 1), "a", "official", "t"), ClosedDay(date(2024, 11, 18), "b", "official", "t"))
    )
    with pytest.raises(OutsideSpan, match="add the closed days of 2025"):
        made(bank_days=short)


def test_an_amount_that_no_rule_takes_is_shown_as_a_line_of_the_plan() -> None:
    past = pd.concat(
        [history(), history().query("account_number == 'R1'").assign(line_code=UNCLASSIFIED, amount_centimes=100)],
        ignore_index=True,
    )
    plan = made(flows=past)
    assert UNCLASSIFIED in set(plan.series["line_code"])
    assert plan.notes["unclassified"]["amount_centimes"].tolist() == [13_000]


def test_the_mean_of_the_paths_is_the_plan() -> None:
    words = """
    flow_id account_number line_code flow_date  amount_centimes
    o1      C              suppliers 2024-10-11 -15_000
    """
    plan = made(known=known(words))
    np.testing.assert_allclose(plan.paths.mean(axis=0, dtype=float), plan.plan / 100, atol=0.02)


def test_days_of_a_line_have_the_bands_of_its_model_unless_the_paths_were_changed() -> None:
    import dataclasses

    plan = made()
    line = plan.flows(by=("line_code",)).set_index("line_code").loc["suppliers"].iloc[0]
    assert line["q025_mad"] == pytest.approx(-120.07 * 1.1)
    moved = dataclasses.replace(plan, paths=plan.paths * np.float32(2))
    assert moved.flows(by=("line_code",)).set_index("line_code").loc["suppliers"].iloc[0]["q025_mad"] == pytest.approx(
        -240.14 * 1.1, rel=1e-3
    )


def test_without_any_history_or_account_moving_there_is_a_plan_of_balances() -> None:
    plan = made(flows=history().head(0))
    assert plan.series.empty
    assert plan.positions()["value_centimes"].unique().tolist() == [600_000]
    assert plan.balance_paths().shape == (8, len(plan.days))


def test_the_same_inputs_give_the_same_plan_and_another_import_another_name() -> None:
    assert made().plan_id == made().plan_id
    assert made().plan_id != made(known_import_id="imp-00002").plan_id
    np.testing.assert_array_equal(made().paths, made().paths)
    assert made().as_of == AS_OF


def test_a_plan_made_to_be_judged_ends_with_its_weeks_and_says_the_same_of_them() -> None:
    """An override beyond them is in no row, and no problem either."""
    words = """
    override_id account_number line_code         target_date amount_centimes
    o1          R1             receipts_counters 2024-10-04  7_000
    o2          R1             receipts_counters 2025-03-04  9_000
    """
    whole, weeks = (made(overrides=overrides(words), twelve_months=whole_year) for whole_year in (True, False))
    assert weeks.days[-1].date() == weeks.daily_until == whole.daily_until
    assert weeks.notes["problems"] == []
    assert weeks.plan_id != whole.plan_id
    for name in ("known", "estimated", "override"):
        np.testing.assert_array_equal(getattr(weeks, name), getattr(whole, name)[: len(weeks.days)])


def test_an_account_opened_and_never_moved_is_planned_flat_and_the_short_history_is_told() -> None:
    plan = made(flows=history().iloc[:0])
    assert plan.positions()["value_centimes"].nunique() == 1
    assert plan.flows(by=("line_code",)).empty
    assert [(each.code, each.values["count"]) for each in plan.notes["told"]] == [("history_short", 0)]
    assert all(plan.notes["told"][0].message(lang) for lang in ("fr", "en"))


def test_a_history_of_three_days_is_told_and_one_of_a_year_is_not() -> None:
    recent = history().query("flow_date >= '2024-09-26'")
    assert [(each.code, each.values["count"]) for each in made(flows=recent).notes["told"]] == [("history_short", 3)]
    assert made().notes["told"] == []


def test_a_date_before_everything_known_is_no_plan() -> None:
    nobody = table(given.OPENING).assign(value_centimes=pd.NA)
    with pytest.raises(Unanswerable, match="is known by 2024-09-30"):
        made(flows=history().iloc[:0], opening=nobody)


def test_the_model_of_the_days_and_of_the_months_beyond_are_told_line_by_line() -> None:
    told = made().notes["line_models"]
    assert rows(told)[0] == ("receipts_counters", "recent_mean", "recent_mean")
    assert made(twelve_months=False).notes["line_models"]["months_model_name"].isna().all()
    race = pd.DataFrame({"line_code": ["receipts_counters", "suppliers"], "model_name": ["ets", "calendar"]})
    months = Months(np.array([], "datetime64[D]"), np.zeros((0, 2)), np.array([True, False]), race)
    assert made(months=months).notes["line_models"]["months_model_name"].tolist() == ["ets", "recent_mean"]
