"""The part of each account in a line: of its mean, to the centime, and along the paths.

The mean of a line is rounded once, by day, and then cut in whole centimes (largest remainder), so that accounts add up to their line and
lines to the office at every date. Shares are those of the shared calendar ridge where the line has one, for an account may be paid on other
days than another; else those of the last year. One giant day of an account gives it no larger part: it is brought down first.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from workbench.cash.models.calendar_design import ANNUAL, Feast, calendar_design
from workbench.cash.models.calendar_model import DEFAULT, recency
from workbench.cash.models.panel import Days, brought_down
from workbench.cash.models.shared_regression import SharedDesign, fit_ridge
from workbench.cash.plan.plan_history import YEAR, Codes, History
from workbench.evidence import Floats
from workbench.money import split_rows

Truths = npt.NDArray[np.bool_]
BLOCK = 10  # bank days of shares drawn together
_LEAST = 0.15  # share of days with a flow from which a line's calendar tells its accounts apart
_ROUNDS = 3  # of fitting drawn shares to the mean and to the line in turn


def shares(
    history: History,
    future: Days,
    closed_days: Days,
    feasts: tuple[Feast, ...],
    is_open: Truths,
    signs: npt.NDArray[np.int8],
) -> Floats:
    """Weights (H, n), not negative, that add up to 1 over the accounts of each line and day.

    `is_open` (H, n): whether the account is open on the day; a closed one gets nothing. `signs` (L,): the side of each line, 0 for both.
    A line none of whose accounts ever moved is shared evenly among the open ones.
    """
    history = replace(history, values=brought_down(history.days, history.values)[0])
    usual, ever = (np.abs(values).sum(axis=0) for values in (history.values[-YEAR:], history.values))
    weights = np.zeros((len(future), len(history.line_of)))
    ridge = _ridge_means(history, future, closed_days, feasts)
    for line in range(len(history.lines)):
        own = np.flatnonzero(history.line_of == line)
        choices = [
            usual[own] + np.zeros((len(future), 1)),
            ever[own] + np.zeros((len(future), 1)),
            np.ones((len(future), len(own))),
        ]
        if signs[line] and _is_dense(history.values[:, own]):
            choices.insert(0, np.maximum(ridge[:, own] * signs[line], 0))
        weights[:, own] = _first_that_holds(choices, is_open[:, own])
    return weights


def _first_that_holds(choices: list[Floats], is_open: Truths) -> Floats:
    found = np.zeros(is_open.shape)
    for choice in [*choices, np.ones(is_open.shape)]:
        part = np.where(is_open, choice, 0.0)
        todo = found.sum(axis=1) <= 0
        found[todo] = part[todo]
    todo = found.sum(axis=1) <= 0  # every account is closed: the amount stays where it was, and is told
    found[todo] = choices[0][todo] if choices[0][todo].any() else 1.0
    parts: Floats = found / found.sum(axis=1, keepdims=True)
    return parts


def _is_dense(values: Floats) -> bool:
    recent = values[-YEAR:].sum(axis=1)
    return len(recent) >= 60 and bool(np.count_nonzero(recent) >= _LEAST * len(recent))


def _ridge_means(history: History, future: Days, closed_days: Days, feasts: tuple[Feast, ...]) -> Floats:
    """Means (H, n) of all series by one ridge with one penalty, so that accounts add up to lines by construction."""
    if len(history.days) < 60:
        return np.zeros((len(future), len(history.line_of)))
    past, ahead = (calendar_design(days, closed_days, feasts) for days in (history.days, future))
    if (history.days[-1] - history.days[0]).astype(int) < DEFAULT.annual_days:
        past, ahead = past[:, :-ANNUAL], ahead[:, :-ANNUAL]
    shared = SharedDesign.of(past, recency(history.days, DEFAULT.half_life_days))
    return fit_ridge(shared, history.values, one_penalty=True).linear.predict(ahead)


def split_lines(totals: npt.NDArray[np.int64], line_of: Codes, weights: Floats) -> npt.NDArray[np.int64]:
    """Centimes (H, L) by line cut into (H, n) by series: whole centimes that add up to their line at every date."""
    found = np.zeros((len(totals), len(line_of)), dtype=np.int64)
    for line in range(totals.shape[1]):
        own = np.flatnonzero(line_of == line)
        if len(own):
            found[:, own] = split_rows(totals[:, line], weights[:, own])
    return found


def split_paths(
    paths: npt.NDArray[np.float32], history: History, weights: Floats, signs: npt.NDArray[np.int8], seed: int
) -> npt.NDArray[np.float32]:
    """Paths (P, H, L) of lines cut into (P, H, n): on each path the accounts have the parts of past days, drawn by blocks.

    Accounts of a path add up to its line; their mean is that of the line times `weights`, nearly (fitted in a few rounds). A line that goes
    both ways is cut by its weights alone.
    """
    found = np.empty((*paths.shape[:2], len(history.line_of)), dtype=np.float32)
    for line in range(paths.shape[2]):
        own = np.flatnonzero(history.line_of == line)
        whole, mean = paths[:, :, line], weights[:, own].astype(np.float32)
        pool = _past_shares(history.values[:, own], int(signs[line]))
        if len(own) < 2 or len(pool) < 2 * BLOCK:
            found[:, :, own] = whole[:, :, None] * mean
            continue
        rows = _drawn(np.random.default_rng([seed, 31, line]), len(pool), *whole.shape)
        found[:, :, own] = _fitted(pool, rows, whole, mean)
    return found


def _past_shares(values: Floats, sign: int) -> npt.NDArray[np.float32]:
    """Shares (days, k) of the days of the last year on which a one-sided line moved."""
    if not sign:
        return np.zeros((0, values.shape[1]), dtype=np.float32)
    recent = np.maximum(values[-YEAR:] * sign, 0)
    whole = recent.sum(axis=1)
    moved = whole > 0
    found: npt.NDArray[np.float32] = (recent[moved] / whole[moved, None]).astype(np.float32)
    return found


def _drawn(rng: np.random.Generator, length: int, paths: int, horizon: int) -> npt.NDArray[np.int64]:
    starts = rng.integers(0, length - BLOCK + 1, (paths, -(-horizon // BLOCK)))
    rows: npt.NDArray[np.int64] = (starts[:, :, None] + np.arange(BLOCK)).reshape(paths, -1)[:, :horizon]
    return rows


def _fitted(
    pool: npt.NDArray[np.float32],
    rows: npt.NDArray[np.int64],
    whole: npt.NDArray[np.float32],
    mean: npt.NDArray[np.float32],
) -> npt.NDArray[np.float32]:
    """Drawn shares made to add up to the line on each path, and to the mean over the paths, in turn."""
    least = np.float32(1e-6)
    factor = np.ones_like(mean)
    target = mean * whole.mean(axis=0)[:, None]
    usual = np.maximum(pool.mean(axis=0), least)
    mixed = 0.9 * pool + 0.1 * usual  # no share is nil for good: it could not be fitted
    cut = np.empty((*whole.shape, pool.shape[1]), dtype=np.float32)
    factor *= mean / usual
    for _ in range(_ROUNDS):
        np.multiply(mixed[rows], factor, out=cut)
        cut *= (whole / np.maximum(cut.sum(axis=2), least))[:, :, None]
        got = cut.mean(axis=0)
        factor *= np.divide(target, got, out=np.ones_like(factor), where=np.abs(got) > least)
    return cut
