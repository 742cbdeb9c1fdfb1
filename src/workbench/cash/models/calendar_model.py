"""The calendar model: one shared design of days, ridge for means and least absolute errors for medians, all series at once.

`fit_calendar` learns, `CalendarFit.predict` tells the days to come, `backtest` does both at past origins from what was known there.
"""

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.cash.models.calendar_design import ANNUAL, Days, Feast, calendar_design
from workbench.cash.models.shared_regression import (
    PENALTIES,
    Linear,
    SharedDesign,
    fit_quantile,
    fit_ridge,
    quantiles_of,
)
from workbench.errors import WrongUse
from workbench.evidence import LEVELS, Floats, rolling_origins


@dataclass(frozen=True)
class Settings:
    """What the model is told. Chosen by back-test on tests that ended before 2022 (docs/methods/calendar_model.md)."""

    half_life_days: float = 365.0  # a day a year old weighs half
    penalties: tuple[float, ...] = PENALTIES
    median_penalty: float = 0.5  # of the median, in multiples of that of the mean
    rounds: int = 16  # of the quantile fit
    level_gain: float = 0.05  # of the exponential mean that follows the last misses
    level_rows: int = 250
    level_tail: float = (
        0.10  # misses beyond this share of either side count as its bound where the median's level is followed
    )
    annual_days: int = 730  # a shorter history has no columns of the year
    one_penalty: bool = False  # of all series that begin on the same day: then the mean of a sum is the sum of means
    levels: tuple[float, ...] = LEVELS


DEFAULT = Settings()
_SMALL = 1 << 20  # bytes of a design that is kept decomposed
_FEW_DAYS = 1000  # of a design that is kept
AT_ONCE = 256  # series fitted together: what holds in the caches of a processor
LEAST_LEFT = 0.2  # a miss is taken as at most five times what the fit left of it


@dataclass(frozen=True)
class CalendarForecast:
    """What the model says of H days: `mean`, `median`, `scale` (H, n), `quantiles` (H, n, levels), not calibrated."""

    mean: Floats
    median: Floats
    scale: Floats
    quantiles: Floats


@dataclass(frozen=True)
class _Part:
    """What was learnt of the series that began on one day."""

    places: npt.NDArray[np.int64]
    mean: Linear
    median: Linear
    scale: Linear
    least_scale: Floats
    edges: Floats  # (n, levels) of the misses of the median ÷ scale


@dataclass(frozen=True)
class CalendarFit:
    """What was learnt: predicts any days. `residuals` (T, n): misses of the mean on the days learnt from ÷ `scale` of the day."""

    closed_days: Days
    feasts: tuple[Feast, ...]
    residuals: Floats
    parts: tuple[_Part, ...]
    level_count: int = len(LEVELS)  # of quantiles: NaN of this shape where nothing had begun

    def predict(self, days: Days) -> CalendarForecast:
        """The forecast of days (H,), in their order; NaN for a series of which nothing was known."""
        design = _design(days, self.closed_days, self.feasts)
        shape = (len(days), self.residuals.shape[1])
        mean, median, scale = (np.full(shape, np.nan) for _ in range(3))
        quantiles = np.full((*shape, self.level_count), np.nan)
        for part in self.parts:
            columns = design[:, : len(part.mean.center)]  # a short history has learnt no column of the year
            mean[:, part.places], median[:, part.places] = part.mean.predict(columns), part.median.predict(columns)
            scale[:, part.places] = np.maximum(part.scale.predict(columns), part.least_scale)
            quantiles[:, part.places] = median[:, part.places, None] + scale[:, part.places, None] * part.edges
        return CalendarForecast(mean, median, scale, quantiles)


@dataclass(frozen=True)
class Backtest:
    """Forecasts made at past origins from what was known there, with what came: arrays (origins, H, n), quantiles (origins, H, n, levels)."""

    first_rows: tuple[int, ...]
    actual: Floats
    mean: Floats
    median: Floats
    scale: Floats
    quantiles: Floats


