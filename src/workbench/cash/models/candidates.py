"""Simple models of a daily flow, for all series at once: each gives a middle for the day and a mean for the total.

They are what a forecast must beat, and what runs where nothing richer can be believed. A missing day is NaN; a series without a known
day is told as zero. No model here looks past the last day that it is given.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from workbench.cash.models.calendar_design import Feast
from workbench.cash.models.calendar_model import fit_calendar
from workbench.cash.models.panel import Days, open_days, open_weekdays, weekdays
from workbench.cash.models.smoothing import Season, exponential_smoothing
from workbench.evidence import LEVELS, Floats

Positions = npt.NDArray[np.int64]
RECENT = 60  # days of a moving mean or median
_YEARS = 2  # of a mean by place in the month
_FIRST_PLACES = 11  # bank days counted from the start of the month; later ones are counted from its end


@dataclass(frozen=True)
class Window:
    """What a model is given: `values` (T, n) of the past `days` (T,), the days to come `future` (H,), and the calendar."""

    days: Days
    values: Floats
    future: Days
    closed_days: Days
    feasts: tuple[Feast, ...] = ()
    year: int = 250  # rows of a year

    @cached_property
    def weekday(self) -> Season:
        """Weekdays as a season."""
        return Season(weekdays(self.days), weekdays(self.future), 7)

    @cached_property
    def month(self) -> Season:
        """Months as a season, for a history of months."""
        return Season(_months(self.days), _months(self.future), 12)

    @cached_property
    def month_place(self) -> Season:
        """Places in the month as a season: the n-th bank day, from its start up to the eleventh, then from its end."""
        places = month_places(np.concatenate([self.days, self.future]), self.closed_days)
        return Season(places[: len(self.days)], places[len(self.days) :], 2 * _FIRST_PLACES + 30)

    @cached_property
    def year_place(self) -> Season:
        """Places in the month, apart for each month of the year."""
        past, future = (_months(days) * 100 for days in (self.days, self.future))
        return Season(past + self.month_place.past, future + self.month_place.future, 1200)


@dataclass(frozen=True)
class Points:
    """What a model says of the days to come, `(H, n)` each: a mean, for totals, and a median, for the day.

    A model of its own bands gives `quantiles` (H, n, levels) and the usual size of a miss, `scale`; neither is calibrated.
    """

    mean: Floats
    median: Floats
    quantiles: Floats | None = None
    scale: Floats | None = None


Candidate = Callable[[Window], Points]


def month_places(days: Days, closed_days: Days) -> Positions:
    """Place of each day in its month: 1 … 11 from its first bank day, then 12 and more, 12 being the last bank day."""
    every = _whole_months(days, closed_days)
    months = every.astype("datetime64[M]")
    starts = np.searchsorted(months, days.astype("datetime64[M]"))
    ends = np.searchsorted(months, days.astype("datetime64[M]"), side="right")
    rank = np.searchsorted(every, days)
    from_start, from_end = rank - starts + 1, ends - rank
    places: Positions = np.where(from_start <= _FIRST_PLACES, from_start, _FIRST_PLACES + from_end).astype(np.int64)
    return places


def _whole_months(days: Days, closed_days: Days) -> Days:
    first = days.min().astype("datetime64[M]").astype("datetime64[D]")
    last = (days.max().astype("datetime64[M]") + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    return np.union1d(open_days(first, last, closed_days, open_weekdays(days)), days)


def _months(days: Days) -> Positions:
    return days.astype("datetime64[M]").astype(np.int64) % 12


# ── the models


def seasonal_naive(window: Window) -> Points:
    """The last same weekday."""
    return _same(last_of(window.values, window.weekday))


def month_naive(window: Window) -> Points:
    """The last same place in the month; the last same weekday where there was none."""
    found = last_of(window.values, window.month_place, zero=False)
    return _same(np.where(np.isnan(found), seasonal_naive(window).mean, found))


def year_naive(window: Window) -> Points:
    """The same place of the same month, the last time it came; the last same place of a month where there was none."""
    found = last_of(window.values, window.year_place, zero=False)
    return _same(np.where(np.isnan(found), month_naive(window).mean, found))


def moving(window: Window) -> Points:
    """Mean and median of the last sixty days."""
    return _flat(window, window.values[-RECENT:])


def flat_rate(window: Window) -> Points:
    """Mean and median of the last two years: the rate of a flow that comes on no known day."""
    return _flat(window, window.values[-_YEARS * 250 :])


def zero(window: Window) -> Points:
    """Nothing: a flow that has ended."""
    return _certain(np.zeros((len(window.future), window.values.shape[1])))


def last_value(window: Window) -> Points:
    """The last known value: a constant flow."""
    return _certain(last_of(window.values, Season(_nulls(window.days), _nulls(window.future), 1)))


def month_position(window: Window) -> Points:
    """Mean and median of the same place in the month over the last two years: a flow that comes on few days."""
    days = (window.days[-1] if len(window.days) else window.future[0]) - np.timedelta64(_YEARS * 366, "D")
    rows = window.days >= days
    return _by_position(window.values[rows], Season(window.month_place.past[rows], window.month_place.future, 0))


def weekday_position(window: Window) -> Points:
    """Mean and median of the same weekday over the last sixty days."""
    recent = slice(-RECENT, None)
    return _by_position(window.values[recent], Season(window.weekday.past[recent], window.weekday.future, 0))


def smoothing(window: Window) -> Points:
    """A level and weekdays that follow (ETS(A,N,A)): rates fitted on squares for the mean, on absolute misses for the median."""
    if not len(window.days):
        return zero(window)
    mean, middle = exponential_smoothing(window.values, window.weekday)
    return Points(np.nan_to_num(mean), np.nan_to_num(middle))


def calendar(window: Window) -> Points:
    """The calendar model: ridge for the mean, least absolute errors for the median, bands of its own."""
    if not len(window.days):
        return zero(window)
    fit = fit_calendar(window.values, window.days, window.closed_days, window.feasts)
    said = fit.predict(window.future)
    return Points(*(np.nan_to_num(part) for part in (said.mean, said.median, said.quantiles, said.scale)))


NAIVE: dict[str, Candidate] = {"seasonal_naive": seasonal_naive, "month_naive": month_naive}
FOR_SHORT: dict[str, Candidate] = {"moving": moving, "weekday_position": weekday_position, **NAIVE}
FOR_SPARSE: dict[str, Candidate] = {
    "month_position": month_position,
    "flat_rate": flat_rate,
    "year_naive": year_naive,
    "zero": zero,  # what the naive ones say before a rare flow, without saying it again each week after one
    **NAIVE,
}
FOR_RACE: dict[str, Candidate] = {
    "calendar": calendar,
    "smoothing": smoothing,
    "weekday_position": weekday_position,
    **NAIVE,
}
FOR_THOROUGH: dict[str, Candidate] = {"moving": moving, "year_naive": year_naive}  # beside those of the race
AVERAGES = {
    "calendar+weekday_position": ("calendar", "weekday_position"),
    "calendar+smoothing": ("calendar", "smoothing"),
    "ets+sarimax+theta": ("ets", "sarimax", "theta"),
}  # where all run


def _same(values: Floats) -> Points:
    return Points(values, values)


def _certain(values: Floats) -> Points:
    """A forecast without bands."""
    return Points(values, values, np.repeat(values[..., None], len(LEVELS), axis=-1), np.zeros_like(values))


def _nulls(days: Days) -> Positions:
    return np.zeros(len(days), dtype=np.int64)


def _flat(window: Window, values: Floats) -> Points:
    rows = len(window.future)
    mean, median = middles(values)
    return Points(np.tile(mean, (rows, 1)), np.tile(median, (rows, 1)))


def middles(values: Floats) -> tuple[Floats, Floats]:
    """Mean and median of each column without its missing values; 0 where all are."""
    if not len(values):
        return np.zeros(values.shape[1]), np.zeros(values.shape[1])
    count = (~np.isnan(values)).sum(axis=0)
    mean = np.nansum(values, axis=0) / np.maximum(count, 1)
    ordered = np.sort(
        values, axis=0
    )  # missing days last; numpy's own median of the known ones is ten times slower on few rows
    low, high = (ordered[np.maximum(place, 0), np.arange(values.shape[1])] for place in ((count - 1) // 2, count // 2))
    return mean, np.where(count > 0, (low + high) / 2, 0.0)


def _by_position(values: Floats, season: Season) -> Points:
    """Mean and median by position; those of all days where a series never had the position."""
    whole_mean, whole_median = middles(values)
    mean, median = (np.tile(row, (len(season.future), 1)) for row in (whole_mean, whole_median))
    for position in np.unique(season.future):
        rows, ahead = values[season.past == position], season.future == position
        some = ~np.isnan(rows).all(axis=0) if len(rows) else np.zeros(values.shape[1], dtype=bool)
        at_mean, at_median = middles(rows)
        mean[ahead] = np.where(some, at_mean, whole_mean)
        median[ahead] = np.where(some, at_median, whole_median)
    return Points(mean, median)


def last_of(values: Floats, season: Season, zero: bool = True) -> Floats:
    """Last known value of the position of each day to come; where there is none, the last known value, else 0 (or NaN)."""
    found = np.full((len(season.future), values.shape[1]), np.nan)
    for position in np.unique(season.future):
        found[season.future == position] = _last_known(values[season.past == position])
    if not zero:
        return found
    return np.nan_to_num(np.where(np.isnan(found), _last_known(values), found))


def _last_known(values: Floats) -> Floats:
    if not len(values):
        return np.full(values.shape[1], np.nan)
    known = ~np.isnan(values[::-1])
    last: Floats = values[::-1][known.argmax(axis=0), np.arange(values.shape[1])]
    return last
