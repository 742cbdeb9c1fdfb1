"""Small synthetic panels of flows, for the tests of forecasts."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from workbench.cash.models.calendar_design import Days
from workbench.cash.models.panel import Panel
from workbench.evidence import Floats

NONE = np.array([], dtype="datetime64[D]")


def bank_days(start: str, count: int) -> Days:
    """Weekdays from a day on."""
    return np.busday_offset(np.datetime64(start, "D"), np.arange(count), roll="forward")


def panel(values: Sequence[float] | Floats, start: str = "2021-01-04", sign: int = 0, name: str = "line") -> Panel:
    """A panel on weekdays: one series from a row of values, or several from a (T, n) array."""
    rows = np.asarray(values, dtype=float)
    rows = rows[:, None] if rows.ndim == 1 else rows
    count = rows.shape[1]
    names = (name,) if count == 1 else tuple(f"{name}{j}" for j in range(count))
    return Panel(bank_days(start, len(rows)), rows, names, np.full(count, sign, dtype=np.int8))


def weekly(count: int, seed: int = 1, level: float = 100.0, noise: float = 5.0) -> Floats:
    """A synthetic flow with a shape of the week: Monday 20 more, Friday 20 less than the level."""
    moves = np.random.default_rng(seed).standard_normal(count) * noise
    return level + np.array([20.0, 10.0, 0.0, -10.0, -20.0])[np.arange(count) % 5] + moves


def next_days(history: Panel, count: int) -> Days:
    """The weekdays after a panel."""
    return np.busday_offset(history.days[-1], np.arange(1, count + 1))


def as_date(day: np.datetime64) -> date:
    """A day of numpy as a date."""
    return day.astype("datetime64[D]").astype(date)  # type: ignore[no-any-return]
