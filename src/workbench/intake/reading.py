"""Reading a file: whatever its format, tables in their declared schema and the problems met, each with its file and line."""

import codecs
import hashlib
import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from workbench.errors import ReadingError
from workbench.schemas.checking import Problem, check_table
from workbench.schemas.tables import READINGS, TABLES

if TYPE_CHECKING:
    from workbench.intake.profiles import Profile

MODULES = {
    "cfonb120": "cfonb120",
    "mt940": "mt940",
    "mt942": "mt940",
    "camt": "camt",
    "multicash": "multicash",
    "sap_list": "sap_list",
    "csv": "tabular",
    "xlsx": "workbook",
    "database": "database",
}
LONGEST_LINE = 20_000  # characters; no statement and no list writes a longer one
_MARKS = (  # the longer first: the mark of UTF-32 begins with the one of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Reading:
    """What a file holds. Banks' formats fill `read_statements` and `read_lines`, every other one its target tables.

    `lines` gives the lines of the rows of a table; it is only asked where a fault must be told.
    """

    tables: dict[str, pa.Table]
    problems: list[Problem] = field(default_factory=list)
    lines: Callable[[str], pa.Array] | None = None


def read_file(path: Path, profile: "Profile") -> Reading:
    """Read a file by its profile, its tables checked against their declaration: nobody needs to check them again.

    Raises `ReadingError` where it cannot be read at all; faults of its rows are problems, all of them at once.
    """
    module = _module(profile)
    if path.stat().st_size == 0 and not (hasattr(module, "may_be_empty") and module.may_be_empty(path)):
        raise ReadingError("the file is empty", path.name, "ask for the file again")
    reading: Reading = module.read(path, profile)
    told = {(p.line_number, p.column_name) for p in reading.problems}
    problems = list(reading.problems)
    for name, found in reading.tables.items():
        if name in TABLES or reading.lines:
            schema = TABLES.get(name) or READINGS[name]
            faults = check_table(found, schema, path.name)
            if faults and reading.lines:
                faults = check_table(found, schema, path.name, reading.lines(name))
            # A cell that could not be read is empty in the table: it is told once, by what is wrong with it.
            problems += [f for f in faults if f.line_number is None or (f.line_number, f.column_name) not in told]
    return Reading(reading.tables, problems, reading.lines)


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_with(path: Path, profile: "Profile") -> Path | None:
    """The other file that a format reads with this one, where it does: their contents count together."""
    module = _module(profile)
    other: Path | None = module.read_with(path) if hasattr(module, "read_with") else None
    return other


def _module(profile: "Profile") -> Any:
    return importlib.import_module(f"workbench.intake.formats.{MODULES[profile.format]}")


def decoded(path: Path, encoding: str) -> str:
    """The text of a file in its declared encoding; a byte that does not belong to it is refused with its place."""
    content = path.read_bytes()
    declared = codecs.lookup(encoding).name
    for mark, name in _MARKS:
        if content.startswith(mark):
            if not declared.startswith(name):
                raise ReadingError(
                    f"the file begins with the mark of {name}, its profile says {encoding}",
                    f"{path.name}:1",
                    f'write encoding = "{name}" in the profile',
                )
            break
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ReadingError(
            f"line {line} is not {encoding}", f"{path.name}:{line}", "declare the file's encoding in its profile"
        ) from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise ReadingError(
            "the file holds a NUL character: it is no text", f"{path.name}:{line}", "ask for the file again"
        )
    return text.removeprefix("\ufeff")


def refuse_long_lines(text: str, file_name: str, longest: int = LONGEST_LINE) -> None:
    """`ReadingError` where a line is longer than its format writes: a wrong file must not cost minutes."""
    start, number = 0, 0
    while start < len(text):
        number += 1
        end = text.find("\n", start, start + longest + 1)
        if end < 0:
            if len(text) - start > longest:
                raise ReadingError(
                    f"line {number} is longer than {longest} characters: this is another kind of file",
                    f"{file_name}:{number}",
                    "check that the file is the sender's own",
                )
            return
        start = end + 1
