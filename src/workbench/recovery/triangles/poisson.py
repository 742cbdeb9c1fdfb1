"""Over-dispersed Poisson model of the cells: vintage × age × calendar, fitted by statsmodels (docs/methods/triangles.md).

England, P. and Verrall, R. (1999), Analytic and bootstrap estimates of prediction errors in claims reserving, Insurance: Mathematics and
Economics 25. The mean of a cell is the product of its effects, its variance φ × the mean; without a calendar effect the ultimates are those of
the chain ladder. Renshaw, A. and Verrall, R. (1998) show that cells below zero may stay, as long as each row and column adds up to more.
"""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.linalg import null_space
from scipy.stats import f as fisher

from workbench.errors import WrongUse
from workbench.recovery.triangles.chain_ladder import Completed
from workbench.recovery.triangles.grid import Integers
from workbench.recovery.triangles.triangle import Floats, Triangle

CALENDARS = ("none", "season", "period")
_STEPS = 200  # of the fit, at most
_CLOSE = (
    1e-10  # of logarithms: the fit ends where none moves by more; deviances would end it by the unit of the amounts
)


@dataclass(frozen=True)
class OverDispersedPoisson(Completed):
    """What the model says. `fitted` (n, m): mean of each cell alone, past and to come. `dispersion`: φ, Pearson's, in units of the currency.

    `calendar_used`: the effect that is in it; `none` where it was asked for and the periods are too few to tell. `calendar`: `place` (of the
    year, or period), `effect_ratio` (1: as usual), `error_share` (standard error of its logarithm). `calendar_p`: how likely effects so large are
    where there is none (F test on deviances); NaN without.
    """

    fitted: Floats
    dispersion: float
    calendar_used: str
    calendar: pd.DataFrame
    calendar_p: float


def over_dispersed_poisson(triangle: Triangle, calendar: str = "none") -> OverDispersedPoisson:
    """Ultimates by the over-dispersed Poisson model, with their errors.

    Parameters
    ----------
    triangle
        Cumulative amounts. Cells with a hole before them or in them tell nothing. Cells below zero stay.
    calendar
        `none`; `season`: each month (quarter) of the year has its effect, which goes on; `period`: each period of the calendar has its own, whose
        level and trend nobody can tell from those of vintages and ages, and which is taken as nil in periods to come.

    Notes
    -----
    A vintage of which nothing is in (or less) has no estimate: NaN. An age at which the vintages together had nothing (or less) is expected to
    bring nothing. Seasons ask for two years of periods, and the calendar for cells that can tell it apart; else it is left out and
    `calendar_used` says so. Where the cells cannot be fitted, all that is to come is NaN. Raises `WrongUse` for another word, or seasons of a triangle that has none.
    """
    if calendar not in CALENDARS:
        raise WrongUse(f"a calendar effect is none, season or period, not {calendar!r}", "calendar")
    if calendar == "season" and not triangle.cycle:
        raise WrongUse("the calendar of this triangle has no seasons", "calendar")
    cells = _Cells(triangle)
    if not len(cells.rows):
        return _nothing(triangle)
    none = np.zeros((*triangle.values.shape, 0))
    plain = _fitted(cells, none)
    if plain is None:
        return _nothing(triangle)
    effects = _effects(cells, calendar)
    found = _fitted(cells, effects[2]) if effects else None
    if effects is None or found is None:
        return _completed(cells, plain, "none", _NO_CALENDAR, float("nan"), none)
    places, basis, design = effects
    told = _told_calendar(found, places, basis)
    return _completed(cells, found, calendar, told, _f_test(plain, found), design)


_NO_CALENDAR = pd.DataFrame({"place": np.array([], np.int64), "effect_ratio": [], "error_share": []})


