"""A value in force on a date: rates, thresholds and legal figures, each with its source, read from `data/reference/*.toml`.

A value holds from `valid_from` to `still_valid_on`, the last day for which a source establishes it, both included. Outside of
that the question is refused: nothing is carried forward in silence.
"""

import itertools
import os
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from workbench.errors import OutsideSpan, SchemaError

Status = Literal["official", "illustrative", "target"]  # target: the office's own, from its register
ENVIRONMENT = "WORKBENCH_REFERENCE"
_STATUSES = ("official", "illustrative")
_UNITS = ("rate", "share", "days", "centimes", "count")
_FIELDS = {"value", "valid_from", "still_valid_on", "status", "source"}


@dataclass(frozen=True)
class DatedValue:
    """A value, in `unit` (`rate` is a fraction a year, `share` 0–1), with the span it holds for and where it comes from."""

    name: str
    value: Decimal
    unit: str
    valid_from: date
    still_valid_on: date
    status: Status
    source: str
    label_fr: str
    label_en: str

    @property
    def is_illustrative(self) -> bool:
        """Whether the value is an assumption: a page that uses it says so."""
        return self.status == "illustrative"


def reference_folder() -> Path:
    """The folder `data/reference`: `WORKBENCH_REFERENCE`, else the first one found going up from here, then from the package.

    Raises `SchemaError` where there is none.
    """
    if given := os.environ.get(ENVIRONMENT):
        folder = Path(given)
        if not folder.is_dir():
            raise SchemaError("the folder of reference values does not exist", str(folder), f"correct {ENVIRONMENT}")
        return folder
    for start in (Path.cwd().resolve(), Path(__file__).resolve()):
        for parent in (start, *start.parents):
            if (parent / "data" / "reference").is_dir():
                return parent / "data" / "reference"
    raise SchemaError("no folder data/reference is found", str(Path.cwd()), f"set {ENVIRONMENT} to it")


def value_on(name: str, on: date, folder: Path | None = None) -> DatedValue:
    """The value called `name` in force on a date.

    Raises `OutsideSpan` (name, date, spans known) where no value is established for the date, `SchemaError` for an unknown name.
    """
    history = _named(name, folder)
    for dated in history:
        if dated.valid_from <= on <= dated.still_valid_on:
            return dated
    spans = ", ".join(f"{v.valid_from.isoformat()}..{v.still_valid_on.isoformat()}" for v in history)
    raise OutsideSpan(
        f"no value of {name} is established for {on.isoformat()}",
        name,
        f"known: {spans}; add a sourced line to data/reference",
    )


def history_of(name: str, folder: Path | None = None) -> list[DatedValue]:
    """Every value called `name`, oldest first."""
    return list(_named(name, folder))


def load_values(folder: Path | None = None) -> dict[str, list[DatedValue]]:
    """Every dated value of the reference folder, by name, oldest first; a file that does not hold together is refused."""
    values: dict[str, list[DatedValue]] = {}
    for path in sorted((folder or reference_folder()).glob("*.toml")):
        with path.open("rb") as file:
            content = tomllib.load(file)
        for name, section in content.items():
            if name in values:
                raise SchemaError(f"{name} is defined twice", path.name, "keep one of the two")
            values[name] = _history(name, section, path.name)
    return values


def values_table(values: Iterable[DatedValue]) -> pd.DataFrame:
    """The values that a page uses, one a row: `label_fr`, `label_en`, `dated_value` (number, unit), `unit_code`, `valid_from`, `status_code`, `source`."""
    rows = [
        (one.label_fr, one.label_en, (one.value, one.unit), one.unit, one.valid_from, one.status, one.source)
        for one in values
    ]
    columns = ["label_fr", "label_en", "dated_value", "unit_code", "valid_from", "status_code", "source"]
    return pd.DataFrame(rows, columns=columns)


def _named(name: str, folder: Path | None) -> list[DatedValue]:
    values = load_values(folder)
    if name not in values:
        raise SchemaError(f"no dated value is called {name!r}", remedy="values: " + ", ".join(sorted(values)))
    return values[name]


def _history(name: str, section: dict[str, Any], file_name: str) -> list[DatedValue]:
    where = f"{file_name}: {name}"
    if section.get("unit") not in _UNITS:
        raise SchemaError(f"unit {section.get('unit')!r} is unknown", where, "units: " + ", ".join(_UNITS))
    if not section.get("label_fr") or not section.get("label_en") or not section.get("values"):
        raise SchemaError("label_fr, label_en or values is missing", where)
    history = sorted((_dated(name, section, row, where) for row in section["values"]), key=lambda v: v.valid_from)
    for earlier, later in itertools.pairwise(history):
        if later.valid_from <= earlier.still_valid_on:
            raise SchemaError(f"two values hold on {later.valid_from.isoformat()}", where, "end the earlier one before")
    return history


def _dated(name: str, section: dict[str, Any], row: dict[str, Any], where: str) -> DatedValue:
    if set(row) != _FIELDS:
        raise SchemaError(f"fields are {sorted(row)}", where, "fields of a value: " + ", ".join(sorted(_FIELDS)))
    if row["status"] not in _STATUSES or not row["source"]:
        raise SchemaError("status or source does not hold", where, "status official or illustrative, and a source")
    if not isinstance(row["value"], str):
        raise SchemaError("a value is written as text, so that it stays exact", where, 'write value = "0.025"')
    try:
        value = Decimal(row["value"])
    except InvalidOperation:
        raise SchemaError(f"« {row['value']} » is no number", where) from None
    if row["valid_from"] > row["still_valid_on"]:
        raise SchemaError("valid_from is after still_valid_on", where)
    return DatedValue(
        name=name,
        value=value,
        unit=section["unit"],
        valid_from=row["valid_from"],
        still_valid_on=row["still_valid_on"],
        status=row["status"],
        source=row["source"],
        label_fr=section["label_fr"],
        label_en=section["label_en"],
    )
