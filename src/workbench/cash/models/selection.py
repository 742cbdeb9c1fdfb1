"""Which model says what: by series and horizon bucket, from what each said at past origins. The usual one stays unless beaten for sure.

Two choices are kept apart: the median of the day, by mean absolute miss in each bucket; the mean of the total, by root mean square miss
over the whole horizon. A rival that won at a few origins by chance is no reason to leave a model that is right elsewhere: what it saves
must hold against the spread of what it saved from origin to origin.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import stdtrit

from workbench import evidence
from workbench.cash.models.race import Race, Told
from workbench.evidence import BUCKETS, LEVELS, Calibration, Floats, horizon_buckets, known_mean

MARGIN = 0.03  # of the misses of the usual model: what a rival must save on average
SURE = 0.90  # of the one-sided bound: the rival saves something even so
LEAST_ORIGINS = 3  # two that agree by chance have almost no spread
_MEDIAN = LEVELS.index(0.5)


@dataclass(frozen=True)
class Choice:
    """The `models` in their order, and the rank of the one chosen: for the day `(buckets, n)`, for the total `(n,)`, as naive `(n,)`."""

    models: tuple[str, ...]
    for_day: npt.NDArray[np.int64]
    for_total: npt.NDArray[np.int64]
    naive: npt.NDArray[np.int64]
    last_days: tuple[int, ...]

    def name(self, column: int) -> str:
        """The model that runs for a series: one name, or each with its days, and that of the total where it is another."""
        ranks = self.for_day[:, column]
        said = [self.models[rank] for rank in ranks]
        if len(set(said)) > 1:
            firsts = [1, *(day + 1 for day in self.last_days)]
            begins = [b for b in range(len(said)) if b == 0 or said[b] != said[b - 1]]
            said = [f"{said[b]} ({firsts[b]}+)" for b in begins]
        total = self.models[self.for_total[column]]
        return ", ".join(dict.fromkeys(said)) + (
            "" if said[0] == total and len(set(said)) == 1 else f"; {total} (total)"
        )

    def only_among(self, names: Sequence[str], column: int) -> bool:
        """Whether all that runs for the day of a series is one of some models."""
        return all(self.models[rank] in names for rank in self.for_day[:, column])


def chosen(race: Race, usual: str, naives: Sequence[str], last_days: tuple[int, ...] = BUCKETS) -> Choice:
    """The choice by a race; `usual` stays unless a rival is surely better (`surely_best`), and where nothing was seen."""
    models = (usual, *(name for name in race.told if name != usual))
    bucket = horizon_buckets(race.actual.shape[1], last_days)
    sizes = np.stack([np.abs(race.actual - race.told[name].median) for name in models])
    squares = np.stack([(race.actual - race.told[name].mean) ** 2 for name in models])
    by_bucket = [surely_best(_by_origin(sizes[:, :, bucket == b])) for b in range(len(last_days) + 1)]
    whole = _mean(sizes)
    among = [models.index(name) for name in naives]
    lowest = np.nan_to_num(whole[among], nan=np.inf).argmin(axis=0)
    for_total = surely_best(np.sqrt(_by_origin(squares)))
    return Choice(models, np.stack(by_bucket), for_total, np.array(among)[lowest], last_days)


def surely_best(losses: Floats) -> npt.NDArray[np.int64]:
    """The rank (n,) of the model that runs, by losses (models, origins, n) at past origins, NaN where not known; 0 is the usual model.

    What a rival saves at an origin is told in mean losses of the usual model. The rival that saves most on average runs if that is more than
    `MARGIN`, and more than Student's quantile × standard deviation ÷ √origins (one-sided): the fewer the origins, the more it must save.
    """
    usual = known_mean(losses[0], (0,))
    saved = (losses[:1] - losses) / np.where(usual > 0, usual, 1.0)
    mean = known_mean(saved, (1,))
    spread = known_mean((saved - mean[:, None]) ** 2, (1,))
    count = (~np.isnan(saved)).sum(axis=1)
    left = np.maximum(count - 1, 1)
    sure = (count >= LEAST_ORIGINS) & (mean > MARGIN) & (mean > stdtrit(left, SURE) * np.sqrt(spread / left))
    ranks: npt.NDArray[np.int64] = np.where(sure, mean, 0.0).argmax(axis=0).astype(np.int64)
    return ranks


def _mean(misses: Floats) -> Floats:
    """Mean over origins and days of (models, origins, days, n), NaN where nothing is known."""
    return known_mean(misses, (1, 2))


def _by_origin(misses: Floats) -> Floats:
    """Mean over the days of each origin."""
    return known_mean(misses, (2,))


def composed(told: Mapping[str, Told], choice: Choice) -> Told:
    """What the chosen models say together: the median and bands of each bucket by its model, the mean by that of the total."""
    said = [told[model] for model in choice.models]
    by_day = choice.for_day[horizon_buckets(said[0].mean.shape[1], choice.last_days)]
    in_all = np.broadcast_to(choice.for_total, by_day.shape)
    return Told(
        _picked([each.mean for each in said], in_all),
        _picked([each.median for each in said], by_day),
        _picked([each.scale for each in said], by_day),
        _picked([each.quantiles for each in said], by_day),
    )


def _picked(said: Sequence[Floats], ranks: npt.NDArray[np.int64]) -> Floats:
    """Of arrays (origins, H, n, …), the one of each day and series by its rank (H, n)."""
    found = said[0].copy()
    for rank in range(1, len(said)):
        place = ranks == rank
        found[:, place] = said[rank][:, place]
    return found


def calibrated(logged: Told, actual: Floats, last_days: tuple[int, ...] = BUCKETS, pool: int = 0) -> Calibration:
    """Calibration by horizon from logged misses; `pool` as in `evidence.calibrate`. The median keeps its place.

    A series without a miss in a bucket takes its shift of the bucket before, where nothing is pooled.
    """
    outer = [place for place in range(len(LEVELS)) if place != _MEDIAN]
    levels = tuple(LEVELS[place] for place in outer)
    found = evidence.calibrate(actual, logged.quantiles[..., outer], logged.scale, levels, last_days, pool)
    shifts = np.insert(found.shifts, _MEDIAN, 0.0, axis=-1)
    for bucket in range(1, len(shifts) if pool == 0 else 0):
        unseen = found.counts[bucket] == 0
        shifts[bucket, unseen] = shifts[bucket - 1, unseen]
    return replace(found, levels=LEVELS, shifts=shifts)


def banded(said: Told, calibration: Calibration, signs: npt.NDArray[np.int8]) -> Floats:
    """Calibrated quantiles (origins, H, n, levels), the median being that of the model."""
    parts = []
    for origin in range(len(said.median)):
        median = said.median[origin][..., None]
        moved = calibration.apply(said.quantiles[origin], said.scale[origin], signs)
        low, high = np.minimum(moved[..., :_MEDIAN], median), np.maximum(moved[..., _MEDIAN + 1 :], median)
        parts.append(np.concatenate([low, median, high], axis=-1))
    return np.stack(parts) if parts else said.quantiles


def score_table(
    race: Race,
    choice: Choice,
    names: Sequence[str],
    history: Floats,
    signs: npt.NDArray[np.int8],
    season: int = 5,
    pool: int = 0,
) -> pd.DataFrame:
    """Scores of every model of a race, a row a series, model and bucket.

    `series`, `model_name`, `first_day`, `last_day` (of the bucket), `mase`, `wape` (of the median), `total_error` (of the mean, inside
    the bucket), `coverage_80`, `coverage_95` (each half of the origins calibrated on the other), `is_chosen`, `is_total` (chosen
    for the total), `is_naive`. Missing where nothing could be compared.
    """
    bucket = horizon_buckets(race.actual.shape[1], choice.last_days)
    parts = []
    for rank, model in enumerate(choice.models):
        inside = _inside(race, race.told[model], signs, choice.last_days, pool)
        for b in np.unique(bucket):
            days = bucket == b
            scored = _scores(race.actual[:, days], race.told[model], days, history, season)
            scored |= {name: _share(flags[:, days]) for name, flags in inside.items()}
            where = {
                "series": names,
                "model_name": model,
                "first_day": days.argmax() + 1,
                "last_day": np.flatnonzero(days)[-1] + 1,
            }
            flags = {
                "is_chosen": choice.for_day[b] == rank,
                "is_total": choice.for_total == rank,
                "is_naive": choice.naive == rank,
            }
            parts.append(pd.DataFrame({**where, **scored, **flags}))
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values(["series", "first_day"], kind="stable").reset_index(drop=True)


def _scores(actual: Floats, told: Told, days: npt.NDArray[np.bool_], history: Floats, season: int) -> dict[str, Floats]:
    flat = actual.reshape(-1, actual.shape[2])
    median = told.median[:, days].reshape(flat.shape)
    totals = np.stack([evidence.total_error(actual[o], told.mean[o][days]) for o in range(len(actual))])
    return {
        "mase": evidence.mase(flat, median, history, season),
        "wape": evidence.wape(flat, median),
        "total_error": _mean(totals[None, :, None])[0],
    }


def _inside(
    race: Race, told: Told, signs: npt.NDArray[np.int8], last_days: tuple[int, ...], pool: int
) -> dict[str, Floats]:
    """Whether each day was inside its calibrated bands, 1 or 0, NaN where not known."""
    half = len(race.rows) // 2
    bands = np.full(told.quantiles.shape, np.nan)
    for there, here in ((slice(0, half), slice(half, None)), (slice(half, None), slice(0, half))):
        past = calibrated(_part(told, there), race.actual[there], last_days, pool)
        bands[here] = banded(_part(told, here), past, signs)
    known = ~np.isnan(race.actual)
    found = {}
    for name, low, high in (("coverage_80", 1, -2), ("coverage_95", 0, -1)):
        hit = (race.actual >= bands[..., low]) & (race.actual <= bands[..., high])
        found[name] = np.where(known, hit.astype(np.float64), np.nan)
    return found


def _part(told: Told, origins: slice) -> Told:
    return Told(told.mean[origins], told.median[origins], told.scale[origins], told.quantiles[origins])


def _share(flags: Floats) -> Floats:
    share: Floats = _mean(flags[None])[0]
    return share
