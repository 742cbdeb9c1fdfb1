"""Days that lie whole months apart: what a law, a rule or a closing counts in months or years."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.datetime64]


def months_after(days: Days, months: int | npt.NDArray[np.integer[Any]]) -> Days:
    """The same day of the month, so many months later; the last day of a shorter month. `datetime64[D]`, NaT stays NaT."""
    month = days.astype("datetime64[M]")
    place = (days - month.astype("datetime64[D]")).astype(np.int64)
    aimed = month + np.asarray(months, dtype="timedelta64[M]")
    length = ((aimed + 1).astype("datetime64[D]") - aimed.astype("datetime64[D]")).astype(np.int64)
    found: Days = aimed.astype("datetime64[D]") + np.minimum(place, length - 1)
    return np.where(np.isnat(days), np.datetime64("NaT", "D"), found)


def months_before(day: date, months: int) -> date:
    """So many months before a day. The last day of a month gives the last day of a month: closings stay closings."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    after = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = after - timedelta(days=1)
    is_end = (day + timedelta(days=1)).day == 1
    return last if is_end or day.day > last.day else last.replace(day=day.day)


def as_days(values: Any) -> Days:
    """A column of dates of a small table as `datetime64[D]`."""
    found: Days = np.asarray(values, dtype="datetime64[D]")
    return found
