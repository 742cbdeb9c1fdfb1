"""Bills still to be issued: each centre bills on its own days, as a year before, at the level of today.

A series is a centre, segment and service. What it billed in the same month a year before, on the same days, is scaled by how far the
last months of its segment passed those of a year before. A series younger than a year bills the mean of its last months. A series
silent for longer than it ever was has ended: an area handed over is billed no more. A planned table goes before all this.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.errors import WrongUse
from workbench.frames import to_pandas
from workbench.recovery.collection_curves import added_up
from workbench.recovery.receipt_lags import CELL, ReceiptCube, kinds_of

LEVEL_MONTHS = 3  # months that say the level of today: a cycle of quarterly bills
GROWTH_BOUNDS = (0.5, 2.0)
SERIES = ["center_code", *CELL]
_Places = npt.NDArray[np.int64]
_Bills = tuple[npt.NDArray[np.int64], npt.NDArray[np.datetime64], npt.NDArray[np.float64]]  # series, day, amount


def bills_to_come(cube: ReceiptCube, until: date, planned: Any = None) -> pd.DataFrame:
    """The bills expected after the cube's `as_of` and up to `until`.

    Parameters
    ----------
    planned
        A billing calendar, where there is one: `center_code`, `CELL`, `issue_date`, `billed_centimes`. The series that it names are taken
        from it alone. Raises `WrongUse` where a column is missing.

    Returns
    -------
    Sorted: `center_code`, `CELL`, `issue_date`, `mean_mad`.
    """
    own = _from_history(cube.bills, cube.as_of, until) if len(cube.bills) else _nothing()
    if planned is None:
        return own
    table = to_pandas(planned)
    if missing := [name for name in (*SERIES, "issue_date", "billed_centimes") if name not in table.columns]:
        raise WrongUse(f"the billing calendar has no column {missing[0]!r}", "planned")
    table = table.fillna(dict.fromkeys(SERIES, ""))
    named = pd.MultiIndex.from_frame(table[SERIES].astype(str))
    rest = own[~pd.MultiIndex.from_frame(own[SERIES].astype(str)).isin(named)]
    day = pd.to_datetime(table["issue_date"])
    told = table[(day > pd.Timestamp(cube.as_of)) & (day <= pd.Timestamp(until))]
    amount = told["billed_centimes"].astype("float64") / 100
    told = told[SERIES].assign(issue_date=pd.to_datetime(told["issue_date"]).astype("datetime64[s]"), mean_mad=amount)
    return _sorted(pd.concat([rest, told], ignore_index=True))


def _nothing() -> pd.DataFrame:
    empty = pd.DataFrame({name: pd.Series([], dtype="str") for name in SERIES})
    return empty.assign(issue_date=pd.Series([], dtype="datetime64[s]"), mean_mad=pd.Series([], dtype="float64"))


def _sorted(bills: pd.DataFrame) -> pd.DataFrame:
    return bills.sort_values([*SERIES, "issue_date"], ignore_index=True)


@dataclass(frozen=True)
class _Past:
    """Bills as arrays, a row each: `series`, `month` (counted from January 1970), `of_month` (days from its first), `amount`;
    `cell_of` the segment and service of each series."""

    series: _Places
    month: _Places
    of_month: _Places
    amount: npt.NDArray[np.float64]
    cell_of: _Places


def _from_history(bills: pd.DataFrame, as_of: date, until: date) -> pd.DataFrame:
    day = bills["issue_date"].to_numpy("datetime64[D]")
    month = day.astype("datetime64[M]")
    now = _month(as_of + timedelta(days=1))  # the first month that is not complete
    kinds, series = kinds_of(bills, SERIES)
    cells = {cell: place for place, cell in enumerate(sorted({kind[1:] for kind in kinds}))}
    past = _Past(
        series,
        month.astype(np.int64),
        (day - month.astype("datetime64[D]")).astype(np.int64),
        bills["billed_centimes"].to_numpy(np.float64) / 100,
        np.array([cells[kind[1:]] for kind in kinds], np.int64),
    )
    totals = _totals(past, now)
    is_live = _is_live(totals, past, now)
    parts: list[_Bills] = []
    for target in range(now, _month(until) + 1):
        back = target - 12 * -(-(target - now + 1) // 12)
        parts += [
            _as_a_year_before(past, totals, is_live, back, target, now),
            _as_lately(past, totals, is_live, back, target, now),
        ]
    of, on, amount = (np.concatenate(column) for column in zip(*parts, strict=True))
    inside = (on > np.datetime64(as_of)) & (on <= np.datetime64(until))
    span = np.int64(100_000)
    keys, place = np.unique(of[inside] * span + on[inside].astype(np.int64), return_inverse=True)
    found = pd.DataFrame([kinds[number] for number in keys // span], columns=SERIES)
    found["issue_date"] = (keys % span).astype("datetime64[D]").astype("datetime64[s]")
    return found.assign(mean_mad=added_up(place, amount[inside], len(keys)))


def _month(day: date) -> int:
    return (day.year - 1970) * 12 + day.month - 1


def _totals(past: _Past, now: int) -> npt.NDArray[np.float64]:
    """What each series billed in each complete month, shape (series, months); the last column is the month before `now`."""
    first = min(int(past.month.min()), now - 1)
    done = past.month < now
    count, months = len(past.cell_of), now - first
    place = past.series[done] * months + past.month[done] - first
    return added_up(place, past.amount[done], count * months).reshape(count, months)


def _is_live(totals: npt.NDArray[np.float64], past: _Past, now: int) -> npt.NDArray[np.bool_]:
    """Series not silent for longer than they ever were; one that bills in the month under way is live."""
    longest = np.zeros(len(totals), np.int64)
    silent = np.zeros(len(totals), np.int64)
    begun = np.zeros(len(totals), bool)
    for month in range(totals.shape[1]):
        bills = totals[:, month] != 0
        longest = np.where(bills & begun, np.maximum(longest, silent), longest)
        silent = np.where(bills, 0, silent + 1)
        begun |= bills
    is_live = begun & (silent <= longest)
    is_live[past.series[past.month == now]] = True
    return is_live


def _has_a_year(totals: npt.NDArray[np.float64], column: int) -> npt.NDArray[np.bool_]:
    """Whether a series billed anything up to the month a year before: else that month says nothing of it."""
    if column < 0:
        return np.zeros(len(totals), bool)
    found: npt.NDArray[np.bool_] = (totals[:, : column + 1] != 0).any(axis=1)
    return found


def _as_a_year_before(
    past: _Past, totals: npt.NDArray[np.float64], is_live: npt.NDArray[np.bool_], back: int, target: int, now: int
) -> _Bills:
    """The bills of the month a year before, of live series, at the level of today."""
    chosen = is_live & _has_a_year(totals, back - now + totals.shape[1])
    then = np.flatnonzero((past.month == back) & chosen[past.series])
    growth = _growth(past, totals, chosen)
    return _moved(past, then, past.amount[then] * growth[past.series[then]], target)


def _as_lately(
    past: _Past, totals: npt.NDArray[np.float64], is_live: npt.NDArray[np.bool_], back: int, target: int, now: int
) -> _Bills:
    """Of series younger than a year: the bills of their last months, a part of each in every month to come."""
    chosen = is_live & ~_has_a_year(totals, back - now + totals.shape[1])
    last = np.flatnonzero((past.month >= now - LEVEL_MONTHS) & (past.month < now) & chosen[past.series])
    begun = (totals[:, -LEVEL_MONTHS:] != 0).argmax(axis=1)
    lived = np.maximum(min(LEVEL_MONTHS, totals.shape[1]) - begun, 1)
    return _moved(past, last, past.amount[last] / lived[past.series[last]], target)


def _growth(past: _Past, totals: npt.NDArray[np.float64], chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """How far the last months of each series' segment and service passed those of a year before, over the series chosen."""
    if totals.shape[1] < 12 + LEVEL_MONTHS:
        return np.ones(len(totals))
    cell, count = past.cell_of, int(past.cell_of.max()) + 1
    lately = added_up(cell[chosen], totals[chosen, -LEVEL_MONTHS:].sum(axis=1), count)
    before = added_up(cell[chosen], totals[chosen, -12 - LEVEL_MONTHS : -12].sum(axis=1), count)
    ratio = np.where(before > 0, lately / np.where(before > 0, before, 1.0), 1.0)
    growth: npt.NDArray[np.float64] = np.clip(ratio, *GROWTH_BOUNDS)[cell]
    return growth


def _moved(past: _Past, then: _Places, amounts: npt.NDArray[np.float64], target: int) -> _Bills:
    """Bills on the same days of another month, the last day standing for those that it lacks."""
    start = np.datetime64(target, "M")
    length = int(((start + 1).astype("datetime64[D]") - start.astype("datetime64[D]")).astype(np.int64))
    day = start.astype("datetime64[D]") + np.minimum(past.of_month[then], length - 1)
    return past.series[then], day, amounts
