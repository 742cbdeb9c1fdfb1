"""Mirrors reporting/plan_charts.py: a fan says what its bands have held, panels share one scale, a trend its target."""

import re

import pandas as pd
import pytest

from tests.cash import plans
from workbench.reporting import plan_charts
from workbench.reporting.voice import Voice

VOICE = Voice("treasury/cash_plan", "fr")
M = plans.M
NAMES = {
    "actual": "connue", "median": "médiane", "plan": "moyenne", "band_80": "bande à 80 %", "band_95": "bande à 95 %", "floor": "plancher",
    "known": "connus", "measured": "à 80 % : 78 % des jours\nà 95 % : 94 % des jours", "alt": "dit", "scenario": "scénario",
    "value": "Erreur", "beside": "Naïf", "target": "80 % visés",
}  # fmt: skip
NO_MARKS = pd.DataFrame(columns=["mark_number", "day_date"])


def _days(first: str, amounts: list[int]) -> pd.DataFrame:
    return pd.DataFrame({"day_date": pd.date_range(first, periods=len(amounts)), "value_centimes": amounts})


def _ahead(first: str, amounts: list[int], band: int = M) -> pd.DataFrame:
    table = _days(first, amounts)
    for name, k in (("q025_mad", -2), ("q10_mad", -1), ("median_mad", 0.1), ("q90_mad", 1), ("q975_mad", 2)):
        table[name] = (table["value_centimes"] + k * band) / 100
    return table


def _told(markup: str) -> list[str]:
    return re.findall(r">([^<>]+)</text>", markup)


def test_a_fan_holds_its_bands_its_two_lines_its_low_point_and_what_was_measured() -> None:
    marks = pd.DataFrame({"mark_number": [1, 2], "day_date": pd.to_datetime(["2024-10-02", "2024-10-03"])})
    drawing = plan_charts.fan(
        _days("2024-09-29", [5 * M, 4 * M]), _ahead("2024-10-01", [3 * M, M, 2 * M]), marks, 2 * M, NAMES, VOICE
    )
    told = _told(drawing.markup)
    assert {"4,0", "1,0 · 02/10", "2,0 moyenne", "2,1 médiane", "2,0 plancher", "1", "2"} <= set(told)
    assert {"à 80 % : 78 % des jours", "à 95 % : 94 % des jours"} <= set(told)
    assert drawing.markup.count('class="b95"') == drawing.markup.count('class="b80"') == 1
    assert 'class="fb"' in drawing.markup  # the low point is below the floor
    assert [style for style, _ in drawing.legend] == ["lv", "lf", "lm", "b80", "b95", "floor"]
    assert drawing.alt == "dit"


def test_a_fan_without_floor_draws_none_and_a_low_point_of_today_has_no_second_mark() -> None:
    drawing = plan_charts.fan(
        _days("2024-09-29", [4 * M, M]), _ahead("2024-10-01", [3 * M]), NO_MARKS, None, NAMES, VOICE
    )
    assert 'class="floor"' not in drawing.markup
    assert drawing.markup.count("<circle") == 1


@pytest.mark.parametrize(
    ("places", "rows"), [([10, 20], [0, 0]), ([10, 11, 12], [0, 1, 2]), ([10, 11, 14], [0, 1, 0]), ([], [])]
)
def test_marks_that_are_near_stand_on_different_rows(places: list[float], rows: list[int]) -> None:
    assert plan_charts._mark_rows(places) == rows


def test_panels_share_one_scale_and_each_names_its_low_point() -> None:
    curves = plans.scenarios()
    titles = {code: labels["fr"] for code, labels in plans.SCENARIO_LABELS.items()}
    drawing = plan_charts.panels(curves, "plan", 60 * M, titles, NAMES, VOICE)
    panels = drawing.markup.split('<div class="panel">')[1:]
    assert len(panels) == 3  # the plan is in each, and has none of its own
    scales = [re.findall(r'class="m e" x="100%" dx="-6" y="([\d.]+)">([^<]+)<', panel) for panel in panels]
    assert scales[0] == scales[1] == scales[2]
    assert len({tuple(re.findall(r'class="floor"[^>]*y1="([\d.]+)"', panel)) for panel in panels}) == 1
    lows = curves.groupby("scenario_code")["value_centimes"].min()
    for code, panel in zip(titles, panels, strict=True):
        assert any(text.startswith(f"{VOICE.written(int(lows[code]), 'mdh')} · ") for text in _told(panel))


def test_a_trend_writes_its_ends_and_its_target() -> None:
    origins = pd.date_range("2024-07-05", periods=6, freq="7D")
    data = pd.DataFrame({"origin_date": origins, "wape": [0.5, 0.4, None, 0.3, 0.3, 0.25], "naive_wape": [0.6] * 6})
    drawing = plan_charts.trend(data, "wape", "naive_wape", 0.8, NAMES, VOICE)
    told = _told(drawing.markup)
    assert {"50\u202f%", "25\u202f%", "05/07", "09/08"} <= set(told)
    assert drawing.markup.count("<circle") == 5  # an origin without a score has no dot
    assert [words for _, words in drawing.legend] == ["Erreur", "Naïf", "80 % visés"]
    assert "Naïf" not in [words for _, words in plan_charts.trend(data, "wape", None, None, NAMES, VOICE).legend]
