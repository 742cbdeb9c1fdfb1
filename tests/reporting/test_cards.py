"""Mirrors reporting/cards.py, tables.py and pages.py: blocks say their numbers, in the unit of the page, and tie."""

from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from tests.reporting.drawing import html_of, page_kept
from workbench.errors import RunError
from workbench.reporting import Card, Decision, card_of
from workbench.reporting.style import GROUNDS, TEXT_COLOURS, TOKENS, contrast
from workbench.reporting.tables import heat_step
from workbench.reporting.words import unit_for
from workbench.schemas.facts import Fact

M = 100_000_000
SAID = {"idle": 3 * M, "idle_accounts": 2, "as_of": "2024-12-31", "unit": "MDH", "currency": "MAD"}


def test_amounts_are_written_in_the_unit_that_fits_the_page() -> None:
    assert unit_for("MAD", 5 * M).name("fr") == "MDH"
    assert unit_for("EUR", -5 * M).name("fr") == "M\u00a0EUR"
    assert unit_for("EUR", 16_372).name("fr") == "EUR"
    with page_kept() as (page, shown):
        page.money("EUR", -16_372)
        assert page.unit == "EUR"
        page.cards([Card("card_value", -16_372, "mdh")])
        page.decisions(
            [Decision("decide_raise_cash", 100, date(2025, 1, 2), {"low": 1, "low_date": "2025-01-02", "floor": 2})]
        )
    html = html_of(shown)
    assert "\u2212163,72<small>EUR</small>" in html
    assert '<th scope="col" class="r">EUR</th>' in html


def test_a_card_of_a_fact_shows_its_change_its_threshold_and_its_status() -> None:
    fact = Fact("value", 5 * M, "centimes", "alert", target=6 * M, previous=4 * M)
    card = card_of(fact)
    assert [(key, value, kind) for key, value, kind in card.rows] == [
        ("row_change", M, "mdh+"),
        ("row_target", 6 * M, "mdh"),
    ]
    with page_kept() as (page, shown):
        page.cards([fact, ("card_low", None, "mdh")])
    html = html_of(shown)
    assert "+1,0" in html
    assert "Alerte" in html
    assert "n. d." in html
    assert "5,0 pour un seuil de 6,0." in html


def test_a_card_with_a_curve_says_its_ends() -> None:
    with page_kept() as (page, shown):
        page.cards([Card("card_value", 3 * M, "mdh", curve=[M, None, 3 * M], target=2 * M)])
    assert "De 1,0 à 3,0 ; au plus bas 1,0, au plus haut 3,0." in html_of(shown).replace("\u202f", " ")


def test_decisions_are_numbered_or_none_is_asked() -> None:
    with page_kept() as (page, shown):
        page.decisions([])
        page.decisions([Decision("decide_register_accounts", values={"accounts": 1, "names": "X"})])
    html = html_of(shown)
    assert "Aucune décision n’est demandée." in html
    assert "Une décision demandée" in html
    assert "<b>Inscrire au registre 1 compte</b>" in html


def test_a_table_adds_what_adds_up_and_the_workbook_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_OUTPUT", str(tmp_path))
    data = pd.DataFrame(
        {
            "directorate_code": ["DR01", None],
            "account_count": pd.array([2, 1], dtype="Int64"),
            "idle_centimes": pd.array([250_000_050, None], dtype="Int64"),
        }
    )
    with page_kept() as (page, shown):
        page.table("idle_by", data, total=True, bars=["idle_centimes"], **SAID)
        page.check("same", 1, 1)
        page.close()
    html = html_of(shown)
    assert html.count("2\u202f500\u202f000,50") == 2  # the row and the total
    assert "n. d." in html
    assert "sans code" in html
    assert "1 égalité prouvée" in html
    book = openpyxl.load_workbook(tmp_path / "cash_position.xlsx")
    sheet = book["Ce qui dort"]
    assert [cell.value for cell in sheet[1]] == ["Direction", "Comptes", "Oisif"]
    assert sheet["C2"].value == 2_500_000.50
    assert sheet["C5"].value == 2_500_000.50  # the control total, below the filter
    assert book["Lisez-moi"]["A1"].value.startswith("Situation de trésorerie")


