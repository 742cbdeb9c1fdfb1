"""Mirrors intake/formats/workbook.py: workbooks are written here, cell by cell."""

import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from workbench.errors import ReadingError
from workbench.identifiers import rib_key
from workbench.intake.formats import workbook
from workbench.intake.profiles import Profile, Target
from workbench.intake.reading import Reading, read_file

COLUMNS = {
    "account_number": "RIB", "account_label": "Intitulé", "bank_code": "Banque", "unit_code": "Unité", "role_code": "Rôle",
    "opened_date": "Ouvert le", "floor_centimes": "Plancher", "statement_lag_days": "Délai",
}  # fmt: skip
TARGET = Target.model_validate({"table": "bank_accounts", "columns": COLUMNS, "constants": {"currency_code": "MAD"}})
PROFILE = Profile(name="accounts", format="xlsx", files=("*.xlsx",), targets=(TARGET,))
RIB = "0007780" + "0" * 15
RIB = RIB + rib_key(RIB)


def book(
    folder: Path, rows: Sequence[Sequence[Any]], first: int = 0, sheets: Sequence[str] = ("Comptes",), **options: Any
) -> Path:
    path = folder / "REGISTRE.xlsx"
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, **options}) as made:
        day = made.add_format({"num_format": "dd/mm/yyyy"})
        for name in sheets:
            sheet = made.add_worksheet(name)
            for place, cells in enumerate((list(COLUMNS.values()), *rows), first):
                for column, cell in enumerate(cells):
                    if isinstance(cell, date):
                        sheet.write_datetime(place, column, cell, day)
                    else:
                        sheet.write(place, column, cell)
    return path


def row(**changed: Any) -> list[Any]:
    cells = {
        "RIB": RIB, "Intitulé": "=1+1", "Banque": "007", "Unité": "SIEGE", "Rôle": "receipts",
        "Ouvert le": date(2015, 1, 31), "Plancher": 1234.56, "Délai": 5,
    } | changed  # fmt: skip
    return [cells[name] for name in COLUMNS.values()]


def told(found: Reading) -> list[tuple[str, int | None, str | None]]:
    return [(p.code, p.line_number, p.column_name) for p in found.problems]


def test_dates_serial_numbers_and_exact_amounts(tmp_path: Path) -> None:
    rows = [
        row(),
        row(RIB="A", **{"Ouvert le": 42035, "Plancher": 0.1 + 0.2, "Banque": 7}),
        row(RIB="B", **{"Ouvert le": "31/01/2015", "Plancher": "1\u202f234,5", "Délai": "5"}),
        row(
            RIB="C",
            **{
                "Ouvert le": datetime(2015, 1, 31, 15, tzinfo=None),  # noqa: DTZ001 (a cell has no zone)
                "Plancher": 12345678901.23,
            },
        ),
        [],
    ]
    found = read_file(book(tmp_path, rows), PROFILE)
    assert found.problems == []
    accounts = found.tables["bank_accounts"]
    assert set(accounts["opened_date"].to_pylist()) == {date(2015, 1, 31)}
    assert accounts["floor_centimes"].to_pylist() == [123456, 30, 123450, 1234567890123]
    assert accounts["account_label"].to_pylist() == ["=1+1"] * 4
    assert accounts["bank_code"].to_pylist() == ["007", "7", "007", "007"]
    assert accounts["statement_lag_days"].to_pylist() == [5] * 4
    assert accounts["account_number"].to_pylist() == [RIB, "A", "B", "C"]


def test_a_rib_kept_as_a_number_is_refused_never_filled_up(tmp_path: Path) -> None:
    rows = [row(RIB=int(RIB)), row(RIB="2,3078E+23"), row(RIB=RIB[:-1] + str((int(RIB[-1]) + 1) % 10)), row(RIB="A")]
    assert told(read_file(book(tmp_path, rows), PROFILE)) == [
        ("rib_kept_as_number", 2, "account_number"),
        ("rib_kept_as_number", 3, "account_number"),
        ("rib_key_wrong", 4, "account_number"),
    ]


def test_other_identifiers_as_numbers_are_a_warning(tmp_path: Path) -> None:
    found = read_file(book(tmp_path, [row(Unité=12), row(RIB="A", Unité=34)]), PROFILE)
    assert [(p.code, p.severity, p.values["count"]) for p in found.problems] == [("identifier_as_number", "warning", 2)]
    assert found.tables["bank_accounts"]["unit_code"].to_pylist() == ["12", "34"]


def test_faults_are_told_by_the_row_of_the_sheet(tmp_path: Path) -> None:
    rows = [
        row(Plancher=0.125),
        row(RIB="A", **{"Ouvert le": 60}),
        row(RIB="B", Délai=2.5),
        row(RIB="C", Rôle=True),
    ]
    found = read_file(book(tmp_path, rows, first=3), PROFILE.model_copy(update={"header_row": 4}))
    assert sorted(told(found), key=lambda t: t[1] or 0) == [
        ("amount_not_exact", 5, "floor_centimes"),
        ("date_unreadable", 6, "opened_date"),
        ("number_unreadable", 7, "statement_lag_days"),
        ("code_unknown", 8, "role_code"),
    ]


def test_workbooks_that_count_days_from_1904(tmp_path: Path) -> None:
    path = book(tmp_path, [row(**{"Ouvert le": 40573}), row(RIB="A")], date_1904=True)
    assert read_file(path, PROFILE).tables["bank_accounts"]["opened_date"].to_pylist() == [date(2015, 1, 31)] * 2


def test_the_sheet_is_named_where_there_are_several(tmp_path: Path) -> None:
    path = book(tmp_path, [row()], sheets=("Un", "Deux"))
    with pytest.raises(ReadingError, match="several sheets: Un, Deux"):
        read_file(path, PROFILE)
    with pytest.raises(ReadingError, match="no sheet « Trois »"):
        read_file(path, PROFILE.model_copy(update={"sheet": "Trois"}))
    assert read_file(path, PROFILE.model_copy(update={"sheet": "Deux"})).problems == []
    with pytest.raises(ReadingError, match="no header"):
        read_file(path, PROFILE.model_copy(update={"sheet": "Un", "header_row": 9}))


def test_what_is_no_workbook_or_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"RIB;Nom")
    with pytest.raises(ReadingError, match="no workbook"):
        read_file(path, PROFILE)
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("xl/workbook.xml", "<workbook")
    with pytest.raises(ReadingError, match="no workbook"):
        read_file(path, PROFILE)
    monkeypatch.setattr(workbook, "LARGEST", 100)
    with pytest.raises(ReadingError, match="unpacks to"):
        read_file(book(tmp_path, [row()]), PROFILE)
