"""The workbook beside a page: every table in full, typed, with what it rests on and the totals of the page.

Text stays text: nothing that a sender wrote becomes a formula, a link or a number. Amounts are numbers in units of the currency
(hundredths / 100, exact to the hundredth up to 10¹³). A table too long for a sheet that people open is a CSV file.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from workbench.errors import RunError
from workbench.reporting.voice import Voice
from workbench.reporting.words import clean

MOST_ROWS = 100_000
LONGEST_TEXT = 32_767  # characters that a cell of a workbook may hold
FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
FORMATS = {
    "mad": "#,##0.00",
    "pct": "0.0%",
    "pts": "+0.0;-0.0",
    "ratio": "0.00",
    "count": "#,##0",
    "days": "#,##0",
    "date": "dd/mm/yyyy",
}
AMOUNTS = ("mad", "mdh", "mdh0")
DATED = {
    "rate": "pct",
    "share": "pct",
    "centimes": "mad",
}  # how the number of a dated value is written, by its unit; else as it is


@dataclass(frozen=True)
class Sheet:
    """A table: its key, its name and title, rows, heads and kinds by column, and the totals that the page shows (hundredths or counts).

    `painter` writes a sheet that has a layout of its own: it is given the workbook, the page of it and this sheet.
    """

    key: str
    name: str
    title: str
    data: pd.DataFrame
    labels: Mapping[str, str]
    kinds: Mapping[str, str]
    totals: Mapping[str, int] = field(default_factory=dict)
    painter: Callable[[Any, Any, "Sheet"], None] | None = None


def sheet_of(
    key: str, title: str, data: pd.DataFrame, kinds: Mapping[str, str], added: Mapping[str, Any], voice: Voice
) -> Sheet:
    """The sheet of a table that a page shows: the same rows, the same totals, codes in words. Its name is the sentence `sheet_<key>`."""
    said = data.copy()
    for column, kind in kinds.items():
        if kind in ("word", "code", "status"):
            prefix = "status" if kind == "status" else column
            said[column] = pd.Series(
                [voice.word(prefix, code) for code in data[column]], index=data.index, dtype=object
            )
        if kind == "model":
            said[column] = pd.Series([voice.model(str(name)) for name in data[column]], index=data.index, dtype=object)
    labels = {column: str(voice.label(column).unescape()) for column in data.columns}
    sums = {column: int(value) for column, value in added.items() if not pd.isna(value)}
    return Sheet(key, str(voice.maybe(f"sheet_{key}", "{}").unescape()) or key, title, said, labels, dict(kinds), sums)


def write(
    folder: Path,
    name: str,
    title: str,
    stamp: Mapping[str, str],
    sheets: Sequence[Sheet],
    words: Mapping[str, str],
    as_of: date,
) -> None:
    """Write `<name>.xlsx` into a folder, and a CSV file for each table too long for it. Same tables, same bytes.

    `words` holds `readme_sheet`, `readme_totals`, `readme_sheets`, `total`. Raises `RunError` where a total is not the sum of its column.
    """
    for sheet in sheets:
        _check_totals(sheet)
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": FORMATS["date"],
    }
    with xlsxwriter.Workbook(str(folder / f"{name}.xlsx"), options) as book:
        book.set_properties({"title": clean(title), "created": datetime(as_of.year, as_of.month, as_of.day)})  # noqa: DTZ001
        fits = [sheet for sheet in sheets if len(sheet.data) <= MOST_ROWS]
        names = _names([words["readme_sheet"], *(sheet.name for sheet in fits)])
        _write_readme(book, names, title, stamp, fits, words)
        for sheet, sheet_name in zip(fits, names[1:], strict=True):
            _write_sheet(book, sheet, sheet_name, words["total"])
    for sheet in sheets:
        if len(sheet.data) > MOST_ROWS:
            (folder / f"{name}-{sheet.key}.csv").write_bytes(csv_bytes(sheet))


def _check_totals(sheet: Sheet) -> None:
    for column, total in sheet.totals.items():
        found = int(sheet.data[column].sum())
        if found != total:
            raise RunError(f"the page says {total}, the rows {found}", where=f"workbook {sheet.key}.{column}")


def _names(wanted: Sequence[str]) -> list[str]:
    """Names that a workbook takes: at most 31 characters, none of []:*?/\\, each once whatever its case."""
    names: list[str] = []
    for text in wanted:
        plain = "".join("_" if char in "[]:*?/\\'" else char for char in clean(text))[:28] or "_"
        again = sum(name.lower().startswith(plain.lower()) for name in names)
        names.append(f"{plain} {again + 1}" if again else plain)
    return names


def _write_readme(
    book: Any,
    names: Sequence[str],
    title: str,
    stamp: Mapping[str, str],
    sheets: Sequence[Sheet],
    words: Mapping[str, str],
) -> None:
    """What the workbook rests on: stamp, sheets with the finding of each, control totals."""
    page = book.add_worksheet(names[0])
    bold = book.add_format({"bold": True})
    page.set_column(0, 0, 34)
    page.set_column(1, 2, 46)
    page.write_string(0, 0, _text(title), book.add_format({"bold": True, "font_size": 14}))
    named = list(zip(names[1:], sheets, strict=True))
    lines: list[tuple[str, str]] = [("", ""), *stamp.items(), ("", ""), (words["readme_sheets"], "")]
    lines += [(name, sheet.title) for name, sheet in named] + [("", ""), (words["readme_totals"], "")]
    for row, (label, value) in enumerate(lines, 1):
        page.write_string(
            row, 0, _text(label), bold if label in (words["readme_sheets"], words["readme_totals"]) else None
        )
        page.write_string(row, 1, _text(value))
    row = len(lines)
    for name, sheet in named:
        for column, total in sheet.totals.items():
            row += 1
            page.write_string(row, 0, name)
            page.write_string(row, 1, _text(sheet.labels[column]))
            _write_total(book, page, row, 2, total, sheet.kinds[column])


def _write_total(book: Any, page: Any, row: int, column: int, total: int, kind: str) -> None:
    is_amount = kind in AMOUNTS
    shape = book.add_format({"bold": True, "num_format": FORMATS["mad" if is_amount else "count"]})
    page.write_number(row, column, total / 100 if is_amount else total, shape)


def _write_sheet(book: Any, sheet: Sheet, name: str, total: str) -> None:
    page = book.add_worksheet(name)
    if sheet.painter is not None:
        sheet.painter(book, page, sheet)
        return
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    formats = {kind: book.add_format({"num_format": shape}) for kind, shape in FORMATS.items()}
    columns = list(sheet.data.columns)
    for number, column in enumerate(columns):
        kind = sheet.kinds[column].rstrip("+")
        page.write_string(0, number, _text(sheet.labels[column]), bold)
        page.set_column(number, number, 18 if kind in FORMATS or kind in AMOUNTS else 26)
        for row, value in enumerate(sheet.data[column].tolist(), 1):
            _write_cell(page, row, number, value, kind, formats)
    last = len(sheet.data)
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, max(last, 1), max(len(columns) - 1, 0))
    for column, value in sheet.totals.items():
        # One row below the filter, so that sorting leaves the total where it is.
        _write_total(book, page, last + 2, columns.index(column), value, sheet.kinds[column])
    if sheet.totals and columns[0] not in sheet.totals:
        page.write_string(last + 2, 0, _text(total), book.add_format({"bold": True, "top": 1}))


def _write_cell(page: Any, row: int, column: int, value: Any, kind: str, formats: Mapping[str, Any]) -> None:
    if kind == "dated" and value is not None:
        number, unit = value
        _write_cell(page, row, column, number, DATED.get(unit, "number"), formats)
        return
    if value is None or pd.isna(value):
        return  # an empty cell: not known is not zero
    shape = formats.get("mad" if kind in AMOUNTS else "pct" if kind == "pct0" else kind)
    if kind in AMOUNTS:
        page.write_number(row, column, int(value) / 100, shape)
    elif kind == "mad_unit":
        page.write_number(row, column, float(value), formats["mad"])
    elif kind in ("pct", "pct0"):
        page.write_number(row, column, float(value), shape)
    elif kind == "pts":
        page.write_number(row, column, float(value) * 100, shape)
    elif kind == "count":
        page.write_number(row, column, int(value), shape)
    elif kind in ("days", "number", "ratio"):
        page.write_number(row, column, float(value), shape)
    elif kind in ("date", "day", "long", "month"):
        instant = pd.Timestamp(value)  # a sheet knows no zone: instants are kept in UTC
        civil = instant if instant.tzinfo is None else instant.tz_convert("UTC").tz_localize(None)
        page.write_datetime(row, column, civil.to_pydatetime(), shape)
    else:
        page.write_string(row, column, _text(str(value)))


def _text(text: str) -> str:
    plain = clean(str(text))
    return plain if len(plain) <= LONGEST_TEXT else plain[: LONGEST_TEXT - 1] + "…"


def csv_bytes(sheet: Sheet) -> bytes:
    """A table as a CSV that a spreadsheet opens: UTF-8 with its mark, `;`, decimal comma; text that would be a formula is quoted by `'`."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow([neutral(sheet.labels[column]) for column in sheet.data.columns])
    columns = [[_csv_cell(v, sheet.kinds[c].rstrip("+")) for v in sheet.data[c].tolist()] for c in sheet.data.columns]
    writer.writerows(zip(*columns, strict=True))
    return out.getvalue().encode("utf-8-sig")


def _csv_cell(value: Any, kind: str) -> str:
    if kind == "dated" and value is not None:
        number, unit = value
        return _csv_cell(number, DATED.get(unit, "days"))
    if value is None or pd.isna(value):
        return ""
    if kind in AMOUNTS:
        whole, rest = divmod(abs(int(value)), 100)
        return f"{'-' if value < 0 else ''}{whole},{rest:02d}"
    if kind in ("pct", "pct0", "pts", "days", "ratio", "mad_unit"):
        return f"{float(value):.10g}".replace(".", ",")
    if kind == "count":
        return str(int(value))
    if kind in ("date", "day", "long", "month"):
        return f"{pd.Timestamp(value):%d/%m/%Y}"
    return neutral(str(value))


def neutral(text: str) -> str:
    """Text that no spreadsheet takes for a formula: `'` before what begins as one, whatever spaces are in front."""
    plain = clean(text)
    return f"'{plain}" if plain.lstrip(" \u00a0\u202f").startswith(FORMULA_MARKS) else plain
