"""What the calendar says of a day before it comes: the columns of the design that every series shares.

The columns are fixed: any days give the same ones, in the same order, so what was learnt on past days is told for those to come.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.evidence import Floats
from workbench.standards import MovableFeast

Days = npt.NDArray[np.datetime64]  # of numpy's unit D
Codes = npt.NDArray[np.int64]
NEAR = 8  # calendar days up to which a closed day is near
YEAR = 365.25
ANNUAL = 20  # the last columns: months and waves of the year, which a short history cannot tell from a drift
MONTH_WEIGHT, WAVE_WEIGHT = 0.5, 0.25  # a lighter column is shrunk more by a ridge


@dataclass(frozen=True)
class Feast:
    """A movable feast or fast: the first and the last of its days."""

    name: str
    start: np.datetime64
    end: np.datetime64


def feasts_of(movable: Iterable[MovableFeast]) -> tuple[Feast, ...]:
    """The feasts of the reference table as the design takes them."""
    return tuple(Feast(one.name, np.datetime64(one.start), np.datetime64(one.end)) for one in movable)


def calendar_design(days: Days, closed_days: Days, feasts: tuple[Feast, ...] = ()) -> Floats:
    """The design (T, k) of days: indicators of what each is in its week, its month, its quarter and its year.

    Parameters
    ----------
    days
        (T,) days, in any order; they need not be bank days.
    closed_days
        Weekdays on which banks are closed, over all of `days` and a month on both sides.
    feasts
        Movable feasts over the same span; without any, the design has no column for them.
    """
    days = days.astype("datetime64[D]")
    calendar = np.busdaycalendar(holidays=closed_days.astype("datetime64[D]"))
    forward, month = _moved(days, calendar, forward=True), days.astype("datetime64[M]").astype(np.int64)
    columns = [one_hot(codes, count) for codes, count in _positions(days, calendar)]
    columns += [forward, _moved(days, calendar, forward=False), _in_quarter(days, calendar, forward, month % 3)]
    columns += [_around_feast(days, feasts, name) for name in sorted({feast.name for feast in feasts})]
    columns += [MONTH_WEIGHT * one_hot(month % 12, 12), WAVE_WEIGHT * _waves(days)]
    return np.hstack(columns)


def one_hot(codes: Codes, count: int) -> Floats:
    """A column a code 0 … count − 1 (T, count); a code outside has none."""
    found: Floats = (codes[:, None] == np.arange(count)).astype(np.float64)
    return found


def _positions(days: Days, calendar: np.busdaycalendar) -> list[tuple[Codes, int]]:
    weekday, week = (days.astype(np.int64) + 3) % 7, (days.astype(np.int64) + 3) // 7
    day = _day_of_month(days)
    from_start, to_end = _counted_both_ways(days, calendar)
    before, after = _neighbours(days, calendar)
    to_closed, from_closed = _distances(days, calendar.holidays)
    return [
        (weekday, 7),
        (day, 31),
        (np.minimum(from_start, 10), 11),
        (np.minimum(to_end, 6), 7),
        (to_closed, NEAR + 1),
        (from_closed, NEAR + 1),
        (np.minimum((days - before).astype(np.int64), 6), 7),
        (np.minimum((after - days).astype(np.int64), 6), 7),
        (weekday * 5 + day // 7, 35),  # the n-th Monday, Tuesday, … of the month
        (np.where(week % 2 == 0, weekday, -1), 7),  # what is paid every other week
    ]


def _day_of_month(days: Days) -> Codes:
    found: Codes = (days - days.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64)
    return found


def _counted_both_ways(days: Days, calendar: np.busdaycalendar) -> tuple[Codes, Codes]:
    """Which open day of its month each day is, from the first and from the last (1, 2, …); 0 for a closed day."""
    month = days.astype("datetime64[M]")
    first, following = month.astype("datetime64[D]"), (month + 1).astype("datetime64[D]")
    is_open = np.is_busday(days, busdaycal=calendar)
    from_start = np.busday_count(first, days, busdaycal=calendar) + 1
    to_end = np.busday_count(days, following, busdaycal=calendar)
    return np.where(is_open, from_start, 0), np.where(is_open, to_end, 0)


def _in_quarter(days: Days, calendar: np.busdaycalendar, forward: Floats, month: Codes) -> Floats:
    """(T, 21): month of the quarter, and in each of the three what falls on the 1st, 15th, 31st and on its last three open days."""
    _, to_end = _counted_both_ways(days, calendar)
    days_of_tax = np.hstack([forward[:, [0, 14, 30]], one_hot(to_end - 1, 3)])
    return np.hstack([one_hot(month, 3), *(days_of_tax * (month == number)[:, None] for number in range(3))])


def _neighbours(days: Days, calendar: np.busdaycalendar) -> tuple[Days, Days]:
    """The last open day before each day, and the first after it."""
    before = np.busday_offset(days - 1, 0, roll="backward", busdaycal=calendar)
    return before, np.busday_offset(days + 1, 0, roll="forward", busdaycal=calendar)


def _distances(days: Days, closed: Days) -> tuple[Codes, Codes]:
    """Calendar days to the next closed weekday, and from the last one, at most NEAR; 0 on the day itself."""
    far = np.array([days.min() - 2 * NEAR, days.max() + 2 * NEAR])
    closed = np.sort(np.concatenate([closed, far]))
    following = closed[np.searchsorted(closed, days, side="left")]
    last = closed[np.searchsorted(closed, days, side="right") - 1]
    return np.minimum((following - days).astype(np.int64), NEAR), np.minimum((days - last).astype(np.int64), NEAR)


def _moved(days: Days, calendar: np.busdaycalendar, forward: bool) -> Floats:
    """(T, 31): the days of the month whose payment falls on this day, where what falls on a closed day is paid on the next (last) open one."""
    before, after = _neighbours(days, calendar)
    is_open = np.is_busday(days, busdaycal=calendar)
    columns = np.zeros((len(days), 31))
    for back in range(7):
        nominal = days - back if forward else days + back
        falls = is_open & ((nominal > before) if forward else (nominal < after))
        columns += one_hot(np.where(falls, _day_of_month(nominal), -1), 31)
    return columns


def _waves(days: Days) -> Floats:
    turn = 2 * np.pi * (days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.float64) / YEAR
    return np.column_stack([wave(order * turn) for order in range(1, 5) for wave in (np.sin, np.cos)])


def _around_feast(days: Days, feasts: tuple[Feast, ...], name: str) -> Floats:
    """Columns of one feast: each of the days near it, before and after, and thirds of a long one."""
    codes = np.full(len(days), -1)
    for feast in (one for one in feasts if one.name == name):
        to_start, from_end = (days - feast.start).astype(np.int64), (days - feast.end).astype(np.int64)
        inside = (to_start >= 0) & (from_end <= 0)
        length = int((feast.end - feast.start).astype(np.int64)) + 1
        codes = np.where(inside, 2 * NEAR + np.minimum(3 * to_start // length, 2), codes)
        codes = np.where((to_start < 0) & (to_start >= -NEAR), NEAR + to_start, codes)
        codes = np.where((from_end > 0) & (from_end <= NEAR), NEAR + from_end - 1, codes)
    return one_hot(codes, 2 * NEAR + 3)
