"""Moroccan banking days, from an editable table of closed days: `data/reference/bank_days.csv`.

Three notions of day, never mixed: `calendar` is every day; `ouvrable` every day but Sundays and public feasts; `ouvre` a day on
which banks work (neither Saturday nor Sunday, nor feast, nor a bridge decreed by the banks). A bridge closes banks only, so it
stays `ouvrable`. A result that rests on an estimated feast says so: see `estimated_between`.
"""

import calendar
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal

import pandas as pd

from workbench.errors import OutsideSpan, SchemaError
from workbench.standards.reference_rows import rows_of_file
from workbench.standards.values import reference_folder

Notion = Literal["calendar", "ouvrable", "ouvre"]
Status = Literal["official", "estimated", "bridge"]
_COLUMNS = ["date", "name", "status", "source"]
_STATUSES = ("official", "estimated", "bridge")


@dataclass(frozen=True)
class ClosedDay:
    """A day on which banks are closed, and how sure that is: official, estimated, or a bridge decreed by the banks."""

    day: date
    name: str
    status: Status
    source: str


@dataclass(frozen=True)
class BankDays:
    """The calendar of banks. It covers the years of its table, from the first; the last one to its end where its feasts of a fixed date are
    all there, else to its last row: half a year typed is no year without feasts. Outside it refuses to answer."""

    closed: tuple[ClosedDay, ...]

    @cached_property
    def first_day(self) -> date:
        """First day covered."""
        return date(self.closed[0].day.year, 1, 1)

    @cached_property
    def last_day(self) -> date:
        """Last day covered."""
        last = self.closed[-1].day
        typed = [
            {row.day.replace(year=2000) for row in self.closed if row.day.year == last.year - back} for back in (1, 2)
        ]
        fixed = set.intersection(*(days for days in typed if days)) if any(typed) else set()
        return last if any(day > last.replace(year=2000) for day in fixed) else date(last.year, 12, 31)

    @cached_property
    def _feasts(self) -> frozenset[date]:
        return frozenset(row.day for row in self.closed if row.status != "bridge")

    @cached_property
    def _all_closed(self) -> frozenset[date]:
        return frozenset(row.day for row in self.closed)

    @cached_property
    def _open(self) -> dict[str, list[date]]:
        days = [self.first_day + timedelta(days=n) for n in range((self.last_day - self.first_day).days + 1)]
        return {
            "calendar": days,
            "ouvrable": [day for day in days if day.weekday() < 6 and day not in self._feasts],
            "ouvre": [day for day in days if day.weekday() < 5 and day not in self._all_closed],
        }

    def is_open(self, day: date, notion: Notion = "ouvre") -> bool:
        """Whether a day counts under a notion of day. Raises `OutsideSpan` outside the years of the table."""
        self._covered(day)
        days = self._open[notion]
        index = bisect_left(days, day)
        return index < len(days) and days[index] == day

    def add(self, day: date, count: int, notion: Notion = "ouvre") -> date:
        """The day `count` days of a notion after `day` (before, where negative).

        From a day that is closed, one day on is the next open day; zero days on is the day itself where it is open, else the next
        open one. Raises `OutsideSpan` where the start or the result is not covered.
        """
        self._covered(day)
        days = self._open[notion]
        index = bisect_right(days, day) - 1 + count if count > 0 else bisect_left(days, day) + count
        if not 0 <= index < len(days):
            raise OutsideSpan(
                f"{count} days from {day.isoformat()} leave the calendar", "bank_days.csv", self._span_text
            )
        return days[index]

    def count_between(self, start: date, end: date, notion: Notion = "ouvre") -> int:
        """Days of a notion after `start` up to `end` (negative where `end` is before)."""
        if end < start:
            return -self.count_between(end, start, notion)
        self._covered(start)
        self._covered(end)
        return bisect_right(self._open[notion], end) - bisect_right(self._open[notion], start)

    def month_end(self, day: date, notion: Notion = "ouvre") -> date:
        """Last day of a notion in the month of `day`."""
        self._covered(day)
        last = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        days = self._open[notion]
        return days[bisect_right(days, last) - 1]

    def ordinals(self, start: date, end: date) -> pd.DataFrame:
        """A row a calendar day from `start` to `end`, for joins: subtract ordinals to count days.

        `day_date`, `is_ouvrable`, `is_ouvre`, `ouvrable_ordinal` and `ouvre_ordinal` (days of the notion since the calendar
        began, up to and with this one; a closed day has that of the last open day), `is_estimated` (an estimated feast).
        """
        self._covered(start)
        self._covered(end)
        days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
        estimated = {row.day for row in self.closed if row.status == "estimated"}
        return pd.DataFrame(
            {
                "day_date": pd.to_datetime(days),
                "is_ouvrable": [self.is_open(day, "ouvrable") for day in days],
                "is_ouvre": [self.is_open(day, "ouvre") for day in days],
                "ouvrable_ordinal": pd.array([bisect_right(self._open["ouvrable"], d) for d in days], dtype="Int64"),
                "ouvre_ordinal": pd.array([bisect_right(self._open["ouvre"], d) for d in days], dtype="Int64"),
                "is_estimated": [day in estimated for day in days],
            }
        )

    def estimated_between(self, start: date, end: date) -> list[ClosedDay]:
        """The estimated feasts from `start` to `end` that fall on a weekday: a count of days across them may move by one.

        The day before and the day after the span count too, since an estimate is usually wrong by one day.
        """
        near = timedelta(days=1)
        return [
            row
            for row in self.closed
            if row.status == "estimated" and start - near <= row.day <= end + near and row.day.weekday() < 5
        ]

    def reach(self, until: date) -> None:
        """Raise `OutsideSpan`, with the years to add, where the calendar ends before a day."""
        if until > self.last_day:
            # A table that ends inside a year lacks the rest of that year too.
            first = self.last_day.year + ((self.last_day.month, self.last_day.day) == (12, 31))
            years = ", ".join(str(year) for year in range(first, until.year + 1))
            raise OutsideSpan(
                f"days up to {until.isoformat()} are asked for and the closed days of banks end on {self.last_day.isoformat()}",
                "bank_days.csv",
                f"add the closed days of {years}, or ask for an earlier date",
            )

    def moved(self, days: Mapping[date, date]) -> "BankDays":
        """The same calendar with closed days on other dates (day → other day): a feast a day later. A day that is not closed moves nothing."""
        other = {days.get(row.day, row.day): replace(row, day=days.get(row.day, row.day)) for row in self.closed}
        return BankDays(tuple(other[day] for day in sorted(other)))

    def _covered(self, day: date) -> None:
        if not self.first_day <= day <= self.last_day:
            raise OutsideSpan(f"{day.isoformat()} is not covered", "bank_days.csv", self._span_text)

    @property
    def _span_text(self) -> str:
        return f"covered: {self.first_day.isoformat()} to {self.last_day.isoformat()}; add the closed days that follow to the table"


