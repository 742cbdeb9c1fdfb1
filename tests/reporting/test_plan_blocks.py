"""Mirrors reporting/plan_blocks.py, plan_figures.py and drawn_blocks.py: a fan stands twice, words of data are said, nothing of a name runs."""

import json
import re
from typing import Any

import pandas as pd
import pytest

from tests.cash import plans
from tests.reporting.drawing import PAYLOADS, as_notebook, html_of, page_kept
from workbench.cash import known_marks, outlook, plan_findings, plan_tables, plan_tone
from workbench.reporting.export import export
from workbench.reporting.voice import Voice

REPORT = "treasury/cash_plan"


@pytest.fixture(scope="module")
def shown() -> tuple[dict[str, Any], dict[str, pd.DataFrame], pd.DataFrame, dict[str, str]]:
    found = outlook(plans.made_up(), plans.beside())
    said = plan_findings(found)
    return said | {"unit": "MDH", "scenario": "x"}, plan_tables(found), known_marks(found), plan_tone(said)


def test_a_fan_is_there_to_hover_and_to_print(shown: Any) -> None:
    said, tables, marks, tone = shown
    with page_kept(REPORT) as (page, kept):
        page.names("flow_name", {"energy": "Énergie"})
        page.fan(
            "fan",
            tables["history"],
            tables["fan"],
            marks,
            said["floor"],
            measured=tone["measured"],
            tone=tone["fan"],
            **said,
        )
        html = export(as_notebook(kept), REPORT, "fr", {})
    assert (
        html.count('<div class="twice">')
        == html.count('<div class="still"')
        == html.count('class="plotly-target"')
        == 1
    )
    data = json.loads(re.findall(r'class="plotly-data" data-target="plot-1">(.*?)</script>', html)[0])
    names = [trace["name"] for trace in data["data"]]
    assert {"position connue", "médiane", "moyenne", "flux connus"} <= set(names)
    lines = [note["text"] for note in data["layout"]["annotations"]]
    assert any(
        line.startswith("à 80\u202f%\u202f: ") and "des semaines" in line for line in lines
    )  # what was measured is on the chart
    assert any(line.startswith("plancher") for line in lines)
    assert "plan\u202f: moyenne, s’additionne" in html


def test_the_data_of_a_fan_tell_what_happened_from_what_is_planned(shown: Any) -> None:
    said, tables, marks, tone = shown
    drawn = (tables["history"], tables["fan"], marks, said["floor"])
    with page_kept(REPORT) as (page, kept):
        page.fan("fan", *drawn, measured=tone["measured"], tone=tone["fan"], **said)
        data = html_of(kept).partition("<details>")[2]
        sheet = page._sheets[0].data
    assert re.findall(r"<th [^>]*>(Position[^<]*)</th>", data) == ["Position", "Position (plan)"]
    assert "n. d." not in data  # nothing is lacking: a past day has no plan, a day to come no position
    assert "un jour à venir n’a que son plan" in data
    assert len(sheet) == len(tables["history"]) + len(tables["fan"])
    assert (sheet["position_centimes"].notna() ^ sheet["planned_position_centimes"].notna()).all()


def test_the_hover_names_the_flow_and_nothing_of_it_is_markup(shown: Any) -> None:
    said, tables, marks, tone = shown
    hostile = marks.assign(flow_name=(PAYLOADS * 2)[: len(marks)])
    with page_kept(REPORT) as (page, kept):
        page.fan(
            "fan",
            tables["history"],
            tables["fan"],
            hostile,
            said["floor"],
            measured=tone["measured"],
            tone=tone["fan"],
            **said,
        )
        html = html_of(kept)
    told = json.loads(re.findall(r'class="plotly-data" data-target="plot-1">(.*?)</script>', html)[0])
    hovers = next(trace["hovertext"] for trace in told["data"] if trace["name"] == "flux connus")
    assert hovers[0].startswith("&lt;script&gt;")
    assert "<img" not in html.replace("\\u003c", "<").replace("&lt;img", "")


def test_scenarios_are_named_by_their_labels_and_their_data_go_to_the_workbook(shown: Any) -> None:
    said, tables, _, tone = shown
    with page_kept(REPORT) as (page, kept):
        page.names("scenario_code", dict.fromkeys(plans.SCENARIO_LABELS, PAYLOADS[0]))
        page.scenarios("scenarios", tables["scenarios"], "plan", said["floor"], tone=tone["scenarios"], **said)
        html = html_of(kept)
        assert html.count("&lt;script&gt;window.pwned=1&lt;/script&gt;") == 3
        assert "</svg>Plan</span>" in html  # the base has its name in the legend
        assert "moyenne" not in html.partition("</figcaption>")[2]
        assert "<details>" not in html  # 250 rows: not on the page
        assert [sheet.key for sheet in page._sheets] == ["scenarios"]
        assert len(page._sheets[0].data) == len(tables["scenarios"])


def test_no_line_ends_between_a_number_and_its_unit(shown: Any) -> None:
    said, tables, _, tone = shown
    labels = {"drought": "Sécheresse : volumes en baisse de 8 %", "heat": "Été chaud, 30 jours"}
    with page_kept(REPORT) as (page, kept):
        page.names("scenario_code", labels)
        page.scenarios("scenarios", tables["scenarios"], "plan", said["floor"], tone=tone["scenarios"], **said)
        assert "Sécheresse\u202f: volumes en baisse de 8\u202f%" in html_of(kept)
        assert page.word("scenario_code", "heat") == "Été chaud, 30\u00a0jours"
    heads = [str(Voice(REPORT, "fr").label(name)) for name in ("q10_mad", "q025_mad")]
    assert heads == ["Bas 80\u202f%", "Bas 95\u202f%"]
    assert str(Voice(REPORT, "en").label("q10_mad")) == "Low 80%"


def test_a_trend_is_said_with_its_target(shown: Any) -> None:
    said, tables, _, _ = shown
    with page_kept(REPORT) as (page, kept):
        page.trend("held_trend", tables["trend"], "coverage_80", target=0.8, **said)
        assert "80\u202f% visés" in html_of(kept)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("calendar", "calendrier"),
        ("calendar+smoothing", "calendrier+lissage"),
        (
            "month_position (1+), flat_rate (6+); year_naive (total)",
            "moyenne du rang dans le mois (1+), cadence constante (6+); même rang, un an avant (total)",
        ),
        ("<b>odd</b>", "<b>odd</b>"),
    ],
)
def test_a_model_is_named_part_by_part(name: str, words: str) -> None:
    assert Voice(REPORT, "fr").model(name) == words


def test_words_of_data_come_before_sentences() -> None:
    voice = Voice(REPORT, "en")
    voice.names["line_code"] = {"energy": "Power", "all": "Everything"}
    assert [voice.word("line_code", code) for code in ("energy", "all", "taxes")] == ["Power", "Everything", "taxes"]


def test_shares_of_past_plans_are_written_as_shares_and_are_figures_in_the_workbook(shown: Any) -> None:
    said, tables, _, _ = shown
    with page_kept(REPORT) as (page, kept):
        page.trend("error_trend", tables["trend"], "wape", "naive_wape", **said)
        html = html_of(kept)
        assert not re.search(r"0\.\d{5,}", html)
        assert {page._sheets[0].kinds[name] for name in ("wape", "naive_wape", "coverage_80")} == {"pct"}
