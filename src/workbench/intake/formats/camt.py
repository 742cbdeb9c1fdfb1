"""camt.053 statements and camt.052 intraday reports (ISO 20022), versions 2 to 13: names count, namespaces do not.

A statement is known when its end tag comes: entries are turned into lines as they pass, account, balances and pages are read at
the end, and the proof follows. Entries that the bank has not booked (PDNG, FUTR) stand in an interim statement beside theirs,
outside the ledger; INFO entries are only counted. The encoding is the one that the XML declares.
"""

import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from workbench.intake.formats.camt_columns import lines_of
from workbench.intake.formats.camt_entries import is_dated, rows_of, status_of
from workbench.intake.formats.camt_shapes import Shapes
from workbench.intake.formats.camt_statement import (
    Said,
    StatementFault,
    account_of,
    contradictory,
    name_of,
    said_by,
)
from workbench.intake.formats.camt_stream import XmlFault, elements
from workbench.intake.formats.statement_proof import LINES, OpenStatement, account_key, prove, reading
from workbench.intake.profiles import Profile
from workbench.intake.reading import Reading
from workbench.money import LARGEST
from workbench.schemas.checking import Problem

_FORMATS = {"Stmt": "camt053", "Rpt": "camt052"}
_AWAITED = ("PDNG", "FUTR")
_BATCH = 20_000  # rows that are Python objects at a time


@dataclass
class _Statement:
    """A statement of the file. Its booked lines have its rank, its lines that are not booked the rank after it.

    `moved` is the sum of its booked lines in hundredths, `gross` about the same without their signs.
    """

    element: Any
    kind: str
    rank: int
    line: int
    account: str = ""
    said: Said = field(default_factory=Said)
    moved: int = 0
    gross: float = 0.0
    movements: int = 0
    pending: int = 0
    informative: int = 0
    is_undated: bool = False
    broken: bool = False
    currencies: set[str] = field(default_factory=set)


