"""The sums of several days and several periods in one pass over the bills: what `unpaid_sums` and `rate_sums` give one by one.

A page asks for the same sums on three days and over three periods. Joining the events to the bills is most of the work: here it is
done once.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import narwhals as nw
import pandas as pd

from workbench.frames import frame, to_pandas
from workbench.recovery.balances import balances_on, with_disputes
from workbench.recovery.groups import group_keys
from workbench.recovery.indicators import unpaid_amounts, with_ages
from workbench.recovery.rate_readings import FINEST, READINGS, rate_amounts, with_bases
from workbench.recovery.rates import moved_between

Period = tuple[date, date]  # evening of the opening, last day


def sums_at_once(
    events: Sequence[Any],
    disputes: Any,
    days: Mapping[str, date],
    periods: Mapping[str, Period],
    by: str | Sequence[str] = FINEST,
    briefly: Collection[str] = (),
) -> dict[str, pd.DataFrame]:
    """`unpaid_sums` of each day and `rate_sums` of each period, under the name given to it; the same tables, row for row.

    Parameters
    ----------
    events
        `invoices`, `allocations`, `payments`, `credit_notes`, `write_offs`.
    days, periods
        By name. A name is of one day or one period.
    briefly
        Names of days that go without the columns `age_…`, and of periods that go without the sums `due_current_…`, `due_arrears_…` and
        `ht_…`: nothing asks for them, and they would be a third of the work.
    """
    every = sorted({*days.values(), *(day for period in periods.values() for day in period)})
    prefixes = {day: f"on{number}_" for number, day in enumerate(every)}
    keys = group_keys(by)
    asked = {prefixes[day]: day for day in days.values()}
    invoices, allocations, payments, credit_notes, write_offs = (frame(table) for table in events)
    named = {prefix: day for day, prefix in prefixes.items()}
    items = balances_on(invoices, allocations, payments, credit_notes, write_offs, named)
    aged = {prefixes[day]: day for name, day in days.items() if name not in briefly}
    items = with_ages(with_disputes(items, frame(disputes), asked), aged)
    marks = {name: f"{name}__" for name in (*days, *periods)}
    moved: dict[str, nw.Expr] = {}
    for name, (opening, until) in periods.items():
        moved |= moved_between(prefixes[opening], prefixes[until], opening, marks[name])
    readings = {name: READINGS[:1] if name in briefly else READINGS for name in periods}
    lines = with_bases(items.with_columns(**moved), {marks[name]: readings[name] for name in periods})

    amounts: dict[str, nw.Expr] = {}
    first: dict[str, nw.Expr] = {}
    ends = dict(days) | {name: until for name, (_, until) in periods.items()}
    for name, day in ends.items():
        mark, is_issued = marks[name], nw.col(f"{prefixes[day]}is_issued")
        if name in days:
            made = unpaid_amounts(day, prefixes[day], by_age=name not in briefly)
        else:
            made = rate_amounts(day, mark, readings[name])
        amounts |= {f"{mark}{column}": value for column, value in made.items()}
        amounts[f"{mark}issued"] = nw.when(is_issued).then(1).otherwise(0)
        if name in days:
            first[f"{mark}first_issue_date"] = nw.when(is_issued).then(nw.col("issue_date"))
    added = (
        lines.select(*keys, **{f"_{n}": value for n, value in (amounts | first).items()})
        .group_by(*keys)
        .agg(
            *[nw.col(f"_{name}").sum().cast(nw.Int64).alias(name) for name in amounts],
            *[nw.col(f"_{name}").min().alias(name) for name in first],
        )
        .sort(*keys)
    )
    wide = to_pandas(added)
    return {name: _one(wide, keys, marks[name]) for name in ends}


def _one(wide: pd.DataFrame, keys: list[str], mark: str) -> pd.DataFrame:
    """The columns of one day or period, for the groups of which something was issued by its end."""
    mine = [name for name in wide.columns if name.startswith(mark)]
    issued = wide[wide[f"{mark}issued"] > 0][[*keys, *mine]]
    named = issued.rename(columns={name: name.removeprefix(mark) for name in mine}).drop(columns="issued")
    return named.reset_index(drop=True)
