"""Mirrors cash/models/calendar_design.py."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.cash.models import calendar_design as design
from workbench.cash.models.calendar_design import Feast, calendar_design, feasts_of
from workbench.standards import load_bank_days, load_movable_feasts

CLOSED = np.array([row.day for row in load_bank_days().closed], dtype="datetime64[D]")
CALENDAR = np.busdaycalendar(holidays=CLOSED)


def days(*texts: str) -> design.Days:
    return np.array(texts, dtype="datetime64[D]")


def bank_days(start: str, end: str) -> design.Days:
    every = np.arange(start, end, dtype="datetime64[D]")
    return every[np.is_busday(every, busdaycal=CALENDAR)]


def test_days_are_counted_from_both_ends_of_their_month() -> None:
    # April 2024: the feast closes the 10th and 11th, the bridge the 12th; a Saturday is no bank day
    from_start, to_end = design._counted_both_ways(
        days("2024-04-01", "2024-04-09", "2024-04-15", "2024-04-30", "2024-04-13"), CALENDAR
    )
    assert from_start.tolist() == [1, 7, 8, 19, 0]
    assert to_end.tolist() == [19, 13, 12, 1, 0]


def test_neighbours_leap_over_closed_days() -> None:
    before, after = design._neighbours(days("2024-04-09", "2024-04-15", "2024-04-13"), CALENDAR)
    assert before.tolist() == [date(2024, 4, 8), date(2024, 4, 9), date(2024, 4, 9)]
    assert after.tolist() == [date(2024, 4, 15), date(2024, 4, 16), date(2024, 4, 15)]


def test_what_falls_on_closed_days_is_paid_on_an_open_one() -> None:
    forward = design._moved(days("2024-04-15", "2024-04-16"), CALENDAR, forward=True)
    assert (np.flatnonzero(forward[0]) + 1).tolist() == [10, 11, 12, 13, 14, 15]
    assert (np.flatnonzero(forward[1]) + 1).tolist() == [16]
    backward = design._moved(days("2024-04-09", "2024-03-29"), CALENDAR, forward=False)
    assert (np.flatnonzero(backward[0]) + 1).tolist() == [9, 10, 11, 12, 13, 14]
    assert (np.flatnonzero(backward[1]) + 1).tolist() == [29, 30, 31]


@given(year=st.integers(2015, 2029), month=st.integers(1, 12))
def test_every_day_of_a_month_is_paid_once(year: int, month: int) -> None:
    first = np.datetime64(f"{year}-{month:02d}-01")
    around = bank_days(str(first - 10), str(first + 45))
    length = int(((first.astype("datetime64[M]") + 1).astype("datetime64[D]") - first).astype(int))
    for forward in (True, False):
        moved = design._moved(around, CALENDAR, forward)
        own = (around >= first) & (around < first + length)
        inner = moved[own][:, 7:20].sum(axis=0)  # days whose payment stays in the month whatever is closed
        assert inner.tolist() == [1.0] * 13


def test_distances_to_closed_days() -> None:
    to_closed, from_closed = design._distances(days("2024-04-09", "2024-04-12", "2024-04-16"), CALENDAR.holidays)
    assert to_closed.tolist() == [1, 0, design.NEAR]
    assert from_closed.tolist() == [design.NEAR, 0, 4]


def test_the_columns_are_the_same_for_any_days() -> None:
    long, some = bank_days("2019-01-01", "2025-01-01"), days("2024-04-15", "2024-12-31")
    whole = calendar_design(long, CLOSED)
    assert np.array_equal(calendar_design(some, CLOSED), whole[np.isin(long, some)])
    assert np.isfinite(whole).all()


def test_an_open_day_of_the_quarter_is_told_by_its_month() -> None:
    columns = calendar_design(days("2024-01-15", "2024-02-15", "2024-03-15"), CLOSED)
    quarter = columns[:, -design.ANNUAL - 21 : -design.ANNUAL]
    assert quarter[:, :3].tolist() == np.eye(3).tolist()
    assert [np.flatnonzero(row[3:]).tolist() for row in quarter] == [[1], [7], [13]]  # the 15th of each


def test_feasts_have_columns_of_their_own() -> None:
    feasts = feasts_of(load_movable_feasts())
    plain, with_feasts = (calendar_design(days("2025-03-20"), CLOSED, given) for given in ((), feasts))
    assert with_feasts.shape[1] - plain.shape[1] == 4 * (2 * design.NEAR + 3)


def test_days_near_a_feast_and_thirds_of_a_fast() -> None:
    fast = (Feast("ramadan", np.datetime64("2025-03-02"), np.datetime64("2025-03-30")),)
    told = design._around_feast(
        days(
            "2025-02-21",
            "2025-02-22",
            "2025-03-01",
            "2025-03-02",
            "2025-03-17",
            "2025-03-30",
            "2025-03-31",
            "2025-04-08",
        ),
        fast,
        "ramadan",
    )
    places = [int(row.argmax()) if row.any() else -1 for row in told]
    assert places == [-1, 0, 7, 16, 17, 18, 8, -1]


@pytest.mark.parametrize("count", [1, 5])
def test_a_code_outside_has_no_column(count: int) -> None:
    assert design.one_hot(np.array([-1, count]), count).sum() == 0
