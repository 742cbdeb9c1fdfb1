"""Mirrors pipeline/feast_plans.py: feasts on other dates close banks on other days, and known flows go with them."""

from datetime import date, timedelta

import pandas as pd
import pytest

from tests.builders import table
from workbench.pipeline.feast_plans import feasts_table, moved_bank_days, moved_flows
from workbench.standards import BankDays, ClosedDay, MovableFeast

FEASTS = [
    MovableFeast("fitr", date(2025, 3, 31), date(2025, 4, 1), "estimated", "x"),
    MovableFeast("adha", date(2025, 6, 7), date(2025, 6, 9), "official", "x"),
]
CLOSED = [
    ClosedDay(date(2025, 1, 1), "a", "official", "x"),
    ClosedDay(date(2025, 3, 31), "Fitr", "estimated", "x"),
    ClosedDay(date(2025, 4, 1), "Fitr (2e jour)", "estimated", "x"),
    ClosedDay(date(2025, 4, 2), "pont", "bridge", "x"),
    ClosedDay(date(2025, 6, 9), "Adha", "official", "x"),
]
DAYS = BankDays(tuple(CLOSED))
LATER = [MovableFeast("fitr", date(2025, 4, 1), date(2025, 4, 2), "estimated", "x"), FEASTS[1]]


def test_estimated_days_of_a_moved_feast_move_and_no_other() -> None:
    after = moved_bank_days(DAYS, FEASTS, LATER)
    assert [row.day for row in after.closed] == [date(2025, 1, 1), date(2025, 4, 1), date(2025, 4, 2), date(2025, 6, 9)]
    assert after.is_open(date(2025, 3, 31))
    assert moved_bank_days(DAYS, FEASTS, FEASTS).closed == DAYS.closed


def test_known_flows_stand_on_the_bank_days_of_the_other_calendar() -> None:
    flows = table("""
        flow_id due_date   flow_date
        F1      2025-03-31 2025-04-03
        F2      2025-03-28 2025-03-28
        F3      -          2025-04-03
        F4      2025-06-09 2025-06-10
    """)
    after = moved_bank_days(DAYS, FEASTS, LATER)
    moved = moved_flows(flows, DAYS, after, date(2025, 3, 27))
    assert [day.date() for day in moved["flow_date"]] == [
        date(2025, 3, 31), date(2025, 3, 28), date(2025, 4, 3), date(2025, 6, 10),
    ]  # fmt: skip
    late = moved_flows(flows, DAYS, after, date(2025, 4, 3))
    assert late["flow_date"].min() == pd.Timestamp(
        "2025-04-04"
    )  # nothing to come stands before the first day of the plan
    assert moved_flows(flows, DAYS, DAYS, date(2025, 3, 27)) is flows


@pytest.mark.parametrize("days", [-1, 1])
def test_the_table_of_feasts_keeps_their_order(days: int) -> None:
    shown = feasts_table(FEASTS)
    assert list(shown["name"]) == ["fitr", "adha"]
    moved = shown.assign(start=shown["start"] + timedelta(days=days))
    assert moved["start"].iloc[0].date() == FEASTS[0].start + timedelta(days=days)
