"""The calendar model: one shared design of days, ridge for means and least absolute errors for medians, all series at once.

`fit_calendar` learns, `CalendarFit.predict` tells the days to come, `backtest` does both at past origins from what was known there.
"""

from dataclasses import dataclass

import numpy as np

from workbench.cash.calendar_design import Days, Feast, calendar_design
from workbench.errors import WrongUse
from workbench.evidence import LEVELS, Floats, rolling_origins

PENALTIES = tuple(10.0 ** (power / 2) for power in range(-2, 7))


@dataclass(frozen=True)
class Settings:
    """What the model is told: half-life of the weight of a day, penalties tried, gain and span of the level that is followed."""

    half_life_days: float = 365.0
    penalties: tuple[float, ...] = PENALTIES
    level_gain: float = 0.05
    level_rows: int = 250
    levels: tuple[float, ...] = LEVELS


DEFAULT = Settings()


@dataclass(frozen=True)
class RidgeFit:
    """Coefficients (k, n) on the columns less `center` (k,), `intercept` (n,), the `penalty` chosen (n,)."""

    center: Floats
    coefficients: Floats
    intercept: Floats
    penalty: Floats

    def predict(self, design: Floats) -> Floats:
        """Means (H, n) of the days of a design (H, k)."""
        return (design - self.center) @ self.coefficients + self.intercept


@dataclass(frozen=True)
class CalendarForecast:
    """What the model says of H days: `mean`, `median`, `scale` (H, n), `quantiles` (H, n, levels), not calibrated."""

    mean: Floats
    median: Floats
    scale: Floats
    quantiles: Floats


@dataclass(frozen=True)
class CalendarFit:
    """What was learnt: predicts any days; `residuals` (T, n) of the mean on the days of the history, in multiples of `scale` of each day."""

    closed_days: Days
    feasts: tuple[Feast, ...]
    settings: Settings
    ridge: RidgeFit
    level: Floats
    residuals: Floats

    def predict(self, days: Days) -> CalendarForecast:
        """The forecast of days (H,), in their order."""
        design = calendar_design(days, self.closed_days, self.feasts)
        mean = self.ridge.predict(design) + self.level
        scale = np.broadcast_to(np.nanstd(self.residuals, axis=0), mean.shape)
        return CalendarForecast(mean, mean, scale, np.repeat(mean[..., None], len(self.settings.levels), axis=-1))


@dataclass(frozen=True)
class Backtest:
    """Forecasts made at past origins from what was known there, with what came: arrays (origins, H, n), quantiles (origins, H, n, levels)."""

    first_rows: tuple[int, ...]
    actual: Floats
    mean: Floats
    median: Floats
    scale: Floats
    quantiles: Floats


def fit_ridge(
    design: Floats, values: Floats, weights: Floats, penalties: tuple[float, ...] = PENALTIES, shared: bool = False
) -> RidgeFit:
    """Weighted ridge of all series on one design: one SVD; the penalty of each series by generalised cross-validation.

    `design` (T, k), `values` (T, n) without gaps, `weights` (T,). With `shared`, one penalty for all, so that the forecast of a sum is the sum of forecasts.
    """
    share = weights / weights.sum()
    root = np.sqrt(share * len(share))[:, None]
    center, intercept = share @ design, share @ values
    left, sizes, right = np.linalg.svd((design - center) * root, full_matrices=False)
    target = (values - intercept) * root
    turned, whole = left.T @ target, (target**2).sum(axis=0)
    kept = sizes[:, None] ** 2 / (sizes[:, None] ** 2 + np.array(penalties))  # (k, penalties)
    missed = whole - (2 * kept - kept**2).T @ turned**2  # (penalties, n)
    scores = missed / (len(share) - 1 - kept.sum(axis=0))[:, None] ** 2
    best = np.full(values.shape[1], scores.sum(axis=1).argmin()) if shared else scores.argmin(axis=0)
    penalty = np.array(penalties)[best]
    coefficients = right.T @ (sizes[:, None] / (sizes[:, None] ** 2 + penalty) * turned)
    return RidgeFit(center, coefficients, intercept, penalty)


def recency(days: Days, half_life_days: float) -> Floats:
    """Weight of each day of a history: one half for each half-life before its last day."""
    age = (days.max() - days).astype("timedelta64[D]").astype(np.float64)
    weights: Floats = 0.5 ** (age / half_life_days)
    return weights


def fit_calendar(
    values: Floats, days: Days, closed_days: Days, feasts: tuple[Feast, ...] = (), settings: Settings = DEFAULT
) -> CalendarFit:
    """Learn all series (T, n) of a history; NaN is missing: before a series begins, or on a day left out. Raises `WrongUse` where shapes differ."""
    if values.ndim != 2 or len(values) != len(days):
        raise WrongUse("values and days of a history differ in length", "fit_calendar")
    design = calendar_design(days, closed_days, feasts)
    filled = np.nan_to_num(values)
    ridge = fit_ridge(design, filled, recency(days, settings.half_life_days), settings.penalties)
    residuals = values - ridge.predict(design)
    return CalendarFit(closed_days, feasts, settings, ridge, np.zeros(values.shape[1]), residuals)


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
