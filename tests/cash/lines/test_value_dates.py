"""Mirrors cash/lines/value_dates.py: what is misread, what is late but possible, what no calendar holds."""

from datetime import date

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from workbench.cash.lines.value_dates import is_misdated, usable_days
from workbench.standards import load_bank_days

BANK_DAYS = load_bank_days()  # 2010 to 2030


def lines(*pairs: tuple[str, str]) -> pd.DataFrame:
    columns = list(zip(*pairs, strict=True))
    return pd.DataFrame({"day_date": pd.to_datetime(list(columns[0])), "value_date": pd.to_datetime(list(columns[1]))})


def test_a_value_date_over_a_year_back_or_before_the_calendar_is_misread() -> None:
    table = lines(
        ("2024-03-01", "2024-03-04"), ("2024-03-01", "2023-03-01"), ("2024-03-01", "2023-02-28"), ("2010-01-05", "2009-12-31"),
        ("2005-01-03", "2005-01-03"), ("2024-03-01", "2099-01-02"),
    )  # fmt: skip
    assert is_misdated(table, BANK_DAYS).tolist() == [False, False, True, True, True, False]
    days = usable_days(table, BANK_DAYS)
    expected = ["2024-03-04", "2023-03-01", "2024-03-01", "2010-01-05", "NaT", "NaT"]
    np.testing.assert_array_equal(days, np.array(expected, "datetime64[D]"))


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_a_day_of_a_history_is_in_the_calendar_and_never_long_before_its_booking(booked: date, value: date) -> None:
    (day,) = usable_days(lines((str(booked), str(value))), BANK_DAYS)
    if not np.isnat(day):
        assert BANK_DAYS.first_day <= day.astype(object) <= BANK_DAYS.last_day
        assert day >= np.datetime64(booked) - np.timedelta64(366, "D")
        assert day in (np.datetime64(booked), np.datetime64(value))
