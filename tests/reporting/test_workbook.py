"""Mirrors reporting/workbook.py: cells are the values of the page, typed, whatever their kind; read back with another library."""

import ast
from datetime import date
from decimal import Decimal
from pathlib import Path

import nbformat
import openpyxl
import pandas as pd
import pytest

from workbench.errors import RunError
from workbench.reporting import workbook
from workbench.reporting.voice import Voice
from workbench.reporting.words import sentences

PROJECT = Path(__file__).resolve().parents[2]
BLOCKS = (
    "table",
    "rates",
    "heat_table",
    "cascade",
    "level",
    "figure",
    "fan",
    "scenarios",
    "trend",
    "schedule",
    "treasurer_sheet",
)
SHOWN = {f"page.{name}" for name in BLOCKS}
REPORTS = [
    ("treasury/cash_position", 18),
    ("recovery/unpaid", 20),
    ("treasury/cash_plan", 18),
    ("treasury/treasury_monthly", 14),
]

WORDS = {"readme_sheet": "Lisez-moi", "readme_totals": "Totaux", "readme_sheets": "Feuilles", "total": "Total"}
VOICE = Voice("recovery/unpaid", "fr")
DATA = pd.DataFrame(
    {
        "unit_code": ["A", None],
        "outstanding_centimes": pd.array([123_456_789, -5], dtype="Int64"),
        "dso_days": pd.array([187.64, None], dtype="Float64"),
        "due_share": [0.5, 0.25],
        "dated_value": [(Decimal("0.2"), "share"), (Decimal(60), "days")],
    }
)
KINDS = {
    "unit_code": "code",
    "outstanding_centimes": "mad",
    "dso_days": "days",
    "due_share": "pct",
    "dated_value": "dated",
}


def _sheet(data: pd.DataFrame = DATA) -> workbook.Sheet:
    return workbook.sheet_of("delays", "Délais", data, KINDS, {"outstanding_centimes": 123_456_784}, VOICE)


def test_cells_hold_the_values_of_the_page(tmp_path: Path) -> None:
    workbook.write(tmp_path, "book", "Titre", {"État": "test"}, [_sheet()], WORDS, date(2024, 6, 30))
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx")["Délais"]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2, max_row=5)]
    assert cells[0][1:] == [1_234_567.89, 187.64, 0.5, 0.2]
    assert cells[1][1:] == [-0.05, None, 0.25, 60]  # not known is empty, never zero
    assert cells[2] == [None] * 5  # a line apart, so that sorting leaves the total where it is
    assert cells[3][:2] == ["Total", 1_234_567.84]
    assert [sheet.cell(2, column).number_format for column in (2, 3, 4, 5)] == ["#,##0.00", "#,##0", "0.0%", "0.0%"]


def test_a_total_that_is_not_the_sum_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="the page says 123456784, the rows 123456789"):
        workbook.write(tmp_path, "book", "Titre", {}, [_sheet(DATA.head(1))], WORDS, date(2024, 6, 30))


def test_the_same_cells_in_a_csv() -> None:
    lines = workbook.csv_bytes(_sheet()).decode("utf-8-sig").splitlines()
    assert lines[1] == "A;1234567,89;187,64;0,5;0,2"
    assert lines[2].split(";")[1:] == ["-0,05", "", "0,25", "60"]


def _tables_of(notebook: Path) -> set[str]:
    """Keys of the tables that a notebook shows: given to the page by name, or by a loop over names."""
    source = "\n".join(cell.source for cell in nbformat.read(notebook, 4).cells if cell.cell_type == "code")
    keys: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in SHOWN and isinstance(node.args[0], ast.Constant):
            keys.add(node.args[0].value)
        elif isinstance(node, ast.For) and ast.unparse(node.target) == "name" and isinstance(node.iter, ast.Tuple):
            keys |= {ast.literal_eval(name) for name in node.iter.elts}
    return keys


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize(("report", "fewest"), REPORTS)
def test_every_sheet_has_a_name_of_its_own_that_fits(report: str, fewest: int, lang: str) -> None:
    voice = Voice(report, lang)
    names = {key.removeprefix("sheet_"): voice.plain(key) for key in sentences(report) if key.startswith("sheet_")}
    keys = _tables_of(PROJECT / "notebooks" / f"{report}.ipynb")
    assert len(keys) >= fewest
    assert keys - set(names) == set()
    assert len({name.casefold() for name in names.values()}) == len(names)
    assert max(map(len, names.values())) <= 28
