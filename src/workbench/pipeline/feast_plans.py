"""A cash plan made again with movable feasts on other dates: banks closed on other days, known flows moved with them, another calendar to learn."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any

import pandas as pd

from workbench.cash import CashPlan
from workbench.pipeline.cash_plan import PlanTables, plan_of
from workbench.standards import BankDays, ClosedDay, MovableFeast

BESIDE = timedelta(days=1)  # a closed day of a feast lies in it or beside it


def feasts_table(feasts: Sequence[MovableFeast]) -> pd.DataFrame:
    """Feasts as a table, as `cash.Surroundings` takes them: `name`, `start`, `end`, `status`, `source`."""
    table = pd.DataFrame([asdict(feast) for feast in feasts], columns=["name", "start", "end", "status", "source"])
    return table.assign(start=pd.to_datetime(table["start"]), end=pd.to_datetime(table["end"]))


def replanner(
    office: Any,
    tables: PlanTables,
    bank_days: BankDays,
    feasts: Sequence[MovableFeast],
    currency_code: str,
    receivables: bool,
) -> Callable[[pd.DataFrame], CashPlan]:
    """What makes the plan again with other feasts: rows of `feasts_table`, in its order, on other dates."""

    def replan(others: pd.DataFrame) -> CashPlan:
        moved = [
            replace(feast, start=start.date(), end=end.date())
            for feast, start, end in zip(feasts, others["start"], others["end"], strict=True)
        ]
        closed = moved_bank_days(bank_days, feasts, moved)
        known = replace(tables.known, flows=moved_flows(tables.known.flows, bank_days, closed, tables.as_of))
        again = replace(tables, known=known)
        return plan_of(office, tables.as_of, receivables, currency_code, closed, tables=again, feasts=moved)

    return replan


def moved_bank_days(bank_days: BankDays, feasts: Sequence[MovableFeast], moved: Sequence[MovableFeast]) -> BankDays:
    """The calendar of banks with the estimated closed days of every feast that moved, moved as far. Official days and bridges stay."""
    days: dict[date, ClosedDay] = {}
    for closed in bank_days.closed:
        shifts = [
            other.start - feast.start
            for feast, other in zip(feasts, moved, strict=True)
            if other.start != feast.start and feast.start - BESIDE <= closed.day <= feast.end + BESIDE
        ]
        shift = shifts[0] if shifts and closed.status == "estimated" else timedelta()
        days.setdefault(closed.day + shift, replace(closed, day=closed.day + shift))
    return BankDays(tuple(days[day] for day in sorted(days)))


def moved_flows(flows: pd.DataFrame, before: BankDays, after: BankDays, as_of: date) -> pd.DataFrame:
    """Known flows on the bank days of another calendar: a flow that stood on the bank day of its due date stands on the new one."""
    differ = {row.day for row in before.closed} ^ {row.day for row in after.closed}
    if not differ or flows.empty:
        return flows
    first, reach = after.add(as_of, 1), timedelta(days=7)
    found = []
    for due, day in zip(flows["due_date"], flows["flow_date"], strict=True):
        near = any(abs(day.date() - other) <= reach for other in differ)
        kept = day if pd.isna(due) or not near or before.add(due.date(), 0) != day.date() else after.add(due.date(), 0)
        bank_day = after.add(pd.Timestamp(kept).date(), 0)
        found.append(pd.Timestamp(max(bank_day, first)))
    return flows.assign(flow_date=pd.to_datetime(pd.Series(found, index=flows.index)))
