"""Tabular files: CSV with declared encoding, delimiter, marks and dates, into one or several tables.

Every cell is text until its column says otherwise; the whole column is then converted at once, and what does not convert is told
with its line. A file that has one fault is wholly refused by the import, so that a person mends it in one go.
"""

import csv
import io
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from workbench.errors import AmountNotExact, ReadingError
from workbench.intake.profiles import Profile, Target
from workbench.intake.reading import Reading, decoded
from workbench.money import centimes_column
from workbench.schemas.checking import Problem
from workbench.schemas.columns import COLUMNS
from workbench.schemas.tables import READINGS, table

Columns = dict[str, pa.Array]
_TEMPLATE = re.compile(r"\{([^{}]+)\}")
FURTHEST_CELL = 100_000  # characters; a longer cell is a broken quote, not a value


def read(path: Path, profile: Profile) -> Reading:
    """The tables of a CSV file, in their declared schema, and every problem of its cells."""
    columns, lines, problems = _cells(path, profile)
    tables: dict[str, pa.Table] = {}
    for target in profile.targets:
        made, faults = _filled(columns, lines, target, profile, path.name)
        problems += faults
        if target.table == "read_lines":
            tables |= _as_list(made, target, profile)
        else:
            tables[target.table] = made
    return Reading(tables, problems)


def _cells(path: Path, profile: Profile) -> tuple[Columns, list[int], list[Problem]]:
    text = decoded(path, profile.encoding)
    csv.field_size_limit(FURTHEST_CELL)
    reader = csv.reader(io.StringIO(text), delimiter=profile.delimiter)
    problems: list[Problem] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                values = {"count": len(row), "expected": len(header)}
                problems.append(Problem("row_width", "refused", values, path.name, reader.line_num))
                continue
            rows.append(row)
            lines.append(reader.line_num)
    except csv.Error as error:
        raise ReadingError(
            f"the file is no table: {error}", f"{path.name}:{reader.line_num}", "check its delimiter and quotes"
        ) from error
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(header)
    arrays = {
        name: pa.array([cell.strip() or None for cell in column], pa.string())
        for name, column in zip(header, cells, strict=True)
    }
    return arrays, lines, problems


def _filled(
    columns: Columns, lines: list[int], target: Target, profile: Profile, file_name: str
) -> tuple[pa.Table, list[Problem]]:
    declared = table(target.table)
    count, problems = len(lines), []
    source = dict(columns)
    keep: Any = None
    if target.where_filled:
        keep = pc.is_valid(_column(source, target.where_filled, count, file_name))
        source = {name: array.filter(keep) for name, array in source.items()}
        lines = [line for line, kept in zip(lines, keep.to_pylist(), strict=True) if kept]
        count = len(lines)
    made: Columns = {}
    for name in declared.columns:
        if name in target.constants:
            texts = pa.array([target.constants[name]] * count, pa.string())
        elif name == "amount_centimes" and profile.sign.rule == "debit_credit":
            made[name], faults = _debit_credit(source, profile, count, lines, file_name, declared.name)
            problems += faults
            continue
        elif name in target.columns:
            texts = _column(source, target.columns[name], count, file_name)
            if name in target.codes:
                texts = pa.array([target.codes[name].get(text, text) for text in texts.to_pylist()], pa.string())
        else:
            texts = pa.nulls(count, pa.string())
        made[name], faults = _converted(texts, name, profile, lines, file_name, declared.name)
        problems += faults
        if name == "amount_centimes" and profile.sign.rule == "negated":
            made[name] = pc.negate(made[name])
    result = pa.table([made[name] for name in declared.columns], schema=declared.arrow)
    if target.distinct:
        result = _distinct(result, declared.key)
    return result, problems


