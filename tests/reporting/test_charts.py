"""Mirrors reporting/charts.py and cells.py: drawings stand where their numbers are, and say them."""

import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.reporting import cells, charts, columns
from workbench.reporting.voice import Voice

VOICE = Voice("treasury/cash_position", "fr")
NAMES = {"actual": "en valeur", "second": "en banque", "forecast": "prévu", "floor": "plancher", "alt": "dit"}
M = 100_000_000


def _days(amounts: list[int], first: str = "2024-12-01") -> pd.DataFrame:
    days = pd.date_range(first, periods=len(amounts))
    return pd.DataFrame({"day_date": days, "value_centimes": amounts, "booked_centimes": amounts})


def test_a_level_marks_today_the_low_point_and_the_floor() -> None:
    drawing = charts.level(
        _days([5 * M, 4 * M]), _days([3 * M, 1 * M], "2024-12-03"), 2 * M, NAMES, VOICE, second="booked_centimes"
    )
    told = re.findall(r">([^<>]+)</text>", drawing.markup)
    assert {"4,0", "1,0", "04/12", "01/12", "plancher 2,0", "1,0 prévu"} <= set(told)
    assert 'class="fb"' in drawing.markup  # the low point is below the floor
    assert [words for _, words in drawing.legend] == ["en valeur", "en banque", "prévu", "plancher"]
    assert drawing.alt == "dit"


def test_a_level_without_forecast_or_floor_draws_neither() -> None:
    drawing = charts.level(_days([-M, M]), None, None, NAMES, VOICE)
    assert "lf" not in drawing.markup
    assert "floor" not in drawing.markup
    assert charts.legend(drawing.legend) == ""  # one line needs no legend


def test_columns_stack_and_write_their_totals() -> None:
    drawing = columns(["2023", "2024"], [[M, 2 * M], [M, 0]], ["fa", "fhr"], ["acte", "sans acte"], VOICE, emphasis=0)
    assert drawing.alt == "2023 : 2,0 ; 2024 : 2,0"
    assert drawing.markup.count("<rect") == 3  # nothing is drawn for nothing
    assert 'class="bd mid"' in drawing.markup


@given(st.floats(-1e6, 1e6), st.floats(1, 1e6), st.integers(2, 8))
def test_ticks_are_round_inside_and_few(low: float, size: float, most: int) -> None:
    marks = charts.ticks(low, low + size, most)
    assert len(marks) <= most
    assert all(low - 1e-6 * size <= mark <= low + size * (1 + 1e-6) for mark in marks)


def test_a_flat_scale_has_one_tick() -> None:
    assert charts.ticks(3, 3) == [3]


def test_stairs_hold_each_balance_until_the_next() -> None:
    assert charts.stairs([(0, 5.0), (2, 7.0)], until=4) == [(0, 5.0), (2, 5.0), (2, 7.0), (4, 7.0)]
    assert charts.stairs([(0, 5.0)]) == [(0, 5.0), (0, 5.0)]


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=6))
def test_every_value_stands_inside_its_cell_and_zero_is_on_the_scale(values: list[float]) -> None:
    scale = cells.Scale(values)
    for value in [0.0, *values]:
        assert -0.01 <= float(scale.at(value).rstrip("%")) <= 100.01
    assert float(scale.wide(0, 0).rstrip("%")) > 0  # seen, however thin


def test_a_cut_scale_puts_what_is_below_on_its_edge() -> None:
    scale = cells.Scale([30.0, 31.0], cut=29.0)
    assert (scale.at(0), scale.at(29), scale.at(31)) == ("0%", "0%", "100%")
    assert scale.wide(0, 30) == "50%"


def test_bars_go_both_ways_from_zero() -> None:
    scale = cells.Scale([3.0, -1.0])
    drawn = cells.bars(scale, [1.0, None, 2.0, -1.0], ["fa", "f2", "fp", "fb"])
    assert re.findall(r'class="(f\w)" x="([\d.]+)%"', drawn) == [("fa", "25"), ("fp", "50"), ("fb", "0")]
    assert 'class="axis"' in drawn
    assert "<rect" not in cells.empty()


def test_a_rate_is_a_dot_on_last_years_tick() -> None:
    scale = cells.Scale([1.0])
    drawn = cells.dot(scale, 0.5, 0.25, [0.8])
    assert 'cx="50%"' in drawn
    assert 'x="25%"' in drawn
    assert 'x1="80%"' in drawn
    assert "<circle" not in cells.dot(scale, None, None, [])


@pytest.mark.parametrize(("value", "target"), [(5.0, 3.0), (0.0, 0.0), (-2.0, 1.0)])
def test_a_bullet_is_said_and_holds_its_mark(value: float, target: float) -> None:
    drawn = cells.bullet(value, target, f"{value} pour {target}")
    assert f'aria-label="{value} pour {target}"' in drawn
    assert 'class="zero"' in drawn


def test_a_spark_draws_its_threshold_and_marks_its_end() -> None:
    drawn = cells.spark([1.0, 2.0, 3.0], 2.5, "de 1 à 3")
    assert 'class="floor"' in drawn
    assert 'cx="100%"' in drawn