def test_a_long_table_shows_its_first_rows_and_keeps_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_OUTPUT", str(tmp_path))
    monkeypatch.setattr("workbench.reporting.workbook.MOST_ROWS", 20)
    data = pd.DataFrame({"directorate_code": [f"D{n}" for n in range(30)], "idle_centimes": range(30)})
    with page_kept() as (page, shown):
        page.table("idle_by", data, total=True, most=5, folded=True, **SAID)
        page.close()
    html = html_of(shown)
    assert "5 lignes montrées sur 30" in html.replace("\u00a0", " ")
    assert "D5<" not in html
    assert "<details>" in html
    lines = (tmp_path / "cash_position-idle_by.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 31
    assert lines[-1] == "D29;0,29"


def test_a_cascade_that_does_not_close_stops_the_page() -> None:
    steps = pd.DataFrame(
        {
            "label": ["opening", "receipt_centimes", "closing"],
            "amount_centimes": [5, 2, 8],
            "is_level": [True, False, True],
        }
    )
    with page_kept() as (page, _), pytest.raises(RunError, match="cascade_none: Solde à la date d’arrêté: 7 is not 8"):
        page.cascade("cascade_none", steps, unit="MDH")


def test_a_cascade_far_from_zero_says_that_its_scale_is_cut() -> None:
    steps = pd.DataFrame(
        {
            "label": [pd.Timestamp("2024-12-31"), "planned", "closing"],
            "amount_centimes": [30 * M, M, 31 * M],
            "is_level": [True, False, True],
        }
    )
    with page_kept() as (page, shown):
        page.cascade("cascade_none", steps, unit="MDH")
        page.cascade("cascade_none", steps.assign(amount_centimes=[M, M, 2 * M]), unit="MDH")
    assert [
        html.count("échelle coupée") for html in (shown[-2]["data"]["text/html"], shown[-1]["data"]["text/html"])
    ] == [1, 0]
    assert "mar.\u00a031/12" in shown[-1]["data"]["text/html"]


def test_a_heat_table_adds_both_ways_and_hatches_what_is_not_known() -> None:
    data = pd.DataFrame(
        {
            "bank_name": ["A", "A", "B"],
            "directorate_code": ["DR01", "DR02", "DR02"],
            "value_centimes": pd.array([M, 2 * M, None], dtype="Int64"),
        }
    )
    said = {"position": 3 * M, "known": 2, "top": 2, "top_share": 1.0, "unit": "MDH", "as_of": "2024-12-31"}
    with page_kept() as (page, shown):
        page.heat_table("matrix", data, "bank_name", "directorate_code", "value_centimes", tone="credit", **said)
    html = shown[-1]["data"]["text/html"]
    assert '<td class="tot">3,0</td>' in html
    assert "<td>–</td>" in html  # B has no account in DR01
    assert "Position en valeur par banque" in html


@pytest.mark.parametrize(("value", "step"), [(0, 0), (-1, 0), (1, 1), (50, 4), (100, 6)])
def test_heat_goes_by_steps(value: float, step: int) -> None:
    assert heat_step(value, 100) == step


def test_problems_say_where_what_and_what_to_do_or_that_there_is_none() -> None:
    with page_kept() as (page, shown):
        page.problems([])
    assert "Aucune anomalie" in html_of(shown)


def test_a_level_without_a_known_day_is_refused() -> None:
    nothing = pd.DataFrame({"day_date": pd.to_datetime([]), "value_centimes": []})
    with page_kept() as (page, _), pytest.raises(RunError, match="no day has a value"):
        page.level("curve_info", nothing)


@pytest.mark.parametrize("colour", TEXT_COLOURS)
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_can_be_read_on_every_ground(colour: str, ground: str) -> None:
    assert contrast(TOKENS[colour], ground) >= 4.5


def test_widths_languages_and_kinds_that_are_none_are_refused() -> None:
    with page_kept() as (page, _), pytest.raises(RunError, match="cannot be 'wide' wide"):
        page.table("idle_by", pd.DataFrame({"idle_centimes": [1]}), width="wide", **SAID)
    with pytest.raises(RunError, match="no page speaks 'de'"), page_kept(lang="de"):
        pass
