"""Mirrors cash/models/calendar_model.py. The flows are made up, with effects that are known (synthetic data)."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import worked
from workbench.cash.models.calendar_design import Days, Feast, feasts_of
from workbench.cash.models.calendar_model import DEFAULT, Settings, backtest, fit_calendar, followed, recency
from workbench.errors import WrongUse
from workbench.evidence import Floats, mase
from workbench.standards import load_bank_days, load_movable_feasts

CASES = worked("calendar_model")
CLOSED = np.array([row.day for row in load_bank_days().closed], dtype="datetime64[D]")


def bank_days(start: str, end: str) -> Days:
    every = np.arange(start, end, dtype="datetime64[D]")
    return every[np.is_busday(every, holidays=CLOSED)]


PAST, COMING = bank_days("2021-01-01", "2024-01-01"), bank_days("2024-01-01", "2024-04-01")
EVERY = np.concatenate([PAST, COMING])


def planted(seed: int = 1) -> Floats:
    """Four synthetic flows: Mondays, a payroll before the 28th, a tax on the 15th of each quarter's first month, noise alone."""
    rng = np.random.default_rng(seed)
    month = EVERY.astype("datetime64[M]")
    pay_day = np.unique(np.busday_offset(month.astype("datetime64[D]") + 27, 0, roll="backward", holidays=CLOSED))
    fifteenth = month.astype("datetime64[D]") + 14
    tax_day = np.unique(np.busday_offset(fifteenth[month.astype(int) % 3 == 0], 0, roll="forward", holidays=CLOSED))
    monday = (EVERY.astype(int) + 3) % 7 == 0
    truth = np.column_stack(
        [
            100 + 50 * monday,
            20 + 900 * np.isin(EVERY, pay_day),
            10 + 500 * np.isin(EVERY, tax_day),
            np.full(len(EVERY), 40),
        ]
    )
    return truth + rng.standard_normal(truth.shape) * 5


def test_planted_effects_of_the_calendar_are_found() -> None:
    values = planted()
    said = fit_calendar(values[: len(PAST)], PAST, CLOSED).predict(COMING)
    truth = values[len(PAST) :]
    for point in (said.mean, said.median):
        assert np.abs(point - truth)[:, 0].mean() < 10
        assert np.abs(point.sum(axis=0) / truth.sum(axis=0) - 1).max() < 0.1
    pay_days = truth[:, 1] > 500
    assert np.abs(said.median[pay_days, 1] / truth[pay_days, 1] - 1).max() < 0.1
    tax_days = truth[:, 2] > 200
    assert tax_days.sum() == 1
    assert said.median[tax_days, 2] > 0.7 * truth[tax_days, 2]
    assert (mase(truth, said.median, values[: len(PAST)]) < 0.9).all()


def test_a_shift_before_feasts_is_found_by_the_feasts_alone() -> None:
    feasts, rng = feasts_of(load_movable_feasts()), np.random.default_rng(2)
    days = bank_days("2017-01-01", "2025-03-01")
    truth = 100 - 60.0 * np.any([(days >= f.start) & (days <= f.end) for f in feasts if f.name == "ramadan"], axis=0)
    values, past = (truth + rng.standard_normal(len(days)))[:, None], days < np.datetime64("2024-03-01")
    coming = (days >= np.datetime64("2024-03-01")) & (days < np.datetime64("2024-04-30"))
    missed = [
        np.abs(fit_calendar(values[past], days[past], CLOSED, given).predict(days[coming]).mean - values[coming]).mean()
        for given in ((), feasts)
    ]
    assert missed[1] < 0.25 * missed[0]


def test_the_level_is_followed_after_a_drift() -> None:
    values = planted()[:, [3]]
    values[-len(COMING) - 60 :] += 30
    said = fit_calendar(values[: len(PAST)], PAST, CLOSED).predict(COMING)
    unled = fit_calendar(values[: len(PAST)], PAST, CLOSED, settings=Settings(level_gain=1e-9)).predict(COMING)
    assert abs(said.mean.mean() - 70) < 0.8 * abs(unled.mean.mean() - 70)
    assert abs(said.median.mean() - 70) < 0.8 * abs(unled.median.mean() - 70)


def test_levels_and_weights_as_worked_by_hand() -> None:
    case = CASES["level"]
    settings = Settings(level_gain=case["gain"])
    assert followed(np.array(case["misses"])[:, None], settings) == pytest.approx([case["level"]], abs=1e-6)
    days = np.array(CASES["recency"]["days"], dtype="datetime64[D]")
    assert recency(days, CASES["recency"]["half_life_days"]) == pytest.approx(CASES["recency"]["weights"], abs=1e-6)


