"""A grid: the rows of a file as texts under their headers, whatever the format. A profile finds its columns here.

Every cell stays text as written. Lines are worked out only where a fault must be told.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from workbench.errors import ReadingError
from workbench.intake.formats.cells import joined
from workbench.intake.profiles import Profile
from workbench.schemas.checking import Problem

NAME = "name."  # headers made of the file's name: `name.stem`, and the groups of the profile's name_pattern
MOST_COLUMNS = 2_000  # of a table; a file with more is cut at the wrong mark
_TEMPLATE = re.compile(r"\{([^{}]+)\}")


@dataclass
class Grid:
    """Rows of a file under their headers. `numbers` says which cells of a column a workbook held as numbers, not texts."""

    file_name: str
    columns: dict[str, pa.Array]
    count: int
    lines: Callable[[], pa.Array]
    numbers: dict[str, pa.Array] = field(default_factory=dict)
    is_1904: bool = False
    faults: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._names = {plain(name): name for name in reversed(self.columns)}

    def add(self, header: str, cells: pa.Array) -> None:
        """One more column, that the rows of the file do not hold themselves."""
        self.columns[header] = cells
        self._names.setdefault(plain(header), header)

    def header(self, wanted: str) -> str | None:
        """The header of the file that a profile means: forms of accents and runs of blanks make no difference."""
        return self._names.get(plain(wanted))

    def filtered(self, keep: pa.Array) -> "Grid":
        """The rows kept, with their lines."""
        columns = {name: column.filter(keep) for name, column in self.columns.items()}
        numbers = {name: column.filter(keep) for name, column in self.numbers.items()}
        count = pc.sum(keep).as_py() or 0
        return Grid(self.file_name, columns, count, lambda: self.lines().filter(keep), numbers, self.is_1904)

    @property
    def told_headers(self) -> str:
        """The file's own headers, for a message."""
        return ", ".join(name for name in self.columns if not name.startswith(NAME))


def plain(header: str) -> str:
    """A header in one form: composed accents, single blanks."""
    return " ".join(unicodedata.normalize("NFC", header).split())


def name_columns(grid: Grid, profile: Profile) -> None:
    """Add the headers that the file's name gives. Where the name does not fit `name_pattern`, its groups are empty."""
    groups: dict[str, str | None] = {"stem": grid.file_name.rpartition(".")[0] or grid.file_name}
    if profile.name_pattern:
        found = re.search(profile.name_pattern, grid.file_name)
        names = re.compile(profile.name_pattern).groupindex
        groups |= {name: found[name] if found else None for name in names}
    for name, value in groups.items():
        grid.add(NAME + name, pa.repeat(pa.scalar(value, pa.string()), grid.count))


def source_of(grid: Grid, alternatives: Sequence[str]) -> str | None:
    """The first of several headers or templates that the file can fill."""
    for wanted in alternatives:
        header = grid.header(wanted)
        if header is not None:
            return header
        if (names := _TEMPLATE.findall(wanted)) and all(grid.header(name) is not None for name in names):
            return wanted
    return None


def cells_of(grid: Grid, source: str) -> pa.Array:
    """The cells of a header, or the texts of a template (`F-{N° facture}`); null where one of its cells is empty."""
    if source in grid.columns:
        return grid.columns[source]
    pieces = _TEMPLATE.split(source)
    return joined(
        [grid.columns[grid.header(p) or p] if i % 2 else p for i, p in enumerate(pieces) if i % 2 or p], grid.count
    )


def missing_headers(grid: Grid, profile: Profile) -> list[str]:
    """What the profile maps and the file does not have."""
    sign = profile.sign
    wanted: list[tuple[str, ...]] = [(header,) for header in (sign.debit, sign.credit, sign.column) if header]
    for target in profile.targets:
        wanted += [names for column, names in target.columns.items() if column not in target.may_lack]
        wanted += [(header,) for header in (target.where_filled, *target.where) if header]
    lost = [" / ".join(names) for names in wanted if source_of(grid, names) is None]
    return list(dict.fromkeys(lost))


def distinct_headers(headers: Sequence[str], file_name: str) -> list[str]:
    """Headers in one form; an empty one is named by its place. `ReadingError` where two are the same: nobody knows which counts."""
    if len(headers) > MOST_COLUMNS:
        raise ReadingError(f"the file has {len(headers)} columns", file_name, "check its delimiter and header_row")
    names = [plain(header) or f"({place})" for place, header in enumerate(headers, 1)]
    if twice := {name for name, count in Counter(names).items() if count > 1}:
        raise ReadingError(
            f"the file has several columns « {' », « '.join(sorted(twice))} »",
            file_name,
            "rename or take out one of them",
        )
    return names
