"""What a model of a triangle leaves: residuals by vintage, age and calendar, and Mack's test for a calendar effect.

Mack, T. (1994), Measuring the variability of chain ladder reserve estimates, CAS Forum, appendix H.
"""

from dataclasses import dataclass
from math import comb, erfc, sqrt

import numpy as np
import pandas as pd

from workbench.errors import WrongUse
from workbench.recovery.triangles.chain_ladder import ChainLadder
from workbench.recovery.triangles.poisson import OverDispersedPoisson
from workbench.recovery.triangles.triangle import Floats, Triangle

AXES = ("vintage_date", "age", "period")
UNUSUAL = 2.58  # a mean so many standard errors from nil comes by chance once in a hundred


def residuals(model: ChainLadder | OverDispersedPoisson) -> pd.DataFrame:
    """Residuals of the known cells, in standard deviations of the model.

    Chain ladder: (C′ − f C) ÷ σ√C of each step. Poisson: (cell − mean) ÷ √(φ mean). keys, `vintage_date`, `age` (of the cell), `period` (place in the
    calendar), `residual`. Cells without one (first ages of the chain ladder, no variance, holes) have no row.
    """
    if not isinstance(model, ChainLadder | OverDispersedPoisson):
        raise WrongUse(f"the model {model.model!r} has no residuals of its own", "model")
    triangle = model.triangle
    found = _of_steps(model) if isinstance(model, ChainLadder) else _of_cells(model)
    row, column = np.nonzero(~np.isnan(found))
    keys = {name: [value] * len(row) for name, value in triangle.keys.items()}
    days = triangle.vintages[row].astype("datetime64[s]")
    return pd.DataFrame({**keys, "vintage_date": days, "age": triangle.ages[column], "period": triangle.periods[row, column], "residual": found[row, column]})  # fmt: skip


def _of_steps(model: ChainLadder) -> Floats:
    start, end = model.triangle.values[:, :-1], model.triangle.values[:, 1:]
    size = model.variances * start
    spread = np.sqrt(np.where(size > 0, size, np.nan))
    first = np.full((len(start), 1), np.nan)
    return np.column_stack([first, (end - model.factors * start) / spread])


def _of_cells(model: OverDispersedPoisson) -> Floats:
    mean = np.where(model.fitted > 0, model.fitted, np.nan)
    found: Floats = (model.triangle.increments - mean) / np.sqrt(model.dispersion * mean)
    return found


def residuals_by(cells: pd.DataFrame, axis: str) -> pd.DataFrame:
    """Residuals of a table of `residuals` along one of `AXES`: `axis`, `cell_count`, `mean`, `z` (mean × √count), `is_unusual`.

    A model that is right has means around nil along all three; a run of one sign along `period` is a calendar effect that it lacks.
    """
    if axis not in AXES:
        raise WrongUse(f"residuals are along {', '.join(AXES)}, not {axis!r}", "axis")
    grouped = cells.groupby(axis, sort=True)["residual"].agg(["size", "mean"]).reset_index()
    found = grouped.rename(columns={"size": "cell_count"})
    found["z"] = found["mean"] * np.sqrt(found["cell_count"])
    return found.assign(is_unusual=found["z"].abs() > UNUSUAL)


@dataclass(frozen=True)
class CalendarTest:
    """Mack's test: `found` (Σ of the rarer kind of step of each diagonal), what chance makes of it (`expected`, `variance`), and `p_value`: two-sided, by
    the normal curve; NaN where no diagonal has two steps to compare."""

    found: int
    expected: float
    variance: float
    p_value: float


def calendar_test(triangle: Triangle) -> CalendarTest:
    """Whether large and small steps flock on some diagonals: each step is large or small against the median of its age.

    The median itself counts for neither. A small `found` is a calendar effect; without one about half of each diagonal is of either kind.
    """
    start, end = triangle.values[:, :-1], triangle.values[:, 1:]
    steps = np.divide(end, start, out=np.full(end.shape, np.nan), where=start > 0)
    is_told = ~np.isnan(steps)
    medians = np.array(
        [np.median(steps[is_told[:, k], k]) if is_told[:, k].any() else np.nan for k in range(steps.shape[1])]
    )
    side = np.where(is_told & ~np.isclose(steps, medians, rtol=1e-12, atol=0), np.sign(steps - medians), 0.0)
    total, expected, variance = 0, 0.0, 0.0
    for period in np.unique(triangle.periods[:, 1:][side != 0]):
        here = side[triangle.periods[:, 1:] == period]
        large, small = int((here > 0).sum()), int((here < 0).sum())
        count = large + small
        middle = (count - 1) // 2
        lost = comb(count - 1, middle) * count / 2**count
        mean = count / 2 - lost
        total, expected = total + min(large, small), expected + mean
        variance += count * (count - 1) / 4 - comb(count - 1, middle) * count * (count - 1) / 2**count + mean - mean**2
    p_value = erfc(abs(total - expected) / sqrt(2 * variance)) if variance > 0 else float("nan")
    return CalendarTest(total, expected, variance, p_value)