def test_series_that_begin_later_are_learnt_from_their_own_days() -> None:
    values = planted()
    late = values.copy()
    late[:400, 1] = np.nan
    said = fit_calendar(late[: len(PAST)], PAST, CLOSED).predict(COMING)
    alone = fit_calendar(values[400 : len(PAST), [1]], PAST[400:], CLOSED).predict(COMING)
    assert said.mean[:, 1] == pytest.approx(alone.mean[:, 0])
    assert said.median[:, 1] == pytest.approx(alone.median[:, 0], abs=0.05)
    assert np.isfinite(said.quantiles).all()


def test_nothing_known_gives_nothing_and_little_gives_something() -> None:
    values = np.full((60, 3), np.nan)
    values[-3:, 1], values[:, 2] = 7.0, 0.0
    said = fit_calendar(values, PAST[:60], CLOSED).predict(COMING)
    assert np.isnan(said.mean[:, 0]).all()
    assert said.median[:, 1] == pytest.approx(7.0, abs=1e-4)
    assert (said.mean[:, 2] == 0).all()
    assert (said.scale[:, 1:] > 0).all()


def test_a_history_that_does_not_hold_is_refused() -> None:
    for values, days in ((np.ones((3, 1)), PAST[:4]), (np.ones(4), PAST[:4]), (np.ones((4, 1)), PAST[[0, 2, 1, 3]])):
        with pytest.raises(WrongUse, match="differ in length"):
            fit_calendar(values, days, CLOSED)


@settings(max_examples=10)
@given(seed=st.integers(0, 10_000))
def test_quantiles_never_cross_and_order_of_series_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.exponential(size=(150, 5)) * 10.0 ** rng.integers(0, 6, 5)
    values[: rng.integers(0, 60), 0] = np.nan
    values[rng.integers(0, 150, 9), rng.integers(0, 5, 9)] = np.nan
    order = rng.permutation(5)
    said, moved = (fit_calendar(part, PAST[:150], CLOSED).predict(COMING) for part in (values, values[:, order]))
    assert (np.diff(said.quantiles, axis=-1) >= 0).all()
    for name in ("mean", "median", "scale"):
        assert getattr(moved, name) / 10**4 == pytest.approx(getattr(said, name)[:, order] / 10**4, rel=1e-3, abs=1e-3)


@settings(max_examples=10)
@given(seed=st.integers(0, 10_000))
def test_with_one_penalty_the_mean_of_a_sum_is_the_sum_of_means(seed: int) -> None:
    values = np.random.default_rng(seed).gamma(2.0, 10.0, (300, 4))
    with_sum = np.hstack([values, values.sum(axis=1, keepdims=True)])
    said = fit_calendar(with_sum, PAST[:300], CLOSED, settings=Settings(one_penalty=True)).predict(COMING).mean
    assert said[:, :-1].sum(axis=1) == pytest.approx(said[:, -1])


def test_a_back_test_knows_nothing_of_what_came() -> None:
    values = planted()
    told = backtest(values, EVERY, CLOSED, horizon=20, origins=3, step=15)
    spoilt = values.copy()
    spoilt[told.first_rows[0] :] *= -3
    again = backtest(spoilt, EVERY, CLOSED, horizon=20, origins=3, step=15)
    assert told.mean.shape == (3, 20, 4)
    assert told.quantiles.shape == (3, 20, 4, 5)
    assert np.array_equal(told.mean[0], again.mean[0])
    assert np.array_equal(told.quantiles[0], again.quantiles[0])
    assert not np.array_equal(told.mean[1], again.mean[1])
    assert np.array_equal(told.actual[-1], values[-20:])


@pytest.mark.parametrize("levels", [DEFAULT.levels, (0.1, 0.5, 0.9)])
def test_an_origin_at_which_nothing_had_begun_says_nothing_at_any_levels(levels: tuple[float, ...]) -> None:
    values = planted()
    values[: len(values) - 30] = np.nan
    told = backtest(values, EVERY, CLOSED, horizon=20, origins=3, step=15, settings=Settings(levels=levels))
    assert told.quantiles.shape == (3, 20, 4, len(levels))
    assert np.isnan(told.quantiles[0]).all()
    assert np.isfinite(told.quantiles[-1]).all()


def test_the_default_is_what_the_page_of_the_method_says() -> None:
    page = (Path(__file__).parents[3] / "docs" / "methods" / "calendar_model.md").read_text(encoding="utf-8")
    assert f"{DEFAULT.half_life_days:.0f} days" in page
    assert isinstance(Feast("fitr", PAST[0], PAST[1]).name, str)
