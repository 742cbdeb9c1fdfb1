"""A race of models: each says, at past origins, what it would have said there, from the history as it was then.

At every origin the history is mended by the events that had begun, and giant values are brought down, before any model sees it. What
came is compared only where it can be: a day after a break that could not be learnt at the origin is in no miss.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from workbench.cash.models.candidates import AVERAGES, Candidate, Points, Window
from workbench.cash.models.dated_events import DatedEvent, days_not_comparable, mended
from workbench.cash.models.panel import Panel, winsorised
from workbench.evidence import LEVELS, Floats, one_sided, rolling_origins

_HISTORY = 250  # last days that give a model without bands its bands
_SEEN = 3  # known days under which a series had nothing to say at an origin
_RIPE = 0.18  # of a year (45 bank days): known days under which an origin says little of the series as it is now
_ENOUGH = 3  # ripe origins from which the others are left out
_SMALLEST = 1e-6  # scale of a series that never moves


@dataclass(frozen=True)
class Told:
    """What a model said, `(origins, H, n)`: `mean`, `median`, `scale`, and `quantiles` (origins, H, n, levels), not calibrated."""

    mean: Floats
    median: Floats
    scale: Floats
    quantiles: Floats


@dataclass(frozen=True)
class Race:
    """First test row of each origin, what came `(origins, H, n)` (NaN: not known, or not comparable), and what each model said."""

    rows: tuple[int, ...]
    actual: Floats
    told: dict[str, Told]


def origin_rows(length: int, horizon: int, count: int, step: int, least: int, near: int = 5) -> list[int]:
    """First test rows of whole tests `step` apart, none with less than `least` rows before it; where three do not fit, of cut ones.

    The cut tests begin `near`, twice `near`, … rows before the end (1, 2, … in a history under 15 rows), with three rows before them at least.
    """
    rows = [row for row in rolling_origins(length, horizon, count, step) if row >= least]
    if len(rows) >= 3:
        return rows
    near = near if length >= 15 else 1
    return [row for row in range(length - near * count, length, near) if row >= 3]


def run_race(
    panel: Panel,
    models: Mapping[str, Candidate],
    window: Window,
    events: Sequence[DatedEvent],
    rows: Sequence[int],
    horizon: int,
) -> Race:
    """What each model said at each origin of a panel; `window` lends its closed days and feasts.

    What came is not known where a series had too few days to learn from (`_counted`).
    """
    told: list[dict[str, Told]] = []
    actual = []
    whole, _ = winsorised(panel)
    every = np.concatenate([panel.days, window.future])
    for row in rows:
        past = replace(panel, days=panel.days[:row], values=panel.values[:row])
        future = every[row : row + horizon]
        told.append(say(past, models, replace(window, future=future), events))
        actual.append(_came(whole, events, row, horizon, window.year))
    names = told[0] if told else {}
    joined = {name: _joined([each[name] for each in told]) for name in names}
    shape = (0, horizon, len(panel.names))
    came = _counted(np.stack(actual), panel.values, rows, _RIPE * window.year) if actual else np.zeros(shape)
    return Race(tuple(rows), came, joined)


def _counted(actual: Floats, values: Floats, rows: Sequence[int], ripe: float) -> Floats:
    """What came (origins, H, n) where it counts: at origins at which a series was known on `ripe` days; on three, if under three origins would be left."""
    known = (~np.isnan(values)).cumsum(axis=0)[np.array(rows) - 1]
    compared = ~np.isnan(actual).all(axis=1)
    is_ripe = compared & (known >= ripe)
    counts = np.where(is_ripe.sum(axis=0) >= _ENOUGH, is_ripe, known >= _SEEN)
    return np.where(counts[:, None], actual, np.nan)


def say(past: Panel, models: Mapping[str, Candidate], window: Window, events: Sequence[DatedEvent]) -> dict[str, Told]:
    """What each model, and each average, says of the days to come of a window, from a past not yet mended: (1, H, n) each."""
    fit, _ = winsorised(mended(past, events, window.year)[0])
    seen = replace(window, days=fit.days, values=fit.values)
    spread, size = _spread(fit.values[-_HISTORY:])
    told = {name: _whole(model(seen), fit, spread, size) for name, model in models.items()}
    for name, parts in AVERAGES.items():
        if all(part in models for part in parts):
            told[name] = _average([told[part] for part in parts], past)
    return told


def _whole(points: Points, past: Panel, spread: Floats, size: Floats) -> Told:
    """Points with one side kept; one without bands takes the quantiles of the last days around their median, and their distance from it."""
    mean, median = (one_sided(values, past.signs) for values in (points.mean, points.median))
    quantiles, scale = points.quantiles, points.scale
    if quantiles is None or scale is None:
        quantiles = median[..., None] + spread
        scale = np.broadcast_to(size, median.shape)
    return Told(mean[None], median[None], np.maximum(scale, _SMALLEST)[None], quantiles[None])


def _spread(values: Floats) -> tuple[Floats, Floats]:
    """Quantiles (n, levels) of a history around its median, and the mean distance from it (n,); 0 where nothing is known."""
    known = np.maximum((~np.isnan(values)).sum(axis=0), 1)
    if not len(values):
        return np.zeros((values.shape[1], len(LEVELS))), np.zeros(values.shape[1])
    ordered = np.sort(values, axis=0)  # missing days last
    place = np.array(LEVELS)[:, None] * (known - 1)
    low = np.floor(place).astype(np.int64)
    least, most = (np.take_along_axis(ordered, rows, axis=0) for rows in (low, np.minimum(low + 1, known - 1)))
    quantiles = least + (place - low) * (most - least)
    median = quantiles[LEVELS.index(0.5)]
    size = np.nansum(np.abs(values - median), axis=0) / known
    return np.nan_to_num(quantiles - median).T, size


def _average(parts: Sequence[Told], past: Panel) -> Told:
    """The mean of what several models say, with the bands of the first around it."""
    first = parts[0]
    mean, median = (np.mean([getattr(part, name) for part in parts], axis=0) for name in ("mean", "median"))
    moved = first.quantiles + (median - first.median)[..., None]
    return Told(one_sided(mean, past.signs), median, first.scale, moved)


def _joined(parts: Sequence[Told]) -> Told:
    fields = ([getattr(part, name) for part in parts] for name in ("mean", "median", "scale", "quantiles"))
    return Told(*(np.concatenate(field) for field in fields))


def _came(panel: Panel, events: Sequence[DatedEvent], row: int, horizon: int, year: int) -> Floats:
    """What came (H, n) from a row on: NaN beyond the history, on a day left out, and after a break that could not be learnt there."""
    values = np.full((horizon, len(panel.names)), np.nan)
    came, days = panel.values[row : row + horizon].copy(), panel.days[row : row + horizon]
    for event in events:
        left_out = days_not_comparable(event, panel.days, row, year)[row : row + horizon]
        for j, name in enumerate(panel.names):
            if event.concerns(name):
                came[left_out, j] = np.nan
    values[: len(days)] = came
    return values
