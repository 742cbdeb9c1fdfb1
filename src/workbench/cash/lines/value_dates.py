"""Value dates that no history can be laid on: years before their booking, before the calendar of banks begins, or beyond its end.

One wrong date of one line must neither stop a plan nor stretch its history by ten years. Such a line counts on the day it was booked; where
that day too is outside the calendar it is in no history. Who reads a plan is told of each (`plan_problems.of_value_dates`).
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.standards import BankDays

MOST_BACK = np.timedelta64(366, "D")  # a correction of last year is in value then; an older value date was misread
Truths = npt.NDArray[np.bool_]
Days = npt.NDArray[np.datetime64]


def is_misdated(lines: pd.DataFrame, bank_days: BankDays) -> Truths:
    """Which lines are in value over a year before they were booked (`day_date`), or before the calendar of banks."""
    value, booked = (lines[name].to_numpy("datetime64[D]") for name in ("value_date", "day_date"))
    found: Truths = (value < booked - MOST_BACK) | (value < np.datetime64(bank_days.first_day))
    return found


def usable_days(lines: pd.DataFrame, bank_days: BankDays) -> Days:
    """The day of each line in a history: its value date, or the day it was booked where that is misread; NaT where the calendar has neither."""
    value, booked = (lines[name].to_numpy("datetime64[D]") for name in ("value_date", "day_date"))
    found: Days = np.where(is_misdated(lines, bank_days), booked, value)
    outside = (found < np.datetime64(bank_days.first_day)) | (found > np.datetime64(bank_days.last_day))
    found[outside] = np.datetime64("NaT", "D")
    return found
