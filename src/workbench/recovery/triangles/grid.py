"""By what a triangle is cut: vintages of a month or a quarter, ages in days, months or quarters, and when a cell is over.

A cell is over (complete) when the youngest bill that its vintage can hold has lived through the whole age. Before that it holds only the
receipts of those who pay first: it is marked, and no calculation compares it with a cell that is over.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from workbench.errors import WrongUse

Integers = npt.NDArray[np.int64]
MONTHS_OF = {"month": 1, "quarter": 3}
AGE_UNITS = ("days", "months", "quarters")
_EPOCH = 1970 * 12  # the month from which numpy counts


@dataclass(frozen=True)
class Grid:
    """The cut of a triangle.

    `vintage`: `month` or `quarter` of the bill. `age`: `months` and `quarters` count calendar months from the bill's own, except that
    quarters of vintages that are quarters are those of the calendar, so that a diagonal is a period; `days` are spells of `days` days from
    the bill's own day. Raises `WrongUse` for any other word, or a spell shorter than a day.
    """

    vintage: str = "month"
    age: str = "months"
    days: int = 30

    def __post_init__(self) -> None:
        if self.vintage not in MONTHS_OF:
            raise WrongUse(f"a vintage is a month or a quarter, not {self.vintage!r}", "vintage")
        if self.age not in AGE_UNITS:
            raise WrongUse(f"an age is in days, months or quarters, not {self.age!r}", "age")
        if self.days < 1:
            raise WrongUse(f"a spell of age is a day at least, not {self.days}", "days")

    @property
    def vintage_months(self) -> int:
        """Months of a vintage."""
        return MONTHS_OF[self.vintage]

    @property
    def age_step(self) -> int:
        """Units of age of a cell: days of a spell, else 1."""
        return self.days if self.age == "days" else 1

    def age_of(self, bill_month: Integers, event: Integers) -> Integers:
        """The age (0, 1, … cells) of events, from the month of their bill and of themselves; with ages in days `event` is the spell already."""
        if self.age == "days":
            return event
        if self.age == "quarters" and self.vintage == "quarter":
            return np.asarray(event // 3 - bill_month // 3)
        return np.asarray((event - bill_month) // (3 if self.age == "quarters" else 1))

    def end_of(self, vintage: int, age: int) -> date:
        """Last day of a cell; `vintage` is the ordinal (year × 12 + month − 1) of the first month of the vintage."""
        last_month = vintage + self.vintage_months - 1
        if self.age == "days":
            return last_day(last_month) + timedelta(days=(age + 1) * self.days - 1)
        if self.age == "months":
            return last_day(last_month + age)
        return last_day(vintage + 3 * (age + 1) - 1)

    def periods(self, vintages: Integers, count: int) -> Integers:
        """(n, count): the calendar's place of the cells of vintages: the month, or with ages in quarters the quarter, in which each ends."""
        last_months, ages = vintages[:, None] + self.vintage_months - 1, np.arange(count)
        if self.age == "days":
            starts = (last_months + 1 - _EPOCH).astype("datetime64[M]").astype("datetime64[D]")
            ends = starts - 1 + (ages + 1) * self.days - 1
            return ends.astype("datetime64[M]").astype(np.int64) + _EPOCH
        if self.age == "months":
            return np.asarray(last_months + ages)
        return np.asarray((vintages[:, None] + 3 * (ages + 1) - 1) // 3)

    def complete_ages(self, vintage: int, as_of: date) -> int:
        """How many ages of a vintage are over on the evening of `as_of`."""
        if self.age == "days":
            return max(((as_of - last_day(vintage + self.vintage_months - 1)).days + 1) // self.days, 0)
        month = ordinal_of(as_of + timedelta(days=1)) - 1  # the last month that is over
        if self.age == "months":
            return max(month - (vintage + self.vintage_months - 1) + 1, 0)
        return max((month - vintage + 1) // 3, 0)


def ordinal_of(day: date) -> int:
    """The month of a day: year × 12 + month − 1."""
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    """First day of the month of an ordinal."""
    return date(month // 12, month % 12 + 1, 1)


def last_day(month: int) -> date:
    """Last day of the month of an ordinal."""
    return first_day(month + 1) - timedelta(days=1)
