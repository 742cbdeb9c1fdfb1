"""Days on which a calendar will call for a payment, beyond those that the register names yet: the same day of each month to come.

A register of calendars names the next months at most; what it has named every month, it will name again. Only the day is taken from that:
the amount is the estimate's. A month in which the register names a day of the line keeps the register's.
"""

from datetime import date
from typing import Any

import pandas as pd

from workbench.frames import to_pandas
from workbench.standards import BankDays

MONTHS = 3  # last months, each of which must have named the day
COLUMNS = ["line_code", "currency_code", "flow_date"]


def calendar_days(payment_calendar: Any, as_of: date, until: date, bank_days: BankDays) -> pd.DataFrame:
    """Bank days (`line_code`, `currency_code`, `flow_date`) after `as_of`, to `until`, that the calendar is to name.

    `payment_calendar` as in the store; rows issued after `as_of` are not known. A day of the month counts that each of the last three months
    named by then had, for a line and currency; one that the month lacks is its last day. Closed days: the next bank day.
    """
    table = to_pandas(payment_calendar)
    issued, due = pd.to_datetime(table["issued_date"]), pd.to_datetime(table["due_date"])
    known = table.assign(due=due, month=due.dt.to_period("M"), day=due.dt.day)[~(issued > pd.Timestamp(as_of))]
    rows = []
    for (line, currency), group in known.groupby(["line_code", "currency_code"]):
        months = sorted(group["month"].unique())[-MONTHS:]
        if len(months) < MONTHS or (months[-1] - months[0]).n != MONTHS - 1:
            continue
        of_month = [set(group.loc[group["month"] == month, "day"]) for month in months]
        for day in sorted(set.intersection(*of_month)):
            rows += [(line, currency, on) for on in _days(day, months[-1], as_of, until, bank_days)]
    found = pd.DataFrame(rows, columns=COLUMNS)
    return found.astype({"flow_date": "datetime64[s]"}).drop_duplicates(ignore_index=True)


def _days(day: int, after: pd.Period, as_of: date, until: date, bank_days: BankDays) -> list[pd.Timestamp]:
    found = []
    for month in pd.period_range(after + 1, pd.Period(until, "M"), freq="M"):
        on = bank_days.add(date(month.year, month.month, min(day, month.days_in_month)), 0)
        if as_of < on <= until:
            found.append(pd.Timestamp(on))
    return found
