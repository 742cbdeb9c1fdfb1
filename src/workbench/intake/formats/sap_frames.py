"""The frames of an SAP list: rows between `|` marks under a header that every page repeats, totals marked with stars.

Columns are cut where the header has its marks, so that a `|` inside a text is no column. What stands above a frame (`Client 10001`,
`Société 1000`) holds for the rows under it. Totals are kept apart, with the rows that stood before them.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import pairwise

from workbench.intake.formats.grid import plain

SCOPE, DAY = "list.scope", "list.day"  # headers made of the sentence by which a list says what it holds
_RULE = re.compile(r"[-+|_=]*-{3,}[-+|_=]*")
_STARS = re.compile(r"\*{1,9}(?![^\s*|])")  # a blank or the end of the cell follows them
_PRINTED = re.compile(r"[0-9]{1,4}([./-])[0-9]{1,2}\1[0-9]{1,4}(?=\s{2,})")  # the day that heads every page
_GAP = re.compile(r"\s*:\s+|\s{2,}|\t+")


@dataclass(frozen=True)
class Total:
    """A total line: its rank (number of stars), the rows that came before it, its amount and currency as written."""

    stars: int
    rows_before: int
    amount: str
    currency: str
    line: int


@dataclass
class Block:
    """Rows under one header and one context."""

    names: list[str]
    context: dict[str, str]
    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


@dataclass
class Frames:
    """A list taken apart. `wrong` are the lines that follow no header; `is_open` says that the last frame is not closed."""

    blocks: list[Block] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)
    is_open: bool = False
    has_rules: bool = False

    @property
    def row_count(self) -> int:
        """Rows of all blocks."""
        return sum(len(block.rows) for block in self.blocks)


@dataclass(frozen=True)
class Words:
    """What a profile looks for, in the one form of headers: `anchors` tell a header line, `amounts` and `currencies` the columns
    that a total fills, `context` the labels that stand above a frame, `scopes` the sentences that say what the list holds."""

    anchors: frozenset[str]
    amounts: frozenset[str]
    currencies: frozenset[str]
    context: frozenset[str]
    scopes: dict[str, str]


class FrameReader:
    """Reads a list line by line."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.frames = Frames()
        self.context: dict[str, str] = {}
        self.names: list[str] = []
        self.bounds: list[int] = []
        self.document = 0  # place of the column whose header tells a header line
        self._block: Block | None = None
        self._rows = 0
        self._printed = ""

    def read(self, text: str) -> Frames:
        """The frames of the whole text."""
        for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), 1):
            line = raw.lstrip("\f").rstrip()
            if not line:
                continue
            if "---" in line and _RULE.fullmatch(line.strip()):
                self.frames.has_rules, self.frames.is_open = True, False
            elif line.lstrip().startswith("|"):
                self._framed(line, number)
            else:
                self._free(line)
        return self.frames

    def _framed(self, line: str, number: int) -> None:
        cells = self._cells(line)
        if cells is None or cells[self.document] in self.words.anchors:
            split = [plain(cell) for cell in line.strip().strip("|").split("|")]
            if self.words.anchors & set(split):
                self._header(line, split)
                return
        if not self.names:
            self.frames.wrong.append(number)
            return
        self.frames.is_open = True
        stars = _STARS.match(line.strip("| ")) if "*" in line else None
        if stars and not (cells and cells[self.document]):
            self._total(line, len(stars[0]), number)
        elif cells is None:
            self.frames.wrong.append(number)
        else:
            self._row(cells, number)

    def _cells(self, line: str) -> list[str] | None:
        """The cells of a line under the header's marks; None where it does not follow them."""
        bounds = self.bounds
        if not bounds or len(line) != bounds[-1] + 1 or any(line[b] != "|" for b in bounds):
            return None
        return [line[a + 1 : b].strip() for a, b in pairwise(bounds)]

    def _header(self, line: str, names: list[str]) -> None:
        self.bounds = [place for place, mark in enumerate(line) if mark == "|"]
        if names != self.names:
            self.names, self._block = names, None
            self.document = next(place for place, name in enumerate(names) if name in self.words.anchors)

    def _row(self, cells: list[str], number: int) -> None:
        if self._block is None or self._block.context != self.context:
            self._block = Block(self.names, dict(self.context))
            self.frames.blocks.append(self._block)
        self._block.rows.append(cells)
        self._block.lines.append(number)
        self._rows += 1

    def _total(self, line: str, stars: int, number: int) -> None:
        amount, currency = self._at(line, self.words.amounts), self._at(line, self.words.currencies)
        if amount is None:
            self.frames.wrong.append(number)
        elif amount:
            self.frames.totals.append(Total(stars, self._rows, amount, currency or "", number))

    def _at(self, line: str, names: Collection[str]) -> str | None:
        """The cell of a total line under one of the names (a total may run over the marks of the other columns); None where
        its marks are not there."""
        for name, (a, b) in zip(self.names, pairwise(self.bounds), strict=True):
            if name in names and len(line) > b and line[a] == line[b] == "|":
                return line[a + 1 : b].strip()
        return None

    def _free(self, line: str) -> None:
        """A line outside the frames: labels and their values, or the sentence that says what the list holds."""
        said = plain(line)
        if printed := _PRINTED.match(line.strip()):
            self._printed = printed[0]
        for sentence, scope in self.words.scopes.items():
            if sentence.casefold() in said.casefold():
                # All items are those of the day of printing, open items those of the key date that the list must say.
                self.context |= {SCOPE: scope, DAY: f"{said} {self._printed}" if scope == "all_items" else said}
        words = [word for word in _GAP.split(line.strip()) if word]
        for label, value in pairwise(words):
            name = plain(label.rstrip(" .:"))
            if name in self.words.context and value != "*":
                self.context[name] = value
