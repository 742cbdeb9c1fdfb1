"""Mirrors cash/models/monthly.py: whole months from days, and their race."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from tests.cash.panels import NONE, bank_days, panel
from workbench.cash.models.dated_events import DatedEvent
from workbench.cash.models.monthly import monthly_forecast, months_of, recent_months, same_month
from workbench.cash.models.panel import Panel
from workbench.errors import WrongUse
from workbench.evidence import Floats


def months(values: Floats, start: str = "2021-01", sign: int = 1) -> Panel:
    rows = values if values.ndim == 2 else values[:, None]
    days = (np.datetime64(start, "M") + np.arange(len(rows))).astype("datetime64[D]")
    return Panel(
        days, rows, tuple(f"line{j}" for j in range(rows.shape[1])), np.full(rows.shape[1], sign, dtype=np.int8)
    )


def yearly(count: int, noise: float = 5.0) -> Floats:
    moves = np.random.default_rng(6).standard_normal(count) * noise
    return 1000 + 300 * np.cos(2 * np.pi * np.arange(count) / 12) + moves


def test_whole_months_are_summed_and_others_left_out() -> None:
    history = panel(np.ones(60), "2021-01-15")  # to 2021-04-08
    said = months_of(history, NONE)
    assert said.days.tolist() == [date(2021, 2, 1), date(2021, 3, 1)]
    assert said.values[:, 0].tolist() == [20, 23]


def test_a_month_ends_on_its_last_bank_day() -> None:
    history = panel(np.ones(21), "2021-01-01")  # to Friday the 29th
    assert months_of(history, NONE).values.tolist() == [[21]]
    cut = replace(history, days=history.days[:-1], values=history.values[:-1])
    assert len(months_of(cut, NONE).days) == 0
    assert months_of(cut, history.days[-1:]).values.tolist() == [[20]]


def test_a_month_of_which_days_are_missing() -> None:
    values = np.ones(21)
    values[3] = np.nan
    assert months_of(panel(values, "2021-01-01"), NONE).values.tolist() == [[21]]
    values[3:8] = np.nan
    assert np.isnan(months_of(panel(values, "2021-01-01"), NONE).values).all()


def test_the_race_of_months() -> None:
    values = np.column_stack([yearly(36), np.zeros(36), np.concatenate([yearly(24), np.zeros(12)])])
    said = monthly_forecast(months(values), 12, origins=3, paths=50)
    assert said.days[[0, -1]].tolist() == [date(2024, 1, 1), date(2024, 12, 1)]
    assert said.reason_codes[1:] == ("constant", "ended")
    assert np.abs(said.mean[:, 0] - yearly(12, 0)).mean() < 60
    raced = set(said.scores["model_name"])
    assert {"same_month", "ets", "sarimax", "theta", "unobserved_components", "ets+sarimax+theta"} <= raced
    assert said.scores["first_day"].unique().tolist() == [1, 4, 7]
    assert (said.mean[:, 1:] == 0).all()
    assert said.paths.mean(axis=0) == pytest.approx(said.mean, rel=1e-3, abs=1e-2)


def test_few_months_are_enough_to_say_something() -> None:
    said = monthly_forecast(months(np.array([10.0, 12.0, 11.0])), 3, origins=2, paths=20)
    assert said.reason_codes == ("short",)
    assert said.mean == pytest.approx(11, abs=1.5)


def test_a_break_brings_the_months_before_it_to_the_new_level() -> None:
    values = np.full(30, 100.0) + np.arange(30) % 3
    values[24:] *= 0.5
    event = DatedEvent("line0", "", "break", date(2023, 1, 1), None, "illustrative", "", "", "test")
    said = monthly_forecast(months(values), 6, [event], origins=1, paths=20)
    assert said.notes["note_code"].tolist() == ["level_brought"]
    assert said.mean == pytest.approx(50.5, abs=3)


def test_months_must_follow_each_other() -> None:
    history = months(np.ones(6))
    with pytest.raises(WrongUse, match="do not follow each other"):
        monthly_forecast(replace(history, days=history.days[[0, 1, 2, 4, 5, 5]]), 3)
    with pytest.raises(WrongUse, match="none is to come"):
        monthly_forecast(history, 0)


def test_the_simple_models_of_months() -> None:
    from workbench.cash.models.candidates import Window

    history = months(np.arange(1.0, 15.0))
    ahead = (np.datetime64("2022-03", "M") + np.arange(3)).astype("datetime64[D]")
    window = Window(history.days, history.values, ahead, NONE, year=12)
    assert same_month(window).mean[:, 0].tolist() == [3, 4, 5]
    assert recent_months(window).mean[:, 0].tolist() == [8.5] * 3
    assert len(bank_days("2021-01-01", 2)) == 2
