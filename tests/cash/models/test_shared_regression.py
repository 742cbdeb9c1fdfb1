"""Mirrors cash/models/shared_regression.py. Fits are compared with those made a series at a time by other means."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import QuantileRegressor, Ridge

from workbench.cash.models.shared_regression import SharedDesign, fit_quantile, fit_ridge
from workbench.evidence import Floats

SEEDS = st.integers(0, 10_000)


def problem(seed: int, rows: int = 120, columns: int = 6, series: int = 4) -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(seed)
    design = rng.standard_normal((rows, columns))
    values = design @ rng.standard_normal((columns, series)) + rng.standard_normal((rows, series)) + 5
    return design, values, rng.random(rows) + 0.1


def test_ridge_is_that_of_scikit_learn() -> None:
    design, values, weights = problem(1)
    fit = fit_ridge(SharedDesign.of(design, weights), values, (3.0,))
    other = Ridge(alpha=3.0).fit(design, values, sample_weight=weights / weights.mean())
    assert fit.linear.predict(design) == pytest.approx(other.predict(design))
    assert fit.fitted == pytest.approx(fit.linear.predict(design))


def test_the_penalty_of_each_series_is_that_of_the_least_score() -> None:
    design, values, _ = problem(2)
    shared, penalties = SharedDesign.of(design, np.ones(len(design))), (0.1, 10.0, 1000.0)
    values[:, 0] = np.random.default_rng(3).standard_normal(len(values))  # noise: the heaviest penalty is best
    fit = fit_ridge(shared, values, penalties)
    scores = []
    for penalty in penalties:
        tried = fit_ridge(shared, values, (penalty,))
        centred = design - design.mean(axis=0)
        hat = centred @ np.linalg.solve(centred.T @ centred + penalty * np.eye(6), centred.T)
        scores.append(((values - tried.fitted) ** 2).sum(axis=0) / (len(values) - 1 - np.trace(hat)) ** 2)
    assert fit.penalty.tolist() == [penalties[best] for best in np.argmin(scores, axis=0)]
    assert fit.penalty[0] == 1000.0


def test_a_miss_over_what_the_row_left_is_the_miss_without_the_row() -> None:
    design, values, _ = problem(4, rows=40)
    fit = fit_ridge(SharedDesign.of(design, np.ones(40)), values, (2.0,))
    rest = np.arange(40) != 7
    centred = design - design.mean(axis=0)  # the intercept is not penalised: as one more column, here by hand
    left = Ridge(alpha=2.0).fit(centred[rest], values[rest])
    assert (values - fit.fitted)[7] / (1 - fit.own[7]) == pytest.approx(values[7] - left.predict(centred[[7]])[0])


@given(seed=SEEDS)
def test_with_one_penalty_the_fit_of_a_sum_is_the_sum_of_fits(seed: int) -> None:
    design, values, weights = problem(seed)
    shared = SharedDesign.of(design, weights)
    with_sum = np.hstack([values, values.sum(axis=1, keepdims=True)])
    said = fit_ridge(shared, with_sum, one_penalty=True).linear.predict(design)
    assert said[:, :-1].sum(axis=1) == pytest.approx(said[:, -1])


def objective(missed: Floats, weights: Floats, level: float) -> Floats:
    return (weights[:, None] * np.maximum(level * missed, (level - 1) * missed)).sum(axis=0)


@pytest.mark.parametrize("level", [0.1, 0.5, 0.9])
def test_the_quantile_fit_is_nearly_that_of_linear_programming(level: float) -> None:
    design, values, weights = problem(5, rows=300)
    shared = SharedDesign.of(design, weights)
    linear, said = fit_quantile(shared, values, np.full(4, 1e-3), np.zeros_like(values), level, rounds=200)
    best = [
        QuantileRegressor(quantile=level, alpha=0).fit(design, y, sample_weight=weights).predict(design)
        for y in values.T
    ]
    least = objective(values - np.column_stack(best), weights, level)
    assert (objective(values - said, weights, level) <= 1.01 * least).all()
    assert linear.predict(design) == pytest.approx(said, abs=1e-4)


def test_one_giant_day_does_not_move_a_median() -> None:
    design, values, weights = problem(6)
    shared, penalty = SharedDesign.of(design, weights), np.full(4, 0.1)
    start = fit_ridge(shared, values, (0.1,)).fitted
    before = fit_quantile(shared, values, penalty, start, rounds=200)[1]
    values[50] += 1e6
    after = fit_quantile(shared, values, penalty, fit_ridge(shared, values, (0.1,)).fitted, rounds=200)[1]
    assert np.abs(after - before).mean() < 1


def test_missing_days_weigh_nothing() -> None:
    design, values, weights = problem(7)
    gaps = values.copy()
    gaps[[10, 50, 90]] = np.nan
    rest = ~np.isnan(gaps[:, 0])
    whole, less = SharedDesign.of(design, weights), SharedDesign.of(design[rest], weights[rest])
    filled, left_out = (fit_ridge(one, y, (1.0,)) for one, y in ((whole, gaps), (less, values[rest])))
    assert filled.linear.predict(design) == pytest.approx(left_out.linear.predict(design), abs=0.05)
    penalty = np.full(4, 1.0)
    with_gaps = fit_quantile(whole, gaps, penalty, filled.fitted, rounds=300)[1]
    without = fit_quantile(less, values[rest], penalty, left_out.fitted, rounds=300)[0].predict(design)
    assert with_gaps == pytest.approx(without, abs=0.1)


@given(seed=SEEDS)
def test_the_order_of_the_series_changes_nothing(seed: int) -> None:
    design, values, weights = problem(seed)
    order, shared = np.random.default_rng(seed).permutation(4), SharedDesign.of(design, weights)
    ridge, moved = fit_ridge(shared, values), fit_ridge(shared, values[:, order])
    assert moved.fitted == pytest.approx(ridge.fitted[:, order])
    median, other = (
        fit_quantile(shared, y, fit.penalty, fit.fitted)[1] for y, fit in ((values, ridge), (values[:, order], moved))
    )
    assert other == pytest.approx(median[:, order], abs=1e-3)
