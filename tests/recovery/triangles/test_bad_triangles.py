"""Any triangle, however broken: holes, cells below zero, vintages of nothing, shapes that no office makes. No model falls, none says what it cannot."""

import warnings
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recovery.triangles.triangle_cases import QUARTERS, of_rows, planted
from workbench.recovery.triangles import (
    Triangle,
    calendar_test,
    chain_ladder,
    check_intervals,
    hidden_diagonals,
    models_for,
    over_dispersed_poisson,
    race_of_models,
    residuals,
    residuals_by,
    ultimate_rates,
)


@st.composite
def broken(draw: st.DrawFn) -> Triangle:
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    count, ages = int(rng.integers(1, 9)), int(rng.integers(1, 9))
    cells = rng.integers(-30, 200, (count, ages)) * (rng.random((count, ages)) < rng.choice([0.3, 0.9, 1.0]))
    known = np.add.outer(np.arange(count), np.arange(ages)) < max(count, ages) - int(rng.integers(0, 2))
    known &= rng.random((count, ages)) > 0.05
    values = np.where(known, np.cumsum(cells, axis=1).astype(np.float64), np.nan)
    billed = rng.integers(0, 900, count).astype(np.float64)
    return replace(Triangle.of(values, billed), cycle=int(rng.choice([0, 2, 4])))


@settings(max_examples=40)
@given(triangle=broken())
def test_no_model_falls_over_a_broken_triangle(triangle: Triangle) -> None:
    known = triangle.is_known
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name, model in models_for(triangle).items():
            found = model(triangle)
            assert (found.full[known] == triangle.values[known]).all(), name
            assert not (found.errors < 0).any()
        over_dispersed_poisson(triangle, "period")
        calendar_test(triangle)
        residuals_by(residuals(chain_ladder(triangle)), "age")
        rates = ultimate_rates(triangle)
        assert np.isnan(rates.rates[triangle.billed <= 0]).all()
        assert np.isnan(rates.rates[triangle.reached < 0]).all()
        check = check_intervals(triangle)
        assert len(check.rows) >= check.held.count
        race = race_of_models(hidden_diagonals(triangle, count=2))
        assert race["is_best"].sum() <= 1


def test_a_season_in_which_nothing_comes_in_is_no_effect_that_can_be_told() -> None:
    none_in_autumn = over_dispersed_poisson(planted(QUARTERS * [1, 1, 0, 1]), "season")
    assert none_in_autumn.calendar_used == "none"  # its logarithm runs to −∞, and would make of any receipt a miracle
    assert np.isfinite(none_in_autumn.ultimates[:10]).all()


def test_vintages_and_ages_that_no_cell_ties_together_say_nothing_of_each_other() -> None:
    nan = np.nan
    apart = Triangle.of([[10, 15, nan, nan], [nan, nan, 30, 40]])
    found = over_dispersed_poisson(apart)
    assert np.isnan(found.ultimates[0])
    assert np.isnan(chain_ladder(apart).ultimates[0])
    assert found.ultimates[1] == 40


def test_a_triangle_of_nobody() -> None:
    nobody = Triangle.of([[np.nan, np.nan]], [100.0])
    assert nobody.hidden(3) is nobody
    assert np.isnan(ultimate_rates(nobody).rates).all()
    assert len(hidden_diagonals(nobody)) == 0
    assert np.isnan(over_dispersed_poisson(of_rows([[0.0, 0.0], [0.0]])).dispersion)
