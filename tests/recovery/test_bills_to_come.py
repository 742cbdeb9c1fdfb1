"""Mirrors recovery/bills_to_come.py: days and level of the bills still to be issued, ended and young series, a billing calendar."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import rows
from workbench.errors import WrongUse
from workbench.recovery import ReceiptCube, bills_to_come

CELL = {"currency_code": "MAD", "segment_code": "household", "service_code": "water"}
AS_OF = date(2024, 3, 31)


def cube_of(bills: list[tuple[str, str, int]], as_of: date = AS_OF) -> ReceiptCube:
    """A cube of bills (centre, day, dirhams)."""
    table = pd.DataFrame(
        [{"center_code": c, **CELL, "issue_date": pd.Timestamp(day), "billed_centimes": amount * 100} for c, day, amount in bills],
        columns=["center_code", *CELL, "issue_date", "billed_centimes"],
    )  # fmt: skip
    return ReceiptCube(as_of, (), pd.DataFrame(), table, pd.DataFrame())


def told(bills: pd.DataFrame) -> list[tuple[str, date, float]]:
    return [(row[0], row[1], round(row[2], 2)) for row in rows(bills[["center_code", "issue_date", "mean_mad"]])]


def monthly(center: str, amounts: dict[str, int], day: int = 10) -> list[tuple[str, str, int]]:
    return [(center, f"{month}-{day:02d}", amount) for month, amount in amounts.items()]


def year_and_a_quarter(level: int = 100, lately: int = 110) -> dict[str, int]:
    months = [f"{year}-{month:02d}" for year in (2023, 2024) for month in range(1, 13)][:15]
    return {month: (lately if month >= "2024" else level) for month in months}


def test_days_of_a_year_before_at_the_level_of_today() -> None:
    # April 2023 billed 100; January to March grew from 300 to 330: 110 are expected on 10 April.
    found = bills_to_come(cube_of(monthly("0101", year_and_a_quarter())), date(2024, 5, 31))
    assert told(found) == [("0101", date(2024, 4, 10), 110.0), ("0101", date(2024, 5, 10), 110.0)]


def test_a_season_comes_again() -> None:
    amounts = year_and_a_quarter(lately=100) | {"2023-07": 125}
    found = bills_to_come(cube_of(monthly("0101", amounts)), date(2024, 7, 31))
    assert told(found)[-1] == ("0101", date(2024, 7, 10), 125.0)


def test_growth_is_of_the_segment_not_of_the_centre_and_has_bounds() -> None:
    one, two = year_and_a_quarter(100, 100), year_and_a_quarter(100, 140)
    found = bills_to_come(cube_of([*monthly("0101", one), *monthly("0102", two)]), date(2024, 4, 30))
    assert [row[2] for row in told(found)] == [120.0, 120.0]
    wild = bills_to_come(cube_of(monthly("0101", year_and_a_quarter(100, 900))), date(2024, 4, 30))
    assert told(wild)[0][2] == 200.0


def test_a_short_history_bills_the_mean_of_its_last_months() -> None:
    bills = monthly("0101", {"2024-02": 90, "2024-03": 110})
    found = bills_to_come(cube_of(bills), date(2024, 4, 30))
    assert told(found) == [("0101", date(2024, 4, 10), 100.0)]


def test_a_quarterly_centre_keeps_its_months() -> None:
    bills = monthly("0101", {"2023-01": 100, "2023-04": 100, "2023-07": 100, "2023-10": 100, "2024-01": 100})
    found = bills_to_come(cube_of(bills), date(2024, 7, 31))
    assert [row[1] for row in told(found)] == [date(2024, 4, 10), date(2024, 7, 10)]


def test_a_series_silent_for_longer_than_ever_has_ended() -> None:
    alive, gone = monthly("0101", year_and_a_quarter()), monthly("0102", year_and_a_quarter())[:-1]
    found = bills_to_come(cube_of([*alive, *gone]), date(2024, 4, 30))
    assert told(found) == [("0101", date(2024, 4, 10), 110.0)]


def test_the_month_under_way_brings_only_the_days_left() -> None:
    amounts = year_and_a_quarter()
    bills = [*monthly("0101", amounts, 5), *monthly("0102", amounts, 25)]
    found = bills_to_come(
        cube_of([row for row in bills if row[1] <= "2024-03-15"], date(2024, 3, 15)), date(2024, 3, 31)
    )
    assert [row[:2] for row in told(found)] == [("0102", date(2024, 3, 25))]


def test_the_last_day_stands_for_those_that_a_month_lacks() -> None:
    bills = [("0101", "2024-01-31", 100)]
    found = bills_to_come(cube_of(bills, date(2024, 1, 31)), date(2024, 3, 31))
    assert [row[1] for row in told(found)] == [date(2024, 2, 29), date(2024, 3, 31)]


def test_a_billing_calendar_goes_before_history() -> None:
    history = [*monthly("0101", year_and_a_quarter()), *monthly("0102", year_and_a_quarter())]
    planned = pd.DataFrame([{"center_code": "0102", **CELL, "issue_date": pd.Timestamp(day), "billed_centimes": 5000} for day in ("2024-03-01", "2024-04-20", "2024-06-20")])  # fmt: skip
    found = bills_to_come(cube_of(history), date(2024, 4, 30), planned)
    assert told(found) == [("0101", date(2024, 4, 10), 110.0), ("0102", date(2024, 4, 20), 50.0)]
    with pytest.raises(WrongUse, match="no column 'issue_date'"):
        bills_to_come(cube_of(history), date(2024, 4, 30), planned.drop(columns="issue_date"))


def test_without_a_bill_none_is_expected() -> None:
    assert len(bills_to_come(cube_of([]), date(2024, 12, 31))) == 0


@given(
    st.lists(st.tuples(st.sampled_from(["0101", "0102"]), st.dates(date(2022, 1, 1), AS_OF), st.integers(1, 999)), min_size=1, max_size=30),
    st.integers(1, 500),
)  # fmt: skip
@settings(max_examples=40)
def test_bills_come_after_the_origin_up_to_the_last_day_and_are_never_negative(
    bills: list[tuple[str, date, int]], days: int
) -> None:
    until = AS_OF + pd.Timedelta(days=days).to_pytimedelta()
    found = bills_to_come(cube_of([(center, day.isoformat(), amount) for center, day, amount in bills]), until)
    assert (found["mean_mad"] >= 0).all()
    assert found["issue_date"].between(pd.Timestamp(AS_OF) + pd.Timedelta(days=1), pd.Timestamp(until)).all()
    assert not found.duplicated(["center_code", "issue_date"]).any()
