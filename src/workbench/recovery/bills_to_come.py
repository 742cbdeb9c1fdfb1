"""Bills still to be issued: each centre bills on its own days, as a year before, at the level of today.

A series is a centre, segment and service. What it billed in the same month a year before, on the same days, is scaled by how far the
last months of its segment passed those of a year before. A series younger than a year bills the mean of its last months. A series
silent for longer than it ever was has ended: an area handed over is billed no more. A planned table goes before all this.
"""

from datetime import date
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


def _from_history(bills: pd.DataFrame, as_of: date, until: date) -> pd.DataFrame:
    day = bills["issue_date"].to_numpy("datetime64[D]")
    month = day.astype("datetime64[M]").astype(np.int64)
    now = _month(as_of + pd.Timedelta(days=1).to_pytimedelta())  # the first month that is not complete
    kinds, series = kinds_of(bills, SERIES)
    rows = bills.assign(series=series, month=month, of_month=(day - day.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64))  # fmt: skip
    totals = _totals(rows, now)
    is_live = _is_live(totals, rows, now)
    parts: list[_Bills] = []
    for target in range(now, _month(until) + 1):
        back = target - 12 * -(-(target - now + 1) // 12)
        parts += [
            _as_a_year_before(rows, totals, is_live, back, target, now),
            _as_lately(rows, totals, is_live, back, target, now),
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


def _totals(rows: pd.DataFrame, now: int) -> npt.NDArray[np.float64]:
    """What each series billed in each complete month, shape (series, months); the last column is the month before `now`."""
    first = min(int(rows["month"].min()), now - 1)
    done = rows[rows["month"] < now]
    count, months = int(rows["series"].max()) + 1, now - first
    place = done["series"].to_numpy() * months + done["month"].to_numpy() - first
    amounts = done["billed_centimes"].to_numpy(np.float64) / 100
    return added_up(place, amounts, count * months).reshape(count, months)


def _is_live(totals: npt.NDArray[np.float64], rows: pd.DataFrame, now: int) -> npt.NDArray[np.bool_]:
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
    is_live[rows.loc[rows["month"] == now, "series"].unique()] = True
    return is_live


def _has_a_year(totals: npt.NDArray[np.float64], column: int) -> npt.NDArray[np.bool_]:
    """Whether a series billed anything up to the month a year before: else that month says nothing of it."""
    if column < 0:
        return np.zeros(len(totals), bool)
    found: npt.NDArray[np.bool_] = (totals[:, : column + 1] != 0).any(axis=1)
    return found


def _as_a_year_before(
    rows: pd.DataFrame,
    totals: npt.NDArray[np.float64],
    is_live: npt.NDArray[np.bool_],
    back: int,
    target: int,
    now: int,
) -> _Bills:
    """The bills of the month a year before, of live series, at the level of today."""
    chosen = is_live & _has_a_year(totals, back - now + totals.shape[1])
    then = rows[(rows["month"] == back) & chosen[rows["series"].to_numpy()]]
    growth = _growth(rows, totals, chosen, now)
    return _moved(then, then["billed_centimes"].to_numpy(np.float64) / 100 * growth[then["series"].to_numpy()], target)


def _as_lately(
    rows: pd.DataFrame,
    totals: npt.NDArray[np.float64],
    is_live: npt.NDArray[np.bool_],
    back: int,
    target: int,
    now: int,
) -> _Bills:
    """Of series younger than a year: the bills of their last months, a part of each in every month to come."""
    chosen = is_live & ~_has_a_year(totals, back - now + totals.shape[1])
    last = rows[(rows["month"] >= now - LEVEL_MONTHS) & (rows["month"] < now) & chosen[rows["series"].to_numpy()]]
    begun = (totals[:, -LEVEL_MONTHS:] != 0).argmax(axis=1)
    lived = np.maximum(min(LEVEL_MONTHS, totals.shape[1]) - begun, 1)
    amounts = last["billed_centimes"].to_numpy(np.float64) / 100 / lived[last["series"].to_numpy()]
    return _moved(last, amounts, target)


def _growth(
    rows: pd.DataFrame, totals: npt.NDArray[np.float64], chosen: npt.NDArray[np.bool_], now: int
) -> npt.NDArray[np.float64]:
    """How far the last months of each series' segment and service passed those of a year before, over the series chosen."""
    _, cell = kinds_of(rows, CELL)
    of_series = np.zeros(len(totals), np.int64)
    of_series[rows["series"].to_numpy()] = cell
    if totals.shape[1] < 12 + LEVEL_MONTHS:
        return np.ones(len(totals))
    count = int(cell.max()) + 1
    lately = added_up(of_series[chosen], totals[chosen, -LEVEL_MONTHS:].sum(axis=1), count)
    before = added_up(of_series[chosen], totals[chosen, -12 - LEVEL_MONTHS : -12].sum(axis=1), count)
    ratio = np.where(before > 0, lately / np.where(before > 0, before, 1.0), 1.0)
    growth: npt.NDArray[np.float64] = np.clip(ratio, *GROWTH_BOUNDS)[of_series]
    return growth


def _moved(then: pd.DataFrame, amounts: npt.NDArray[np.float64], target: int) -> _Bills:
    """Bills on the same days of another month, the last day standing for those that it lacks."""
    start = np.datetime64(target, "M")
    length = int(((start + 1).astype("datetime64[D]") - start.astype("datetime64[D]")).astype(np.int64))
    day = start.astype("datetime64[D]") + np.minimum(then["of_month"].to_numpy(np.int64), length - 1)
    return then["series"].to_numpy(np.int64), day, amounts