class _Cells:
    """Which cells are fitted, which are to come, and the columns of vintages and ages in the design."""

    def __init__(self, triangle: Triangle) -> None:
        self.triangle = triangle
        self.amounts = triangle.increments
        known = ~np.isnan(self.amounts)
        filled = np.where(known, self.amounts, 0.0)
        # What a row adds up to depends on the columns kept, and the other way round: until nothing changes.
        rows, columns = np.ones(len(filled), bool), np.ones(filled.shape[1], bool)
        while True:
            sums = filled[:, columns].sum(axis=1) > 0, filled[rows].sum(axis=0) > 0
            if (sums[0] & rows == rows).all() and (sums[1] & columns == columns).all():
                break
            rows, columns = rows & sums[0], columns & sums[1]
        self.rows, self.columns = np.flatnonzero(rows), np.flatnonzero(columns)
        kept = np.outer(rows, columns)
        self.is_fitted = known & kept
        reached = triangle.reached[:, None]
        self.is_later = np.arange(filled.shape[1]) > reached
        self.is_to_come = self.is_later & kept & (reached >= 0)
        self.is_never_seen = ~known.any(axis=0)

    def design(self, mask: np.ndarray, calendar: Floats) -> Floats:
        """(cells, columns): vintages, ages but the first, calendar."""
        row, column = np.nonzero(mask)
        vintages = row[:, None] == self.rows
        ages = column[:, None] == self.columns[1:]
        return np.column_stack([vintages, ages, calendar[mask]]).astype(np.float64)


def _effects(cells: _Cells, calendar: str) -> tuple[Integers, Floats, Floats] | None:
    """Places of the calendar, the basis of their effects, and the design (n, m, k) of it; None where none is asked for or can be told."""
    triangle = cells.triangle
    if calendar == "none":
        return None
    period = triangle.periods if calendar == "period" else triangle.periods % triangle.cycle
    places = np.unique(period[cells.is_fitted])
    if calendar == "season":
        if len(np.unique(triangle.periods[cells.is_fitted])) < 2 * triangle.cycle:
            return None
        free = np.ones((1, len(places)))
    else:
        free = np.vstack([np.ones(len(places)), places - places.mean()])
    basis = null_space(free)
    design = (period[..., None] == places).astype(np.float64) @ basis
    is_told = basis.shape[1] and cells.is_fitted.sum() > cells.design(cells.is_fitted, design).shape[1]
    return (places, basis, design) if is_told else None


@dataclass(frozen=True)
class _Fit:
    """Effects (logarithms) and their covariance; φ and the cells that are free to tell it; deviance."""

    params: Floats
    covariance: Floats
    dispersion: float
    freedom: int
    deviance: float


def _fitted(cells: _Cells, calendar: Floats) -> _Fit | None:
    """The fit of statsmodels; None where the cells do not tell every effect, or one runs away for lack of receipts to hold it.

    It starts from sizes of vintages and shares of ages: from cells below zero it could not.
    """
    amounts = cells.amounts[cells.is_fitted]
    design = cells.design(cells.is_fitted, calendar)
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    kept = np.ix_(cells.rows, cells.columns)
    known, sums = cells.is_fitted[kept], np.where(cells.is_fitted, cells.amounts, 0.0)[kept]
    shares = sums.sum(axis=0) / (sums.sum(axis=1) / known.sum(axis=1) @ known)
    sizes = sums.sum(axis=1) / (known @ shares)
    start = np.zeros(design.shape[1])
    start[: known.shape[0] + known.shape[1] - 1] = np.log([*sizes * shares[0], *shares[1:] / shares[0]])
    model = sm.GLM(amounts, design, family=sm.families.Poisson())
    # As many effects as cells fit them all, which is no fault: their errors are NaN. φ is made here: inside the fit one of nil would end it.
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            found = model.fit(start_params=start, maxiter=_STEPS, tol_criterion="params", tol=_CLOSE, scale=1.0)
        except ValueError:  # of statsmodels: an effect ran away until weights overflowed
            return None
    if not found.converged:
        return None
    freedom = int(found.df_resid)
    dispersion = float(found.pearson_chi2) / freedom if freedom > 0 else float("nan")
    return _Fit(found.params, found.cov_params() * dispersion, dispersion, freedom, float(found.deviance))


