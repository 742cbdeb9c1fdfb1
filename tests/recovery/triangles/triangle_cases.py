"""Triangles of the cases of tests/cases/triangles.toml, and small random ones."""

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.builders import worked
from workbench.recovery.triangles import Grid, Triangle
from workbench.recovery.triangles.grid import AGE_UNITS, MONTHS_OF

CASES = worked("triangles")
GRIDS = st.builds(Grid, st.sampled_from(sorted(MONTHS_OF)), st.sampled_from(AGE_UNITS), st.integers(1, 90))
QUARTERS = np.array([0.6, 1.1, 0.9, 1.4])


def case(name: str) -> Triangle:
    return of_rows(CASES[name]["amounts"], CASES[name].get("billed"))


def of_rows(rows: list[list[float]], billed: list[float] | None = None) -> Triangle:
    """A triangle of the rows given, NaN after the end of each."""
    ages = max(map(len, rows))
    return Triangle.of([[*row, *[np.nan] * (ages - len(row))] for row in rows], billed)


@st.composite
def staircases(draw: st.DrawFn, low: int = 1) -> Triangle:
    """Square triangles of 3 to 6 vintages whose cells bring `low` at least, billed more than anybody paid."""
    size = draw(st.integers(3, 6))
    cells = [[draw(st.integers(low, 10**6)) for _ in range(size - row)] for row in range(size)]
    rows = [[float(total) for total in np.cumsum(row)] for row in cells]
    billed = [2.0 * row[-1] + draw(st.integers(1, 10**6)) for row in rows]
    return of_rows(rows, billed)


def same(one: Any, other: Any, **tolerance: float) -> bool:
    return bool(np.allclose(one, other, equal_nan=True, **tolerance))


def planted(effects: np.ndarray, count: int = 16, ages: int = 6, cycle: int = 4, billed: float = 1000.0) -> Triangle:
    """Synthetic quarters: vintages × ages × the effect of each period, without chance; the last diagonal is period `count` − 1."""
    sizes, shape = billed * (1 + 0.03 * np.arange(count)), np.array([0.3, 0.25, 0.2, 0.1, 0.06, 0.04])[:ages]
    periods = np.add.outer(np.arange(count), np.arange(ages))
    cells = sizes[:, None] * shape * effects[periods % len(effects)]
    values = np.where(periods < count, np.cumsum(cells, axis=1), np.nan)
    return replace(Triangle.of(values, sizes * 1.2), cycle=cycle)
