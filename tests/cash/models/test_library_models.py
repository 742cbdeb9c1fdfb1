"""Mirrors cash/models/library_models.py: each model of statsmodels on small series, and what it does where it cannot be fitted."""

import numpy as np
import pytest

from tests.cash.panels import NONE, bank_days
from workbench.cash.models.candidates import Window
from workbench.cash.models.library_models import MODELS, for_months, of_series
from workbench.evidence import Floats

MONTHS = np.arange("2019-01", "2024-01", dtype="datetime64[M]").astype("datetime64[D]")


def yearly(count: int, seed: int = 2, noise: float = 2.0) -> Floats:
    """A synthetic monthly flow: a level of 1,000, 200 more in its first month, 200 less in its seventh."""
    moves = np.random.default_rng(seed).standard_normal(count) * noise
    return 1000 + 200 * np.cos(2 * np.pi * np.arange(count) / 12) + moves


@pytest.mark.parametrize("name", sorted(MODELS))
def test_the_season_of_three_years_is_found(name: str) -> None:
    said = MODELS[name](yearly(36), 12, 12)
    assert said.shape == (12,)
    assert np.abs(said - yearly(12, noise=0)).mean() < 90  # of a season of ± 200, part of which is held back


@pytest.mark.parametrize("name", sorted(MODELS))
def test_what_cannot_be_fitted_says_the_mean(name: str) -> None:
    days = bank_days("2021-01-04", 15)
    values = np.column_stack([np.arange(15.0), np.zeros(15), np.full(15, np.nan)])
    values[:9, 0] = np.nan  # six known days
    said = of_series(Window(days[:15], values, days[:4], NONE), name, 5).mean
    assert said.shape == (4, 3)
    assert said[:, 0] == pytest.approx(12.0)  # the mean of the last five
    assert (said[:, 1:] == 0).all()


def test_units_do_not_matter() -> None:
    window = Window(MONTHS[:36], np.column_stack([yearly(36), 1e9 * yearly(36)]), MONTHS[36:39], NONE)
    said = for_months()["ets"](window).mean
    assert said[:, 1] / 1e9 == pytest.approx(said[:, 0], rel=1e-6)


def test_a_missing_month_inside_is_filled_for_the_fit() -> None:
    values = yearly(36)[:, None]
    holed = values.copy()
    holed[20] = np.nan
    said = for_months()["theta"](Window(MONTHS[:36], holed, MONTHS[36:48], NONE)).mean
    whole = for_months()["theta"](Window(MONTHS[:36], values, MONTHS[36:48], NONE)).mean
    assert said == pytest.approx(whole, rel=0.02)
