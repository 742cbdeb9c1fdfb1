"""Flows that fall due on one date of the month and are paid on the bank day beside it: payroll, energy, taxes, charges of a quarter.

Salaries of the 25th are on no fixed place among the bank days of a month. Which date leads a flow, and whether what falls on a closed day is
paid on the next bank day or on the last one, is read off the past two years; so is the month of the quarter, where the flow knows only one.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.cash.models.candidates import Points, Window, month_position
from workbench.cash.models.panel import Days
from workbench.evidence import Floats

Rows = npt.NDArray[np.int64]
LED = 0.8  # part of a flow's amounts that must be on the bank days of one date
_FEWEST = 4  # times that a flow must have been on its date
_ONE_MONTH = 0.95  # part in one month of the quarter, from which the flow is of that month
_PAST_DAYS = 2 * 366
_AVERAGED = 12  # last due days whose amounts are averaged
_SHUT = 7  # calendar days: no run of closed days is longer


@dataclass(frozen=True)
class DueDay:
    """The due days of one flow: `past` rows of the history, and `future` rows of the days to come, where it is due; `share` of its amounts of the
    past two years that came on the first."""

    past: Rows
    future: Rows
    share: float


def due_rows(days: Days) -> Rows:
    """(62, months): the row of `days` on which each date of a month is paid; −1 where that is outside of them.

    Dates 1 … 31 (the last of the month where it has fewer) moved on to the next bank day, then the same moved back to the last one.
    """
    months = np.arange(days[0].astype("datetime64[M]"), days[-1].astype("datetime64[M]") + 1)
    starts = months.astype("datetime64[D]")
    lengths = ((months + 1).astype("datetime64[D]") - starts).astype(np.int64)
    dates = starts + (np.minimum(np.arange(1, 32)[:, None], lengths) - 1).astype("timedelta64[D]")
    on = np.searchsorted(days, dates)
    back = np.searchsorted(days, dates, side="right") - 1
    inside = (dates >= days[0]) & (dates <= days[-1])
    near = [np.abs((days[np.clip(row, 0, len(days) - 1)] - dates).astype(np.int64)) <= _SHUT for row in (on, back)]
    found: Rows = np.concatenate([np.where(inside & ok, row, -1) for row, ok in zip((on, back), near, strict=True)])
    return found


def due_days(window: Window) -> list[DueDay | None]:
    """The due days of each series of a window, None where no date leads it."""
    count = len(window.days)
    if not count or not len(window.future):
        return [None] * window.values.shape[1]
    rows = due_rows(np.concatenate([window.days, window.future]))
    first = int(np.searchsorted(window.days, window.days[-1] - np.timedelta64(_PAST_DAYS, "D")))
    amounts = np.abs(np.nan_to_num(window.values))
    seen = (rows >= first) & (rows < count)
    on = np.where(seen[..., None], amounts[np.where(seen, rows, 0)], 0.0)  # (62, months, n)
    whole = amounts[first:].sum(axis=0)
    share = np.divide(on.sum(axis=1), whole, out=np.zeros((len(rows), len(whole))), where=whole > 0)
    return [_of_rule(rows[best], on[best, :, j], float(share[best, j]), count) for j, best in enumerate(share.argmax(axis=0))]  # fmt: skip


def _of_rule(rows: Rows, amounts: Floats, share: float, count: int) -> DueDay | None:
    if share < LED or np.count_nonzero(amounts) < _FEWEST:
        return None
    begun = rows[np.flatnonzero(amounts)[0]]
    of_quarter = np.arange(len(rows)) % 3
    parts = np.bincount(of_quarter, amounts, minlength=3)
    if parts.max() >= _ONE_MONTH * parts.sum():
        rows = rows[of_quarter == parts.argmax()]
    past = rows[(rows >= begun) & (rows < count)]
    return DueDay(past, rows[rows >= count] - count, share)


def due_day(window: Window) -> Points:
    """Mean and median of the last twelve due days on each due day to come, nothing between them; `month_position` where no date leads a flow."""
    said = month_position(window)
    mean, median = said.mean.copy(), said.median.copy()
    for j, found in enumerate(due_days(window)):
        if found is not None:
            came = window.values[found.past[-_AVERAGED:], j]
            came = came[~np.isnan(came)]
            mean[:, j], median[:, j] = 0.0, 0.0
            mean[found.future, j] = came.mean() / found.share if len(came) else 0.0
            median[found.future, j] = np.median(came) if len(came) else 0.0
    return Points(mean, median)
