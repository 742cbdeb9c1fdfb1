"""How a model is believed: rolling origins, scores, conformal calibration, joint paths. Arrays in, figures out; no table, no domain.

Arrays are `float64`, time first: `(days, series)`, forecasts `(horizon, series)`, quantiles `(horizon, series, levels)`,
misses `(origins, horizon, series)`, paths `(paths, horizon, series)`. A value that is missing is NaN and counts nowhere.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from workbench.errors import WrongUse

Floats = npt.NDArray[np.float64]
LEVELS = (0.025, 0.10, 0.50, 0.90, 0.975)  # of the bands that pages show: 95 % and 80 %, and the median
BUCKETS = (5, 20)  # last day of a horizon bucket, the last one being open: days 1–5, 6–20, 21 and later


def rolling_origins(length: int, horizon: int, count: int, step: int) -> list[int]:
    """First test row of each origin, oldest first: the last test ends with the last row, each origin `step` rows after the one before.

    Origins that would leave no row before them are left out.
    """
    last = length - horizon
    return [first for first in range(last - (count - 1) * step, last + 1, step) if first > 0]


def horizon_buckets(horizon: int, last_days: tuple[int, ...] = BUCKETS) -> npt.NDArray[np.int64]:
    """The bucket (0, 1, …) of each of the days 1 … `horizon`."""
    return np.searchsorted(np.array(last_days), np.arange(1, horizon + 1)).astype(np.int64)


# ── scores: one figure a series, over the first axis


def mase(actual: Floats, forecast: Floats, history: Floats, season: int = 5) -> Floats:
    """Mean absolute error of each series ÷ that of the seasonal naive forecast inside its history (Hyndman & Koehler, 2006).

    `actual`, `forecast` (H, n); `history` (T, n), NaN where the series had not begun. NaN where the history never moves or is too short.
    """
    scale = (
        known_mean(np.abs(history[season:] - history[:-season]))
        if len(history) > season
        else np.full(history.shape[1:], np.nan)
    )
    return _ratio(known_mean(np.abs(actual - forecast)), scale)


def wape(actual: Floats, forecast: Floats) -> Floats:
    """Sum of absolute errors ÷ sum of absolute amounts of each series; NaN where nothing was paid."""
    return _ratio(np.nansum(np.abs(actual - forecast), axis=0), np.nansum(np.abs(_both(actual, forecast)), axis=0))


def smape(actual: Floats, forecast: Floats) -> Floats:
    """Mean of 2 |a − f| ÷ (|a| + |f|) of each series, from 0 to 2, a day where both are 0 counting as 0."""
    size = np.abs(actual) + np.abs(forecast)
    return known_mean(np.where(size == 0, 0.0, 2 * np.abs(actual - forecast) / np.where(size == 0, 1.0, size)))


def bias(actual: Floats, forecast: Floats) -> Floats:
    """(Σ forecast − Σ actual) ÷ Σ |actual| of each series: positive where the forecast says too much."""
    both = _both(actual, forecast)
    return _ratio(np.nansum(forecast - actual, axis=0), np.nansum(np.abs(both), axis=0))


def total_error(actual: Floats, forecast: Floats) -> Floats:
    """|Σ forecast − Σ actual| ÷ Σ |actual| of each series: the error of the total of the whole horizon."""
    return np.abs(bias(actual, forecast))


def pinball(actual: Floats, quantiles: Floats, levels: tuple[float, ...] = LEVELS) -> Floats:
    """Mean pinball loss of each series and level, (n, levels), in the units of the series; quantiles (H, n, levels)."""
    miss = actual[..., None] - quantiles
    return known_mean(np.maximum(miss * np.array(levels), miss * (np.array(levels) - 1)))


def crps_of_paths(actual: Floats, paths: npt.NDArray[np.floating]) -> Floats:
    """Continuous ranked probability score of each series, in its units, from sample paths (P, H, n): mean over the days."""
    ordered = np.sort(paths, axis=0).astype(np.float64)
    count = len(ordered)
    weights = (2 * np.arange(1, count + 1) - count - 1) / count**2
    spread = np.tensordot(weights, ordered, axes=1)
    return known_mean(np.abs(ordered - actual).mean(axis=0) - spread)


def _both(actual: Floats, forecast: Floats) -> Floats:
    return np.where(np.isnan(forecast), np.nan, actual)


def _ratio(part: Floats, whole: Floats) -> Floats:
    found: Floats = np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=np.nan_to_num(whole) != 0)
    return found


def known_mean(values: Floats, axis: int | tuple[int, ...] = 0) -> Floats:
    """Mean along axes of what is known; NaN where nothing is."""
    counted = np.sum(~np.isnan(values), axis=axis)
    return _ratio(np.nansum(values, axis=axis), counted.astype(np.float64))


# ── coverage


@dataclass(frozen=True)
class Coverage:
    """How many of `count` actual values fell inside a band, as a share, with its exact binomial interval `low`–`high`."""

    share: float
    count: int
    low: float
    high: float


def coverage(inside: npt.NDArray[np.bool_], confidence: float = 0.95) -> Coverage:
    """Share of the days inside a band, with the interval of Clopper and Pearson (1934); of no day, the interval is 0–1.

    The interval takes days as independent; where errors last for days it is too narrow, which the page says.
    """
    count, hits, tail = int(inside.size), int(np.sum(inside)), (1 - confidence) / 2
    low = 0.0 if hits == 0 else float(betaincinv(hits, count - hits + 1, tail))
    high = 1.0 if hits == count else float(betaincinv(hits + 1, count - hits, 1 - tail))
    return Coverage(hits / count if count else float("nan"), count, low, high)


# ── split conformal calibration, by horizon bucket, from logged misses


@dataclass(frozen=True)
class Calibration:
    """What is added to each quantile, in units of `scale`: `shifts` (buckets, n, levels); `counts` (buckets, n) logged misses behind them."""

    levels: tuple[float, ...]
    last_days: tuple[int, ...]
    shifts: Floats
    counts: npt.NDArray[np.int64]

    def apply(self, quantiles: Floats, scale: Floats, signs: npt.NDArray[np.integer] | None = None) -> Floats:
        """Calibrated quantiles (H, n, levels), never crossing; a series with sign +1 (−1) is never below (above) 0."""
        bucket = horizon_buckets(len(quantiles), self.last_days)
        moved = np.sort(quantiles + self.shifts[bucket] * scale[..., None], axis=-1)
        return moved if signs is None else one_sided(moved, signs[:, None])


def calibrate(
    actual: Floats,
    quantiles: Floats,
    scale: Floats,
    levels: tuple[float, ...] = LEVELS,
    last_days: tuple[int, ...] = BUCKETS,
    pool: int = 6,
) -> Calibration:
    """Split-conformal shifts of each quantile from a model's own logged misses (Romano, Patterson & Candès, 2019, one side at a time).

    Parameters
    ----------
    actual
        (origins, H, n): what came; NaN where not known.
    quantiles
        (origins, H, n, levels): what the model had said at each origin, before calibration.
    scale
        (origins, H, n): the size of a usual miss on that day, > 0, in the units of the series; shifts are in multiples of it.

    pool
        Origins from which a series speaks for itself: one known at o < pool origins has o ÷ pool of its shift from its own misses, the rest
        from those of all series together, whose scale makes them comparable. 0 leaves each series alone.

    A shift is the order statistic ⌈(m + 1) level⌉ (⌊(m + 1) level⌋ under the median) of the m scaled misses of its bucket; 0 where m = 0.
    """
    if actual.shape != scale.shape or quantiles.shape != (*actual.shape, len(levels)):
        raise WrongUse("misses, quantiles and scales of a calibration differ in shape", "calibrate")
    bucket = horizon_buckets(actual.shape[1], last_days)
    scores = (actual[..., None] - quantiles) / scale[..., None]
    origins = np.sum(~np.isnan(actual).all(axis=1), axis=0)
    own = np.minimum(origins / pool, 1.0)[:, None] if pool else np.ones((actual.shape[2], 1))
    parts = [scores[:, bucket == b].reshape(-1, *scores.shape[2:]) for b in range(len(last_days) + 1)]
    shifts = np.stack([own * _shifts(part, levels) + (1 - own) * _shifts(_as_one(part), levels) for part in parts])
    counts = np.stack([np.sum(~np.isnan(part[..., 0]), axis=0) for part in parts]).astype(np.int64)
    return Calibration(levels, last_days, shifts, counts)


def _shifts(scores: Floats, levels: tuple[float, ...]) -> Floats:
    return np.stack([conformal_quantile(scores[..., i], level) for i, level in enumerate(levels)], axis=-1)


def _as_one(scores: Floats) -> Floats:
    return scores.reshape(-1, 1, scores.shape[-1])


def conformal_quantile(scores: Floats, level: float) -> Floats:
    """The conformal quantile of each column of (m, n) scores: order statistic ⌈(m + 1) level⌉, or ⌊(m + 1) level⌋ under one half.

    Where m is too small for the level, the furthest score; 0 for a column without scores.
    """
    counts = np.sum(~np.isnan(scores), axis=0)
    place = (counts + 1) * level
    rank = np.where(level < 0.5, np.floor(place + 1e-9), np.ceil(place - 1e-9)).astype(np.int64)
    index = np.clip(rank, 1, np.maximum(counts, 1)) - 1
    if len(scores) == 0:
        return np.zeros(scores.shape[1:])
    found = np.take_along_axis(np.sort(scores, axis=0), index[None], axis=0)[0]  # NaN sort last
    return np.where(counts > 0, found, 0.0)


def one_sided(values: Floats, signs: npt.NDArray[np.integer]) -> Floats:
    """Values with those on the wrong side of 0 put to 0: sign +1 is never negative, −1 never positive, 0 free."""
    return np.where((signs > 0) & (values < 0) | (signs < 0) & (values > 0), 0.0, values)


# ── joint sample paths


def joint_paths(
    mean: Floats,
    residuals: Floats,
    count: int,
    seed: int,
    *,
    spread: Floats | None = None,
    drifts: Floats | None = None,
    signs: npt.NDArray[np.integer] | None = None,
    block: int = 10,
) -> npt.NDArray[np.float32]:
    """Sample paths (count, H, n) around a mean, that keep what series and days do together.

    Parameters
    ----------
    mean
        (H, n): the mean of the paths is this.
    residuals
        (T, n): past misses of the mean, in multiples of `spread` if given; NaN counts as 0. The same blocks of rows are drawn for all series.
    spread
        (H, n): size of a usual miss on each day to come.
    drifts
        (O, n): past misses of the level of a whole horizon, a row an origin, in units of the series: each path takes a row, the same for all series.
    signs
        (n,): +1 never below 0, −1 never above 0, 0 free.
    block
        Days of a block.
    """
    rng = np.random.default_rng(seed)
    horizon, series = mean.shape
    rows = _block_rows(rng, len(residuals), count, horizon, block)
    drawn = np.nan_to_num(residuals).astype(np.float32)
    drawn -= drawn.mean(axis=0)
    level = np.zeros((count, series), np.float32)
    if drifts is not None and len(drifts):
        level = _drawn_drifts(rng, drifts, count)
    paths = np.empty((count, horizon, series), np.float32)
    for j in range(series):  # a series at a time: no second array of this size
        moves = drawn[rows, j]
        moves *= 1 if spread is None else spread[:, j].astype(np.float32)
        moves += level[:, j, None]
        paths[:, :, j] = _around(moves, mean[:, j], 0 if signs is None else int(signs[j]))
    return paths


def _block_rows(rng: np.random.Generator, length: int, count: int, horizon: int, block: int) -> npt.NDArray[np.int64]:
    blocks = -(-horizon // block)
    starts = rng.integers(0, length, (count, blocks))
    rows = (starts[:, :, None] + np.arange(block)).reshape(count, -1)[:, :horizon]
    around: npt.NDArray[np.int64] = (
        rows % length
    )  # past the end one goes on from the start, else the rows at the ends are drawn less
    return around


def _drawn_drifts(rng: np.random.Generator, drifts: Floats, count: int) -> npt.NDArray[np.float32]:
    # Few origins: a normal weight on a drawn row fills the gaps between them and keeps the correlation of the series.
    rows = rng.integers(0, len(drifts), count)
    found: npt.NDArray[np.float32] = (np.nan_to_num(drifts)[rows] * rng.standard_normal((count, 1))).astype(np.float32)
    return found


def _around(moves: npt.NDArray[np.float32], mean: Floats, sign: int) -> npt.NDArray[np.float32]:
    """Paths of one series: mean + moves; one side kept by cutting, then scaled back so that their mean is the mean given."""
    target = mean.astype(np.float32)
    around: npt.NDArray[np.float32] = np.add(moves - moves.mean(axis=0), target)
    if sign == 0:
        return around
    cut = np.maximum(around * sign, 0)
    size = cut.mean(axis=0)
    ratio = np.divide(np.maximum(target * sign, 0), size, out=np.zeros_like(size), where=size > 0)
    scaled: npt.NDArray[np.float32] = sign * cut * ratio
    return scaled


# ── paths set on how far what adds up was off at past origins


def cumulative_factors(
    misses: Floats,
    moves: Floats,
    step: int,
    last_days: tuple[int, ...] = BUCKETS,
    level: float = 0.80,
    doubt: float = 4.0,
    most: float = 2.0,
) -> Floats:
    """By how much the moves of paths are widened, (H,), so that their sum holds what it held at past origins: split-conformal, by bucket.

    Parameters
    ----------
    misses
        (origins, days): what came − the mean, of all series together, added up from the origin on; NaN where not known.
    moves
        (P, H): paths of the same sum less their mean; the days of a test are its first.
    step
        Days from one origin to the next. Tests that overlap say the same thing twice: of a bucket that ends on day e, m origins count for
        n = 1 + (m − 1) step ÷ e, never for more than m.
    level
        Of the band that is set.
    doubt
        Origins that the paths themselves stand for: of n origins, n ÷ (n + doubt) of what is found is taken.
    most
        The most that moves are widened; they are never made narrower.

    A score is |miss| ÷ the half-width of the band of the paths on its day. What a bucket asks for is the conformal quantile of the scores of a day,
    on average over its days; n ÷ (n + doubt) of what that is above 1 is taken, nothing under two origins. Between the middles of two buckets
    the factor goes from the one to the other.
    """
    horizon, days = moves.shape[1], min(misses.shape[1], moves.shape[1])
    bucket = horizon_buckets(days, last_days)
    half = np.quantile(np.abs(moves[:, :days]), level, axis=0)
    scores = np.abs(misses[:, :days]) / np.where(half > 0, half, np.nan)
    known = (~np.isnan(scores)).sum(axis=0)
    ends = np.array([np.flatnonzero(bucket == b).max() + 1 for b in bucket])
    count = np.minimum(known, 1 + (known - 1) * step / ends)
    taken = np.where(known >= 2, count / (count + doubt), 0.0)
    asked = 1 + (conformal_quantile(scores, level) - 1) * taken
    by_bucket = [asked[bucket == b].mean() for b in np.unique(bucket)]
    middles = [float(np.flatnonzero(bucket == b).mean()) for b in np.unique(bucket)]
    told: Floats = np.interp(np.arange(horizon), middles, np.clip(by_bucket, 1.0, most))
    return told


def widened(paths: npt.NDArray[np.float32], mean: Floats, factors: Floats, signs: npt.NDArray[np.integer]) -> None:
    """Multiply, in place, what paths (P, H, n) have moved from their mean (H, n) since the first day by `factors` (H,), all series alike.

    Their sums by day, series and path stay sums; a series keeps its side and its mean.
    """
    if (factors == 1).all():
        return
    by = factors.astype(np.float32)
    for j in range(paths.shape[2]):
        moved = np.cumsum(paths[:, :, j] - mean[:, j].astype(np.float32), axis=1) * by
        paths[:, :, j] = _around(np.diff(moved, axis=1, prepend=np.float32(0)), mean[:, j], int(signs[j]))
