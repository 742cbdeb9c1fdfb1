"""Mirrors cash/models/panel.py: what is wrong in a history is refused, or mended and told."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import worked
from tests.cash.panels import NONE, bank_days, next_days, panel, weekly
from workbench.cash.models.panel import brought_down, checked_panel, notes_table, winsorised
from workbench.errors import WrongUse

CASE = worked("forecast_selection")["giant"]
FEW = worked("forecast_selection")["giant_of_few"]
FUTURE = np.datetime64("2030-01-01")


def test_a_day_given_twice_is_refused_with_the_day() -> None:
    history = panel([1, 2, 3])
    with pytest.raises(WrongUse, match=r"2021-01-05 twice.*keep one row a day"):
        checked_panel(replace(history, days=history.days[[0, 1, 1]]), FUTURE, NONE)


def test_days_out_of_order_are_refused() -> None:
    history = panel([1, 2, 3])
    with pytest.raises(WrongUse, match="goes back at 2021-01-04"):
        checked_panel(replace(history, days=history.days[[1, 0, 2]]), FUTURE, NONE)


def test_what_does_not_fit_is_refused() -> None:
    history = panel(np.ones((3, 2)))
    with pytest.raises(WrongUse, match="named twice"):
        checked_panel(replace(history, names=("a", "a")), FUTURE, NONE)
    with pytest.raises(WrongUse, match="infinite"):
        checked_panel(panel([1, np.inf, 3]), FUTURE, NONE)
    with pytest.raises(WrongUse, match="are not of"):
        checked_panel(replace(history, names=("a",)), FUTURE, NONE)


def test_a_gap_is_missing_not_zero_and_told() -> None:
    history = panel([1, 2, 3, 4, 5, 6])
    holed = replace(history, days=history.days[[0, 1, 4, 5]], values=history.values[[0, 1, 4, 5]])
    checked, notes = checked_panel(holed, FUTURE, NONE)
    assert np.array_equal(checked.values[:, 0], [1, 2, np.nan, np.nan, 5, 6], equal_nan=True)
    told = notes_table(notes).iloc[0]
    assert (told["note_code"], str(told["start_date"].date()), told["day_count"]) == ("gap", "2021-01-06", 2)


def test_a_closed_day_is_no_gap() -> None:
    history = panel([1, 2, 3])
    holed = replace(history, days=history.days[[0, 2]], values=history.values[[0, 2]])
    checked, notes = checked_panel(holed, FUTURE, history.days[[1]])
    assert len(checked.days) == 2
    assert notes == []


def test_days_of_the_future_are_left_out_and_told() -> None:
    history = panel([1, 2, 3, 4, 5])
    checked, notes = checked_panel(history, history.days[3], NONE)
    assert checked.values[:, 0].tolist() == [1, 2, 3]
    assert [(note.code, note.start, note.days) for note in notes] == [("future_left_out", history.days[3], 2)]


def test_an_account_opened_last_week_has_no_zeros_before() -> None:
    values = np.column_stack([weekly(300), np.concatenate([np.zeros(295), np.full(5, 7.0)])])
    checked, notes = checked_panel(panel(values), FUTURE, NONE)
    assert np.isnan(checked.values[:295, 1]).all()
    assert not np.isnan(checked.values[:, 0]).any()
    assert [(note.series, note.code, note.days) for note in notes] == [("line1", "begins_late", 5)]


def test_a_flow_that_often_rests_keeps_its_first_zeros() -> None:
    values = np.zeros(600)
    values[[200, 400, 599]] = 50.0
    checked, notes = checked_panel(panel(values), FUTURE, NONE)
    assert not np.isnan(checked.values).any()
    assert notes == []


def test_a_giant_worked_by_hand() -> None:
    values = np.array([CASE["usual"]] * CASE["usual_count"] + CASE["others"])
    brought, notes = winsorised(panel(values))
    assert brought.values[-3:, 0].tolist() == [*CASE["others"][:2], CASE["brought"]]
    assert len(notes) == 1


def test_one_giant_value_is_brought_down_and_told() -> None:
    values = weekly(200)
    values[120] = 1e6
    third = np.sort(values)[-3]
    brought, notes = winsorised(panel(values))
    assert brought.values[120, 0] == third
    assert np.array_equal(np.delete(brought.values[:, 0], 120), np.delete(values, 120))
    assert [(note.code, note.amount) for note in notes] == [("giant_brought_down", 1e6)]


def test_what_comes_every_year_is_no_accident() -> None:
    values = weekly(600)
    days = bank_days("2021-01-04", 600)
    for day in ("2021-06-15", "2022-06-20"):
        values[np.searchsorted(days, np.datetime64(day))] = 5_000.0
    brought, notes = winsorised(panel(values))
    assert np.array_equal(brought.values[:, 0], values)
    assert notes == []


def test_under_four_flows_nobody_can_tell_a_giant() -> None:
    values = np.zeros(100)
    values[[10, 50, 90]] = [1, 1, 1000]
    assert winsorised(panel(values))[1] == []


def test_a_giant_among_few_flows_worked_by_hand() -> None:
    """One is brought down to the largest of the others; 100 is not more than ten times their median, and of two giants nobody can tell."""
    values = np.zeros((100, 3))
    for column, flows in enumerate((FEW["giant"], FEW["not_ten_times"], FEW["two_giants"])):
        values[5 : 5 + 7 * len(flows) : 7, column] = flows
    brought, notes = winsorised(panel(values))
    assert [(note.series, note.amount) for note in notes] == [("line0", FEW["giant"][-1])]
    assert brought.values[:, 0].sum() == sum(FEW["giant"][:-1]) + FEW["brought"]
    assert np.array_equal(brought.values[:, 1:], values[:, 1:])


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=80))
def test_bringing_down_keeps_sides_and_never_makes_larger(flows: list[float]) -> None:
    values = np.round(np.array(flows), 2)[:, None]
    days = bank_days("2021-01-04", len(flows))
    down, giants = brought_down(days, values)
    assert (np.abs(down) <= np.abs(values)).all()
    assert np.array_equal(np.sign(down), np.sign(values))
    assert np.array_equal(down[~giants], values[~giants])
    assert np.array_equal(brought_down(days, -values)[1], giants)
    assert giants.sum(axis=0).max() <= 4  # two on each side at most


def test_a_panel_of_all_days_of_the_week_keeps_its_weekends() -> None:
    history = panel(np.ones(14))
    every = replace(history, days=np.arange("2021-01-04", "2021-01-18", dtype="datetime64[D]"))
    checked, notes = checked_panel(every, FUTURE, NONE)
    assert (len(checked.days), notes) == (14, [])
    assert len(next_days(history, 3)) == 3
