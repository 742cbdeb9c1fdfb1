"""CSV with declared encoding, delimiter, marks and dates, into one or several tables.

Arrow reads every cell as text, a million rows a second; Python's own reader goes over the file a second time only where a line
must be told. A file that has one fault is wholly refused by the import, so that a person mends it in one go.
"""

import csv
import functools
import io
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from workbench.errors import ReadingError
from workbench.intake.formats.filling import filled
from workbench.intake.formats.grid import Grid, distinct_headers
from workbench.intake.profiles import Profile
from workbench.intake.reading import Reading, decoded, refuse_long_lines
from workbench.schemas.checking import SHOWN_PER_COLUMN, Problem

FURTHEST_CELL = 100_000  # characters; a longer cell is a broken quote, not a value
LONGEST_ROW = 1_000_000  # characters of a line
_BLOCK = 1 << 24  # bytes; no row is longer


def read(path: Path, profile: Profile) -> Reading:
    """The tables of a CSV file, in their declared schema, and every problem of its cells."""
    return filled(_grid(path, profile), profile)


def _grid(path: Path, profile: Profile) -> Grid:
    text = decoded(path, profile.encoding)
    if "\n" not in text:
        text = text.replace("\r", "\n")
    refuse_long_lines(text, path.name, LONGEST_ROW)
    header, header_lines, body = _header(text, profile, path.name)
    names = [str(number) for number in range(len(header))]
    rows, odd = _arrow(body, names, profile.delimiter, path.name)
    arrays = {
        name: _texts(rows[number].combine_chunks())
        for name, number in zip(distinct_headers(header, path.name), names, strict=True)
    }
    filled_in = _any_filled(list(arrays.values()), len(rows))

    @functools.cache
    def located() -> tuple[pa.Array, list[Problem]]:
        return _located(body, header_lines, len(header), profile.delimiter, len(rows), path.name)

    grid = Grid(path.name, arrays, len(rows), lambda: located()[0]).filtered(filled_in)
    grid.faults = located()[1] if odd else []
    return grid


def _header(text: str, profile: Profile, file_name: str) -> tuple[list[str], int, str]:
    """The headers, the lines down to them, and the text below."""
    taken = 0

    def next_lines() -> Iterator[str]:
        nonlocal taken
        while taken < len(text):
            start, taken = taken, text.find("\n", taken) + 1 or len(text)
            yield text[start:taken]

    stream = next_lines()
    lines = sum(1 for _ in islice(stream, profile.header_row - 1))
    header: list[str] = []
    for _, used, cells in _rows(stream, profile.delimiter, lines, file_name):
        header, lines = cells, used
        break
    # What a workbook saved as CSV leaves behind its last column is no column.
    while header and not header[-1].strip():
        header = header[:-1]
    if not header:
        raise ReadingError("the file has no header", f"{file_name}:{profile.header_row}", "check header_row")
    return header, lines, text[taken:]


def _rows(stream: Iterable[str], delimiter: str, before: int, file_name: str) -> Iterator[tuple[int, int, list[str]]]:
    """First line, last line and cells of each row, blank lines left out."""
    csv.field_size_limit(FURTHEST_CELL)
    reader = csv.reader(stream, delimiter=delimiter)
    last = before
    try:
        for cells in reader:
            first, last = last + 1, before + reader.line_num
            if cells:
                yield first, last, cells
    except csv.Error as error:
        raise ReadingError(
            f"the file is no table: {error}",
            f"{file_name}:{before + reader.line_num}",
            "check its delimiter and quotes",
        ) from error


def _arrow(body: str, names: list[str], delimiter: str, file_name: str) -> tuple[pa.Table, bool]:
    """The rows as texts, and whether some have another number of cells than the header."""
    odd = False

    def skip(row: pyarrow.csv.InvalidRow) -> str:
        nonlocal odd
        odd = True
        return "skip"

    if not body.strip("\r\n"):
        return pa.table({name: pa.array([], pa.string()) for name in names}), False
    try:
        rows = pyarrow.csv.read_csv(
            pa.py_buffer(body.encode()),
            pyarrow.csv.ReadOptions(column_names=names, block_size=_BLOCK),
            pyarrow.csv.ParseOptions(
                delimiter=delimiter, newlines_in_values='"' in body, invalid_row_handler=skip, ignore_empty_lines=True
            ),
            pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        raise ReadingError(f"the file is no table: {error}", file_name, "check its delimiter and quotes") from error
    longest = max((pc.max(pc.utf8_length(rows[name])).as_py() or 0 for name in names), default=0)
    if longest > FURTHEST_CELL:
        raise ReadingError(
            f"the file is no table: a cell has {longest} characters", file_name, "check its delimiter and quotes"
        )
    return rows, odd


def _texts(cells: pa.Array) -> pa.Array:
    """Cells without the blanks around them; what is blank is empty."""
    trimmed = pc.utf8_trim_whitespace(cells)
    return pc.if_else(pc.equal(trimmed, ""), None, trimmed)


def _any_filled(columns: list[pa.Array], count: int) -> pa.Array:
    """Rows that hold something: a workbook saved as CSV ends in rows of delimiters."""
    found = pa.array([False] * count, pa.bool_())
    for column in columns:
        found = pc.or_(found, pc.is_valid(column))
    return found


def _located(
    body: str, before: int, width: int, delimiter: str, count: int, file_name: str
) -> tuple[pa.Array, list[Problem]]:
    """The first line of every row that Arrow kept, and the rows of another width."""
    lines, problems, odd = [], [], 0
    for first, _, cells in _rows(io.StringIO(body, newline=""), delimiter, before, file_name):
        if len(cells) == width:
            lines.append(first)
        elif any(cell.strip() for cell in cells):
            odd += 1
            if odd <= SHOWN_PER_COLUMN:
                values = {"count": len(cells), "expected": width}
                problems.append(Problem("row_width", "refused", values, file_name, first))
    if odd > SHOWN_PER_COLUMN:
        rest = {"column": "", "count": odd - SHOWN_PER_COLUMN}
        problems.append(Problem("more_of_the_same", "refused", rest, file_name))
    if len(lines) != count:
        raise ReadingError("quotes stand out of place: nobody can tell where rows end", file_name, "check its quotes")
    return pa.array(lines, pa.int64()), problems
