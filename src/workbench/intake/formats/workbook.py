"""XLSX workbooks, cell by cell as they are held: texts, numbers of 15 digits, dates or their serial numbers.

A number becomes the text that its 15 significant digits write (all that a spreadsheet keeps), in the profile's manner; so it is
read by the same rules as a text, and an amount finer than a hundredth is refused, never rounded.
"""

import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from python_calamine import CalamineError, CalamineWorkbook

from workbench.errors import ReadingError
from workbench.intake.formats.cells import SERIAL
from workbench.intake.formats.filling import filled
from workbench.intake.formats.grid import Grid, distinct_headers
from workbench.intake.profiles import Profile
from workbench.intake.reading import Reading

LARGEST = 1_000_000_000  # bytes of a workbook once unpacked
_IS_1904 = re.compile(rb'date1904="(?:1|true)"')


def read(path: Path, profile: Profile) -> Reading:
    """The tables of one sheet, in their declared schema, and every problem of its cells. Lines are rows of the sheet."""
    is_1904 = _safe(path)
    try:
        with CalamineWorkbook.from_path(path) as book:
            rows = book.get_sheet_by_name(_sheet(book, profile, path.name)).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise ReadingError(f"the file is no workbook: {error}", path.name, "open it and save it as XLSX") from error
    if len(rows) < profile.header_row or not any(_shown(cell, profile) for cell in rows[profile.header_row - 1]):
        raise ReadingError("the sheet has no header", f"{path.name}:{profile.header_row}", "check sheet and header_row")
    header = [_shown(cell, profile) or "" for cell in rows[profile.header_row - 1]]
    numbered = [(n, row) for n, row in enumerate(rows[profile.header_row :], profile.header_row + 1) if _held(row)]
    # A number in a column of dates is the day's serial number, whatever the formats that the profile gives for texts.
    with_serials = profile.model_copy(update={"date_formats": (*profile.date_formats, SERIAL)})
    return filled(_grid(header, numbered, with_serials, is_1904, path.name), with_serials)


def _grid(
    header: Sequence[str], rows: Sequence[tuple[int, Sequence[Any]]], profile: Profile, is_1904: bool, file_name: str
) -> Grid:
    while header and not header[-1]:
        header = header[:-1]
    columns, numbers = {}, {}
    for place, name in enumerate(distinct_headers(header, file_name)):
        cells = [row[place] if place < len(row) else None for _, row in rows]
        columns[name] = pa.array([_shown(cell, profile) for cell in cells], pa.string())
        _refuse_nul(columns[name], rows, file_name)
        held = [isinstance(cell, (int, float)) and not isinstance(cell, bool) for cell in cells]
        if any(held):
            numbers[name] = pa.array(held, pa.bool_())
    lines = pa.array([number for number, _ in rows], pa.int64())
    return Grid(file_name, columns, len(rows), lambda: lines, numbers, is_1904)


def _refuse_nul(cells: pa.Array, rows: Sequence[tuple[int, Sequence[Any]]], file_name: str) -> None:
    nul = pc.index(pc.match_substring(cells, "\0"), True).as_py()
    if nul >= 0:
        raise ReadingError(
            "a cell holds a NUL character: it is no text", f"{file_name}:{rows[nul][0]}", "mend the cell"
        )


def _held(row: Iterable[Any]) -> bool:
    return any(cell is not None and str(cell).strip() for cell in row)


def _shown(cell: Any, profile: Profile) -> str | None:
    """A cell as the profile would have it written; None where it is empty."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, (int, float)):
        return f"{Decimal(f'{cell:.15g}'):f}".replace(".", profile.decimal)
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    if isinstance(cell, date):
        return f"{cell.isoformat()}T00:00:00"
    if isinstance(cell, (time, timedelta)):
        return str(cell)
    return cell.strip() or None if cell else None


def _sheet(book: CalamineWorkbook, profile: Profile, file_name: str) -> str:
    """The sheet that the profile names, or the only one."""
    names = list(book.sheet_names)
    wanted = profile.sheet or (names[0] if len(names) == 1 else "")
    if wanted in names:
        return wanted
    if wanted:
        raise ReadingError(
            f"the workbook has no sheet « {wanted} »; it has {', '.join(names)}",
            file_name,
            "name the sheet in the profile",
        )
    raise ReadingError(
        f"the workbook has several sheets: {', '.join(names)}", file_name, "name one of them in the profile"
    )


def _safe(path: Path) -> bool:
    """Whether serial dates count from 1904. `ReadingError` where the file is no workbook or unpacks to too much."""
    try:
        with zipfile.ZipFile(path) as parts:
            size = sum(part.file_size for part in parts.infolist())
            if size > LARGEST:
                raise ReadingError(f"the workbook unpacks to {size} bytes", path.name, "ask for a CSV instead")
            return _IS_1904.search(parts.read("xl/workbook.xml")) is not None
    except (zipfile.BadZipFile, KeyError) as error:
        raise ReadingError("the file is no workbook", path.name, "open it and save it as XLSX") from error
