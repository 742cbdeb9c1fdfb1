"""Moving money inside a cash plan: on the arrays of its tracks and paths at once, to the centime, nothing lost in silence.

What a move takes from a day it puts on another day of the same series, or counts as beyond the last day; amounts are integers, so a
plan after a move adds up to the plan before, less what fell beyond, exactly.
"""

import dataclasses
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.cash.plan.plan import CashPlan

TRACKS = ("known", "estimated", "override")
Indices = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Moved:
    """A plan after a step, and what the step did, in centimes: moved to another day, fallen beyond the last day, added in all."""

    plan: CashPlan
    moved_centimes: int = 0
    beyond_centimes: int = 0
    added_centimes: int = 0


def day_on_or_after(plan: CashPlan, days: pd.DatetimeIndex) -> Indices:
    """Index of the plan's first day on or after each day; the number of days where there is none."""
    return np.asarray(plan.days.searchsorted(days), np.int64)


def columns_of(plan: CashPlan, **wanted: Any) -> Indices:
    """Columns of the series that have one of the values wanted in every column named."""
    chosen = pd.Series(True, index=plan.series.index)
    for name, values in wanted.items():
        chosen &= plan.series[name].isin(list(values))
    return np.flatnonzero(chosen.to_numpy())


def share_of(values: npt.NDArray[np.int64], share: Decimal) -> npt.NDArray[np.int64]:
    """A share (or multiple) of amounts, each rounded once, half away from zero as in `money`."""
    top, bottom = share.as_integer_ratio()
    parts: npt.NDArray[np.int64] = np.sign(values) * ((2 * np.abs(values) * top + bottom) // (2 * bottom))
    return parts


def move_days(plan: CashPlan, columns: Indices, target: Indices, share: Decimal = Decimal(1)) -> Moved:
    """What comes on each day in the columns, or a share of it, comes on the day `target` instead.

    `target`: index of a day for each day, the number of days for beyond; a day that is its own target stays as it is.
    """
    leaving = target != np.arange(len(target))
    tracks, moved, beyond = {}, 0, 0
    for name in TRACKS:
        values = getattr(plan, name).copy()
        part = share_of(values[np.ix_(leaving, columns)], share)
        values[np.ix_(leaving, columns)] -= part
        landed = np.zeros((len(target) + 1, len(columns)), np.int64)
        np.add.at(landed, target[leaving], part)
        values[:, columns] += landed[:-1]
        tracks[name], beyond = values, beyond + int(landed[-1].sum())
        moved += int(part.sum()) - int(landed[-1].sum())
    paths = _moved_paths(plan.paths, columns, target, float(share))
    return Moved(dataclasses.replace(plan, paths=paths, **tracks), moved, beyond)


def _moved_paths(
    paths: npt.NDArray[np.float32], columns: Indices, target: Indices, share: float
) -> npt.NDArray[np.float32]:
    after = paths.copy()
    for day in np.flatnonzero(target != np.arange(len(target))):
        part = paths[:, day, columns] * np.float32(share)
        after[:, day, columns] -= part
        if target[day] < len(target):
            after[:, target[day], columns] += part
    return after


def move_amounts(plan: CashPlan, columns: Indices, days: Indices, targets: Indices, centimes: Indices) -> Moved:
    """Known amounts, each of a column, from a day to another; a target that is the number of days is beyond."""
    known, paths = plan.known.copy(), plan.paths.copy()
    inside = targets < len(plan.days)
    ends = (columns[inside], targets[inside], centimes[inside])
    for sign, (column, day, amount) in ((-1, (columns, days, centimes)), (1, ends)):
        np.add.at(known, (day, column), sign * amount)
        for one, when, what in zip(column, day, amount, strict=True):
            paths[:, when, one] += np.float32(sign * what / 100)
    moved = int(centimes[inside & (targets != days)].sum())
    return Moved(dataclasses.replace(plan, known=known, paths=paths), moved, int(centimes[~inside].sum()))


def scale_days(plan: CashPlan, columns: Indices, days: Truths, factor: Decimal, with_known: bool) -> Moved:
    """What is estimated (and what is known, where asked) on the days in the columns, times a factor.

    Paths move with the part that is scaled; what is known in them, or typed by a person, stays.
    """
    cells = np.ix_(days, columns)
    estimated, known = plan.estimated.copy(), plan.known.copy()
    estimated[cells] = share_of(plan.estimated[cells], factor)
    fixed = plan.override[cells]
    if with_known:
        known[cells] = share_of(plan.known[cells], factor)
    else:
        fixed = fixed + plan.known[cells]
    paths = plan.paths.copy()
    kept = (fixed / 100).astype(np.float32)
    for place, column in enumerate(columns):
        some = paths[:, days, column]
        paths[:, days, column] = some + (some - kept[:, place]) * np.float32(float(factor) - 1)
    added = int((estimated - plan.estimated).sum() + (known - plan.known).sum())
    return Moved(dataclasses.replace(plan, estimated=estimated, known=known, paths=paths), added_centimes=added)


def add_amounts(plan: CashPlan, amounts: pd.DataFrame) -> Moved:
    """Amounts more, as overrides: `account_number` (one that the plan holds), `line_code`, `day_date`, `amount_centimes`.

    Each falls on the first day of the plan on or after its own; one beyond the last day is counted as added and as beyond.
    """
    total = int(amounts["amount_centimes"].sum())
    targets = day_on_or_after(plan, pd.DatetimeIndex(amounts["day_date"]))
    inside = targets < len(plan.days)
    beyond = int(amounts.loc[~inside, "amount_centimes"].sum())
    columns = []
    for account, line in zip(amounts["account_number"], amounts["line_code"], strict=True):
        plan, column = _with_series(plan, str(account), str(line))
        columns.append(column)
    override, paths = plan.override.copy(), plan.paths.copy()
    for column, day, amount in zip(columns, targets, amounts["amount_centimes"], strict=True):
        if day < len(plan.days):
            override[day, column] += int(amount)
            paths[:, day, column] += np.float32(int(amount) / 100)
    return Moved(dataclasses.replace(plan, override=override, paths=paths), 0, beyond, total)


def _with_series(plan: CashPlan, account_number: str, line_code: str) -> tuple[CashPlan, int]:
    """The plan with a series for the account and line, and its column; a new one holds nothing yet."""
    columns = columns_of(plan, account_number=[account_number], line_code=[line_code])
    if len(columns):
        return plan, int(columns[0])
    like = plan.series[plan.series["account_number"] == account_number].head(1)
    if like.empty:  # an account that holds a balance and has no flow yet
        like = (
            plan.opening[plan.opening["account_number"] == account_number].head(1).reindex(columns=plan.series.columns)
        )
    row = like.assign(line_code=line_code, model_name="none", reason_code="known_only")
    series = pd.concat([plan.series, row], ignore_index=True)
    wider: dict[str, Any] = {name: _wider(getattr(plan, name)) for name in (*TRACKS, "naive", "paths")}
    return dataclasses.replace(plan, series=series, **wider), len(plan.series)


def _wider(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.concatenate([values, np.zeros((*values.shape[:-1], 1), values.dtype)], axis=-1)
