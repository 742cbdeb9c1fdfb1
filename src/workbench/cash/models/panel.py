"""A panel of flows on the bank days of one calendar, made fit for a forecast: what is wrong with it is refused, or mended and told.

Refused: a day given twice, days out of order, arrays that do not fit. Told: days without a row (they become missing, never zero),
rows of the future (left out), a series that begins late, one giant value (brought down for the fit only).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.errors import WrongUse
from workbench.evidence import Floats

Days = npt.NDArray[np.datetime64]  # of numpy's unit D
NOTE_COLUMNS = ["series", "note_code", "start_date", "end_date", "day_count", "amount_mad"]
LATE_START = 120  # zeros before the first flow that say, where a series never rests half as long, that it had not begun
_GIANT, _PEERS, _ENOUGH = 6.0, 3, 20  # times the third largest; among at least so many flows
_OF_FEW, _TWICE, _FEWEST = (
    10.0,
    2.0,
    4,
)  # times the median of the others, and each of them; among at least so many flows
_NEAR = np.timedelta64(15, "D")


@dataclass(frozen=True)
class Panel:
    """History of flows: `days` (T,) increasing, `values` (T, n) in units of the currency (NaN: not known), n `names`, n `signs`.

    A sign of 1 is a flow that is never negative, of −1 one that is never positive, 0 is free.
    """

    days: Days
    values: Floats
    names: tuple[str, ...]
    signs: npt.NDArray[np.int8]


@dataclass(frozen=True)
class Note:
    """What was done to a series (all: `series` empty), on which days, and the amount that it is about, where there is one."""

    series: str
    code: str
    start: np.datetime64
    end: np.datetime64
    days: int = 1
    amount: float = float("nan")


def notes_table(notes: Sequence[Note]) -> pd.DataFrame:
    """Notes as a table: `series`, `note_code`, `start_date`, `end_date`, `day_count`, `amount_mad`."""
    rows = [(each.series, each.code, each.start, each.end, each.days, each.amount) for each in notes]
    table = pd.DataFrame(rows, columns=NOTE_COLUMNS)
    kinds = {"start_date": "datetime64[s]", "end_date": "datetime64[s]", "day_count": "int64", "amount_mad": "float64"}
    return table.astype(kinds)


def checked_panel(panel: Panel, first_future: np.datetime64, closed_days: Days) -> tuple[Panel, list[Note]]:
    """The panel with a row for every bank day up to the first day to forecast, and what was done to it.

    `closed_days` are days without a bank day; weekdays that the panel never holds are closed too. Raises `WrongUse` where a day or
    a name is given twice, days do not increase, arrays do not fit, or an amount is infinite.
    """
    _refuse_wrong(panel)
    notes = []
    days, values = panel.days.astype("datetime64[D]"), panel.values.astype(np.float64)
    future = days >= first_future
    if future.any():
        told = days[future]
        notes.append(Note("", "future_left_out", told[0], told[-1], len(told)))
        days, values = days[~future], values[~future]
    days, values, gaps = _with_gaps(days, values, closed_days)
    notes += [Note("", "gap", first, last, count) for first, last, count in gaps]
    values, begun = _not_begun(values)
    notes += [Note(panel.names[j], "begins_late", days[row], days[-1], len(days) - row) for j, row in begun]
    return replace(panel, days=days, values=values), notes


def _refuse_wrong(panel: Panel) -> None:
    shape = (len(panel.days), len(panel.names))
    if panel.values.shape != shape or panel.signs.shape != shape[1:]:
        raise WrongUse(f"values {panel.values.shape} and signs {panel.signs.shape} are not of {shape}", "panel")
    if len(set(panel.names)) < len(panel.names):
        raise WrongUse("a series is named twice", "panel", "give each series its own name")
    steps = np.diff(panel.days.astype("datetime64[D]").astype(np.int64))
    if (steps == 0).any():
        day = panel.days[1:][steps == 0][0].astype("datetime64[D]")
        raise WrongUse(f"the history holds {day} twice", "panel", "keep one row a day")
    if (steps < 0).any():
        day = panel.days[1:][steps < 0][0].astype("datetime64[D]")
        raise WrongUse(f"the history goes back at {day}", "panel", "sort its days")
    if np.isinf(panel.values).any():
        raise WrongUse("an amount of the history is infinite", "panel", "leave it out: it is then missing")


def open_weekdays(days: Days) -> npt.NDArray[np.bool_]:
    """Which of Monday … Sunday hold bank days: Monday to Friday, and any other that the history holds."""
    found = np.array([True] * 5 + [False] * 2)
    found[weekdays(days)] = True
    return found


def weekdays(days: Days) -> npt.NDArray[np.int64]:
    """Weekday of each day, Monday 0."""
    return (days.astype("datetime64[D]").astype(np.int64) + 3) % 7


def open_days(first: np.datetime64, last: np.datetime64, closed_days: Days, is_open: npt.NDArray[np.bool_]) -> Days:
    """The bank days from one day to another, both included."""
    every = np.arange(first, last + np.timedelta64(1, "D"), dtype="datetime64[D]")
    found: Days = every[is_open[weekdays(every)] & ~np.isin(every, closed_days)]
    return found


def _with_gaps(
    days: Days, values: Floats, closed_days: Days
) -> tuple[Days, Floats, list[tuple[np.datetime64, np.datetime64, int]]]:
    """Rows of missing values for bank days without one, and the runs of such days."""
    if not len(days):
        return days, values, []
    whole = np.union1d(open_days(days[0], days[-1], closed_days, open_weekdays(days)), days)
    held = np.isin(whole, days)
    filled = np.full((len(whole), values.shape[1]), np.nan)
    filled[held] = values
    return whole, filled, [(whole[a], whole[b - 1], b - a) for a, b in _runs(~held)]


def _runs(flags: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _not_begun(values: Floats) -> tuple[Floats, list[tuple[int, int]]]:
    """Missing in place of the zeros before a series began; the series of which rows are missing at the start, and their first row."""
    values, begun = values.copy(), []
    flows = np.nan_to_num(values) != 0
    for j in range(values.shape[1]):
        rows, known = np.flatnonzero(flows[:, j]), np.flatnonzero(~np.isnan(values[:, j]))
        rest = int(np.diff(rows).max()) if len(rows) > 1 else len(values)
        if len(rows) and rows[0] - known[0] > max(LATE_START, 2 * rest):
            values[: rows[0], j] = np.nan
            begun.append((j, int(rows[0])))
        elif len(known) and known[0] > 0:
            begun.append((j, int(known[0])))
    return values, begun


def winsorised(panel: Panel) -> tuple[Panel, list[Note]]:
    """The panel with giant values brought down (`brought_down`), for a fit, and which ones; the amount of a note is what stood there."""
    values, giants = brought_down(panel.days, panel.values)
    notes = [
        Note(panel.names[j], "giant_brought_down", panel.days[row], panel.days[row], 1, float(panel.values[row, j]))
        for row, j in np.argwhere(giants)
    ]
    return replace(panel, values=values), sorted(notes, key=lambda note: (note.series, note.start))


def brought_down(days: Days, values: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Values (T, n) with giant ones brought down, and which ones (T, n).

    On its side of zero, in a series that has at least twenty flows there, a value is giant where it is more than six times the third largest, and is brought
    down to it: two at most can be. Among four to nineteen flows, the largest is giant where it is more than ten times the median of the others and
    more than twice each of them; it is brought down to the largest of them. Under four nobody can tell. A value that came at the same time
    of another year, at half its size or more, is no accident: it stays.
    """
    values, giants = values.copy(), np.zeros(values.shape, dtype=bool)
    if not len(values):
        return values, giants
    for side in (1.0, -1.0):
        sided = np.nan_to_num(values * side)
        limit, cap = _limits(np.maximum(sided, 0))
        for row, j in np.argwhere(sided > limit):
            if not _comes_each_year(days, sided[:, j], int(row)):
                giants[row, j] = True
                values[row, j] = side * cap[j]
    return values, giants


def _limits(sided: Floats) -> tuple[Floats, Floats]:
    """Above which a value of each series is giant, and what it is brought down to, (n,) each, of values that are never negative."""
    count = (sided > 0).sum(axis=0)
    limit, cap = np.full(sided.shape[1], np.inf), np.zeros(sided.shape[1])
    many = count >= _ENOUGH
    if many.any():
        cap[many] = np.partition(sided[:, many], -_PEERS, axis=0)[-_PEERS]
        limit[many] = _GIANT * cap[many]
    for j in np.flatnonzero((count >= _FEWEST) & ~many):
        others = np.sort(sided[sided[:, j] > 0, j])[:-1]
        cap[j] = others[-1]
        limit[j] = max(_OF_FEW * float(np.median(others)), _TWICE * cap[j])
    return limit, cap


def _comes_each_year(days: Days, sided: Floats, row: int) -> bool:
    away = np.abs((days - days[row]).astype(np.int64))
    off = np.abs(away - np.round(away / 365.25) * 365.25)
    return bool(((away > 180) & (off <= _NEAR.astype(np.int64)) & (sided >= 0.5 * sided[row])).any())
