"""Mirrors cash/models/forecast.py: every bad input is refused by name or mended and told; what is planted is found; what ran is named."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.cash.panels import NONE, as_date, bank_days, next_days, panel, weekly
from workbench.cash.models.candidates import FOR_RACE, calendar, month_places, moving
from workbench.cash.models.dated_events import DatedEvent
from workbench.cash.models.forecast import PanelForecast, forecast_panel
from workbench.cash.models.panel import Panel
from workbench.errors import WrongUse
from workbench.schemas.columns import MODEL_REASONS

LENGTH, HORIZON = 420, 30


def forecast(history: Panel, **options: object) -> PanelForecast:
    settings: dict[str, object] = {"origins": 4, "paths": 100, **options}
    return forecast_panel(history, next_days(history, HORIZON), NONE, **settings)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def mixed() -> tuple[Panel, PanelForecast]:
    """Series of every kind: usual, zero, constant, of few days, ended, opened last week, of three points, with one giant."""
    days = bank_days("2021-01-04", LENGTH)
    names = ("usual", "zero", "constant", "monthly", "ended", "opened", "three", "giant")
    values = np.column_stack([weekly(LENGTH, seed) for seed in range(8)])
    values[:, 1], values[:, 2] = 0.0, 7.0
    values[:, 3] = np.where(month_places(days, NONE) == 12, -500.0, 0.0)
    values[-100:, 4] = 0.0
    values[:-5, 5] = 0.0
    values[:-3, 6] = np.nan
    values[200, 7] = 1e7
    signs = np.array([1, 1, 1, -1, 1, 1, 1, 1], dtype=np.int8)
    history = Panel(days, values, names, signs)
    return history, forecast(history)


@pytest.mark.parametrize(("length", "first", "count"), [(200, 110, 10), (130, 70, 6), (40, 20, 4), (9, 3, 2)])
def test_a_line_that_was_nothing_at_past_origins_has_bands_of_the_size_of_its_flows(
    length: int, first: int, count: int
) -> None:
    values = np.zeros((length, 1))
    values[np.linspace(first, length - 2, count).astype(int), 0] = -527.0
    history = replace(panel(values), signs=np.array([-1], np.int8))
    said = forecast_panel(history, next_days(history, 63), NONE, paths=50)
    assert np.abs(said.quantiles).max() < 20 * 527
    assert np.abs(said.paths).max() < 20 * 527


def test_each_series_says_which_model_ran_and_why(mixed: tuple[Panel, PanelForecast]) -> None:
    history, said = mixed
    why = dict(zip(history.names, said.reason_codes, strict=True))
    assert why["usual"] == why["giant"] == "won"
    assert (why["zero"], why["constant"], why["monthly"], why["ended"]) == ("constant", "constant", "sparse", "ended")
    assert why["opened"] == why["three"] == "short"
    assert set(said.reason_codes) <= set(MODEL_REASONS)
    ran = dict(zip(history.names, said.model_names, strict=True))
    assert (ran["zero"], ran["ended"]) == ("last_value", "zero")
    assert all(said.model_names)


def test_what_was_done_is_told(mixed: tuple[Panel, PanelForecast]) -> None:
    told = {(row.series, row.note_code) for row in mixed[1].notes.itertuples()}
    assert told == {("opened", "begins_late"), ("three", "begins_late"), ("giant", "giant_brought_down")}


def test_shapes_sides_and_orders_hold(mixed: tuple[Panel, PanelForecast]) -> None:
    history, said = mixed
    for values in (said.mean, said.median, said.naive):
        assert values.shape == (HORIZON, len(history.names))
        assert np.isfinite(values).all()
        assert (values * history.signs >= 0).all()
    assert (np.diff(said.quantiles, axis=-1) >= 0).all()
    assert np.array_equal(said.quantiles[..., 2], said.median)
    assert said.paths.shape == (100, HORIZON, len(history.names))
    assert (said.paths * history.signs >= 0).all()
    assert said.paths.mean(axis=0) == pytest.approx(said.mean, rel=1e-3, abs=1e-2)


def test_simple_series_say_what_they_are(mixed: tuple[Panel, PanelForecast]) -> None:
    history, said = mixed
    column = {name: j for j, name in enumerate(history.names)}
    assert (said.quantiles[:, column["zero"]] == 0).all()
    assert (said.paths[:, :, column["constant"]] == 7).all()
    assert (said.mean[:, column["ended"]] == 0).all()
    assert said.median[:, column["opened"]] == pytest.approx(100, abs=30)
    monthly = said.median[:, column["monthly"]]
    assert (monthly[month_places(said.days, NONE) == 12] == -500).all()
    assert monthly.sum() == -500 * (month_places(said.days, NONE) == 12).sum()
    assert said.median[:, column["giant"]].max() < 200


def test_the_shape_of_the_week_is_found_and_beats_the_naive_one(mixed: tuple[Panel, PanelForecast]) -> None:
    _, said = mixed
    weekday = (said.days.astype(np.int64) + 3) % 7
    expected = 100 + np.array([20, 10, 0, -10, -20])[weekday]
    assert np.abs(said.median[:, 0] - expected).mean() < 2.5
    scores = said.scores[said.scores["series"] == "usual"].groupby("model_name")["mase"].mean()
    assert set(scores.index) == {*FOR_RACE, "calendar+smoothing", "calendar+weekday_position"}
    assert scores["calendar"] < scores["seasonal_naive"]


def test_the_naive_one_is_always_in_the_race(mixed: tuple[Panel, PanelForecast]) -> None:
    scores = mixed[1].scores
    raced = set(scores["series"])
    assert raced >= {"usual", "monthly", "giant"}
    assert set(scores.loc[scores["model_name"] == "seasonal_naive", "series"]) == raced
    assert (scores[scores["is_chosen"]].groupby(["series", "first_day"]).size() == 1).all()


def test_the_same_input_gives_the_same_bytes() -> None:
    history = panel(weekly(200))
    one, other = forecast(history), forecast(history)
    assert one.paths.tobytes() == other.paths.tobytes()
    pd.testing.assert_frame_equal(one.scores, other.scores)


def test_a_series_does_not_depend_on_those_beside_it() -> None:
    both = np.column_stack([weekly(200, 1), 1000 * weekly(200, 2)])
    together = forecast(panel(both))
    alone = forecast(panel(both[:, [1]]))
    assert alone.median[:, 0] == pytest.approx(together.median[:, 1], rel=1e-3)


# ── bad input


def test_duplicated_days_are_refused_with_the_day() -> None:
    history = panel(weekly(100))
    with pytest.raises(WrongUse, match="2021-01-06 twice"):
        forecast(replace(history, days=np.sort(np.append(history.days[:-1], history.days[2]))))


def test_gaps_are_told_and_the_forecast_made() -> None:
    history = panel(weekly(300))
    kept = np.r_[0:100, 110:300]
    said = forecast(replace(history, days=history.days[kept], values=history.values[kept]))
    assert said.notes[["note_code", "day_count"]].to_numpy().tolist() == [["gap", 10]]
    assert said.median.mean() == pytest.approx(100, abs=6)


def test_transactions_of_the_future_are_left_out_and_told() -> None:
    history = panel(weekly(300))
    first = history.days[290]
    ahead = np.busday_offset(first, np.arange(HORIZON))
    said = forecast_panel(history, ahead, NONE, origins=4, paths=50)
    assert said.notes[["note_code", "day_count"]].to_numpy().tolist() == [["future_left_out", 10]]
    cut = replace(history, days=history.days[:290], values=history.values[:290])
    assert np.array_equal(said.median, forecast_panel(cut, ahead, NONE, origins=4, paths=50).median)


@pytest.mark.parametrize("count", [1, 3, 8, 20])
def test_few_points_are_enough_to_say_something(count: int) -> None:
    said = forecast(panel(weekly(count), sign=1))
    assert said.reason_codes == ("short",)
    assert said.median == pytest.approx(100, abs=30)
    assert (said.quantiles[..., 0] <= said.median).all()


def test_a_panel_of_young_series_only_is_raced_where_they_had_begun() -> None:
    values = weekly(400)
    values[:300] = np.nan
    said = forecast(panel(values), origins=12)
    assert said.reason_codes == ("won",)
    assert said.median == pytest.approx(100, abs=30)


def test_a_history_without_a_day_says_nothing() -> None:
    empty = Panel(bank_days("2021-01-04", 0), np.zeros((0, 1)), ("line",), np.zeros(1, dtype=np.int8))
    said = forecast_panel(empty, bank_days("2021-01-04", 5), NONE)
    assert (said.mean == 0).all()
    assert said.reason_codes == ("short",)


def test_days_to_come_must_increase() -> None:
    history = panel(weekly(100))
    for days in (NONE, next_days(history, 3)[::-1]):
        with pytest.raises(WrongUse, match="none, or do not increase"):
            forecast_panel(history, days, NONE)


# ── what is planted


def test_a_planted_break_is_recovered_once_it_is_in_the_table() -> None:
    values = weekly(400)
    values[360:] *= 0.5
    history = panel(values)
    start = as_date(history.days[360])
    event = DatedEvent("line", "", "break", start, None, "illustrative", "", "", "test")
    told = forecast(history, events=[event], candidates={"calendar": calendar})
    silent = forecast(history, candidates={"calendar": calendar})
    assert told.mean.mean() == pytest.approx(50, abs=3)
    assert abs(told.mean.mean() - 50) < 0.5 * abs(silent.mean.mean() - 50)
    assert told.notes["note_code"].tolist() == ["level_brought"]
    assert told.notes["amount_mad"].iloc[0] == pytest.approx(0.5, rel=0.03)


def test_a_random_walk_is_left_to_the_naive_one_or_to_a_level() -> None:
    walk = 1000 + np.random.default_rng(4).standard_normal(400).cumsum() * 10
    said = forecast(panel(walk))
    assert said.model_names[0] != "calendar"


def test_bands_of_totals_are_wider_than_independent_days_where_the_level_drifts() -> None:
    generator = np.random.default_rng(8)
    level = np.repeat(generator.standard_normal(20) * 30, 21)[:LENGTH]
    said = forecast(panel(weekly(LENGTH) + level), origins=12, paths=400)
    days = said.paths[:, :, 0].std(axis=0)
    total = said.paths[:, :, 0].sum(axis=1).std()
    assert total > 1.5 * np.sqrt((days**2).sum())


def test_models_of_ones_own_can_be_raced() -> None:
    said = forecast(panel(weekly(200)), candidates={"mine": moving})
    assert set(said.scores["model_name"]) == {"mine", "seasonal_naive", "month_naive"}
    assert "mine" in said.model_names[0] or said.reason_codes == ("naive_holds",)


def test_a_thorough_race_runs_the_models_of_statsmodels() -> None:
    history = panel(weekly(40))
    said = forecast_panel(history, next_days(history, 10), NONE, origins=1, paths=20, candidates="thorough")
    assert said.reason_codes == ("short",)
    assert {"ets", "sarimax", "theta", "unobserved_components", "ets+sarimax+theta"} <= set(said.scores["model_name"])


def test_cash_machines_are_forecast_better_than_by_the_last_same_weekday(real_data: Path) -> None:
    from benchmarks.atm_forecast import HORIZON as DAYS
    from benchmarks.atm_forecast import panel_forecast, read, scored

    path = real_data / "treasury" / "nn5_atm_withdrawals.csv"
    if not path.is_file():
        pytest.skip("the file of cash machines (NN5) is absent from the folder of real files")
    days, values = read(path)
    first = len(days) - 2 * DAYS  # the official test is not looked at
    history, actual = values[:first, :10], values[first : first + DAYS, :10]
    said = panel_forecast(history, days[: first + DAYS], first, NONE, actual)
    assert said["smape"] < scored(actual, history[-7:][np.arange(DAYS) % 7], history)["smape"]