def fit_calendar(
    values: Floats, days: Days, closed_days: Days, feasts: tuple[Feast, ...] = (), settings: Settings = DEFAULT
) -> CalendarFit:
    """Learn all series (T, n) of a history on `days` (T,), increasing; NaN is missing: before a series begins, or on a day left out.

    Series that begin on the same day are learnt together. Raises `WrongUse` where shapes differ or days do not increase.
    """
    if values.ndim != 2 or len(values) != len(days) or not (np.diff(days) > np.timedelta64(0, "D")).all():
        raise WrongUse("values and days of a history differ in length, or its days do not increase", "fit_calendar")
    design = _design(days, closed_days, feasts)
    known = ~np.isnan(values)
    begins = np.where(known.any(axis=0), known.argmax(axis=0), len(days))
    residuals = np.full(values.shape, np.nan)
    parts = []
    for first in np.unique(begins[begins < len(days)]):
        shared = _shared(design[first:], days[first:], settings)
        of_day = np.flatnonzero(begins == first)
        blocks = 1 if settings.one_penalty else -(-len(of_day) // AT_ONCE)  # one penalty is chosen over all of them
        for places in np.array_split(of_day, blocks):
            part, misses = _learnt(shared, values[first:, places], places, settings)
            residuals[first:, places] = misses
            parts.append(part)
    return CalendarFit(closed_days, feasts, residuals, tuple(parts), len(settings.levels))


def _shared(design: Floats, days: Days, settings: Settings) -> SharedDesign:
    has_year = (days[-1] - days[0]).astype(np.int64) >= settings.annual_days
    columns = design if has_year else design[:, :-ANNUAL]
    weights = recency(days, settings.half_life_days)
    if columns.nbytes > _SMALL:
        return SharedDesign.of(columns, weights)
    return _decomposed(columns.tobytes(), columns.shape, weights.tobytes())


def _design(days: Days, closed_days: Days, feasts: tuple[Feast, ...]) -> Floats:
    """The design of days, kept where they are few, as `_decomposed`."""
    asked = [each.astype("datetime64[D]") for each in (days, closed_days)]
    kept = _kept_design if len(days) < _FEW_DAYS else _kept_design.__wrapped__
    return kept(*(each.tobytes() for each in asked), feasts)


@functools.lru_cache(maxsize=96)
def _kept_design(days: bytes, closed_days: bytes, feasts: tuple[Feast, ...]) -> Floats:
    every, closed = (np.frombuffer(each, dtype="datetime64[D]") for each in (days, closed_days))
    return calendar_design(every, closed, feasts)


@functools.lru_cache(maxsize=48)
def _decomposed(design: bytes, shape: tuple[int, int], weights: bytes) -> SharedDesign:
    """A small design decomposed, and kept: currencies share their days, and plans of several weeks share past origins."""
    return SharedDesign.of(np.frombuffer(design).reshape(shape), np.frombuffer(weights))


def _learnt(
    shared: SharedDesign, values: Floats, places: npt.NDArray[np.int64], settings: Settings
) -> tuple[_Part, Floats]:
    ridge = fit_ridge(shared, values, settings.penalties, settings.one_penalty)
    median, said = fit_quantile(
        shared, values, ridge.penalty * settings.median_penalty, ridge.fitted, rounds=settings.rounds
    )
    mean_level = followed(values - ridge.fitted, settings)
    median_level = followed(_cut(values - said, settings), settings)
    without = np.maximum(1 - ridge.own, LEAST_LEFT)  # a fit flatters the days it learnt from
    misses = (values - said - median_level) / without
    size = fit_ridge(shared, np.abs(misses), settings.penalties)
    least = _least_scale(values, misses)
    scale = np.maximum(size.fitted, least)
    edges = quantiles_of(misses / scale, settings.levels)
    raised, lifted = _raised(ridge.linear, mean_level), _raised(median, median_level)
    part = _Part(places, raised, lifted, size.linear, least, edges)
    return part, (values - ridge.fitted - mean_level) / without / scale


def _least_scale(values: Floats, misses: Floats) -> Floats:
    usual, size = np.nanmean(np.abs(misses), axis=0), np.nanmean(np.abs(values), axis=0)
    least = np.maximum(usual / 4, size / 50)
    return np.where(least > 0, least, 1.0)


def _raised(linear: Linear, level: Floats) -> Linear:
    return Linear(linear.center, linear.coefficients, linear.intercept + level)


def followed(misses: Floats, settings: Settings = DEFAULT) -> Floats:
    """Exponential mean (n,) of the last misses (T, n): how far each series has left the level learnt."""
    last = misses[-settings.level_rows :]
    weights = (1 - settings.level_gain) ** np.arange(len(last))[::-1, None] * ~np.isnan(last)
    found: Floats = (weights * np.nan_to_num(last)).sum(axis=0) / np.maximum(weights.sum(axis=0), 1e-300)
    return found


def _cut(misses: Floats, settings: Settings) -> Floats:
    last = misses[-settings.level_rows :]
    bounds = quantiles_of(last, (settings.level_tail, 1 - settings.level_tail))
    return np.clip(last, bounds[:, 0], bounds[:, 1])


def recency(days: Days, half_life_days: float) -> Floats:
    """Weight of each day of a history: one half for each half-life before its last day."""
    age = (days.max() - days).astype("timedelta64[D]").astype(np.float64)
    weights: Floats = 0.5 ** (age / half_life_days)
    return weights


def backtest(
    values: Floats,
    days: Days,
    closed_days: Days,
    horizon: int,
    origins: int = 12,
    step: int = 21,
    feasts: tuple[Feast, ...] = (),
    settings: Settings = DEFAULT,
) -> Backtest:
    """Fit and forecast at rolling origins: the last test ends with the last row, each origin `step` rows after the one before."""
    rows = rolling_origins(len(days), horizon, origins, step)
    said = [
        fit_calendar(values[:row], days[:row], closed_days, feasts, settings).predict(days[row : row + horizon])
        for row in rows
    ]
    parts = (np.stack([getattr(one, name) for one in said]) for name in ("mean", "median", "scale", "quantiles"))
    return Backtest(tuple(rows), np.stack([values[row : row + horizon] for row in rows]), *parts)