def _f_test(plain: _Fit, found: _Fit) -> float:
    freedom = plain.freedom - found.freedom
    if freedom <= 0 or found.freedom <= 0 or not found.dispersion > 0:
        return float("nan")
    return float(fisher.sf((plain.deviance - found.deviance) / freedom / found.dispersion, freedom, found.freedom))


def _told_calendar(found: _Fit, places: Integers, basis: Floats) -> pd.DataFrame:
    count = basis.shape[1]
    logs = basis @ found.params[-count:]
    spread = np.einsum("ij,jk,ik->i", basis, found.covariance[-count:, -count:], basis)
    return pd.DataFrame({"place": places, "effect_ratio": np.exp(logs), "error_share": np.sqrt(spread)})


def _completed(
    cells: _Cells, found: _Fit, used: str, calendar: pd.DataFrame, p_value: float, design: Floats
) -> OverDispersedPoisson:
    triangle, mask = cells.triangle, cells.is_to_come
    fitted = np.full(triangle.values.shape, np.nan)
    fitted[cells.rows] = 0.0
    of_kept = np.zeros_like(mask)
    of_kept[np.ix_(cells.rows, cells.columns)] = True
    fitted[of_kept] = np.exp(cells.design(of_kept, design) @ found.params)
    fitted[:, cells.is_never_seen] = np.nan
    later = np.where(cells.is_later, fitted, 0.0)
    full = np.where(cells.is_later, triangle.latest[:, None] + np.cumsum(later, axis=1), triangle.values)
    told = found.freedom > 0
    errors, total = _errors(cells, found, fitted, design) if told else (np.full_like(full, np.nan), float("nan"))
    errors = np.where(np.isnan(full) & cells.is_later, np.nan, np.where(cells.is_later, errors, 0.0))
    developed = _developed(cells, found, design)
    return OverDispersedPoisson("over_dispersed_poisson", triangle, full, errors, total, developed, fitted, found.dispersion, used, calendar, p_value)  # fmt: skip


def _developed(cells: _Cells, found: _Fit, design: Floats) -> Floats:
    """Share of each vintage by age, as ages and its own calendar make it, whatever the vintage brought."""
    rows, columns = len(cells.rows), len(cells.columns)
    pattern = np.zeros(design.shape[:2])
    ages = np.append(0.0, found.params[rows : rows + columns - 1])
    pattern[:, cells.columns] = np.exp(ages + (design @ found.params[rows + columns - 1 :])[:, cells.columns])
    pattern[:, cells.is_never_seen] = np.nan
    shares: Floats = np.cumsum(pattern, axis=1) / pattern.sum(axis=1, keepdims=True)
    return shares


def _nothing(triangle: Triangle) -> OverDispersedPoisson:
    unknown = np.full(triangle.values.shape, np.nan)
    nan = float("nan")
    return OverDispersedPoisson("over_dispersed_poisson", triangle, triangle.values, unknown, nan, unknown, unknown, nan, "none", _NO_CALENDAR, nan)  # fmt: skip


def _errors(cells: _Cells, found: _Fit, fitted: Floats, design: Floats) -> tuple[Floats, float]:
    """Errors of cumulative cells to come and of their whole: chance of the cells (φ × mean), and doubt about the parameters, which they share."""
    row, column = np.nonzero(cells.is_to_come)
    means = fitted[cells.is_to_come]
    gradient = means[:, None] * cells.design(cells.is_to_come, design)
    doubt = gradient @ found.covariance @ gradient.T
    errors = np.zeros_like(fitted)
    for vintage in np.unique(row):
        here = row == vintage
        both = np.cumsum(np.cumsum(doubt[np.ix_(here, here)], axis=0), axis=1).diagonal()
        found_here = np.sqrt(found.dispersion * np.cumsum(means[here]) + both)
        places = np.searchsorted(column[here], np.arange(fitted.shape[1]), side="right") - 1
        errors[vintage] = np.where(places >= 0, found_here[np.maximum(places, 0)], 0.0)
    return errors, float(np.sqrt(found.dispersion * means.sum() + doubt.sum()))
