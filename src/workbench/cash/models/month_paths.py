"""Paths of flows that come on few days: whole months of their past, laid on the months to come.

A flow paid once a month is not a small chance on each of its days. On a path it comes once, on a day and of an amount that it had in some past
month; moves drawn day by day would pay it twice, or never. Months are drawn once for all flows, so that what they did together they do again.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.cash.models.candidates import Window
from workbench.cash.models.due_days import DueDay, due_days
from workbench.evidence import Floats

Rows = npt.NDArray[np.int64]
MONTHS = 24  # past months that are drawn from
FEWEST = 3  # whole months without which nothing is drawn
_EACH = 4  # of months of the same place in the quarter, from which only those are drawn
_MONTH = 21  # bank days
_MOST = 2.0  # times a drawn amount may be made larger to meet the mean
DUE, PLACED = (
    "due_day",
    ("month_position", "month_naive", "year_naive"),
)  # models whose flows keep their day of the month


def month_paths(
    window: Window, models: Sequence[str], mean: Floats, signs: npt.NDArray[np.int8], count: int, seed: int
) -> npt.NDArray[np.float32] | None:
    """Paths (count, H, n) of the flows of a window around their means (H, n); None where the history holds no three whole months.

    `models`: the one behind each mean. Flows of `due_day` are drawn around their due day, those of `PLACED` by their place in the month, others
    in runs of a month from anywhere.
    """
    months = window.days.astype("datetime64[M]")
    whole = np.unique(months)[1:-1][-MONTHS:]
    if len(whole) < FEWEST:
        return None
    rng = np.random.default_rng([seed, 61])
    ahead = window.future.astype("datetime64[M]")
    first, last = ahead[0] - 1, ahead[-1] + 1
    coming = np.arange(first, last + 1)
    ranks = rng.random((count, len(coming)))  # which past month stands for each to come, as a part of those there are
    drawn = np.stack([_ranked(_like(whole, month), ranks[:, at]) for at, month in enumerate(coming)], axis=1)
    placed = _by_place(window, months, (ahead - first).astype(np.int64), drawn)
    anywhere = _anywhere(rng, len(window.days), count, len(window.future))
    dues = due_days(window)
    values = np.vstack([np.nan_to_num(window.values), np.zeros((1, window.values.shape[1]))])  # row −1: nothing came
    found = np.empty((count, *mean.shape), np.float32)
    for j, model in enumerate(models):
        due = dues[j] if model == DUE else None
        rows = (
            _around_due(window, due, first, ranks)
            if due is not None
            else placed
            if model in (*PLACED, DUE)
            else anywhere
        )
        found[:, :, j] = _around(values[rows, j], mean[:, j], int(signs[j]))
    return found


def _like(whole: npt.NDArray[np.datetime64], month: np.datetime64) -> npt.NDArray[np.datetime64]:
    """Past months of the same place in the quarter, where there are four; else all."""
    same = whole[(whole.astype(np.int64) - month.astype(np.int64)) % 3 == 0]
    return same if len(same) >= _EACH else whole


def _ranked(among: npt.NDArray[Any], ranks: Floats) -> npt.NDArray[Any]:
    """Of what is drawn among, what stands at each rank (0 to under 1)."""
    found: npt.NDArray[Any] = among[(ranks * len(among)).astype(np.int64)]
    return found


def _by_place(
    window: Window, months: npt.NDArray[np.datetime64], ahead: Rows, drawn: npt.NDArray[np.datetime64]
) -> Rows:
    """(paths, H): the row of the same place in the month drawn, −1 where that month had none."""
    places, numbers = window.month_place.past, months.astype(np.int64)
    table = np.full(
        (int(numbers[-1] - numbers[0]) + 1, int(max(places.max(), window.month_place.future.max())) + 1), -1
    )
    table[numbers - numbers[0], places] = np.arange(len(places))
    found: Rows = table[drawn[:, ahead].astype(np.int64) - numbers[0], window.month_place.future]
    return found


def _anywhere(rng: np.random.Generator, length: int, count: int, horizon: int) -> Rows:
    """(paths, H): runs of a month from anywhere in the last two years, going on from their start past the end."""
    reach = min(length, MONTHS * _MONTH)
    starts = rng.integers(0, reach, (count, -(-horizon // _MONTH)))
    rows = (starts[:, :, None] + np.arange(_MONTH)).reshape(count, -1)[:, :horizon] % reach
    found: Rows = length - reach + rows
    return found


def _around_due(window: Window, due: DueDay, first: np.datetime64, ranks: Floats) -> Rows:
    """(paths, H): the row as far from the due day of a past month as the day is from the nearest due day to come; −1 at half a month from any."""
    horizon = len(window.future)
    base = due.past[due.past < len(window.days) - 1][-MONTHS:]
    if not len(due.future) or not len(base):
        return np.full((len(ranks), horizon), -1)
    nearest = due.future[np.abs(np.arange(horizon)[:, None] - due.future).argmin(axis=1)]
    away = np.arange(horizon) - nearest
    months = (window.future[nearest].astype("datetime64[M]") - first).astype(np.int64)
    rows = _ranked(base, ranks[:, months]) + away
    held = (np.abs(away) <= _MONTH // 2) & (rows >= 0) & (rows < len(window.days))
    return np.where(held, rows, -1)


def _around(came: Floats, mean: Floats, sign: int) -> npt.NDArray[np.float32]:
    """Drawn amounts (paths, H) made to have the mean (H,): of a flow that goes both ways moved, of another made larger (twice at most), then moved."""
    size = came.mean(axis=0)
    if sign == 0:
        moved: npt.NDArray[np.float32] = (came + (mean - size)).astype(np.float32)
        return moved
    came = np.maximum(came * sign, 0)
    size, target = came.mean(axis=0), np.maximum(mean * sign, 0)
    ratio = np.minimum(np.divide(target, size, out=np.zeros_like(size), where=size > 0), _MOST)
    larger: npt.NDArray[np.float32] = (sign * (came * ratio + np.maximum(target - ratio * size, 0))).astype(np.float32)
    return larger
