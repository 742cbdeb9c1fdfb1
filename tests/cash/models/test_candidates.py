"""Mirrors cash/models/candidates.py: each simple model on a few days that a person can follow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.builders import worked
from tests.cash.panels import NONE, bank_days, weekly
from workbench.cash.models.candidates import (
    FOR_RACE,
    FOR_SHORT,
    FOR_SPARSE,
    Window,
    flat_rate,
    last_value,
    middles,
    month_naive,
    month_places,
    month_position,
    moving,
    seasonal_naive,
    weekday_position,
    year_naive,
    zero,
)
from workbench.evidence import Floats

CASE = worked("forecast_selection")["month_place"]


def window(values: Floats, ahead: int = 5, start: str = "2021-01-04") -> Window:
    rows = values if values.ndim == 2 else values[:, None]
    days = bank_days(start, len(rows) + ahead)
    return Window(days[: len(rows)], rows, days[len(rows) :], NONE)


def test_places_in_the_month_worked_by_hand() -> None:
    days = np.array(CASE["days"], dtype="datetime64[D]")
    assert month_places(days, NONE).tolist() == CASE["places"]


def test_a_closed_day_moves_the_places() -> None:
    days = np.array(["2021-01-04"], dtype="datetime64[D]")
    assert month_places(days, np.array(["2021-01-01"], dtype="datetime64[D]")).tolist() == [1]


def test_the_naive_one_is_the_last_same_weekday() -> None:
    values = np.array([1.0, 2, 3, 4, 5, 6, 7, np.nan, 9, 10])
    assert seasonal_naive(window(values, 7)).median[:, 0].tolist() == [6, 7, 3, 9, 10, 6, 7]


def test_the_naive_one_of_the_month_is_the_last_same_place() -> None:
    days = bank_days("2021-01-01", 42)  # January and February 2021 and a day
    values = np.where(np.isin(days, np.array(["2021-01-29", "2021-02-26"], dtype="datetime64[D]")), 500.0, 1.0)
    said = month_naive(Window(days[:41], values[:41, None], bank_days("2021-03-01", 23), NONE)).mean[:, 0]
    assert np.flatnonzero(said == 500).tolist() == [22]  # the last bank day of March


def test_the_naive_one_of_the_year_is_the_same_place_of_the_same_month() -> None:
    days = bank_days("2020-01-01", 300)
    values = np.where(days == np.datetime64("2020-02-28"), 900.0, 1.0)
    said = year_naive(Window(days, values[:, None], bank_days("2021-02-22", 7), NONE)).mean[:, 0]
    assert said.tolist() == [1, 1, 1, 1, 900, 1, 1]


def test_mean_and_median_are_kept_apart() -> None:
    values = np.concatenate([np.full(200, 3.0), np.tile([0.0, 0.0, 9.0], 20)])
    points = moving(window(values))
    assert (points.mean[0, 0], points.median[0, 0]) == (3.0, 0.0)


def test_a_flow_of_few_days_comes_at_its_place() -> None:
    days = bank_days("2021-01-01", 300)
    values = np.where(month_places(days, NONE) == 3, -600.0, 0.0)
    said = month_position(Window(days, values[:, None], bank_days("2022-03-01", 23), NONE))
    assert np.flatnonzero(said.mean[:, 0]).tolist() == [2]
    assert said.mean[2, 0] == said.median[2, 0] == -600
    assert flat_rate(Window(days, values[:, None], days[:1], NONE)).mean[0, 0] == pytest.approx(values[-500:].mean())


def test_the_shape_of_the_week_of_a_short_flow() -> None:
    said = weekday_position(window(np.tile([5.0, 4, 3, 2, 1], 6)))
    assert said.mean[:, 0].tolist() == said.median[:, 0].tolist() == [5, 4, 3, 2, 1]


def test_constant_and_ended_flows_have_no_band() -> None:
    for points, level in ((last_value(window(np.full(9, 7.0))), 7), (zero(window(np.full(9, 7.0))), 0)):
        assert points.quantiles is not None
        assert (points.mean == level).all()
        assert (points.quantiles == level).all()


MODELS = {**FOR_RACE, **FOR_SHORT, **FOR_SPARSE}


@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_series_without_a_known_day_is_told_as_nothing(name: str) -> None:
    values = np.column_stack([weekly(80), np.full(80, np.nan)])
    points = MODELS[name](window(values))
    assert np.isfinite(points.mean).all()
    assert points.mean[:, 1] == pytest.approx(0, abs=1e-9)
    assert points.median[:, 1] == pytest.approx(0, abs=1e-9)


@given(
    arrays(np.float64, (40, 2), elements=st.sampled_from([0.0, 1.0, -2.0, 50.0, np.nan])),
    st.sampled_from(sorted(FOR_SPARSE)),
)
def test_a_simple_model_says_nothing_beyond_what_it_has_seen(values: Floats, name: str) -> None:
    points = FOR_SPARSE[name](window(values, 12))
    known = np.nan_to_num(values)
    for said in (points.mean, points.median):
        assert (said <= np.maximum(known.max(axis=0), 0) + 1e-9).all()
        assert (said >= np.minimum(known.min(axis=0), 0) - 1e-9).all()


@given(arrays(np.float64, (7, 3), elements=st.sampled_from([np.nan, -2.0, 0.0, 1.5, 4.0])))
def test_middles_are_the_mean_and_the_median_of_what_is_known(values: Floats) -> None:
    mean, median = middles(values)
    for column in range(values.shape[1]):
        known = values[~np.isnan(values[:, column]), column]
        told = (known.mean(), np.median(known)) if len(known) else (0.0, 0.0)
        assert (mean[column], median[column]) == pytest.approx(told)
