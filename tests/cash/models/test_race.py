"""Mirrors cash/models/race.py: at a past origin a model sees what was known there, and only what can be compared is compared."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from tests.cash.panels import NONE, as_date, next_days, panel, weekly
from workbench.cash.models.candidates import (
    FOR_RACE,
    FOR_SHORT,
    FOR_SPARSE,
    FOR_THOROUGH,
    Candidate,
    Points,
    Window,
    moving,
    seasonal_naive,
)
from workbench.cash.models.dated_events import DatedEvent, Kind
from workbench.cash.models.panel import Panel
from workbench.cash.models.race import origin_rows, run_race, say


def window_of(history: Panel, ahead: int = 20) -> Window:
    return Window(history.days, history.values, next_days(history, ahead), NONE)


def event(kind: Kind, start: date, end: date | None = None) -> DatedEvent:
    return DatedEvent("line", "", kind, start, end, "illustrative", "", "", "test")


@pytest.mark.parametrize(
    ("length", "rows"),
    [
        (300, [195, 216, 237]),
        (165, [60, 81, 102]),
        (164, [149, 154, 159]),  # the first whole test would begin after 59 rows: cut ones
        (9, [6, 7, 8]),
        (4, [3]),
        (3, []),
    ],
)
def test_origins(length: int, rows: list[int]) -> None:
    assert origin_rows(length, 63, 3, 21, 60) == rows


def test_a_model_sees_nothing_from_the_origin_on() -> None:
    seen: list[tuple[int, np.datetime64]] = []

    def spy(window: Window) -> Points:
        seen.append((len(window.values), window.future[0]))
        return seasonal_naive(window)

    history = panel(weekly(100))
    race = run_race(history, {"spy": spy}, window_of(history), [], [80, 90], 20)
    assert seen == [(80, history.days[80]), (90, history.days[90])]
    assert race.actual.shape == (2, 20, 1)
    assert np.isnan(race.actual[1, 10:]).all()  # beyond the history
    assert np.array_equal(race.actual[0, :, 0], history.values[80:, 0])


def test_a_giant_value_is_not_learnt_from_nor_compared_with() -> None:
    values = weekly(200)
    values[[150, 185]] = 1e6
    history = panel(values)
    race = run_race(history, {"moving": moving}, window_of(history), [], [180], 20)
    assert race.told["moving"].mean.max() < 200
    assert race.actual.max() < 200


def test_a_break_inside_a_test_is_compared_up_to_it_only() -> None:
    history = panel(weekly(200))
    start = as_date(history.days[165])
    race = run_race(history, {"moving": moving}, window_of(history), [event("break", start)], [160, 170, 185], 10)
    assert np.isnan(race.actual[0, :, 0]).tolist() == [False] * 5 + [True] * 5
    assert np.isnan(race.actual[1]).all()  # five days since: its level was not known
    assert not np.isnan(race.actual[2]).any()


def test_a_break_that_is_not_learnt_today_either_is_compared() -> None:
    history = panel(weekly(200))
    start = as_date(history.days[185])
    race = run_race(history, {"moving": moving}, window_of(history), [event("break", start)], [180, 190], 10)
    assert np.isnan(race.actual[0, :, 0]).tolist() == [False] * 5 + [True] * 5
    assert not np.isnan(race.actual[1]).any()


def test_days_left_out_are_not_compared() -> None:
    history = panel(weekly(200))
    left_out = event("outlier", as_date(history.days[182]), as_date(history.days[183]))
    race = run_race(history, {"moving": moving}, window_of(history), [left_out], [180], 10)
    assert np.flatnonzero(np.isnan(race.actual[0, :, 0])).tolist() == [2, 3]


def test_a_series_that_had_not_begun_is_not_compared() -> None:
    values = weekly(100)
    values[:88] = np.nan
    history = panel(values)
    race = run_race(history, {"moving": moving}, window_of(history), [], [80, 90, 95], 5)
    assert [bool(np.isnan(part).all()) for part in race.actual] == [True, True, False]


@pytest.mark.parametrize(
    "models", [FOR_RACE, FOR_SHORT, FOR_SPARSE, FOR_THOROUGH], ids=["race", "short", "sparse", "thorough"]
)
def test_every_model_runs_at_an_origin_at_which_nothing_had_begun(models: dict[str, Candidate]) -> None:
    values = weekly(150)
    values[:120] = np.nan
    history = panel(values)
    race = run_race(history, models, window_of(history), [], [60, 119, 125, 130], 20)
    assert set(models) <= set(race.told)
    assert [bool(np.isnan(part).all()) for part in race.actual] == [True, True, False, False]
    assert all(np.isfinite(told.mean[-1]).all() for told in race.told.values())


def test_an_origin_with_few_days_to_learn_from_counts_only_where_there_is_no_better_one() -> None:
    values = weekly(220)
    values[:60] = np.nan
    history = panel(values)
    race = run_race(
        history, {"moving": moving}, window_of(history), [], [100, 120, 140, 160], 5
    )  # 40, 60, 80, 100 days
    assert [bool(np.isnan(part).all()) for part in race.actual] == [True, False, False, False]
    thin = run_race(history, {"moving": moving}, window_of(history), [], [62, 100, 120, 140], 5)  # 2, 40, 60, 80 days
    assert [bool(np.isnan(part).all()) for part in thin.actual] == [True, False, False, False]


def test_one_sided_flows_stay_on_their_side() -> None:
    history = replace(panel(weekly(100) - 100), signs=np.array([1], dtype=np.int8))
    told = say(history, {"naive": seasonal_naive}, window_of(history), [])["naive"]
    assert (told.mean >= 0).all()
    assert (told.median >= 0).all()
    assert (told.mean == 0).any()


def test_an_average_says_the_mean_of_its_parts() -> None:
    history = panel(weekly(100))

    def low(window: Window) -> Points:
        return Points(np.full((20, 1), 1.0), np.full((20, 1), 2.0))

    def high(window: Window) -> Points:
        return Points(np.full((20, 1), 3.0), np.full((20, 1), 6.0))

    told = say(history, {"calendar": low, "smoothing": high}, window_of(history), [])["calendar+smoothing"]
    assert (told.mean.max(), told.median.max()) == (2.0, 4.0)
