"""Exponential smoothing of many series at once: a level and a season that follow, each series with the rates that fit it best.

The season is given as a row of positions (a weekday, a month), not as a lag, so that a closed day shifts nothing. Every pair of rates
of a grid is a lane; all lanes of all series go through the days together, which is why hundreds of series cost less than one
by an optimiser. A missing day leaves the states as they are.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.evidence import Floats, known_mean

Positions = npt.NDArray[np.int64]
LEVEL_RATES = (0.01, 0.03, 0.06, 0.1, 0.2, 0.4)
SEASON_RATES = (0.0, 0.02, 0.05, 0.1, 0.2)
SPAN = 500  # last days that are gone through


@dataclass(frozen=True)
class Season:
    """Position of each day in its season, past and to come: `(T,)` and `(H,)`, from 0 to `length - 1`."""

    past: Positions
    future: Positions
    length: int


def exponential_smoothing(
    values: Floats,
    season: Season,
    level_rates: tuple[float, ...] = LEVEL_RATES,
    season_rates: tuple[float, ...] = SEASON_RATES,
) -> tuple[Floats, Floats]:
    """Two forecasts of ETS(A,N,A), a mean and a middle: `(T, n)` values, NaN where missing → twice `(H, n)`, in the unit of the values.

    Rates are those of the least sum of one-step misses after the first quarter of the days: squared for the mean, absolute for the
    middle. The last 500 days are gone through. A series without a value is NaN throughout.
    """
    values, past = values[-SPAN:], season.past[-SPAN:]
    pairs = np.array([(level, rate) for level in level_rates for rate in season_rates])
    first_level, first_season = _first_states(values, past, season.length)
    level = np.repeat(first_level[None], len(pairs), axis=0)
    seasonal = np.repeat(first_season[:, None], len(pairs), axis=1)
    squares, sizes, moved = np.zeros_like(level), np.zeros_like(level), np.empty_like(level)
    known = ~np.isnan(values)
    has_missing = known.sum(axis=1) < values.shape[1]
    for day, (row, position) in enumerate(zip(np.nan_to_num(values), past, strict=True)):
        at = seasonal[position]
        miss = row - level
        miss -= at
        if has_missing[day]:
            miss *= known[day]
        level += np.multiply(pairs[:, :1], miss, out=moved)  # one array for all products: that is half the time
        at += np.multiply(pairs[:, 1:], miss, out=moved)
        if day >= len(values) // 4:
            squares += np.multiply(miss, miss, out=moved)
            sizes += np.abs(miss, out=moved)
    series = np.arange(values.shape[1])
    best = (squares.argmin(axis=0), sizes.argmin(axis=0))
    mean, middle = (level[lane, series] + seasonal[:, lane, series][season.future] for lane in best)
    return mean, middle


def _first_states(values: Floats, past: Positions, length: int) -> tuple[Floats, Floats]:
    """Level `(n,)` and season `(length, n)` of the first quarter of the days, at least four seasons of them."""
    rows = min(len(values), max(4 * length, len(values) // 4))
    first = values[:rows]
    level = known_mean(first)
    whole = known_mean(values)
    level = np.where(np.isnan(level), whole, level)
    positions = [known_mean(first[past[:rows] == at]) for at in range(length)]
    seasonal = np.nan_to_num(np.stack(positions) - level, nan=0.0)
    return level, seasonal
