"""Reading a file: whatever its format, tables in their declared schema and the problems met, each with its file and line."""

import importlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from workbench.errors import ReadingError
from workbench.schemas.checking import Problem

if TYPE_CHECKING:
    from workbench.intake.profiles import Profile

_MODULES = {"cfonb120": "cfonb120", "mt940": "mt940", "mt942": "mt940", "csv": "tabular"}


@dataclass(frozen=True)
class Reading:
    """What a file holds. Banks' formats fill `read_statements` and `read_lines`, every other one its target table."""

    tables: dict[str, pa.Table]
    problems: list[Problem] = field(default_factory=list)


def read_file(path: Path, profile: "Profile") -> Reading:
    """Read a file by its profile. Raises `ReadingError` where it cannot be read at all; faults of its rows are problems."""
    if path.stat().st_size == 0:
        raise ReadingError("the file is empty", path.name, "ask for the file again")
    module = importlib.import_module(f"workbench.intake.formats.{_MODULES[profile.format]}")
    reading: Reading = module.read(path, profile)
    return reading


def decoded(path: Path, encoding: str) -> str:
    """The text of a file in its declared encoding; a byte that does not belong to it is refused with its place."""
    content = path.read_bytes()
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
