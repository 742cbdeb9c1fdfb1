"""Bank days of the made-up office as numpy counts them, from the workbench's own table of closed days.

Beyond the years of that table only weekends close.
"""

import functools

import numpy as np
import numpy.typing as npt

from workbench.demo.places import Array
from workbench.standards import load_bank_days


@functools.cache
def _calendar() -> np.busdaycalendar:
    closed = np.array([row.day for row in load_bank_days().closed], dtype="datetime64[D]")
    return np.busdaycalendar(holidays=closed)


def bank_day(days: Array, count: Array | int = 0) -> npt.NDArray[np.datetime64]:
    """The bank day `count` bank days after each day; a closed day counts from the next open one."""
    found: npt.NDArray[np.datetime64] = np.busday_offset(days, count, roll="forward", busdaycal=_calendar())
    return found


def one_bank_day(day: np.datetime64, count: int = 0) -> np.datetime64:
    """The same for one day."""
    found: np.datetime64 = bank_day(np.array([day]), count)[0]
    return found


def week_ends(start: np.datetime64, end: np.datetime64) -> list[np.datetime64]:
    """The last bank day of each week that ends from `start` up to before `end`, in order."""
    days = np.arange(start, end)
    open_days = days[np.is_busday(days, busdaycal=_calendar())]
    weeks = (open_days.astype(np.int64) + 3) // 7
    last = np.flatnonzero(np.diff(weeks, append=weeks[-1] + 1))
    return list(open_days[last])
