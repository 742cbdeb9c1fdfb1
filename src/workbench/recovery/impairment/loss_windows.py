"""What became of the money that stood at each age, window by window: the office's own history, from which loss rates are made.

Ages go by steps of whole months past due, so that what is not settled in a window stands exactly one age further at its end. A step
is a month: in a quarter the bills of its first and of its last month differ too much to be one age, and the rates of those not yet
due come out three times too low on an office whose truth is known. One pass over the bills, whatever the number of windows.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from workbench.errors import WrongUse
from workbench.frames import frame, to_pandas
from workbench.recovery.balances import balances_on, on_day
from workbench.recovery.groups import group_keys
from workbench.recovery.impairment.anniversaries import months_before

FATES = ("collected_centimes", "credited_centimes", "written_off_centimes", "remaining_centimes")
_AMOUNTS = ("item_count", "exposure_centimes", *FATES)


def loss_windows(
    events: Sequence[Any],
    *,
    as_of: date | str,
    by: str | Sequence[str] = ("segment_code",),
    step_months: int = 1,
    window_count: int = 24,
    terminal_months: int = 24,
) -> pd.DataFrame:
    """What stood at each age at the start of each window, and where it was at the end.

    Parameters
    ----------
    events
        `invoices`, `allocations`, `payments`, `credit_notes`, `write_offs`.
    as_of
        End of the last window, best a month's end. `window_count` windows of `step_months` each, without a gap.
    terminal_months
        From more than so many months past due all ages are one, the last. Raises `WrongUse` where it is no multiple of `step_months`, or a number is below 1.

    Returns
    -------
    `currency_code`, `by`, `window` (0: the oldest), `until_date`, `age_step` (0: not yet due; k: up to k steps past due; the last: beyond
    `terminal_months`), `next_step`, `item_count`, `exposure_centimes` = `collected_…` (stamps and compensations too) + `credited_…` (cancelled too) +
    `written_off_…` + `remaining_centimes`. What has no due date is past due from the day of its bill. Items below zero are no exposure, and net nothing.
    """
    if min(step_months, window_count, terminal_months) < 1 or terminal_months % step_months:
        raise WrongUse(
            f"{terminal_months} months are no whole number of steps of {step_months}",
            "terminal_months",
            "as in 24 and 1",
        )
    day, keys = on_day(as_of), group_keys(by)
    last_age = terminal_months // step_months + 1
    grid = [months_before(day, step_months * back) for back in range(window_count + last_age)]
    wide = to_pandas(_cohorts(events, grid, keys, window_count))
    parts = [_window(wide, keys, window, window_count, last_age, grid) for window in range(window_count)]
    names = [*keys, "window", "until_date", "age_step", "next_step"]
    table = pd.concat(parts, ignore_index=True)
    table = table[table["item_count"] > 0]
    summed: pd.DataFrame = table.groupby(names, dropna=False)[list(_AMOUNTS)].sum().reset_index()
    return summed


def roll_rates(windows: pd.DataFrame, by: str | Sequence[str] = ("segment_code",)) -> pd.DataFrame:
    """The sums of all windows by currency, group and age, and their shares of what stood there.

    `age_step`, `window_count`, `item_count`, `exposure_centimes`, `FATES`, `collected_share`, `credited_share`, `written_off_share`, `roll_share` (still owed
    at the end of the step); the four shares add up to one.
    """
    keys = [*group_keys(by, windows), "age_step"]
    groups = windows.groupby(keys, dropna=False)
    table = groups[list(_AMOUNTS)].sum().join(groups["window"].nunique().rename("window_count")).reset_index()
    whole = table["exposure_centimes"].astype("Float64")
    for fate, name in zip(FATES, ("collected", "credited", "written_off", "roll"), strict=True):
        table[f"{name}_share"] = table[fate].astype("Float64") / whole
    return table


def _cohorts(events: Sequence[Any], grid: list[date], keys: list[str], count: int) -> nw.LazyFrame[Any]:
    """The fates of every window side by side, by group and cohort: c where the due date lies in the c-th step before the end."""
    invoices, allocations, payments, credit_notes, write_offs = (None if t is None else frame(t) for t in events)
    days = {f"on{back}_": grid[back] for back in range(count + 1)}
    assert invoices is not None
    assert allocations is not None
    items = balances_on(invoices, allocations, payments, credit_notes, write_offs, days)
    since = nw.coalesce("due_date", "issue_date")
    cohort = nw.lit(len(grid))
    for back, day in reversed(list(enumerate(grid))):
        cohort = nw.when(since >= day).then(nw.lit(back)).otherwise(cohort)
    named: dict[str, nw.Expr] = {}
    for back in range(1, count + 1):
        named |= _fates(f"on{back}_", f"on{back - 1}_")
    lines = items.select(*keys, cohort=cohort, **named)
    sums = nw.col(*named).sum()
    return lines.group_by(*keys, "cohort").agg(sums).with_columns(nw.col(*named).cast(nw.Int64)).sort(*keys, "cohort")


def _fates(at: str, end: str) -> dict[str, nw.Expr]:
    """What an item adds to each sum of the window from `at` to `end`: nothing where it was not owed at its start."""
    owed = nw.col(f"{at}outstanding_centimes")
    left = nw.col(f"{end}outstanding_centimes")

    def since(name: str) -> nw.Expr:
        return nw.col(f"{end}{name}_centimes") - nw.col(f"{at}{name}_centimes")

    remaining = nw.when(left > 0).then(left).otherwise(0)
    credited, off = since("credited") + since("cancelled"), since("written_off")
    values = {
        "item_count": nw.lit(1),
        "exposure_centimes": owed,
        "collected_centimes": owed - remaining - credited - off,
        "credited_centimes": credited,
        "written_off_centimes": off,
        "remaining_centimes": remaining,
    }
    return {f"{at}{name}": nw.when(owed > 0).then(value).otherwise(0) for name, value in values.items()}


def _window(
    wide: pd.DataFrame, keys: list[str], window: int, count: int, last_age: int, grid: list[date]
) -> pd.DataFrame:
    back = count - window
    cohort = wide["cohort"].to_numpy("int64")
    amounts = wide[[f"on{back}_{name}" for name in _AMOUNTS]].set_axis(list(_AMOUNTS), axis=1)
    return wide[keys].assign(
        window=window,
        until_date=pd.Timestamp(grid[back - 1]),
        age_step=np.clip(cohort - back, 0, last_age),
        next_step=np.clip(cohort - back + 1, 0, last_age),
        **amounts,
    )
