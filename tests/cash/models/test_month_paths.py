"""Mirrors cash/models/month_paths.py: a month of the past is laid whole on a month to come."""

import numpy as np
import pytest

from tests.cash.models.test_due_days import DAYS, PAST, on_date, window
from tests.cash.panels import NONE
from workbench.cash.models.candidates import Window, flat_rate, month_position
from workbench.cash.models.due_days import due_day
from workbench.cash.models.month_paths import month_paths

RNG = np.random.default_rng(5)
SALARIES = on_date(25, -100.0)
POWER = np.where(on_date(20, 1.0) > 0, -100.0 - 10 * RNG.standard_normal(len(DAYS)), 0.0)
RARE = np.zeros(len(DAYS))
RARE[RNG.choice(len(DAYS), 40, replace=False)] = 50.0
MINUS, PLUS = np.int8(-1), np.int8(1)


def test_on_each_path_a_month_is_paid_once_and_on_its_day() -> None:
    given = window(SALARIES, POWER)
    mean = due_day(given).mean
    paths = month_paths(given, ["due_day", "due_day"], mean, np.array([MINUS, MINUS]), 300, 1)
    assert paths is not None
    assert (paths[:, :, 0] == SALARIES[PAST:].astype(np.float32)).all()  # never twice, never the day after
    assert ((paths[:, :, 1] < 0).sum(axis=1) == (POWER[PAST:] < 0).sum()).all()
    day = int(np.flatnonzero(POWER[PAST:])[0])
    assert 6 < paths[:, day, 1].std() < 14  # of the amounts that came
    assert paths.mean(axis=0) == pytest.approx(mean, abs=1e-3)


def test_by_place_a_month_is_paid_once_though_its_day_is_not_known() -> None:
    given = window(SALARIES)
    mean = month_position(given).mean
    paths = month_paths(given, ["month_position"], mean, np.array([MINUS]), 400, 1)
    assert paths is not None
    assert paths.mean(axis=0) == pytest.approx(mean, abs=0.05)
    february = slice(int(np.searchsorted(DAYS[PAST:], np.datetime64("2023-01-01"))), None)
    assert paths[:, february, 0].sum(axis=1).std() < 80  # paid day by day at these chances it would be over 130


def test_a_rare_flow_is_drawn_from_anywhere() -> None:
    given = window(RARE)
    mean = flat_rate(given).mean
    paths = month_paths(given, ["flat_rate"], mean, np.array([PLUS]), 400, 1)
    assert paths is not None
    assert (paths >= 0).all()
    assert paths.mean(axis=0) == pytest.approx(mean, abs=1e-3)
    assert paths.sum(axis=1).std() > 50


def test_the_same_seed_gives_the_same_months() -> None:
    given = window(POWER, RARE)
    mean = due_day(given).mean
    one, other, third = (
        month_paths(given, ["due_day", "flat_rate"], mean, np.array([MINUS, np.int8(0)]), 50, seed)
        for seed in (1, 1, 2)
    )
    assert one is not None
    np.testing.assert_array_equal(one, other)
    assert not np.array_equal(one, third)


def test_two_whole_months_are_too_few() -> None:
    short = Window(DAYS[:80], POWER[:80, None], DAYS[80:90], NONE)
    assert month_paths(short, ["due_day"], np.zeros((10, 1)), np.array([MINUS]), 5, 1) is None
