"""Mirrors cash/known/booked_ahead.py and late_values.py: what is booked before its day of value, and after it."""

from datetime import date

import pandas as pd

from tests.builders import table
from workbench.cash.known.booked_ahead import booked_ahead
from workbench.cash.known.late_values import RIPE, late_values
from workbench.standards import load_bank_days

BANK_DAYS = load_bank_days()
AS_OF = date(2024, 9, 30)
DAYS = pd.bdate_range("2024-02-05", "2024-03-01")  # twenty days, all of them bank days


def lines(code: str, lead: int, count: int = len(DAYS)) -> pd.DataFrame:
    """A line a day of 100.00, booked so many weekdays before its value."""
    return pd.DataFrame(
        {
            "account_number": "A",
            "line_code": code,
            "currency_code": "MAD",
            "day_date": DAYS[:count] - pd.tseries.offsets.BDay(lead),
            "value_date": DAYS[:count],
            "amount_centimes": pd.array([10_000] * count, "Int64"),
        }
    )


def shares(classified: pd.DataFrame) -> dict[str, list[float]]:
    found = booked_ahead(classified, BANK_DAYS, AS_OF)
    return {str(line): rows["booked_share"].tolist() for line, rows in found.groupby("line_code")}


def test_what_is_booked_the_day_before_is_all_known_a_day_ahead_and_not_two() -> None:
    both = pd.concat([lines("counters", 1), lines("bulk", 2), lines("bulk", 0)])
    assert shares(both) == {"counters": [1, 0, 0, 0, 0], "bulk": [0.5, 0.5, 0, 0, 0]}


def test_few_days_say_nothing_of_the_habits_of_a_line() -> None:
    assert shares(lines("counters", 1, 19)) == {}
    assert booked_ahead(lines("counters", 1).head(0), BANK_DAYS, AS_OF).empty


def test_own_transfers_and_days_of_value_to_come_are_not_counted() -> None:
    late = lines("counters", 1).assign(value_date=pd.Timestamp(2024, 10, 1))
    assert shares(pd.concat([lines("counters", 1), late, lines("own_transfer", 1)])) == {"counters": [1, 0, 0, 0, 0]}


def test_a_value_on_a_saturday_counts_on_the_monday() -> None:
    friday = lines("counters", 0).assign(value_date=lambda rows: rows["value_date"] + pd.Timedelta(days=1))
    on_fridays = friday[friday["day_date"].dt.day_of_week == 4]
    years = [on_fridays.assign(**{name: on_fridays[name] - pd.Timedelta(weeks=4 * back) for name in ("day_date", "value_date")}) for back in range(6)]  # fmt: skip
    assert shares(pd.concat(years))["counters"] == [1, 0, 0, 0, 0]


def test_a_past_day_lacked_what_was_booked_later_in_value_of_it() -> None:
    early = lines("counters", 0)
    late = table("""
    account_number line_code    currency_code day_date   value_date amount_centimes
    A              charges      MAD           2024-02-14 2024-02-12 -700
    A              own_transfer MAD           2024-02-14 2024-02-12 -900
    """)
    late[["day_date", "value_date"]] = late[["day_date", "value_date"]].apply(pd.to_datetime)
    found = late_values(pd.concat([early, late]), BANK_DAYS, date(2024, 3, 29))
    rows = found.rows
    days = BANK_DAYS.ordinals(date(2024, 2, 5), date(2024, 3, 29))
    assert found.count == int(days["is_ouvre"].sum()) - RIPE
    assert rows["place"].tolist() == [5, 6]  # as read on the 12th and on the 13th; on the 14th it was booked
    assert rows["amount_centimes"].tolist() == [-700, -700]


def test_a_young_office_does_not_know_what_comes_late() -> None:
    assert late_values(lines("counters", 0), BANK_DAYS, date(2024, 3, 8)).count == 0
    assert late_values(lines("counters", 0).head(0), BANK_DAYS, AS_OF).count == 0
