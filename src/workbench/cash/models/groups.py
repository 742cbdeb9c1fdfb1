"""One group of series of a panel: its models raced, what the chosen ones say of the days to come, and their calibrated bands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.cash.models.candidates import NAIVE, Candidate, Window
from workbench.cash.models.dated_events import DatedEvent
from workbench.cash.models.panel import Panel
from workbench.cash.models.race import Told, run_race, say
from workbench.cash.models.selection import Choice, banded, calibrated, chosen, composed, score_table
from workbench.evidence import BUCKETS, Floats, joint_paths, known_mean

_BAND = 2.563  # standard deviations of a normal between its quantiles 0.10 and 0.90
_LEAST_WIDTH = 0.1  # of the usual miss: a day on which nothing was expected may bring something


@dataclass(frozen=True)
class Plan:
    """How a group is raced: its `models`, the usual one first, those among them that are `naives`, the origins and the longest test."""

    models: Mapping[str, Candidate]
    rows: Sequence[int]
    test_days: int
    step: int
    last_days: tuple[int, ...] = BUCKETS
    naives: tuple[str, ...] = tuple(NAIVE)
    usual: str = ""  # the first model
    season: int = 5
    pool: int = 0  # origins from which a series speaks for itself in its bands; 0: always


@dataclass(frozen=True)
class Part:
    """The forecast of a group: `(H, g)` arrays, `quantiles` (H, g, levels), and what paths are drawn from.

    `misses` (rows, g): past misses of the mean less that of their origin, in multiples of the width of their day; `widths` (H, g) of the
    days to come; `drifts` (origins, g): the mean miss of each origin. `total_models`: the one behind each mean.
    """

    columns: npt.NDArray[np.int64]
    mean: Floats
    median: Floats
    quantiles: Floats
    naive: Floats
    misses: Floats
    widths: Floats
    drifts: Floats
    cumulated: Floats
    rows: tuple[int, ...]
    model_names: tuple[str, ...]
    total_models: tuple[str, ...]
    is_naive: tuple[bool, ...]
    scores: pd.DataFrame


def forecast_group(
    panel: Panel, columns: npt.NDArray[np.int64], window: Window, events: Sequence[DatedEvent], plan: Plan
) -> Part:
    """Race a group, given by its columns of a checked panel, and forecast the future of the window."""
    names = tuple(panel.names[column] for column in columns)
    group = replace(panel, values=panel.values[:, columns], names=names, signs=panel.signs[columns])
    race = run_race(group, plan.models, window, events, plan.rows, plan.test_days)
    usual = plan.usual or next(iter(plan.models))
    choice = chosen(race, usual, plan.naives, plan.last_days) if plan.rows else _without_race(plan, len(columns))
    told = say(group, plan.models, window, events)
    said = composed(told, choice)
    logged = composed(race.told, choice) if plan.rows else _nothing(said, plan.test_days)
    said, logged = (_with_least_scale(each, group.values) for each in (said, logged))
    calibration = calibrated(logged, race.actual, plan.last_days, plan.pool)
    quantiles = banded(said, calibration, group.signs)[0]
    naives = np.stack([told[model].median[0] for model in choice.models])
    width = _widths(banded(logged, calibration, group.signs), race.actual - logged.mean)
    misses, drifts = _moves(race.actual - logged.mean, width, plan.step)
    scores = (
        score_table(race, choice, names, group.values, group.signs, plan.season, plan.pool)
        if plan.rows
        else pd.DataFrame()
    )
    return Part(
        columns=columns,
        mean=said.mean[0],
        median=said.median[0],
        quantiles=quantiles,
        naive=np.take_along_axis(naives, choice.naive[None, None], axis=0)[0],
        misses=misses,
        widths=_widths(quantiles[None], race.actual - logged.mean)[0],
        drifts=drifts,
        cumulated=np.cumsum(race.actual - logged.mean, axis=1),
        rows=race.rows,
        model_names=tuple(choice.name(j) for j in range(len(columns))),
        total_models=tuple(choice.models[rank] for rank in choice.for_total),
        is_naive=tuple(choice.only_among(plan.naives, j) for j in range(len(columns))),
        scores=scores,
    )


def _with_least_scale(told: Told, values: Floats) -> Told:
    """What was said, its scale never under a tenth of the mean flow of a known day (T, g): at an origin where nothing had come yet the scale is
    none, and a miss counted in it would make bands of today a million times too wide."""
    known = np.maximum((~np.isnan(values)).sum(axis=0), 1)
    least = _LEAST_WIDTH * np.nansum(np.abs(values), axis=0) / known
    return replace(told, scale=np.maximum(told.scale, least))


def _without_race(plan: Plan, count: int) -> Choice:
    models = tuple(plan.models)
    none = np.zeros(count, dtype=np.int64)
    naive = none + models.index(plan.naives[0])
    return Choice(models, np.zeros((len(plan.last_days) + 1, count), dtype=np.int64), none, naive, plan.last_days)


def _nothing(said: Told, horizon: int) -> Told:
    fields = (said.mean, said.median, said.scale, said.quantiles)
    return Told(*(np.zeros((0, horizon, *field.shape[2:])) for field in fields))


def _widths(bands: Floats, misses: Floats) -> Floats:
    """Usual size of a miss on each day, by its calibrated 80 % band (origins, H, g); never less than a tenth of the usual miss of the series."""
    known = np.maximum((~np.isnan(misses)).sum(axis=(0, 1)), 1)
    usual = np.sqrt(np.nansum(misses**2, axis=(0, 1)) / known)
    widths: Floats = np.maximum((bands[..., -2] - bands[..., 1]) / _BAND, _LEAST_WIDTH * usual)
    return widths


def _moves(misses: Floats, widths: Floats, step: int) -> tuple[Floats, Floats]:
    """Misses of the days up to the next origin, less the mean miss of their origin, in widths (rows, g); those means (origins, g).

    What is not known is put at 0 and the others are made larger, so that the mean square stays.
    """
    drifts = known_mean(misses, 1)
    left = (misses - drifts[:, None])[:, :step] / np.where(widths > 0, widths, 1.0)[:, :step]
    return _zero_filled(left.reshape(-1, misses.shape[2])), _zero_filled(drifts)


def _zero_filled(values: Floats) -> Floats:
    known = (~np.isnan(values)).sum(axis=0)
    filled: Floats = np.nan_to_num(values) * np.sqrt(len(values) / np.maximum(known, 1))
    return filled


def paths_of(
    mean: Floats, parts: Sequence[Part], signs: npt.NDArray[np.int8], count: int, seed: int
) -> npt.NDArray[np.float32]:
    """Joint sample paths (count, H, n) around a mean (H, n), from the misses of all groups on the same days.

    A series without past misses moves by a seeded normal in the width of its bands.
    """
    rows = max([len(part.misses) for part in parts] + [20])
    origins = max([len(part.drifts) for part in parts] + [1])
    shape = mean.shape[1]
    misses, drifts = np.zeros((rows, shape)), np.zeros((origins, shape))
    widths = np.zeros_like(mean)
    generator = np.random.default_rng([seed, 23])
    for part in parts:
        unseen = ~part.misses.any(axis=0) if len(part.misses) else np.ones(len(part.columns), dtype=bool)
        if len(part.misses):
            misses[:, part.columns] = np.resize(part.misses, (rows, len(part.columns)))
            drifts[:, part.columns] = np.resize(part.drifts, (origins, len(part.columns)))
        misses[:, part.columns[unseen]] = generator.standard_normal((rows, int(unseen.sum())))
        widths[:, part.columns] = part.widths
    return joint_paths(mean, misses, count, seed, spread=widths, drifts=drifts, signs=signs)
