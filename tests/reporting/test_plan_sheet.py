"""Mirrors reporting/plan_sheet.py: the treasurer's layout on a page and in the workbook, typed, each closing proven."""

from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from tests.reporting.drawing import html_of, page_kept
from workbench.cash.plan.plan_layout import Column, treasurer_layout
from workbench.errors import RunError
from workbench.reporting import plan_sheet, workbook
from workbench.reporting.voice import Voice

VOICE = Voice("treasury/cash_plan", "fr")
WORDS = {"readme_sheet": "Lisez-moi", "readme_totals": "Totaux", "readme_sheets": "Feuilles", "total": "Total"}
LINES = pd.DataFrame(
    {
        "line_code": ["works", "energy", "debt_service"],
        "direction": ["in", "out", "both"],
        "kind": ["operating", "operating", "financing"],
    }
)
MONDAY = pd.Timestamp("2024-10-07")
ACTUAL = Column("week", MONDAY, "actual", {"works": 300_050, "energy": -100_000}, 1_000_000, unexplained_centimes=5)
PLANNED = Column("week", MONDAY, "plan", {"works": 250_000, "energy": -120_000, "debt_service": -50_000}, 1_000_000)
LAYOUT = treasurer_layout([ACTUAL, PLANNED, ACTUAL.less(PLANNED)], LINES)


def test_every_column_goes_from_its_opening_to_its_closing() -> None:
    for column in plan_sheet.periods(LAYOUT):
        left, right = plan_sheet.closing_of(LAYOUT, column)
        assert left == right
    with pytest.raises(RunError, match="an opening and a closing"):
        plan_sheet.closing_of(LAYOUT[LAYOUT["row_code"] != "closing"], plan_sheet.periods(LAYOUT)[0])


def test_the_sheet_holds_typed_amounts_under_heads_that_stay(tmp_path: Path) -> None:
    VOICE.names["row_code"] = {"works": "=Travaux", "energy": "Énergie"}
    made = plan_sheet.sheet("treasurer", "Plan", LAYOUT, VOICE)
    workbook.write(tmp_path, "book", "Titre", {}, [made], WORDS, date(2024, 10, 14))
    page = openpyxl.load_workbook(tmp_path / "book.xlsx")["Plan trésorier"]
    cells = [[cell.value for cell in row] for row in page.iter_rows()]
    assert cells[0][1:] == ["S41 07/10"] * 3
    assert cells[1] == ["Ligne", "Réalisé", "Plan", "Écart"]
    by_name = {row[0]: row[1:] for row in cells[2:]}
    assert by_name["Position d’ouverture"] == [10_000, 10_000, 0]
    assert by_name["=Travaux"] == [3_000.5, 2_500, 500.5]
    assert by_name["Financement et divers"] == [0, -500, 500]
    assert by_name["Position de clôture"] == [12_000.55, 10_800, 1_200.55]
    assert page.freeze_panes == "B3"
    assert {
        cell.data_type for row in page.iter_rows(min_row=3, min_col=2) for cell in row if cell.value is not None
    } == {"n"}
    assert page["A4"].data_type == "s"  # a label that begins like a formula is a text


def test_a_page_shows_the_layout_and_keeps_its_sheet() -> None:
    flat = treasurer_layout([PLANNED], LINES)
    with page_kept("treasury/cash_plan") as (page, shown):
        page.schedule(
            "weeks",
            flat,
            1_100_000,
            tone="up",
            weeks=1,
            received=1,
            paid=1,
            net=0,
            financed=0,
            net_q10=0.0,
            net_q90=1.0,
            unit="MDH",
        )
        html = html_of(shown)
        assert "S41<br>07/10" in html
        assert '<td class="r neg">0,0</td>' in html  # the closing is below the floor
        assert [sheet.name for sheet in page._sheets] == ["Plan par semaine"]
        wrong = flat.assign(
            **{"week|2024-10-07|plan": flat["week|2024-10-07|plan"] + (flat["row_code"] == "closing") * 1}
        )
        with pytest.raises(RunError, match="is not"):
            page.treasurer_sheet("treasurer", wrong, weeks=1)


def test_an_empty_cell_is_not_known_never_zero() -> None:
    layout = treasurer_layout([ACTUAL], LINES)
    assert "debt_service" not in set(layout["row_code"])  # no column has it
    both = treasurer_layout([ACTUAL, PLANNED], LINES).set_index("row_code")
    assert both["week|2024-10-07|actual"].isna()["debt_service"]
