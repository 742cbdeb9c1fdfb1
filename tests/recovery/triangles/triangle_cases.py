"""Triangles of the cases of tests/cases/triangles.toml, and small random ones."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.builders import worked
from workbench.recovery.triangles import Triangle

CASES = worked("triangles")


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
