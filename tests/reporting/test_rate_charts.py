"""Mirrors reporting/rate_charts.py, rate_figures.py and rate_blocks.py: curves and funnel, drawn once and to hover, from the same data."""

import re

import pytest

from tests.builders import table
from workbench.reporting import rate_charts, rate_figures
from workbench.reporting.voice import Voice

VOICE = Voice("recovery/recovery_rates", "fr")
CURVES = table("""
    debtor_class_code  age_days  rate  low_rate  high_rate
    private            30        0.4   0.38      0.42
    private            90        0.9   0.88      0.92
    state              30        0.1   -         -
    state              90        0.3   -         -
""")
CENTERS = table("""
    unit_code    bill_count  index  low_index  high_index  funnel_code
    C1           100         1.02   0.90       1.10        inside
    <b>C2</b>    40          0.70   0.80       1.20        below
    C3           80          0.99   0.88       1.12        inside
""").astype({"index": float, "low_index": float, "high_index": float})
CURVE_WORDS = {"private": "Privés", "state": "<i>État</i>", "age": "âge", "alt": "courbes"}
FUNNEL_WORDS = {"bills": "factures", "limits": "hasard", "centre": "un centre", "astray": "hors", "alt": "entonnoir"}


def test_a_curve_begins_at_nothing_and_ends_with_its_rate() -> None:
    drawn = rate_charts.curves(CURVES, CURVE_WORDS, VOICE)
    assert [word for _, word in drawn.legend] == ["Privés", "<i>État</i>"]
    assert drawn.alt == "courbes"
    assert re.findall(r"(\d+)\u202f%</text>", str(drawn.markup))[-2:] == ["90", "30"]
    assert str(drawn.markup).count('class="b95"') == 1  # no interval is drawn where none is known
    figure = rate_figures.curves(CURVES, CURVE_WORDS, VOICE)
    lines = [trace for trace in figure.data if trace.name]
    assert [list(trace.y) for trace in lines] == [[0, 0.4, 0.9], [0, 0.1, 0.3]]


def test_a_funnel_names_the_centres_outside_and_no_other() -> None:
    drawn = rate_charts.funnel(CENTERS, FUNNEL_WORDS, VOICE)
    text = str(drawn.markup)
    assert text.count('class="fd"') == 1
    assert text.count('class="fa"') == 2
    assert "&lt;b&gt;C2&lt;/b&gt;" in text
    assert "C1" not in text
    figure = rate_figures.funnel(CENTERS, FUNNEL_WORDS, VOICE)
    astray = next(trace for trace in figure.data if trace.name == "hors")
    assert (list(astray.x), list(astray.y)) == ([40], [pytest.approx(0.7)])
    assert sum(len(trace.x) for trace in figure.data if trace.name in ("hors", "un centre")) == len(CENTERS)


def test_limits_are_drawn_in_the_order_of_sizes() -> None:
    figure = rate_figures.funnel(CENTERS.sample(frac=1, random_state=2), FUNNEL_WORDS, VOICE)
    assert list(figure.data[0].x) == [40, 80, 100]
    assert list(figure.data[0].y) == [0.8, 0.88, 0.9]
    assert list(figure.data[1].y) == [1.2, 1.12, 1.1]
