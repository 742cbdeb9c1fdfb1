"""Mirrors cash/models/due_days.py: the 25th moved on, the last day of a quarter moved back, and what no date leads."""

import numpy as np

from tests.cash.panels import NONE, bank_days
from workbench.cash.models.candidates import Window, month_position
from workbench.cash.models.due_days import due_day, due_days, due_rows
from workbench.cash.models.panel import Days
from workbench.evidence import Floats

DAYS = bank_days("2021-01-01", 565)  # to the end of February 2023
PAST, COMING = 501, 64
MONTHS = np.arange("2021-01", "2023-04", dtype="datetime64[M]")


def on_date(date: int, amount: float, months: Days = MONTHS) -> Floats:
    """An amount on one date of months, on the next bank day where that is a weekend."""
    dates = months.astype("datetime64[D]") + (date - 1)
    rows = np.searchsorted(DAYS, dates)
    values = np.zeros(len(DAYS))
    values[rows[rows < len(DAYS)]] = amount
    return values


def window(*series: Floats) -> Window:
    values = np.stack(series, axis=1)
    return Window(DAYS[:PAST], values[:PAST], DAYS[PAST:], NONE)


def test_a_date_is_moved_on_and_back() -> None:
    rows = due_rows(bank_days("2021-05-03", 60))
    days = bank_days("2021-05-03", 60).astype(str)
    june = 1
    assert days[rows[19, june]] == "2021-06-21"  # the 20th is a Sunday
    assert days[rows[31 + 19, june]] == "2021-06-18"
    assert days[rows[30, june]] == "2021-06-30"  # the 31st of June is its last day
    assert rows[0, 0] == -1  # 1 May is before the days


def test_salaries_of_the_25th_are_told_on_their_day_and_on_no_other() -> None:
    values = on_date(25, -100.0)
    said = due_day(window(values))
    assert said.mean[:, 0].tolist() == values[PAST:].tolist()
    assert said.median[:, 0].tolist() == values[PAST:].tolist()
    assert np.abs(month_position(window(values)).mean[:, 0] - values[PAST:]).sum() > 100  # a place is not a date


def test_the_charges_of_a_quarter_come_in_its_month_alone() -> None:
    values = on_date(28, -30.0, MONTHS[2::3])
    assert due_day(window(values)).mean[:, 0].tolist() == values[PAST:].tolist()


def test_months_before_the_first_flow_are_no_payments_of_nothing() -> None:
    values = on_date(10, -7.0)
    values[:200] = 0
    assert set(due_day(window(values)).mean[:, 0].tolist()) == {0.0, -7.0}


def test_what_no_date_leads_is_left_to_the_place_in_the_month() -> None:
    values = np.zeros(len(DAYS))
    values[np.random.default_rng(3).choice(len(DAYS), 40, replace=False)] = 5.0
    given = window(values, on_date(25, 1.0))
    assert [found is None for found in due_days(given)] == [True, False]
    assert (due_day(given).mean[:, 0] == month_position(given).mean[:, 0]).all()


def test_without_a_history_nothing_is_due() -> None:
    none = Window(DAYS[:0], np.zeros((0, 2)), DAYS, NONE)
    assert due_days(none) == [None, None]
    assert not due_day(none).mean.any()
