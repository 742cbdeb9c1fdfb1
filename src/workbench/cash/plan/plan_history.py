"""The history that a plan learns from: flows by bank day, of each account and line, and of each line; nothing later than `as_of`.

A bank day without a flow is a day of nothing. The days after the last statement of an account are not: they are unknown, and hold
what its last quarter brought on the same weekday, so that a missing statement does not look like a fall of receipts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.cash.models.panel import Days, Panel, brought_down, weekdays
from workbench.evidence import Floats
from workbench.standards import BankDays

QUARTER = 65  # bank days
YEAR = 250
KEYS = ["account_number", "line_code"]
Codes = npt.NDArray[np.intp]


@dataclass(frozen=True)
class History:
    """Flows of the past in units: `values` (T, n) by series (`series`: account and line, sorted), `lines` (L,), `line_of` (n,) their places."""

    days: Days
    values: Floats
    series: pd.DataFrame
    lines: tuple[str, ...]
    line_of: Codes

    @property
    def by_line(self) -> Floats:
        """(T, L): all accounts together."""
        added = np.zeros((len(self.lines), len(self.days)))
        np.add.at(added, self.line_of, self.values.T)
        return added.T

    def panel(self, directions: Mapping[str, str]) -> Panel:
        """The lines as a panel. A line keeps the side of its direction (`in`, `out`) where its history never left it."""
        values = self.by_line
        signs = [_sign(values[:, place], directions.get(line, "both")) for place, line in enumerate(self.lines)]
        return Panel(self.days, values, self.lines, np.array(signs, dtype=np.int8))


def open_days(bank_days: BankDays, start: date, end: date) -> Days:
    """Bank days from `start` to `end`, both included, of numpy's unit D. Raises `OutsideSpan` where the calendar does not cover them."""
    table = bank_days.ordinals(start, end)
    found: Days = table.loc[table["is_ouvre"], "day_date"].to_numpy().astype("datetime64[D]")
    return found


def history_of(
    flows: pd.DataFrame,
    more: pd.DataFrame,
    proven_to: Mapping[str, date],
    bank_days: BankDays,
    as_of: date,
    holes: pd.DataFrame | None = None,
) -> History:
    """The history of the flows of one currency.

    Parameters
    ----------
    flows
        As from `daily_flows`. Those after `as_of` are no history and are left out.
    more
        `account_number`, `line_code` of series without history that the plan needs (known flows, overrides).
    proven_to
        Last day that a statement of each account holds; an account that is not there has none.
    holes
        Days without a statement inside the history (`cash.holes`): unknown too, where nothing stands on them.
    """
    past = flows[pd.to_datetime(flows["flow_date"]) <= pd.Timestamp(as_of)]
    moved = past[past["amount_centimes"] != 0]
    series = pd.concat([moved[KEYS], more[KEYS]]).drop_duplicates().sort_values(KEYS, ignore_index=True)
    lines = tuple(sorted(series["line_code"].unique()))
    first = past["flow_date"].min() if len(past) else pd.Timestamp(as_of)
    days = open_days(bank_days, min(first.date(), as_of), as_of)
    values = np.zeros((len(days), len(series)))
    places = series.assign(place=range(len(series))).merge(past, on=KEYS, how="inner")
    at = np.searchsorted(days, places["flow_date"].to_numpy().astype("datetime64[D]"), side="right") - 1
    amounts = places["amount_centimes"].to_numpy(dtype=np.int64) / 100
    np.add.at(values, (np.maximum(at, 0), places["place"].to_numpy()), amounts)
    for number, first_day, last_day in _unknown(proven_to, holes, as_of):
        _fill(values, days, np.flatnonzero(series["account_number"] == number), first_day, last_day)
    line_of = np.searchsorted(np.array(lines), series["line_code"].to_numpy(dtype=str)) if lines else np.zeros(0)
    return History(days, values, series, lines, np.asarray(line_of, dtype=np.intp))


def _unknown(
    proven_to: Mapping[str, date], holes: pd.DataFrame | None, as_of: date
) -> list[tuple[str, pd.Timestamp, pd.Timestamp]]:
    """Account, first and last day of each run of days that no statement tells of: holes first, for what follows leans on them."""
    one, last = pd.Timedelta(days=1), pd.Timestamp(as_of)
    found = [(number, pd.Timestamp(day) + one, last) for number, day in proven_to.items()]
    if holes is None:
        return found
    columns = (holes[name] for name in ("account_number", "start_date", "end_date"))
    return [*((str(number), start + one, end - one) for number, start, end in zip(*columns, strict=True)), *found]


def _fill(values: Floats, days: Days, columns: Codes, first: pd.Timestamp, last: pd.Timestamp) -> None:
    """Put, on days that no statement tells of, the mean of the same weekday in the quarter before them, or after where there is none.

    Giant values are brought down first: one day of another world would come again each week of the hole.
    """
    begin = int(np.searchsorted(days, np.datetime64(first, "D"), side="left"))
    end = int(np.searchsorted(days, np.datetime64(last, "D"), side="right"))
    beside = slice(begin - QUARTER, begin) if begin >= QUARTER else slice(end, end + QUARTER)
    if begin >= end or not len(columns) or len(days[beside]) < QUARTER:
        return
    of_week = weekdays(days)
    near = brought_down(days, values[:, columns])[0][beside]
    for weekday in range(7):
        same = of_week[beside] == weekday
        rows = begin + np.flatnonzero(of_week[begin:end] == weekday)
        if same.any() and len(rows):
            usual = near[same].mean(axis=0)
            unseen = values[np.ix_(rows, columns)]
            values[np.ix_(rows, columns)] = np.where(unseen == 0, usual, unseen)


def _sign(values: Floats, direction: str) -> int:
    if direction == "in" and (values >= 0).all():
        return 1
    return -1 if direction == "out" and (values <= 0).all() else 0
