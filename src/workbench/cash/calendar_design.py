"""What the calendar says of a day before it comes: the columns of the design that every series shares.

The columns are fixed: any days give the same ones, in the same order, so what was learnt on past days is told for those to come.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.evidence import Floats

Days = npt.NDArray[np.datetime64]  # of numpy's unit D
Codes = npt.NDArray[np.int64]
NEAR = 8  # calendar days up to which a closed day is near
YEAR = 365.25


@dataclass(frozen=True)
class Feast:
    """A movable feast or fast: the first and the last of its days."""

    name: str
    start: np.datetime64
    end: np.datetime64


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
    columns = [one_hot(codes, count) for codes, count in _positions(days, calendar)]
    columns += [_moved(days, calendar, forward=True), _moved(days, calendar, forward=False), _harmonics(days)]
    columns += [_around_feast(days, feasts, name) for name in sorted({feast.name for feast in feasts})]
    return np.hstack(columns)


def one_hot(codes: Codes, count: int) -> Floats:
    """A column a code 0 … count − 1 (T, count); a code outside has none."""
    found: Floats = (codes[:, None] == np.arange(count)).astype(np.float64)
    return found


def _positions(days: Days, calendar: np.busdaycalendar) -> list[tuple[Codes, int]]:
    month = days.astype("datetime64[M]")
    first, following = month.astype("datetime64[D]"), (month + 1).astype("datetime64[D]")
    weekday = (days.astype(np.int64) + 3) % 7
    day = (days - first).astype(np.int64)
    is_open = np.is_busday(days, busdaycal=calendar)
    from_start = np.where(is_open, np.busday_count(first, days, busdaycal=calendar) + 1, 0)
    to_end = np.where(is_open, np.busday_count(days, following, busdaycal=calendar), 0)
    before, after = _neighbours(days, calendar)
    to_closed, from_closed = _distances(days, calendar.holidays)
    return [
        (weekday, 7),
        (day, 31),
        (month.astype(np.int64) % 12, 12),
        (np.minimum(from_start, 10), 11),
        (np.minimum(to_end, 6), 7),
        (to_closed, NEAR + 1),
        (from_closed, NEAR + 1),
        (np.minimum((days - before).astype(np.int64), 6), 7),
        (np.minimum((after - days).astype(np.int64), 6), 7),
        (weekday * 5 + day // 7, 35),
    ]


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
        number = (nominal - nominal.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64)
        columns += one_hot(np.where(falls, number, -1), 31)
    return columns


def _harmonics(days: Days) -> Floats:
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
