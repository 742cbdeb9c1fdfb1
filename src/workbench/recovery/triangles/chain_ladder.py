"""Chain ladder with Mack's errors: how far vintages have still to go, if they develop like those before them (docs/methods/triangles.md).

Mack, T. (1993), Distribution-free calculation of the standard error of chain ladder reserve estimates, ASTIN Bulletin 23(2). An amount by the
next age is f × that by this one, whatever the vintage; its variance σ² × the amount; vintages are independent.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.errors import WrongUse
from workbench.recovery.triangles.grid import Integers
from workbench.recovery.triangles.triangle import Floats, Triangle, by_vintage


@dataclass(frozen=True)
class Completed:
    """A triangle carried on to its last age by a model.

    `full` (n, m): cumulative, known cells as they are, NaN where nothing can be said. `errors` (n, m): standard error of each cell that
    was not known, 0 where known. `total_error`: that of all vintages' last ages together. `developed` (n, m): the share of the last age's
    amount that is expected to be in by each age, NaN where nothing says it. Amounts in units of the currency.
    """

    model: str
    triangle: Triangle
    full: Floats
    errors: Floats
    total_error: float
    developed: Floats

    @property
    def ultimates(self) -> Floats:
        """(n,): amount of each vintage by the last age."""
        return self.full[:, -1]

    @property
    def ultimate_errors(self) -> Floats:
        """(n,): standard error of the ultimates."""
        return self.errors[:, -1]

    @property
    def to_come(self) -> Floats:
        """(n,): ultimate − what is in."""
        return self.ultimates - self.triangle.latest

    @property
    def developed_so_far(self) -> Floats:
        """(n,): share of each vintage's ultimate that is expected to be in by the last age that it has reached; NaN where none is."""
        reached = self.triangle.reached
        return np.where(reached >= 0, self.developed[np.arange(len(reached)), np.maximum(reached, 0)], np.nan)

    def table(self) -> pd.DataFrame:
        """A row a vintage: keys, `vintage_date`, `latest_mad`, `ultimate_mad`, `to_come_mad`, `error_mad`."""
        columns = {
            "latest_mad": self.triangle.latest,
            "ultimate_mad": self.ultimates,
            "to_come_mad": self.to_come,
            "error_mad": self.ultimate_errors,
        }
        return by_vintage(self.triangle, columns)


@dataclass(frozen=True)
class ChainLadder(Completed):
    """What Mack's model says. `factors`, `variances` (σ²), `pairs` (m − 1,): from each age to the next, and how many vintages told it;
    `bases` (m − 1,): the sum of the amounts that they are made on."""

    factors: Floats
    variances: Floats
    pairs: Integers
    bases: Floats


def chain_ladder(triangle: Triangle, window: int | None = None) -> ChainLadder:
    """Ultimates by volume-weighted chain ladder, with Mack's standard errors and his rule for the last variance.

    Parameters
    ----------
    triangle
        Cumulative amounts. A hole takes its two pairs out of the factors, nothing else; amounts below zero stay in the sums.
    window
        Calendar periods whose latest steps are used; all by default. Raises `WrongUse` below 1.

    Notes
    -----
    A vintage of which nothing is in (or less) has no estimate: NaN, but for one that is past the last age. Where the vintages of an age add up
    to nothing, or none has gone on, what lies beyond is NaN too. A pair of which the first amount is not above zero tells the factor,
    not the variance.
    """
    if window is not None and window < 1:
        raise WrongUse(f"a window holds one period at least, not {window}", "window")
    start, end = triangle.values[:, :-1], triangle.values[:, 1:]
    paired = ~np.isnan(start) & ~np.isnan(end)
    if window is not None and paired.any():
        paired &= triangle.periods[:, 1:] > triangle.last_period - window
    bases = np.where(paired, start, 0.0).sum(axis=0)
    sums = np.where(paired, end, 0.0).sum(axis=0)
    is_told = (bases > 0) & (sums > 0)
    factors = np.divide(sums, bases, out=np.full(len(bases), np.nan), where=is_told)
    variances = _variances(start, end, paired & (start > 0), factors)
    full, errors = _carried_on(triangle, factors, variances, bases)
    total = _total_error(triangle, full, errors, factors, variances, bases)
    to_go = np.append(np.cumprod(factors[::-1])[::-1], 1.0)
    developed = np.tile(1 / to_go, (len(full), 1))
    return ChainLadder("chain_ladder", triangle, full, errors, total, developed, factors, variances, paired.sum(axis=0), bases)  # fmt: skip


def _variances(start: Floats, end: Floats, paired: np.ndarray, factors: Floats) -> Floats:
    """σ² of each step; where a single pair tells nothing of it, Mack's min(σ⁴₋₁ ÷ σ²₋₂, σ²₋₂, σ²₋₁) of the two steps before."""
    base = np.where(paired, start, 1.0)
    misses = np.where(paired, base * (np.where(paired, end, 0.0) / base - factors) ** 2, 0.0).sum(axis=0)
    freedom = paired.sum(axis=0) - 1
    found: Floats = np.divide(misses, freedom, out=np.full(len(factors), np.nan), where=freedom > 0)
    for step in np.flatnonzero(np.isnan(found) & ~np.isnan(factors)):
        before, last = (found[step - back] if step >= back else np.nan for back in (2, 1))
        choices = [last, before, last**2 / before if before > 0 else np.nan]
        found[step] = np.nan if np.isnan(choices).all() else np.nanmin(choices)
    return found


def _carried_on(triangle: Triangle, factors: Floats, variances: Floats, bases: Floats) -> tuple[Floats, Floats]:
    """Cells beyond the last known age of each vintage and their errors, one age after another (Mack's recursion, 1999)."""
    full, squares = triangle.values.copy(), np.zeros_like(triangle.values)
    reached = triangle.reached
    for step, factor in enumerate(factors):
        here = (reached >= 0) & (reached <= step) & (triangle.latest > 0)
        lost = (reached <= step) & ~here
        amount = full[here, step]
        full[here, step + 1] = amount * factor
        spread = (
            variances[step] * (amount + amount**2 / bases[step]) if bases[step] > 0 else np.full(len(amount), np.nan)
        )
        squares[here, step + 1] = squares[here, step] * factor**2 + spread
        full[lost, step + 1] = squares[lost, step + 1] = np.nan
    return full, np.sqrt(squares)


def _total_error(
    triangle: Triangle, full: Floats, errors: Floats, factors: Floats, variances: Floats, bases: Floats
) -> float:
    """Error of the sum of all ultimates: factors are shared, so vintages err together. NaN where one that has an ultimate has no error."""
    ultimates, reached = full[:, -1], triangle.reached
    there = np.flatnonzero(~np.isnan(ultimates) & (reached >= 0))
    shared = np.divide(variances, factors**2 * bases, out=np.full(len(bases), np.nan), where=bases > 0)
    beyond = np.append(np.cumsum(shared[::-1])[::-1], 0.0)  # of all steps from an age on
    later = np.maximum.outer(reached[there], reached[there])  # both are still under way from here on
    both = np.multiply.outer(ultimates[there], ultimates[there]) * beyond[later]
    np.fill_diagonal(both, errors[there, -1] ** 2)
    return float(np.sqrt(both.sum()))
