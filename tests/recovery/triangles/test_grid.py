"""Mirrors recovery/triangles/grid.py: when a cell is over, and of what age an event is."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recovery.triangles.triangle_cases import GRIDS
from workbench.errors import WrongUse
from workbench.recovery.triangles import Grid
from workbench.recovery.triangles.grid import first_day, last_day, ordinal_of

JANUARY = ordinal_of(date(2024, 1, 1))


@pytest.mark.parametrize(
    ("grid", "age", "end"),
    [
        (Grid(), 0, date(2024, 1, 31)),
        (Grid(), 1, date(2024, 2, 29)),
        (Grid("quarter", "months"), 0, date(2024, 3, 31)),
        (Grid("quarter", "quarters"), 1, date(2024, 6, 30)),
        (Grid("month", "quarters"), 0, date(2024, 3, 31)),
        (
            Grid("month", "days", 30),
            0,
            date(2024, 2, 29),
        ),  # the bill of 31 January has lived 30 days, its own among them
        (Grid("quarter", "days", 7), 1, date(2024, 4, 13)),
    ],
)
def test_a_cell_is_over_when_its_youngest_bill_has_lived_through_it(grid: Grid, age: int, end: date) -> None:
    assert grid.end_of(JANUARY, age) == end
    assert grid.complete_ages(JANUARY, end) == age + 1
    assert grid.complete_ages(JANUARY, end - timedelta(days=1)) == age


@settings(max_examples=60)
@given(grid=GRIDS, age=st.integers(0, 20), back=st.integers(0, 400))
def test_complete_ages_are_those_that_have_ended(grid: Grid, age: int, back: int) -> None:
    as_of = grid.end_of(JANUARY, age) - timedelta(days=back)
    ended = sum(grid.end_of(JANUARY, each) <= as_of for each in range(age + 1))
    assert grid.complete_ages(JANUARY, as_of) == ended


def test_ages_count_from_the_month_of_the_bill_and_quarters_of_quarters_from_the_calendar() -> None:
    bill, event = np.array([JANUARY + 2]), np.array([JANUARY + 3])  # March, April
    assert Grid().age_of(bill, event).tolist() == [1]
    assert Grid("quarter", "months").age_of(bill, event).tolist() == [1]
    assert Grid("month", "quarters").age_of(bill, event).tolist() == [0]
    assert Grid("quarter", "quarters").age_of(bill, event).tolist() == [1]


@settings(max_examples=30)
@given(grid=GRIDS, count=st.integers(1, 30))
def test_the_place_of_a_cell_is_the_period_in_which_it_ends(grid: Grid, count: int) -> None:
    vintages = np.array([JANUARY, JANUARY + 3])
    size = 3 if grid.age == "quarters" else 1
    ends = [[ordinal_of(grid.end_of(int(month), age)) // size for age in range(count)] for month in vintages]
    assert grid.periods(vintages, count).tolist() == ends


def test_days_of_months() -> None:
    assert (first_day(JANUARY), last_day(JANUARY + 1)) == (date(2024, 1, 1), date(2024, 2, 29))


def test_other_words_are_refused() -> None:
    with pytest.raises(WrongUse, match="a month or a quarter, not 'year'"):
        Grid("year")
    with pytest.raises(WrongUse, match="in days, months or quarters, not 'weeks'"):
        Grid("month", "weeks")
    with pytest.raises(WrongUse, match="a day at least, not 0"):
        Grid("month", "days", 0)
