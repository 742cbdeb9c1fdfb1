"""Feasts and fasts that move with the moon, from an editable table: `data/reference/movable_feasts.csv`.

They change what is paid and when, on more days than banks close: the month of Ramadan, the days before a feast. A date is official once it
was announced; until then it is estimated, usually right to a day, and what rests on it says so.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from workbench.errors import SchemaError
from workbench.standards.reference_rows import rows_of_file
from workbench.standards.values import reference_folder

_COLUMNS = ["name", "start", "end", "status", "source"]
_STATUSES = ("official", "estimated")
NAMES = ("ramadan", "fitr", "adha", "mawlid")


@dataclass(frozen=True)
class MovableFeast:
    """A feast or fast (`NAMES`), its first and last day, and how sure they are: official or estimated."""

    name: str
    start: date
    end: date
    status: Literal["official", "estimated"]
    source: str


def load_movable_feasts(path: Path | None = None) -> tuple[MovableFeast, ...]:
    """The feasts kept in a CSV (`name,start,end,status,source`), by date; by default those of the reference folder.

    Raises `SchemaError` (file:line) where a row does not hold, or begins before the last one of its name has ended.
    """
    path = path or reference_folder() / "movable_feasts.csv"
    feasts: list[MovableFeast] = []
    for where, row in rows_of_file(path, _COLUMNS):
        feast = _feast(row, where)
        if any(one.name == feast.name and one.end >= feast.start for one in feasts):
            raise SchemaError(
                f"{feast.name} begins before the last one has ended", where, "keep one row a feast, by date"
            )
        feasts.append(feast)
    return tuple(sorted(feasts, key=lambda feast: (feast.start, feast.name)))


def _feast(row: dict[str, str], where: str) -> MovableFeast:
    try:
        start, end = date.fromisoformat(row["start"]), date.fromisoformat(row["end"])
    except ValueError:
        raise SchemaError("a day of the feast is no date", where, "write 2026-03-23") from None
    if row["name"] not in NAMES or row["status"] not in _STATUSES or not row["source"] or end < start:
        raise SchemaError("name, days, status or source of a feast does not hold", where, "names: " + ", ".join(NAMES))
    return MovableFeast(row["name"], start, end, row["status"], row["source"])  # type: ignore[arg-type]
