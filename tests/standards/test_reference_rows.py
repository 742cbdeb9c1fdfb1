"""Mirrors standards/reference_rows.py: rows with their place, what does not hold told by file and line, the span of a row."""

from datetime import date
from pathlib import Path

import pytest

from workbench.errors import SchemaError
from workbench.standards import rows_of_file, validity_of

COLUMNS = ["code", "valid_from_date", "valid_to_date"]


def written(folder: Path, *lines: str) -> Path:
    path = folder / "rows.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_rows_come_with_their_place_and_without_outer_spaces(tmp_path: Path) -> None:
    path = written(tmp_path, ",".join(COLUMNS), " a ,2024-01-01,", '"b,c",2024-01-01,2024-12-31')
    assert rows_of_file(path, COLUMNS) == [
        ("rows.csv:2", {"code": "a", "valid_from_date": "2024-01-01", "valid_to_date": ""}),
        ("rows.csv:3", {"code": "b,c", "valid_from_date": "2024-01-01", "valid_to_date": "2024-12-31"}),
    ]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["code,valid_to_date,valid_from_date"], "rows.csv:1: columns are"),
        ([",".join(COLUMNS), "a,2024-01-01"], "rows.csv:2: the row has more or fewer cells"),
        ([",".join(COLUMNS), "a,2024-01-01,,more"], "rows.csv:2: the row has more or fewer cells"),
        ([",".join(COLUMNS), 'a,"2024-01-01"x,'], "rows.csv:2: the row cannot be read"),
    ],
)
def test_a_file_of_another_shape_is_refused_by_line(tmp_path: Path, lines: list[str], told: str) -> None:
    with pytest.raises(SchemaError) as refused:
        rows_of_file(written(tmp_path, *lines), COLUMNS)
    assert str(refused.value).startswith(told)


def test_a_row_holds_from_a_date_to_a_date_or_on() -> None:
    assert validity_of({"valid_from_date": "2024-01-01", "valid_to_date": ""}, "here") == (date(2024, 1, 1), None)
    one_day = {"valid_from_date": "2024-01-01", "valid_to_date": "2024-01-01"}
    assert validity_of(one_day, "here") == (date(2024, 1, 1), date(2024, 1, 1))


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        ("", "", "is no date"),
        ("01/01/2024", "", "is no date"),
        ("2024-01-01", "never", "is no date"),
        ("2024-01-02", "2024-01-01", "valid_to_date is before valid_from_date"),
    ],
)
def test_a_span_that_does_not_hold_is_refused_with_its_place(first: str, last: str, told: str) -> None:
    with pytest.raises(SchemaError, match=told) as refused:
        validity_of({"valid_from_date": first, "valid_to_date": last}, "rows.csv:7")
    assert refused.value.where == "rows.csv:7"
