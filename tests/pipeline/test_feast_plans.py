"""Mirrors pipeline/feast_plans.py: feasts on other dates close banks on other days, and the plan is made again."""

from datetime import date, timedelta

import numpy as np
import pytest

from tests.builders import rows
from workbench import store
from workbench.cash import CashPlan
from workbench.pipeline.cash_plan import PlanTables
from workbench.pipeline.feast_plans import feasts_known, moved_bank_days, replanner
from workbench.standards import BankDays, ClosedDay, MovableFeast, load_bank_days

DAYS = load_bank_days()
FITR = MovableFeast("fitr", date(2025, 3, 31), date(2025, 4, 1), "estimated", "x")
CLOSED = BankDays(
    (
        ClosedDay(date(2025, 1, 1), "a", "official", "x"),
        ClosedDay(date(2025, 3, 31), "Fitr", "estimated", "x"),
        ClosedDay(date(2025, 4, 1), "Fitr (2e jour)", "estimated", "x"),
        ClosedDay(date(2025, 4, 4), "pont", "bridge", "x"),
        ClosedDay(date(2025, 6, 9), "Adha", "official", "x"),
    )
)


def test_a_plan_made_again_with_the_same_feasts_is_the_same_plan(
    small_office: store.Office, ramadan_plan: CashPlan, ramadan_tables: PlanTables
) -> None:
    replan = replanner(small_office, ramadan_plan, ramadan_tables, DAYS, receivables=False)
    again = replan(feasts_known(DAYS))
    assert again.plan_id == ramadan_plan.plan_id
    np.testing.assert_array_equal(again.paths, ramadan_plan.paths)


@pytest.mark.parametrize("days", [-1, 1])
def test_estimated_days_of_a_moved_feast_move_and_no_other(days: int) -> None:
    before = feasts_known(CLOSED, (FITR,))
    after = before.assign(start=before["start"] + timedelta(days=days), end=before["end"] + timedelta(days=days))
    moved = {row.name: row.day for row in moved_bank_days(CLOSED, before, after).closed}
    stay = {row.name: row.day for row in CLOSED.closed}
    assert moved == stay | {name: stay[name] + timedelta(days=days) for name in ("Fitr", "Fitr (2e jour)")}
    assert moved_bank_days(CLOSED, before, before) == CLOSED
    fast = before.assign(name="ramadan")
    assert moved_bank_days(CLOSED, fast, after.assign(name="ramadan")) == CLOSED


def test_days_of_banks_that_move_without_a_feast_of_the_table_are_known_and_fixed_ones_are_not() -> None:
    closed = [
        ("1er Moharram", "2024-07-08", "estimated"), ("1er Moharram", "2025-06-27", "estimated"),
        ("Nouvel an amazigh", "2024-01-14", "estimated"), ("Nouvel an amazigh", "2025-01-14", "estimated"),
        ("Aïd", "2024-06-17", "estimated"), ("Trône", "2024-07-30", "official"),
    ]  # fmt: skip
    told = [ClosedDay(date.fromisoformat(day), name, how, "x") for name, day, how in closed]  # type: ignore[arg-type]
    days = BankDays(tuple(sorted(told, key=lambda one: one.day)))
    adha = MovableFeast("adha", date(2024, 6, 17), date(2024, 6, 18), "estimated", "x")
    found = feasts_known(days, (adha,))
    assert [(name, str(start)) for name, start, *_ in rows(found)] == [
        ("adha", "2024-06-17"),
        ("1er Moharram", "2024-07-08"),
        ("1er Moharram", "2025-06-27"),
    ]
