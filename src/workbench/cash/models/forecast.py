"""The forecast of a panel of flows: each series by the model that missed least at past origins, the naive one always in the race.

Two points are kept apart: the median is for the day, the mean is for totals. Bands are calibrated by horizon on logged misses; paths are
joint, so that weeks, months and totals come from them. What a series is too poor for is routed to a simple model and told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from threadpoolctl import threadpool_limits

from workbench.cash.models.calendar_design import Feast
from workbench.cash.models.candidates import (
    FOR_RACE,
    FOR_SHORT,
    FOR_SPARSE,
    FOR_THOROUGH,
    NAIVE,
    Candidate,
    Window,
    last_value,
    zero,
)
from workbench.cash.models.dated_events import DatedEvent, mended
from workbench.cash.models.due_days import due_day
from workbench.cash.models.groups import Part, Plan, forecast_group, paths_of
from workbench.cash.models.library_models import for_days
from workbench.cash.models.month_paths import month_paths
from workbench.cash.models.panel import Days, Panel, checked_panel, notes_table, winsorised
from workbench.cash.models.race import origin_rows
from workbench.cash.models.routing import ENOUGH, RACE, routes
from workbench.errors import WrongUse
from workbench.evidence import LEVELS, Floats

TEST_DAYS = 63  # bank days of a test
STEP = 21
SPARSE = "sparse"
_POOL = 4  # origins from which a series speaks for itself; simple models have scales too unlike each other to lean on each other
_ROUTED: dict[str, dict[str, Candidate]] = {
    RACE: FOR_RACE,
    SPARSE: {"due_day": due_day, **FOR_SPARSE},
    "short": FOR_SHORT,
    "constant": {"last_value": last_value, **NAIVE},
    "ended": {"zero": zero, **NAIVE},
}


@dataclass(frozen=True)
class PastSums:
    """What came − the mean of the models that run now, added up from each past origin on: `misses` (origins, days, n), NaN where not known or not
    raced; `step` bank days from one origin to the next."""

    misses: Floats
    step: int


@dataclass(frozen=True)
class PanelForecast:
    """The forecast of n series on H days, in units of the currency.

    `median` is for the day, `mean` for totals, `(H, n)`; `quantiles` (H, n, levels) at `evidence.LEVELS`, calibrated, their middle being the
    median; `naive` (H, n) the better naive one of each series; `paths` (P, H, n) whose mean is `mean`. A series: the model that ran, and
    why (`MODEL_REASONS`). `scores`: as from `selection.score_table`; `notes`: as from `panel.notes_table`; `past`: see `PastSums`.
    """

    days: Days
    mean: Floats
    median: Floats
    quantiles: Floats
    naive: Floats
    paths: npt.NDArray[np.float32]
    model_names: tuple[str, ...]
    reason_codes: tuple[str, ...]
    scores: pd.DataFrame
    notes: pd.DataFrame
    past: PastSums | None = None


def forecast_panel(
    panel: Panel,
    future_days: Days,
    closed_days: Days,
    events: Sequence[DatedEvent] = (),
    paths: int = 400,
    seed: int = 0,
    origins: int = 12,
    candidates: str | Mapping[str, Candidate] = "default",
    feasts: tuple[Feast, ...] = (),
) -> PanelForecast:
    """Forecast every series of a panel on the bank days to come.

    Parameters
    ----------
    panel
        The history. Rows from the first future day on are left out, and told.
    future_days
        (H,) bank days to come, increasing.
    closed_days
        Days without a bank day, over the history, the future and a month on both sides.
    events
        Dated events of the series, by their names (`DatedEvent.concerns`).
    origins
        Past origins of the race, 21 bank days apart, with tests of 63 bank days (fewer where the future is shorter).
    candidates
        `default`; `thorough` adds moving and last-year models, and those of statsmodels, a series at a time, for raced and short series; or a table of models by name
        for the raced series, the usual one first, beside the naive ones.

    Raises `WrongUse` where the panel does not hold (`checked_panel`), no day is to come, or those days do not increase.
    """
    future = future_days.astype("datetime64[D]")
    if not len(future) or (np.diff(future.astype(np.int64)) <= 0).any():
        raise WrongUse("the days to forecast are none, or do not increase", "future_days")
    closed = closed_days.astype("datetime64[D]")
    history, notes = checked_panel(panel, future[0], closed)
    fit, told = mended(history, events)
    usual, brought = winsorised(fit)
    window = Window(history.days, history.values, future, closed, feasts)
    reasons = routes(fit.values)
    length, horizon = len(history.days), len(future)
    with threadpool_limits(1):  # small matrices: threads would only wait for each other
        parts = {
            route: forecast_group(history, columns, window, events, _plan(route, length, horizon, origins, candidates))
            for route, columns in groups_of(reasons).items()
        }
        every = notes_table([*notes, *told, *brought])
        said = assembled(history, future, list(parts.values()), reasons, paths, seed, every)
        if SPARSE in parts:
            _draw_months(said.paths, parts[SPARSE], replace(window, values=usual.values), history.signs, seed)
        return replace(said, past=_past_sums(parts, len(history.names)))


def _past_sums(parts: Mapping[str, Part], count: int) -> PastSums | None:
    """What the series of the races missed in all, at the origins that they share; None where they share none."""
    theirs = [parts[route] for route in (RACE, SPARSE) if route in parts]
    if not theirs or len({part.rows for part in theirs}) > 1 or len(theirs[0].rows) < 2:
        return None
    first = theirs[0]
    misses = np.full((*first.cumulated.shape[:2], count), np.nan)
    for part in theirs:
        misses[:, :, part.columns] = part.cumulated
    return PastSums(misses, first.rows[1] - first.rows[0])


def _draw_months(
    paths: npt.NDArray[np.float32], part: Part, window: Window, signs: npt.NDArray[np.int8], seed: int
) -> None:
    """Put, in the place of the paths of flows that come on few days, whole months of their past."""
    theirs = replace(window, values=window.values[:, part.columns])
    drawn = month_paths(theirs, part.total_models, part.mean, signs[part.columns], len(paths), seed)
    if drawn is not None:
        paths[:, :, part.columns] = drawn


def groups_of(reasons: tuple[str, ...]) -> dict[str, npt.NDArray[np.int64]]:
    """Columns of each route that a series takes."""
    found = {route: np.flatnonzero([reason == route for reason in reasons]) for route in _ROUTED}
    return {route: columns for route, columns in found.items() if len(columns)}


def _plan(route: str, length: int, horizon: int, origins: int, candidates: str | Mapping[str, Candidate]) -> Plan:
    models, test = _ROUTED[route], min(horizon, TEST_DAYS)
    if route == RACE and not isinstance(candidates, str):
        models = {**candidates, **NAIVE}
    if candidates == "thorough" and route in (RACE, "short"):
        models = {**models, **FOR_THOROUGH, **for_days()}
    if route in ("constant", "ended"):
        rows = []
    elif route == "short":
        rows = origin_rows(length, length, origins, STEP, length)
    else:
        rows = origin_rows(length, test, origins, STEP, ENOUGH)
    step = STEP if len(rows) > 1 and rows[1] - rows[0] == STEP else 5
    return Plan(models, rows, test, min(step, test), pool=_POOL if route == RACE else 0)


def assembled(
    history: Panel,
    future: Days,
    parts: Sequence[Part],
    reasons: tuple[str, ...],
    paths: int,
    seed: int,
    notes: pd.DataFrame,
) -> PanelForecast:
    """The forecast of all groups as one, with joint paths."""
    shape = (len(future), len(history.names))
    mean, median, naive = (np.zeros(shape) for _ in range(3))
    quantiles = np.zeros((*shape, len(LEVELS)))
    names, whys = [""] * shape[1], list(reasons)
    for part in parts:
        mean[:, part.columns], median[:, part.columns] = part.mean, part.median
        naive[:, part.columns], quantiles[:, part.columns] = part.naive, part.quantiles
        for j, column in enumerate(part.columns):
            names[column] = part.model_names[j]
            if reasons[column] == RACE:
                whys[column] = "naive_holds" if part.is_naive[j] else "won"
    tables = [part.scores for part in parts if len(part.scores)]
    scores = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    drawn = paths_of(mean, parts, history.signs, paths, seed)
    return PanelForecast(future, mean, median, quantiles, naive, drawn, tuple(names), tuple(whys), scores, notes)
