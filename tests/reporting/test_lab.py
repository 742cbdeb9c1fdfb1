"""Mirrors reporting/lab.py, cash/models/flow_study.py and pipeline/forecast_lab.py: a flow under the glass, from a past day, nothing later used."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from workbench import cash
from workbench.cash.models.flow_study import echoes
from workbench.errors import WrongUse
from workbench.pipeline.forecast_lab import Lab
from workbench.standards import load_bank_days

AS_OF, ORIGIN = date(2024, 6, 28), date(2024, 3, 29)
BANK_DAYS = load_bank_days()


def _flows() -> pd.DataFrame:
    """Two years of a made-up flow: twice as much on Mondays, nothing else but a little noise."""
    rng = np.random.default_rng([8, 15])
    every = pd.date_range("2022-06-01", AS_OF)
    days = every[[BANK_DAYS.is_open(day.date()) for day in every]]
    amounts = (1000 + 1000 * (days.day_of_week == 0) + rng.normal(0, 20, len(days))) * 100
    parts = {"account_number": "A", "line_code": "receipts_counters", "currency_code": "MAD"}
    return pd.DataFrame({"flow_date": days, "amount_centimes": amounts.round().astype("int64")}).assign(**parts)


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Lab(AS_OF, "fr", _flows(), {"receipts_counters": "Guichets <b>"})


@pytest.fixture(scope="module")
def found(lab: Lab) -> cash.Study:
    return lab.study("receipts_counters", ORIGIN.isoformat())


def test_nothing_after_the_origin_is_used_and_what_came_stands_beside(found: cash.Study) -> None:
    assert found.history["day_date"].max() == pd.Timestamp(ORIGIN)
    assert found.said["day_date"].min() > pd.Timestamp(ORIGIN)
    assert len(found.said) == 63
    known = found.said["day_date"] <= pd.Timestamp(AS_OF)
    assert found.said.loc[known, "actual_mad"].notna().all()
    assert found.said.loc[~known, "actual_mad"].isna().all()
    later = _flows()
    later.loc[later["flow_date"] > pd.Timestamp(ORIGIN), "amount_centimes"] *= 7
    again = cash.study(later, "receipts_counters", BANK_DAYS, AS_OF, ORIGIN)
    assert again.said["median_mad"].tolist() == pytest.approx(
        cash.study(_flows(), "receipts_counters", BANK_DAYS, AS_OF, ORIGIN).said["median_mad"].tolist()
    )


def test_the_calendar_effect_that_was_planted_is_found(found: cash.Study) -> None:
    weekdays = found.effects[found.effects["effect_code"] == "weekday"].set_index("place_count")
    assert weekdays.at[1, "actual_mad"] == pytest.approx(2000, abs=10)
    assert weekdays.at[1, "fitted_mad"] == pytest.approx(2000, rel=0.05)
    assert weekdays.at[3, "fitted_mad"] == pytest.approx(1000, rel=0.05)
    places = found.effects[found.effects["effect_code"] == "month_place"]["place_count"].tolist()
    assert places[0] == 1
    assert places[-1] == -1
    mondays = found.said["day_date"].dt.day_of_week == 0
    assert found.said.loc[mondays, "median_mad"].mean() == pytest.approx(2000, rel=0.05)
    assert (found.scores["is_chosen"].groupby(found.scores["first_day"]).sum() == 1).all()


def test_what_is_left_of_a_calendar_flow_has_no_echo() -> None:
    rng = np.random.default_rng([8, 16])
    noise = echoes(rng.normal(size=500))
    assert (noise["correlation_share"].abs() <= noise["limit_share"]).mean() >= 0.9
    wave = echoes(np.tile([1.0, -1.0], 50))
    assert wave["correlation_share"].iloc[:2].tolist() == pytest.approx([-0.99, 0.98])
    assert echoes(np.array([])).empty
    assert echoes(np.full(9, 2.0))["correlation_share"].eq(0).all()


def test_an_origin_after_the_date_and_a_line_without_history_are_refused(lab: Lab) -> None:
    english = Lab(AS_OF, "en", _flows(), {})
    for origin, told in (
        ("2024-12-31", "est après"),
        ("2020-01-06", "aucun flux"),
        ("31/10/2023", "n’?.?est pas une date"),
    ):
        with pytest.raises(WrongUse, match=told):
            lab.study("receipts_counters", origin)
    with pytest.raises(WrongUse, match=r"works.*receipts_counters"):
        lab.study("works", ORIGIN.isoformat())
    with pytest.raises(WrongUse, match="is not a date"):
        english.study("receipts_counters", "2024-13-01")


def test_figures_are_drawn_and_a_label_is_no_markup(lab: Lab, found: cash.Study) -> None:
    figures = lab.figures(found)
    assert list(figures) == ["history", "said", "residuals", "echoes", "weekday", "month_place", "month"]
    assert "Guichets &lt;b&gt;" in figures["history"].layout.title.text
    assert list(figures["weekday"].data[0].x) == ["lun.", "mar.", "mer.", "jeu.", "ven."]
    scores = lab.scores(found)
    assert {"Modèle", "MASE", "Retenu"} <= set(scores.columns)
    assert lab.choices == [("Guichets <b>", "receipts_counters")]
    assert lab.origins[0] == ("31/05/2024", "2024-05-31")


def test_a_flow_that_nobody_raced_for_is_said_with_its_model_and_why(lab: Lab) -> None:
    ended = _flows()
    ended = ended[ended["flow_date"] < pd.Timestamp("2023-06-01")].reset_index(drop=True)
    quiet = Lab(AS_OF, "fr", ended, lab.labels)
    shown = quiet.scores(quiet.study("receipts_counters", ORIGIN.isoformat()))
    assert shown.columns.tolist() == ["Modèle", "Motif du choix"]
    assert len(shown) == 1
    assert "_" not in " ".join(shown.iloc[0])


def test_a_date_later_than_what_is_known_is_told_and_the_lists_are_named_in_words(lab: Lab) -> None:
    assert lab.told == ""
    later = Lab(AS_OF, "fr", lab.flows, lab.labels, asked=date(2024, 12, 31))
    assert "28/06/2024" in later.told
    assert "31/12/2024" in later.told
    box = lab.controls()
    assert [one.description for one in box.children[:4]] == [
        "Ligne de flux",
        "Prévoir depuis le",
        "Modèles en course",
        "Montrer",
    ]
    assert [code for _, code in lab.races] == ["default", "thorough"]
