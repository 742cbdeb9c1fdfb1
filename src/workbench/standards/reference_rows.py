"""Rows of the CSV files of the reference folder, each with its place, so that a row that does not hold is told by file and line."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from workbench.errors import SchemaError


def rows_of_file(path: Path, columns: Sequence[str]) -> list[tuple[str, dict[str, str]]]:
    """Rows of a reference CSV with the place of each (file:line). Raises `SchemaError` for other columns or a row of another length."""
    found = []
    with path.open(encoding="utf-8", newline="") as file:
        reader: Any = csv.DictReader(file, strict=True)
        try:
            if reader.fieldnames != list(columns):
                raise SchemaError(
                    f"columns are {reader.fieldnames}", f"{path.name}:1", "columns: " + ", ".join(columns)
                )
            for row in reader:
                where = f"{path.name}:{reader.line_num}"
                if None in row or None in row.values():
                    raise SchemaError("the row has more or fewer cells than columns", where)
                found.append((where, {name: value.strip() for name, value in row.items()}))
        except csv.Error as error:
            raise SchemaError(f"the row cannot be read: {error}", f"{path.name}:{reader.reader.line_num}") from None
    return found


def validity_of(row: Mapping[str, str], where: str) -> tuple[date, date | None]:
    """`valid_from_date` and `valid_to_date` (may be empty) of a reference row. Raises `SchemaError` where they do not hold."""
    try:
        first = date.fromisoformat(row["valid_from_date"])
        last = date.fromisoformat(row["valid_to_date"]) if row["valid_to_date"] else None
    except ValueError:
        raise SchemaError("valid_from_date or valid_to_date is no date", where, "write 2026-03-23") from None
    if last is not None and last < first:
        raise SchemaError("valid_to_date is before valid_from_date", where)
    return first, last