def load_bank_days(path: Path | None = None) -> BankDays:
    """The calendar kept in a CSV (`date,name,status,source`); by default that of the reference folder.

    Raises `SchemaError` (file:line) where a row does not hold: date, name, status, source, or a day given twice.
    """
    path = path or reference_folder() / "bank_days.csv"
    rows: dict[date, ClosedDay] = {}
    for where, row in rows_of_file(path, _COLUMNS):
        closed = _closed_day(row, where)
        if closed.day in rows:
            raise SchemaError(f"{closed.day.isoformat()} is given twice", where, "keep one row a day")
        rows[closed.day] = closed
    if not rows:
        raise SchemaError("the calendar holds no closed day", path.name)
    return BankDays(tuple(rows[day] for day in sorted(rows)))


def _closed_day(row: dict[str, str], where: str) -> ClosedDay:
    try:
        day = date.fromisoformat(row["date"])
    except ValueError:
        raise SchemaError(f"« {row['date']} » is no date", where, "write 2026-03-23") from None
    status = row["status"]
    if status not in _STATUSES or not row["name"] or not row["source"]:
        raise SchemaError("name, status or source does not hold", where, "status: " + ", ".join(_STATUSES))
    return ClosedDay(day, row["name"], status, row["source"])  # type: ignore[arg-type]
