"""Plans with a feast on its other date: what is known of feasts, and a plan made again from the same tables.

Other closed days move what is known; other days of Ramadan and around a feast change every estimate. What was learnt from the past, what the
receivables tell and the totals of the months beyond stay: nothing is read again and no month is raced again.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd

from workbench import cash
from workbench.cash.known.known_flows import redated
from workbench.cash.plan.plan_calendar import calendar_days
from workbench.cash.plan.plan_rows import horizon_of
from workbench.pipeline.cash_plan import PlanTables, plan_of
from workbench.standards import BankDays, MovableFeast, load_movable_feasts

FAST = "ramadan"  # closes no bank


def feasts_known(bank_days: BankDays, movable: tuple[MovableFeast, ...] | None = None) -> pd.DataFrame:
    """Feasts that move with the moon: `name`, `start`, `end`, `status`: the movable ones in their order, then days of banks that move too.

    A day of banks that is only estimated and belongs to no movable feast moves (1 Muharram), unless it comes on the same day of every year.
    """
    rows = [
        (one.name, one.start, one.end, one.status) for one in (load_movable_feasts() if movable is None else movable)
    ]
    within = {row[1] + timedelta(days=n) for row in rows if row[0] != FAST for n in range((row[2] - row[1]).days + 1)}
    days = pd.DataFrame(
        [(row.name, row.day, row.status) for row in bank_days.closed], columns=["name", "day", "status"]
    )
    same = days["day"].map(lambda day: (day.month, day.day)).groupby(days["name"]).agg(["nunique", "size"])
    fixed = set(same.index[(same["nunique"] == 1) & (same["size"] > 1)])
    alone = days[(days["status"] == "estimated") & ~days["day"].isin(within) & ~days["name"].isin(fixed)]
    rows += [(name, day, day, status) for name, day, status in alone.itertuples(index=False, name=None)]
    found = pd.DataFrame(rows, columns=["name", "start", "end", "status"])
    return found.astype({"start": "datetime64[s]", "end": "datetime64[s]"})


def replanner(
    office: Any, plan: cash.CashPlan, tables: PlanTables, bank_days: BankDays, receivables: bool = True
) -> Callable[[pd.DataFrame], cash.CashPlan]:
    """What makes a plan again with feasts on other dates (`feasts_known`, index kept), from the tables it was made of."""
    movable = load_movable_feasts()
    before = feasts_known(bank_days, movable)

    def replan(others: pd.DataFrame) -> cash.CashPlan:
        days = moved_bank_days(bank_days, before, others)
        dates = others.head(len(movable))[["start", "end"]].itertuples(index=False, name=None)
        feasts = [
            replace(one, start=start.date(), end=end.date()) for one, (start, end) in zip(movable, dates, strict=True)
        ]
        return plan_of(
            office, plan.as_of, receivables, plan.currency_code, days, feasts=feasts, tables=_on_days(office, tables, days),
            paths=plan.parameters["paths"], seed=plan.parameters["seed"], months=plan.notes["months"],
        )  # fmt: skip

    return replan


def moved_bank_days(bank_days: BankDays, before: pd.DataFrame, after: pd.DataFrame) -> BankDays:
    """The calendar of banks with the estimated closed days of every feast that begins elsewhere moved as far. Announced days and bridges stay."""
    shifts = after["start"] - before["start"]
    moved = before.assign(shift=shifts)[(shifts != pd.Timedelta(0)) & (before["name"] != FAST)]
    estimated = [one.day for one in bank_days.closed if one.status == "estimated"]
    elsewhere: dict[date, date] = {}
    for row in moved.to_dict("records"):
        inside = [day for day in estimated if row["start"].date() <= day <= row["end"].date()]
        elsewhere |= {day: day + row["shift"].to_pytimedelta() for day in inside}
    return bank_days.moved(elsewhere)


def _on_days(office: Any, tables: PlanTables, bank_days: BankDays) -> PlanTables:
    """The tables of a plan with what is known and named to come on the bank days of another calendar."""
    until = horizon_of(bank_days, tables.as_of)[1]
    known = redated(tables.known, tables.as_of, bank_days, until)
    return replace(
        tables, known=known, calendar=calendar_days(office["payment_calendar"], tables.as_of, until, bank_days)
    )
