"""Receipts that the receivables tell, raced against the calendar alone: a line is forecast by the one that has missed less.

Expected receipts come as a table, made at past origins too, each from what was known there. The calendar then takes what they left: the
residual of the past (what came − what had been expected) is forecast as any flow, and added to what is expected now.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.cash.models.calendar_design import Feast
from workbench.cash.models.calendar_model import fit_calendar
from workbench.cash.models.panel import Days, Panel
from workbench.evidence import Floats

TESTED = 63  # bank days of a test
MOST_TESTS = 6
LEAST_DAYS = 120  # bank days of residuals from which the calendar can learn them
Truths = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Receipts:
    """Means (H, L) in units of the lines that receivables tell better (`is_used`, (L,)), on the days (H,) that they tell of (`days`, truths);
    `race` a row a line tried."""

    mean: Floats
    days: Truths
    is_used: Truths
    race: pd.DataFrame


@dataclass(frozen=True)
class _Told:
    """The lines that receivables tell of: what came, and what had been expected at each origin, on the days of the history."""

    days: Days
    names: tuple[str, ...]
    values: Floats
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

    def ahead(self, history: Floats, future: Days) -> Floats:
        """What the calendar says of days to come, from a history (T, lines) that ends before them."""
        known = ~np.isnan(history[:, 0])
        days = self.days[: len(history)][known]
        return fit_calendar(history[known], days, self.closed_days, self.feasts).predict(future).mean

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
    none = Receipts(np.zeros((len(future), count)), np.zeros(len(future), bool), np.zeros(count, bool), pd.DataFrame())
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
    told = _Told(panel.days, names, panel.values[:, lines], panel.signs[lines], said, closed_days, feasts)
    race, now = _race(told), table[table["origin"] == as_of]
    if not len(now):
        return Receipts(none.mean, none.days, none.is_used, race.assign(chosen_code="calendar"))
    wins = (race["chosen_code"] == "receivables").to_numpy()
    mean, is_used = none.mean.copy(), none.is_used.copy()
    if wins.any():
        rest = told.ahead(told.residuals(len(panel.days), as_of), future)
        mean[:, lines] = told.sided(_grid(now, future, names) + rest)
        is_used[lines[wins]] = True
    inside = future <= now["flow"].to_numpy().astype("datetime64[D]").max()
    return Receipts(mean, np.asarray(inside), is_used, race)


def _race(told: _Told) -> pd.DataFrame:
    """Misses of both ways at the last past origins that have a whole test after them, a row a line."""
    alone, both, size = (np.zeros(len(told.names)) for _ in range(3))
    count = 0
    for origin in [each for each in told.said if int((told.days > each).sum()) >= TESTED][-MOST_TESTS:]:
        row = int(np.searchsorted(told.days, origin, side="right"))
        left = told.residuals(row, origin)
        if int((~np.isnan(left[:, 0])).sum()) < LEAST_DAYS:
            continue
        test = slice(row, row + TESTED)
        came = told.values[test]
        calendar = told.sided(told.ahead(told.values[:row], told.days[test]))
        joined = told.sided(told.said[origin][test] + told.ahead(left, told.days[test]))
        alone += np.abs(calendar - came).sum(axis=0)
        both += np.abs(joined - came).sum(axis=0)
        size += np.abs(came).sum(axis=0)
        count += 1
    whole = np.where(size > 0, size, np.nan)
    return pd.DataFrame(
        {
            "line_code": list(told.names),
            "chosen_code": np.where(both < alone, "receivables", "calendar"),  # a tie stays with the calendar alone
            "wape_calendar": alone / whole,
            "wape_receivables": both / whole,
            "origin_count": count,
        }
    )


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