@dataclass
class _File:
    """What a file has given so far; rows of texts become Arrow columns every `_BATCH`."""

    path: Path
    shapes: Shapes = field(default_factory=Shapes)
    statements: list[_Statement] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    batches: list[pa.RecordBatch] = field(default_factory=list)
    ranks: list[int] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    rows: list[tuple[str, ...]] = field(default_factory=list)
    open: _Statement | None = None
    header: Any = None

    def tell(self, code: str, line: int | None, severity: str = "refused", **values: Any) -> None:
        self.problems.append(Problem(code, severity, values, self.path.name, line, "statements"))

    def flush(self) -> None:
        """The rows held so far become columns; their faults are told, their sums go to their statements."""
        if not self.rows:
            return
        batch, faults = lines_of(self.ranks, self.places, self.rows)
        for row, code, values in faults:
            self.tell(code, self.places[row], **values)
            self.statements[self.ranks[row] // 2].broken = True
        self.batches.append(batch)
        lines = pa.table({"rank": batch["statement_index"], "amount": batch["amount_centimes"]})
        lines = lines.append_column("gross", pc.abs(pc.cast(lines["amount"], pa.float64(), safe=False)))
        sums = lines.group_by("rank").aggregate([("amount", "sum"), ("gross", "sum"), ("amount", "count")])
        for rank, moved, gross, count in zip(*sums.to_pydict().values(), strict=True):
            statement = self.statements[rank // 2]
            statement.gross += gross
            if rank % 2:
                statement.pending += count
            else:
                statement.moved, statement.movements = statement.moved + moved, statement.movements + count
        self.ranks, self.places, self.rows = [], [], []


def read(path: Path, profile: Profile) -> Reading:
    """The statements of a camt.053 or camt.052 file, each proven. What cannot be read is told; the statements before it stand."""
    file = _File(path)
    try:
        for kind, element, parent in elements(path, ("Ntry", "Stmt", "Rpt", "GrpHdr"), repeated="Ntry"):
            _take(file, kind, element, parent)
    except XmlFault as fault:
        file.tell(fault.code, fault.line, reason=fault.reason)
        if fault.is_all:
            return reading([], [], file.problems)
        if file.open is not None:  # the statement that was being read is broken, and shown as such
            file.open.broken = True
            _end(file, file.open)
    if not file.statements and not file.problems:
        file.tell("camt_no_statement", 1)
    file.flush()
    return _kept(file)


def _take(file: _File, kind: str, element: Any, parent: Any) -> None:
    if kind == "Ntry":
        if (file.open is not None and file.open.element is parent) or name_of[getattr(parent, "tag", "")] in _FORMATS:
            _entry(file, _statement(file, parent), element)
    elif kind == "GrpHdr":
        file.header = copy.deepcopy(element)  # the stream frees what it has handed over
    else:
        _end(file, _statement(file, element))
        file.open = None


def _statement(file: _File, element: Any) -> _Statement:
    if file.open is None or file.open.element is not element:
        file.open = _Statement(element, name_of[element.tag], 2 * len(file.statements), element.sourceline)
        file.statements.append(file.open)
    return file.open


def _entry(file: _File, statement: _Statement, element: Any) -> None:
    shape, pieces = file.shapes.of(element)
    row, rank = shape.cut(pieces), statement.rank
    if shape.currency not in statement.currencies:
        statement.currencies.add(shape.currency)
    if (status := status_of(row)) != "BOOK":
        if status == "INFO":
            statement.informative += 1
            return
        if status not in _AWAITED:
            file.tell("camt_entry_wrong", element.sourceline, what="Sts", value=status[:80])
            statement.broken = True
            return
        rank += 1
    if not is_dated(row):
        statement.is_undated = True
    for each in rows_of(shape, pieces, row) if shape.details else (row,):
        file.rows.append(each)
        file.ranks.append(rank)
        file.places.append(element.sourceline)
    if len(file.rows) >= _BATCH:
        file.flush()


def _end(file: _File, statement: _Statement) -> None:
    """What a statement says of itself, once its entries have passed."""
    statement.account, wrong = account_key(account_of(statement.element))
    if wrong:
        file.tell("account_wrong", statement.line, reason=wrong)
        statement.broken = True
    try:
        statement.said = said_by(statement.element, file.header)
    except StatementFault as fault:
        file.tell(fault.code, fault.line, **fault.values)
        statement.broken = True


def _proven(file: _File, statement: _Statement) -> list[OpenStatement]:
    """The row of a statement with its proof, and the row of its entries that are not booked."""
    said, account = statement.said, statement.account
    opened = OpenStatement(_row(statement), statement.moved, statement.broken)
    _check(file, statement, opened)
    prove(opened, needs_balances=not (opened.row["is_interim"] or said.is_page))
    if opened.row["is_interim"] and opened.row["proof_code"] == "unbalanced":
        file.tell("interim_totals_differ", statement.line, "warning", account=account)
    if count := statement.pending + statement.informative:
        file.tell("camt_entries_pending", statement.line, "noted", account=account, count=count)
    return [opened, _pending(statement, opened)] if statement.pending and not opened.broken else [opened]


def _row(statement: _Statement) -> dict[str, Any]:
    said, is_interim = statement.said, statement.kind == "Rpt"
    opening, closing = said.sides.opening, said.sides.closing
    return {
        "statement_index": statement.rank,
        "line_number": statement.line,
        "format_code": _FORMATS[statement.kind],
        "account_identifier": statement.account,
        "currency_code": said.currency or next(iter(statement.currencies - {""}), ""),
        "statement_number": said.number,
        "page_number": None if is_interim else said.page,
        "is_last_page": None if is_interim else said.is_last,
        "is_interim": is_interim,
        "opening_date": said.first,
        "opening_centimes": opening.centimes if opening else None,
        "closing_date": said.last or (said.created if is_interim else None),
        "closing_centimes": closing.centimes if closing else None,
        "movement_count": statement.movements,
    }


def _check(file: _File, statement: _Statement, opened: OpenStatement) -> None:
    """What breaks a statement beside its sum: two currencies or none, a balance given twice, a sum too large, no date at all."""
    row, account = opened.row, statement.account
    opening, closing = statement.said.sides.opening, statement.said.sides.closing
    faults: list[tuple[str, dict[str, Any]]] = []
    currencies = statement.currencies | {row["currency_code"]} | {s.currency for s in (opening, closing) if s}
    if len(currencies - {""}) > 1:
        faults.append(("statement_currencies", {"currencies": ", ".join(sorted(currencies - {""}))}))
    if not row["currency_code"]:
        faults.append(("statement_currency_missing", {"account": account}))
    if twice := contradictory(statement.said.balances):
        faults.append(("camt_balance_twice", {"account": account, "kind": twice.kind}))
    if statement.gross + abs(opening.centimes if opening else 0) > LARGEST / 2:
        faults.append(("statement_amount_wrong", {}))
    undated_lines = statement.is_undated and (statement.pending or row["is_interim"])
    if undated_lines and row["closing_date"] is None and statement.said.created is None:
        faults.append(("statement_undated", {"account": account, "number": statement.said.number or "?"}))
    for code, values in faults:
        file.tell(code, statement.line, **values)
        opened.broken = True
    is_whole = not (row["is_interim"] or statement.said.is_page)
    if is_whole and not statement.broken and (opening is None or closing is None):
        file.tell("statement_balance_missing", statement.line, account=account)


def _pending(statement: _Statement, opened: OpenStatement) -> OpenStatement:
    """The entries that the bank shows and has not booked: an interim statement on the day that the statement ends."""
    row = opened.row | {
        "statement_index": statement.rank + 1,
        "is_interim": True,
        "page_number": None,
        "is_last_page": None,
        "opening_centimes": None,
        "closing_date": opened.row["closing_date"] or statement.said.created,
        "closing_centimes": None,
        "movement_count": statement.pending,
    }
    pending = OpenStatement(row)
    prove(pending, needs_balances=False)
    return pending


def _kept(file: _File) -> Reading:
    """The reading: statements ranked from 0, without those that name no account, problems by line."""
    opened = [each for statement in file.statements if statement.account for each in _proven(file, statement)]
    ranks = [statement.row["statement_index"] for statement in opened]
    batches = [_renumbered(batch, pa.array(ranks, pa.int64())) for batch in file.batches]
    for new, statement in enumerate(opened):
        statement.row["statement_index"] = new
    problems = sorted(file.problems, key=lambda problem: problem.line_number or 0)
    return reading(opened, pa.Table.from_batches(batches, LINES), problems)


def _renumbered(batch: pa.RecordBatch, ranks: pa.Array) -> pa.RecordBatch:
    """Lines under the numbers that their statements have in the end; those of a statement that has none are left out."""
    index = pc.cast(pc.index_in(batch["statement_index"], ranks), pa.int64())
    batch = batch.set_column(0, LINES.field(0), index)
    return batch.filter(pc.is_valid(index)) if index.null_count else batch