def _column(source: Columns, wanted: str, count: int, file_name: str) -> pa.Array:
    """A source column by its header, or a text made of several of them (`F-{N° facture}`)."""
    if wanted in source:
        return source[wanted]
    names = _TEMPLATE.findall(wanted)
    missing = [name for name in names or [wanted] if name not in source]
    if missing:
        raise ReadingError(
            f"the file has no column « {missing[0]} »; it has {', '.join(source)}",
            file_name,
            "mend the profile or the file",
        )
    parts = [source[name].to_pylist() for name in names]
    return pa.array(
        [
            None if None in row else wanted.format(**dict(zip(names, row, strict=True)))
            for row in zip(*parts, strict=True)
        ],
        pa.string(),
    )


def _converted(
    texts: pa.Array, name: str, profile: Profile, lines: list[int], file_name: str, table_name: str
) -> tuple[pa.Array, list[Problem]]:
    kind = COLUMNS[name].type

    def fault(code: str, row: int, severity: str = "refused") -> Problem:
        values = {"value": texts[row].as_py(), "column": name}
        return Problem(code, severity, values, file_name, lines[row], table_name, name)

    if name.endswith("_centimes"):
        made, errors = centimes_column(texts, profile.decimal, profile.thousands)
        return made, [
            fault("amount_not_exact" if isinstance(e, AmountNotExact) else "amount_unreadable", row)
            for row, e in errors
        ]
    if kind == pa.date32():
        days = [_day(text, profile.date_formats) for text in texts.to_pylist()]
        return pa.array([d if isinstance(d, date) else None for d in days], kind), [
            fault("date_unreadable", r) for r, d in enumerate(days) if d is False
        ]
    if kind == pa.int64():
        numbers = [
            text if text is None else int(text) if text.isascii() and text.isdigit() else False
            for text in texts.to_pylist()
        ]
        return pa.array([n if n is not False else None for n in numbers], kind), [
            fault("number_unreadable", r) for r, n in enumerate(numbers) if n is False
        ]
    return texts.cast(kind), []


def _day(text: str | None, formats: tuple[str, ...]) -> date | bool | None:
    """The date that a text writes in one of the formats; False where it writes none."""
    if text is None:
        return None
    for form in formats:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 (a civil date has no zone)
        except ValueError:
            continue
    return False


def _debit_credit(
    source: Columns, profile: Profile, count: int, lines: list[int], file_name: str, table_name: str
) -> tuple[pa.Array, list[Problem]]:
    sides, problems = [], []
    for header in (profile.sign.debit, profile.sign.credit):
        made, faults = _converted(
            _column(source, header, count, file_name), "amount_centimes", profile, lines, file_name, table_name
        )
        sides.append(made)
        problems += faults
    both_or_none = pc.equal(pc.is_valid(sides[0]), pc.is_valid(sides[1]))
    if not problems:
        problems += [
            Problem("debit_or_credit", "refused", {}, file_name, lines[r], table_name, "amount_centimes")
            for r in pc.indices_nonzero(both_or_none).to_pylist()
        ]
    return pc.subtract(pc.fill_null(sides[1], 0), pc.fill_null(sides[0], 0)), problems


def _distinct(rows: pa.Table, key: tuple[str, ...]) -> pa.Table:
    seen: set[tuple[Any, ...]] = set()
    keep = []
    for values in zip(*(rows[name].to_pylist() for name in key), strict=True):
        keep.append(values not in seen)
        seen.add(values)
    return rows.filter(pa.array(keep, pa.bool_()))


def _as_list(lines: pa.Table, target: Target, profile: Profile) -> dict[str, pa.Table]:
    """A bank list without balances: one statement of no proof, whose account and currency the profile names."""
    numbered = lines.set_column(0, lines.schema.field(0), pa.array([0] * len(lines), pa.int64()))
    days = [day for day in lines["booking_date"].to_pylist() if day]
    row = {
        "statement_index": 0, "line_number": 1, "format_code": "tabular", "is_interim": False, "movement_count": len(lines),
        "account_identifier": profile.name, "currency_code": target.codes.get("list", {}).get("currency", "MAD"),
        "opening_date": min(days, default=None), "closing_date": max(days, default=None), "proof_code": "no_balances",
    }  # fmt: skip
    return {
        "read_statements": pa.Table.from_pylist([row], schema=READINGS["read_statements"].arrow),
        "read_lines": numbered,
    }
