"""Receipts that the receivables tell, raced against the calendar alone, then judged beside what the race of models chose.

A line is told by the receivables only where they missed less than both; its bands are then set on their own misses at past origins.
Expected receipts come as a table, made at past origins too, each from what was known there. The calendar then takes what they left: the
residual of the past (what came − what had been expected) is forecast as any flow, and added to what is expected now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.cash.models.calendar_design import Feast
from workbench.cash.models.calendar_model import fit_calendar
from workbench.cash.models.panel import Days, Panel, brought_down
from workbench.evidence import LEVELS, Floats, calibrate, horizon_buckets

TESTED = 63  # bank days of a test
MOST_TESTS = 6
LEAST_DAYS = 120  # bank days of residuals from which the calendar can learn them
LEAST_WINS = (
    3  # tests, and the share by which the receivables must be nearer, on a line that was routed to a simple model
)
MARGIN = 0.05
WIDEST = (0.5, 2.0)  # bounds of what the paths of a line are stretched by
ROUTED = ("sparse", "short", "constant", "ended")
_LEAST_SCALE = 1e-6  # units of the currency: a line that never moves has no size of a miss
CALENDAR_MODEL = "calendar"  # its name in the scores of the race of models
Truths = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Receipts:
    """Means (H, L) in units of the lines that receivables tell better (`is_used`, (L,)), on the days (H,) that they tell of (`days`, truths);
    their `quantiles` (H, L, levels) set on their own misses, NaN where they tell nothing; `race` a row a line tried."""

    mean: Floats
    days: Truths
    is_used: Truths
    race: pd.DataFrame
    quantiles: Floats


@dataclass(frozen=True)
class _Race:
    """Misses of both ways at O past origins: the table, a row a line, and what came, what was said and its scale (O, H, lines)."""

    table: pd.DataFrame
    came: Floats
    said: Floats
    scale: Floats

    def bands(self, said: Floats, scale: Floats, signs: npt.NDArray[np.int8]) -> Floats:
        """Split-conformal quantiles (H, lines, levels) around what is said, from the misses of the tests, each line by itself."""
        points = np.repeat(self.said[..., None], len(LEVELS), axis=-1)
        return calibrate(self.came, points, self.scale, pool=0).apply(
            np.repeat(said[..., None], len(LEVELS), axis=-1), scale, signs
        )


@dataclass(frozen=True)
class _Told:
    """The lines that receivables tell of: what came, and what had been expected at each origin, on the days of the history.

    `usual` is what came with giant values brought down: what both ways are judged by. Each fit brings down those of its own history.
    """

    days: Days
    names: tuple[str, ...]
    values: Floats
    usual: Floats
    signs: npt.NDArray[np.int8]
    said: dict[np.datetime64, Floats]  # origin → (T, lines)
    closed_days: Days
    feasts: tuple[Feast, ...]

    def residuals(self, row: int, before: np.datetime64) -> Floats:
        """What came − what the last origin before each day had expected, up to a row, by origins before a day; NaN before the first one."""
        left = np.full((row, len(self.names)), np.nan)
        origins = [origin for origin in self.said if origin < before]
        ends = [int(np.searchsorted(self.days, following, side="right")) for following in origins[1:]]
        for origin, end in zip(origins, [*ends, row][: len(origins)], strict=True):
            low, high = int(np.searchsorted(self.days, origin, side="right")), min(row, end)
            left[low:high] = self.values[low:high] - self.said[origin][low:high]
        return left

    def ahead(self, history: Floats, future: Days) -> tuple[Floats, Floats]:
        """What the calendar says of days to come and the size of a usual miss, from a history (T, lines) that ends before them."""
        known = ~np.isnan(history[:, 0])
        days = self.days[: len(history)][known]
        fit, _ = brought_down(days, history[known])
        said = fit_calendar(fit, days, self.closed_days, self.feasts).predict(future)
        return said.mean, np.maximum(np.nan_to_num(said.scale), _LEAST_SCALE)

    def sided(self, values: Floats) -> Floats:
        """Nothing in the place of what is on the wrong side."""
        return np.where(self.signs * values < 0, 0.0, values)


def with_receivables(
    panel: Panel,
    expected: pd.DataFrame | None,
    as_of: np.datetime64,
    future: Days,
    closed_days: Days,
    feasts: tuple[Feast, ...] = (),
) -> Receipts:
    """Race both ways on every line that `expected` tells of.

    `expected`: `origin_date`, `flow_date`, `line_code`, `mean_mad`; the rows of the origin `as_of` tell of the future, those of earlier
    origins of the past, each with what was known at its origin. Without a past there is no race, and the calendar alone says.
    """
    count = len(panel.names)
    none = Receipts(
        np.zeros((len(future), count)),
        np.zeros(len(future), bool),
        np.zeros(count, bool),
        pd.DataFrame(),
        np.full((len(future), count, len(LEVELS)), np.nan),
    )
    lines = np.array(
        [] if expected is None else np.flatnonzero(np.isin(panel.names, expected["line_code"].unique())), dtype=np.intp
    )
    if expected is None or not len(lines) or not len(panel.days):
        return none
    days = {name: expected[f"{name}_date"].to_numpy().astype("datetime64[D]") for name in ("origin", "flow")}
    table = expected.assign(**days)
    origins = [origin for origin in np.unique(days["origin"]) if origin < as_of]
    names = tuple(panel.names[place] for place in lines)
    said = {origin: _grid(table[table["origin"] == origin], panel.days, names) for origin in origins}
    values = panel.values[:, lines]
    usual, _ = brought_down(panel.days, values)
    told = _Told(panel.days, names, values, usual, panel.signs[lines], said, closed_days, feasts)
    race, now = _race(told), table[table["origin"] == as_of]
    if not len(now):
        return replace(none, race=race.table.assign(chosen_code="calendar"))
    wins = (race.table["chosen_code"] == "receivables").to_numpy()
    mean, is_used, quantiles = none.mean.copy(), none.is_used.copy(), none.quantiles.copy()
    inside = np.asarray(future <= now["flow"].to_numpy().astype("datetime64[D]").max())
    if wins.any():
        rest, scale = told.ahead(told.residuals(len(panel.days), as_of), future)
        mean[:, lines] = told.sided(_grid(now, future, names) + rest)
        is_used[lines[wins]] = True
        bands = race.bands(mean[:, lines], scale, told.signs)
        quantiles[np.ix_(inside, lines[wins])] = bands[np.ix_(inside, wins)]
    return Receipts(mean, inside, is_used, race.table, quantiles)


def beside_panel(found: Receipts, names: Sequence[str], reasons: Sequence[str], scores: pd.DataFrame) -> Receipts:
    """Give a line back to the model that the race of models chose, unless the receivables missed less than that model too.

    Origins of the two races differ: each way is read as its WAPE ÷ the WAPE of the calendar at the same origins, where the calendar
    ran in both, else as its WAPE. A line routed to a simple model (`ROUTED`) is given up only to receivables that were nearer than the calendar
    on three tests at least and 5 % nearer than both; where no score tells of its model, nothing at all (a WAPE of 1) stands for it.
    """
    if not len(found.race):
        return found
    panel = {name: _panel_wape(scores, name) for name in found.race["line_code"]}
    reason = dict(zip(names, reasons, strict=True))
    race = found.race.assign(
        wape_panel=[panel[name][0] for name in found.race["line_code"]],
        wape_panel_calendar=[panel[name][1] for name in found.race["line_code"]],
        reason_code=[reason[name] for name in found.race["line_code"]],
    )
    holds = np.array([row["chosen_code"] == "receivables" and _holds(row) for row in race.to_dict("records")], bool)
    chosen = race["chosen_code"].mask((race["chosen_code"] == "receivables") & ~holds, "panel")
    is_used = found.is_used & np.isin(names, race.loc[holds, "line_code"])
    return replace(found, is_used=is_used, race=race.assign(chosen_code=chosen))


def _holds(row: Mapping[Any, Any]) -> bool:
    told, calendar, panel = row["wape_receivables"], row["wape_calendar"], row["wape_panel"]
    is_routed = row["reason_code"] in ROUTED
    if is_routed and np.isnan(panel):
        panel = 1.0
    elif row["wape_panel_calendar"] > 0:
        panel = panel / row["wape_panel_calendar"] * calendar
    if not is_routed:
        return bool(np.isnan(panel) or told <= panel)
    return bool(row["won_count"] >= LEAST_WINS and told <= (1 - MARGIN) * min(calendar, panel))


def _panel_wape(scores: pd.DataFrame, line: str) -> tuple[float, float]:
    """WAPE of the models chosen for a line and of the calendar beside them, over all horizons (by days of a bucket); NaN where none."""
    if not len(scores):
        return np.nan, np.nan
    theirs = scores[(scores["series"] == line) & scores["wape"].notna()]
    parts = (theirs[theirs["is_chosen"].astype(bool)], theirs[theirs["model_name"] == CALENDAR_MODEL])
    chosen, calendar = (
        float(np.average(part["wape"], weights=part["last_day"] - part["first_day"] + 1)) if len(part) else np.nan
        for part in parts
    )
    return chosen, calendar


def _race(told: _Told) -> _Race:
    """Misses of both ways at the last past origins that have a whole test after them."""
    alone, both, size, won = (np.zeros(len(told.names)) for _ in range(4))
    tests: list[tuple[Floats, Floats, Floats]] = []
    for origin in [each for each in told.said if int((told.days > each).sum()) >= TESTED][-MOST_TESTS:]:
        row = int(np.searchsorted(told.days, origin, side="right"))
        left = told.residuals(row, origin)
        if int((~np.isnan(left[:, 0])).sum()) < LEAST_DAYS:
            continue
        test = slice(row, row + TESTED)
        came = told.usual[test]
        calendar = told.sided(told.ahead(told.values[:row], told.days[test])[0])
        rest, scale = told.ahead(left, told.days[test])
        joined = told.sided(told.said[origin][test] + rest)
        missed = [np.abs(said - came).sum(axis=0) for said in (calendar, joined)]
        alone, both, size = alone + missed[0], both + missed[1], size + np.abs(came).sum(axis=0)
        won += missed[1] < missed[0]
        tests.append((came, joined, scale))
    whole = np.where(size > 0, size, np.nan)
    table = pd.DataFrame(
        {
            "line_code": list(told.names),
            "chosen_code": np.where(both < alone, "receivables", "calendar"),  # a tie stays with the calendar alone
            "wape_calendar": alone / whole,
            "wape_receivables": both / whole,
            "origin_count": len(tests),
            "won_count": won.astype(np.int64),
        }
    )
    shape = (0, TESTED, len(told.names))
    parts = [np.stack(part) for part in zip(*tests, strict=True)] if tests else [np.zeros(shape)] * 3
    return _Race(table, *parts)


def as_wide(paths: npt.NDArray[np.float32], mean: Floats, quantiles: Floats, sign: int) -> npt.NDArray[np.float32]:
    """Paths (P, H) of a line, their moves around the mean (H,) scaled by bucket of horizon so that their 80 % band is as wide, on average, as the
    one given (H, levels), between half and twice what they were. They keep their side and their mean.
    """
    bucket = horizon_buckets(len(mean))
    low, high = LEVELS.index(0.10), LEVELS.index(0.90)
    now = np.quantile(paths, 0.90, axis=0) - np.quantile(paths, 0.10, axis=0)
    ratio = np.ones(len(mean))
    for days in (bucket == each for each in np.unique(bucket)):
        width, asked = float(now[days].mean()), float((quantiles[days, high] - quantiles[days, low]).mean())
        ratio[days] = np.clip(asked / width, *WIDEST) if width > 0 else 1.0
    target = mean.astype(np.float32)
    moved = (paths - target) * ratio.astype(np.float32) + target
    if not sign:
        return np.asarray(moved, dtype=np.float32)
    cut = np.maximum(moved * sign, 0)
    size = cut.mean(axis=0)
    back = np.divide(np.maximum(target * sign, 0), size, out=np.zeros_like(size), where=size > 0)
    return np.asarray(sign * cut * back, dtype=np.float32)


def _grid(table: pd.DataFrame, days: Days, names: Sequence[str]) -> Floats:
    """Expected amounts (T, lines) on days; nothing where nothing is expected."""
    found = np.zeros((len(days), len(names)))
    if len(days):
        kept = table[
            (table["flow"].to_numpy() >= days[0])
            & (table["flow"].to_numpy() <= days[-1])
            & table["line_code"].isin(names)
        ]
        places = {name: place for place, name in enumerate(names)}
        at = np.searchsorted(days, kept["flow"].to_numpy().astype("datetime64[D]"))
        np.add.at(
            found,
            (at, kept["line_code"].map(places).to_numpy(dtype=np.intp)),
            kept["mean_mad"].to_numpy(dtype=np.float64),
        )
    return found
