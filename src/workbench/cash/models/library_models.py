"""Models of statsmodels, a series at a time: for short and monthly series, or where a thorough race is asked for.

ETS, SARIMAX, Theta and unobserved components. A model that cannot be fitted to a series says nothing there (its forecast is that of
the mean of the last days), so that it does not win. One series costs tenths of a second: hundreds of daily ones have better models.
"""

import os
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import numpy as np
from threadpoolctl import threadpool_limits

from workbench.cash.models.candidates import Candidate, Points, Window
from workbench.evidence import Floats

SPAN = 500  # last days given to a model
_AT_ONCE = 40  # fits from which processes are worth their start
_Model = Callable[[Floats, int, int], Floats]


def ets(series: Floats, horizon: int, season: int) -> Floats:
    """Exponential smoothing: a damped trend where there are five seasons, an additive season where there are two."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    is_seasonal, is_long = len(series) >= 2 * season + 2, len(series) >= 5 * season
    model = ETSModel(
        series,
        error="add",
        trend="add" if is_long else None,
        damped_trend=is_long,
        seasonal="add" if is_seasonal else None,
        seasonal_periods=season if is_seasonal else None,
    )
    return np.asarray(model.fit(disp=False, maxiter=100).forecast(horizon))


def sarimax(series: Floats, horizon: int, season: int) -> Floats:
    """An autoregression of order one around a constant, of the series less its season."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    past, future = _season(series, horizon, season)
    fit = SARIMAX(series - past, order=(1, 0, 0), trend="c").fit(disp=False, maxiter=50)
    return np.asarray(fit.forecast(horizon)) + future


def theta(series: Floats, horizon: int, season: int) -> Floats:
    """Theta (Assimakopoulos and Nikolopoulos, 2000): smoothing with half the slope, on the series less its season."""
    from statsmodels.tsa.forecasting.theta import ThetaModel

    past, future = _season(series, horizon, season)
    fit = ThetaModel(series - past, period=1, deseasonalize=False).fit(disp=False)
    return np.asarray(fit.forecast(horizon)) + future


def unobserved(series: Floats, horizon: int, season: int) -> Floats:
    """Unobserved components: a level that walks, seen with noise, of the series less its season."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    past, future = _season(series, horizon, season)
    fit = UnobservedComponents(series - past, level="local level").fit(disp=False, maxiter=50)
    return np.asarray(fit.forecast(horizon)) + future


MODELS: dict[str, _Model] = {"ets": ets, "sarimax": sarimax, "theta": theta, "unobserved_components": unobserved}


def for_days() -> dict[str, Candidate]:
    """The models for bank days, with a season of five days."""
    return {name: partial(of_series, name=name, season=5) for name in MODELS}


def for_months() -> dict[str, Candidate]:
    """The models for months, with a season of twelve."""
    return {name: partial(of_series, name=name, season=12) for name in MODELS}


def of_series(window: Window, name: str, season: int) -> Points:
    """A model run on each series of a window; its mean is its median.

    A missing day inside is put at the last value of the same place in the season, then at the mean.
    """
    jobs = [
        (name, _filled(window.values[-SPAN:, j], season), len(window.future), season)
        for j in range(window.values.shape[1])
    ]
    workers = min(os.cpu_count() or 1, 4)
    if len(jobs) >= _AT_ONCE and workers > 1:
        with ProcessPoolExecutor(workers, get_context("forkserver")) as pool:
            told = list(pool.map(_run, jobs, chunksize=8))
    else:
        told = [_run(job) for job in jobs]
    values = np.column_stack(told) if told else np.zeros((len(window.future), 0))
    return Points(values, values)


def _run(job: tuple[str, Floats, int, int]) -> Floats:
    """One fit, on one thread; the mean where the model cannot be fitted, or says what no history of this size allows."""
    name, series, horizon, season = job
    flat = np.full(horizon, series[-season:].mean() if len(series) else 0.0)
    if len(series) < season + 3 or not series.any():
        return flat
    scale = float(np.abs(series).mean())
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        try:
            said = MODELS[name](series / scale, horizon, season) * scale
        except (ValueError, np.linalg.LinAlgError, IndexError):
            return flat
    return said if np.isfinite(said).all() and np.abs(said).max() <= 10 * np.abs(series).max() else flat


def _filled(series: Floats, season: int) -> Floats:
    """A series from its first known day on, without missing days."""
    known = np.flatnonzero(~np.isnan(series))
    if not len(known):
        return np.zeros(0)
    filled = series[known[0] :].copy()
    for row in np.flatnonzero(np.isnan(filled)):
        filled[row] = filled[row - season] if row >= season else np.nanmean(filled[: row + season + 1])
    return np.nan_to_num(filled)


def _season(series: Floats, horizon: int, season: int) -> tuple[Floats, Floats]:
    """Effects of the places in the season, adding up to 0, past (T,) and to come (H,): by least squares beside a slope.

    Half of what is found with two seasons, nearly all with many (m ÷ (m + 2) of m seasons); none under two seasons.
    """
    length = len(series)
    every = np.arange(length + horizon)
    if length < 2 * season + 2:
        return np.zeros(length), np.zeros(horizon)
    places = (every[:, None] % season == np.arange(season)).astype(np.float64)
    design = np.column_stack([places[:length], every[:length] - every[:length].mean()])
    found = np.linalg.lstsq(design, series, rcond=None)[0][:season]
    seasons = length / season
    effects = (found - found.mean()) * seasons / (seasons + 2)
    return places[:length] @ effects, places[length:] @ effects
