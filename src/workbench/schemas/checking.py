"""Problems of data, returned as data: what is wrong, where, and what to do, in two languages.

A `Problem` holds a code and values; its sentences come from `problem_texts/*.toml`. `check_table` finds every problem of a
table against its schema at once, so that a person mends a file in one go.
"""

import functools
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from workbench.errors import SchemaError
from workbench.french import in_french
from workbench.money import Amount
from workbench.schemas.columns import COLUMNS
from workbench.schemas.tables import Table, table

SHOWN_PER_COLUMN = 100  # problems of one kind reported for one column; the rest are counted in one more row


@dataclass(frozen=True)
class Problem:
    """A problem of data. `values` fills the sentences of its code; the place is a file and line, or a table, column and key."""

    code: str
    severity: str = "refused"
    values: Mapping[str, Any] = field(default_factory=dict)
    file_name: str | None = None
    line_number: int | None = None
    table_name: str | None = None
    column_name: str | None = None
    row_key: str | None = None

    def message(self, lang: str = "fr") -> str:
        """What is wrong."""
        return _sentence(self.code, "message", lang).format_map(_Shown(_values_in(lang, self.values)))

    def remedy(self, lang: str = "fr") -> str:
        """What to do about it."""
        return _sentence(self.code, "remedy", lang).format_map(_Shown(_values_in(lang, self.values)))

    @property
    def where(self) -> str:
        """The place, as file:line or table.column."""
        if self.file_name is not None:
            return self.file_name if self.line_number is None else f"{self.file_name}:{self.line_number}"
        return ".".join(part for part in (self.table_name, self.column_name) if part)


def _values_in(lang: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values of a sentence in its language: amounts, and a reason, which is an error's."""
    said = {name: value.said(lang) if isinstance(value, Amount) else value for name, value in values.items()}
    return {**said, "reason": in_french(str(said["reason"]))} if lang == "fr" and "reason" in said else said


class _Shown(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        raise SchemaError(f"a problem sentence needs the value {key!r}, which was not given")


@functools.cache
def problem_texts() -> dict[str, dict[str, str]]:
    """The sentences of every problem code: message_fr, message_en, remedy_fr, remedy_en."""
    texts: dict[str, dict[str, str]] = {}
    for source in sorted(files("workbench.schemas").joinpath("problem_texts").iterdir(), key=lambda path: path.name):
        for code, sentences in tomllib.loads(source.read_text(encoding="utf-8")).items():
            if code in texts:
                raise SchemaError(f"problem {code!r} is described twice", where=source.name)
            texts[code] = sentences
    return texts


def _sentence(code: str, part: str, lang: str) -> str:
    try:
        return problem_texts()[code][f"{part}_{lang}"]
    except KeyError:
        raise SchemaError(f"problem {code!r} has no {part}_{lang}", where="schemas/problem_texts") from None


def problems_table(problems: Iterable[Problem], import_id: str = "") -> pa.Table:
    """The `problems` table of a list of problems."""
    rows = [
        {
            "import_id": import_id,
            "problem_code": p.code,
            "severity_code": p.severity,
            "file_name": p.file_name,
            "line_number": p.line_number,
            "table_name": p.table_name,
            "column_name": p.column_name,
            "row_key": p.row_key,
            "message_fr": p.message("fr"),
            "message_en": p.message("en"),
            "remedy_fr": p.remedy("fr"),
            "remedy_en": p.remedy("en"),
        }
        for p in problems
    ]
    return pa.Table.from_pylist(rows, schema=table("problems").arrow)


def check_table(
    data: pa.Table, schema: Table, file_name: str | None = None, line_numbers: pa.Array | None = None
) -> list[Problem]:
    """Every problem of a table against its declaration: missing columns, wrong types, nulls, unknown codes, keys that repeat.

    `line_numbers` gives the line of each row in `file_name`, where the table was read from one.
    """
    problems: list[Problem] = []

    def found(code: str, rows: list[int], column: str | None = None, **values: Any) -> None:
        for row in rows[:SHOWN_PER_COLUMN]:
            shown = (
                {**values, "value": str(data[column][row].as_py())}
                if column and column in data.column_names
                else values
            )
            line = None if line_numbers is None else line_numbers[row].as_py()
            problems.append(
                Problem(
                    code,
                    "refused",
                    {"table": schema.name, "column": column or "", **shown},
                    file_name,
                    line,
                    schema.name,
                    column,
                    _key(data, schema, row),
                )
            )
        if len(rows) > SHOWN_PER_COLUMN:
            rest = {"table": schema.name, "column": column or "", "count": len(rows) - SHOWN_PER_COLUMN}
            problems.append(Problem("more_of_the_same", "refused", rest, file_name, None, schema.name, column))

    for name in schema.columns:
        if name not in data.column_names:
            problems.append(
                Problem(
                    "column_missing",
                    "refused",
                    {"table": schema.name, "column": name},
                    file_name,
                    None,
                    schema.name,
                    name,
                )
            )
        elif data.schema.field(name).type != COLUMNS[name].type:
            values = {
                "table": schema.name,
                "column": name,
                "type": str(data.schema.field(name).type),
                "expected": str(COLUMNS[name].type),
            }
            problems.append(Problem("column_type", "refused", values, file_name, None, schema.name, name))
    problems += [
        Problem("column_unknown", "refused", {"table": schema.name, "column": name}, file_name, None, schema.name, name)
        for name in data.column_names
        if name not in schema.columns
    ]
    if problems:
        return problems
    for name in schema.columns:
        column = data[name]
        if name not in schema.optional:
            found("value_missing", pc.indices_nonzero(pc.is_null(column)).to_pylist(), name)
        if codes := COLUMNS[name].codes:
            known = pc.is_in(column, pa.array(codes))
            found(
                "code_unknown",
                pc.indices_nonzero(pc.and_(pc.is_valid(column), pc.invert(known))).to_pylist(),
                name,
                codes=", ".join(codes),
            )
    found("key_repeated", _repeated(data, schema), None, key=", ".join(schema.key))
    return problems


def _repeated(data: pa.Table, schema: Table) -> list[int]:
    """Rows whose key stood on an earlier row."""
    ranked = data.select(list(schema.key)).append_column("_row", pa.array(range(len(data)), pa.int64()))
    first = ranked.group_by(list(schema.key)).aggregate([("_row", "min")])["_row_min"]
    if len(first) == len(data):
        return []
    later: list[int] = pc.indices_nonzero(pc.invert(pc.is_in(ranked["_row"], first.combine_chunks()))).to_pylist()
    return later


def _key(data: pa.Table, schema: Table, row: int) -> str:
    return " ".join(str(data[name][row].as_py()) for name in schema.key if name in data.column_names)
