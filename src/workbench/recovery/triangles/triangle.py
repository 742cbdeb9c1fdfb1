"""A triangle: what had come in on the bills of each vintage by each age, cumulative, as a small array; what is not over is not in it.

Rows are vintages, oldest first, without a gap; columns are ages, youngest first. NaN is what is not known: not reached yet, or a hole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.errors import WrongUse
from workbench.recovery.triangles.grid import Integers

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Triangle:
    """Cumulative amounts `values` (n vintages, m ages), float64 units of the currency, NaN where not known.

    `vintages` (n,): first days, `datetime64[D]`. `ages` (m,): where each age begins, in units of the grid. `billed` (n,): what the vintage
    was billed, NaN where not known. `periods` (n, m): place in the calendar of each cell, known or to come; a diagonal of a square cut. `cycle`: periods
    of a year, 0 where the calendar has no seasons. `keys`: what the triangle is of.
    """

    values: Floats
    vintages: npt.NDArray[np.datetime64]
    ages: Integers
    billed: Floats
    periods: Integers
    cycle: int = 0
    keys: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shape = self.values.shape
        sizes = (len(self.vintages), len(self.ages)), (len(self.billed), len(self.ages)), self.periods.shape
        if len(shape) != 2 or any(size != shape for size in sizes):
            raise WrongUse(
                f"a triangle of {shape} has vintages, ages, amounts billed or periods of other sizes", "values"
            )

    @classmethod
    def of(cls, values: Any, billed: Any = None, keys: Mapping[str, Any] | None = None) -> "Triangle":
        """A triangle of plain cumulative amounts (n, m), vintages and ages counted from 0; vintage 0 is the year 1970."""
        cells = np.array(values, np.float64, ndmin=2)
        count, ages = cells.shape
        told = np.full(count, np.nan) if billed is None else np.asarray(billed, np.float64)
        years = np.arange(count).astype("datetime64[Y]").astype("datetime64[D]")
        return cls(cells, years, np.arange(ages), told, np.add.outer(np.arange(count), np.arange(ages)), 0, keys or {})

    @property
    def is_known(self) -> npt.NDArray[np.bool_]:
        """(n, m): which cells are known."""
        return ~np.isnan(self.values)

    @property
    def reached(self) -> Integers:
        """(n,): place of the last known age of each vintage; −1 where none is."""
        known = self.is_known
        last = self.values.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1)
        return np.where(known.any(axis=1), last, -1).astype(np.int64)

    @property
    def latest(self) -> Floats:
        """(n,): the last known amount of each vintage; NaN where none is."""
        reached = self.reached
        rows = np.arange(len(reached))
        return np.where(reached >= 0, self.values[rows, np.maximum(reached, 0)], np.nan)

    @property
    def increments(self) -> Floats:
        """(n, m): amounts of each age alone; NaN where it or the age before is not known."""
        first = np.zeros((len(self.values), 1))
        return np.diff(self.values, axis=1, prepend=first)

    @property
    def is_hole(self) -> npt.NDArray[np.bool_]:
        """(n, m): cells not known although an older age of their vintage is."""
        return ~self.is_known & (np.arange(self.values.shape[1]) < self.reached[:, None])

    def hidden(self, diagonals: int) -> "Triangle":
        """The triangle as it stood so many periods before its last: later cells are not known. Vintages that had begun by then stay."""
        if not self.is_known.any():
            return self
        return replace(self, values=np.where(self.periods <= self.last_period - diagonals, self.values, np.nan))

    @property
    def last_period(self) -> int:
        """The calendar's place of the last known cell. Raises `WrongUse` where no cell is known."""
        if not self.is_known.any():
            raise WrongUse("no cell of the triangle is known", "values")
        return int(self.periods[self.is_known].max())

    def up_to(self, ages: int) -> "Triangle":
        """The first `ages` ages: what comes in after them is nobody's question."""
        return replace(self, values=self.values[:, :ages], ages=self.ages[:ages], periods=self.periods[:, :ages])

    def table(self) -> pd.DataFrame:
        """The known cells as rows: keys, `vintage_date`, `age`, `cumulative_mad`, `increment_mad` (NaN after a hole)."""
        row, column = np.nonzero(self.is_known)
        found = pd.DataFrame({name: [value] * len(row) for name, value in self.keys.items()})
        found["vintage_date"] = self.vintages[row].astype("datetime64[s]")
        found["age"] = self.ages[column]
        found["cumulative_mad"] = self.values[row, column]
        found["increment_mad"] = self.increments[row, column]
        return found


def by_vintage(triangle: Triangle, columns: Mapping[str, Sequence[Any] | npt.NDArray[Any]]) -> pd.DataFrame:
    """A table of one row a vintage: the keys of the triangle, `vintage_date`, then the columns given."""
    keys = {name: [value] * len(triangle.vintages) for name, value in triangle.keys.items()}
    return pd.DataFrame({**keys, "vintage_date": triangle.vintages.astype("datetime64[s]"), **columns})
