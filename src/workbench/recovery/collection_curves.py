"""Plain cohort rates from a receipts cube: of what was open at an age, how much came in as cash within a week, and how much left otherwise.

A rate asks only of cohorts that reached the age, so that a young cohort is never compared with an old one: what it has not lived
yet counts in no rate. Ages are whole weeks between the Monday of the bill and that of the week looked at.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.recovery.receipt_lags import CELL, ReceiptCube, kinds_of

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Cell = tuple[str, ...]  # in the order of CELL

WINDOW = 104  # weeks of events that a rate is made of: two of every season
SEASONS_FROM = 65  # complete weeks of history from which months get factors: a year, and a quarter to compare it with
SEASONS_OVER = 156  # weeks that the factors look at
FACTOR_BOUNDS = (0.2, 5.0)
DAYS_A_WEEK = 7


@dataclass(frozen=True)
class CollectionCurves:
    """Rates of each cell (`CELL`: currency, segment, service; empty where not known) by age in weeks.

    `cash`, `no_cash`: shape (cells, ages), share of the open book of that age that leaves it in a week. `months`: (cells, 12), factor
    of the cash rate in a calendar month, 1 where the months do not differ beyond chance.
    """

    cells: tuple[Cell, ...]
    cash: Floats
    no_cash: Floats
    months: Floats

    def paid_shares(self) -> Floats:
        """Share of a bill paid in cash by the end of each week of age, shape (cells, ages): what a cohort rate is in the end."""
        left = np.cumprod(1 - self.cash - self.no_cash, axis=1)
        before = np.concatenate([np.ones((len(self.cells), 1)), left[:, :-1]], axis=1)
        paid: Floats = np.cumsum(before * self.cash, axis=1)
        return paid

    def table(self) -> pd.DataFrame:
        """For people: `CELL`, `age_days` (end of the week), `paid_share`."""
        shares = self.paid_shares()
        ages = (np.arange(shares.shape[1]) + 1) * DAYS_A_WEEK
        keys = {name: np.repeat([cell[place] for cell in self.cells], len(ages)) for place, name in enumerate(CELL)}
        return pd.DataFrame(keys | {"age_days": np.tile(ages, len(self.cells)), "paid_share": shares.ravel()})


@dataclass(frozen=True)
class WeeklyBook:
    """A cube laid out: `billed`, `cash`, `no_cash` (cells, cohorts, weeks), in centimes, of complete weeks; week 0 is `first_week`."""

    cells: tuple[Cell, ...]
    first_week: int
    billed: Floats
    cash: Floats
    no_cash: Floats


def week_of(days: object) -> Integers:
    """Weeks counted from that of 1 January 1970, Monday to Sunday."""
    found: Integers = (np.asarray(days, "datetime64[D]").astype(np.int64) + 3) // DAYS_A_WEEK
    return found


def added_up(place: Integers, amounts: Floats, count: int) -> Floats:
    """The sum of the amounts of each place."""
    return np.bincount(place, amounts, count).astype(np.float64)


def complete_weeks(as_of: date) -> int:
    """The first week that is not complete on the evening of `as_of`."""
    return int(week_of(np.datetime64(as_of) + 1))


def weekly_book(cube: ReceiptCube) -> WeeklyBook:
    """The book of a cube as arrays. A cube of nothing has no cell and one week."""
    cells, of_cell = kinds_of(cube.book, CELL)
    cohort, week = week_of(cube.book["cohort_date"]), week_of(cube.book["part_date"])
    end = complete_weeks(cube.as_of)
    first = int(cohort.min()) if len(cohort) else end - 1
    count = max(end - first, 1)
    inside = week < end
    place = (of_cell * count + cohort - first) * count + week - first
    shape = (len(cells), count, count)

    def laid(name: str) -> Floats:
        amounts = cube.book[name].to_numpy(np.float64)[inside]
        return added_up(place[inside], amounts, len(cells) * count * count).reshape(shape)

    names = ("billed_centimes", "cash_centimes", "no_cash_centimes")
    return WeeklyBook(tuple(cells), first, *(laid(name) for name in names))


def age_bands(ages: int) -> Integers:
    """The band of each age: weeks up to a quarter, then fours up to a year, then quarters, so that old ages rest on enough money."""
    age = np.arange(ages)
    return np.where(age < 13, age, np.where(age < 53, 13 + (age - 13) // 4, 23 + (age - 53) // 13))


def collection_curves(cube: ReceiptCube, ages: int = 0, window: int = WINDOW) -> CollectionCurves:
    """Rates by age of every cell, from the events of the last `window` complete weeks.

    Ages that nobody reached in the window take the rate of the oldest that was; a cell that never had cash has rates of nil.
    `ages`: how many are asked for, at least those of the history.
    """
    book = weekly_book(cube)
    count = book.billed.shape[1]
    ages = max(ages, count)
    at_risk = _at_risk(book)
    cohort, week = np.indices((count, count))
    counts = (week >= cohort) & (week >= count - window)
    band = age_bands(ages)
    bands = int(band[-1]) + 1
    where = band[np.clip(week - cohort, 0, None)]
    flows = (at_risk, book.cash, book.no_cash)
    sums = (
        np.array([added_up(where[counts], values[counts], bands) for values in flow]).reshape(-1, bands)
        for flow in flows
    )
    cash, no_cash = _rates(*sums)
    factors = [_month_factors(book, at_risk[cell], cash[cell, where], cell) for cell in range(len(cash))]
    months = np.array(factors, np.float64).reshape(-1, 12)
    return CollectionCurves(book.cells, cash[:, band], no_cash[:, band], months)


def _at_risk(book: WeeklyBook) -> Floats:
    """What was open when a week began, and what was billed in it; credits are no debt."""
    closing = np.cumsum(book.billed - book.cash - book.no_cash, axis=2)
    opening = np.concatenate([np.zeros((*closing.shape[:2], 1)), closing[:, :, :-1]], axis=2)
    at_risk: Floats = np.maximum(opening, 0) + book.billed
    return at_risk


def _rates(at_risk: Floats, cash: Floats, no_cash: Floats) -> tuple[Floats, Floats]:
    known = at_risk > 0
    base = np.where(known, at_risk, 1.0)
    paid = np.clip(np.where(known, cash / base, np.nan), 0, 1)
    gone = np.clip(np.where(known, no_cash / base, np.nan), 0, 1)
    gone = np.minimum(gone, 1 - paid)
    return _carried(paid), _carried(gone)


def _carried(rates: Floats) -> Floats:
    """Bands that nobody reached take the rate of the band before; nil before any."""
    frame = pd.DataFrame(rates.T).ffill().fillna(0.0)
    carried: Floats = frame.to_numpy(np.float64).T
    return carried


def _month_factors(book: WeeklyBook, at_risk: Floats, rate: Floats, cell: int) -> Floats:
    """Cash of a calendar month against what the ages alone would have brought, believed as far as the years agree.

    Bühlmann and Straub's credibility: weight × variance between months ÷ (the same + variance within a month over the years).
    """
    count = book.billed.shape[1]
    if count < SEASONS_FROM:
        return np.ones(12)
    weeks = np.arange(max(count - SEASONS_OVER, 0), count)
    expected = (at_risk * rate)[:, weeks].sum(axis=0)
    actual = book.cash[cell][:, weeks].sum(axis=0)
    thursday = ((book.first_week + weeks) * DAYS_A_WEEK).astype("datetime64[D]")
    ordinal = thursday.astype("datetime64[M]").astype(np.int64)
    place = ordinal - ordinal.min()
    count = int(place.max()) + 1
    weight, cash = added_up(place, expected, count), added_up(place, actual, count)
    held = weight > 0
    month = ((np.arange(len(weight)) + ordinal.min()) % 12)[held]
    return _credible(weight[held], cash[held] / weight[held], month)


def _credible(weight: Floats, ratio: Floats, month: Integers) -> Floats:
    """Factors of the twelve months from ratios of months of several years, around their common mean."""
    if len(np.unique(month)) < 12:
        return np.ones(12)
    weight = weight / weight.mean()
    by_month = added_up(month, weight, 12)
    mean = added_up(month, weight * ratio, 12) / by_month
    total, centre = by_month.sum(), float((weight * ratio).sum() / weight.sum())
    again = len(month) - 12
    if again <= 0 or centre <= 0:
        return np.ones(12)
    within = float((weight * (ratio - mean[month]) ** 2).sum()) / again
    spread = float((by_month * (mean - centre) ** 2).sum()) - 11 * within
    between = max(spread / (total - float((by_month**2).sum()) / total), 0.0)
    if between == 0:
        return np.ones(12)
    believed = by_month * between / (by_month * between + within)
    factors: Floats = np.clip((centre + believed * (mean - centre)) / centre, *FACTOR_BOUNDS)
    return factors
