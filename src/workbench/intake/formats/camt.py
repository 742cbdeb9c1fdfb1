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

from workbench.errors import IdentifierError
from workbench.intake.formats.camt_entries import EntryFault, name_of, read_entry
from workbench.intake.formats.camt_statement import Said, account_of, contradictory, said_by
from workbench.intake.formats.camt_stream import XmlFault, elements
from workbench.intake.formats.statement_proof import LINES, OpenStatement, account_key, prove, reading
from workbench.intake.profiles import Profile
from workbench.intake.reading import Reading
from workbench.money import LARGEST
from workbench.schemas.checking import Problem

_FORMATS = {"Stmt": "camt053", "Rpt": "camt052"}
_BATCH = 20_000  # lines that are Python objects at a time


@dataclass
class _Passing:
    """The statement whose entries pass: its element, and what they have given so far. `gross` adds amounts without their signs."""

    element: Any
    rank: int
    movements: int = 0
    pending: int = 0
    informative: int = 0
    moved: int = 0
    gross: int = 0
    is_undated: bool = False
    broken: bool = False
    currencies: set[str] = field(default_factory=set)


@dataclass
class _File:
    """What a file has given so far. A statement has the even rank, its entries that are not booked the odd one after it."""

    path: Path
    statements: list[OpenStatement] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    batches: list[pa.RecordBatch] = field(default_factory=list)
    ranks: list[int] = field(default_factory=list)
    lines: list[tuple[Any, ...]] = field(default_factory=list)
    passing: _Passing | None = None
    header: Any = None
    met: int = 0

    def tell(self, code: str, line: int, severity: str = "refused", **values: Any) -> None:
        self.problems.append(Problem(code, severity, values, self.path.name, line, "statements"))

    def add(self, rank: int, lines: list[tuple[Any, ...]]) -> None:
        self.lines += lines
        self.ranks += [rank] * len(lines)
        if len(self.ranks) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """The lines held so far, as one batch of Arrow columns."""
        columns = [self.ranks, *zip(*self.lines, strict=True)] if self.lines else [[] for _ in LINES]
        arrays = [pa.array(column, kind.type) for column, kind in zip(columns, LINES, strict=True)]
        self.batches.append(pa.record_batch(arrays, schema=LINES))
        self.ranks.clear()
        self.lines.clear()


def read(path: Path, profile: Profile) -> Reading:
    """The statements of a camt.053 or camt.052 file, each proven. What cannot be read is told; the statements before it stand."""
    file = _File(path)
    try:
        for element in elements(path, ("Ntry", "Stmt", "Rpt", "GrpHdr"), repeated="Ntry"):
            _take(file, element)
    except XmlFault as fault:
        file.tell(fault.code, fault.line, reason=fault.reason)
        if fault.is_all:
            return reading([], [], file.problems)
        if file.passing is not None:  # the statement that was being read is broken, and shown as such
            file.passing.broken = True
            _end(file, file.passing)
    if not file.met and not file.problems:
        file.tell("camt_no_statement", 1)
    file.flush()
    return _kept(file)


def _take(file: _File, element: Any) -> None:
    kind = name_of[element.tag]
    if kind == "GrpHdr":
        file.header = copy.deepcopy(element)  # the stream frees what it has handed over
    elif kind in _FORMATS:
        _end(file, _passing(file, element))
        file.passing = None
    elif (parent := element.getparent()) is not None and name_of[parent.tag] in _FORMATS:
        _entry(file, _passing(file, parent), element)


def _passing(file: _File, statement: Any) -> _Passing:
    if file.passing is None or file.passing.element is not statement:
        file.passing = _Passing(statement, 2 * file.met)
        file.met += 1
    return file.passing


def _entry(file: _File, passing: _Passing, element: Any) -> None:
    try:
        entry = read_entry(element)
    except EntryFault as fault:
        file.tell(fault.code, fault.line, **fault.values)
        passing.broken = True
        return
    passing.currencies.add(entry.currency)
    passing.is_undated |= not entry.is_dated
    if entry.status == "BOOK":
        passing.movements += len(entry.lines)
        passing.moved += entry.amount_centimes
        passing.gross += abs(entry.amount_centimes)
        file.add(passing.rank, entry.lines)
    elif entry.status == "INFO":
        passing.informative += 1
    else:
        passing.pending += len(entry.lines)
        file.add(passing.rank + 1, entry.lines)


def _end(file: _File, passing: _Passing) -> None:
    """The row of a statement whose entries have passed, its proof, and the row of its entries that are not booked."""
    line = passing.element.sourceline
    try:
        account = account_key(account_of(passing.element))
    except IdentifierError as error:
        return file.tell("account_wrong", line, reason=error.what)
    try:
        said = said_by(passing.element, file.header)
    except EntryFault as fault:
        file.tell(fault.code, fault.line, **fault.values)
        said, passing.broken = Said(), True
    statement = OpenStatement(_row(passing, said, account), passing.moved, passing.broken)
    _check(file, passing, said, statement)
    prove(statement, needs_balances=not (statement.row["is_interim"] or said.is_page))
    if statement.row["is_interim"] and statement.row["proof_code"] == "unbalanced":
        file.tell("interim_totals_differ", line, "warning", account=account)
    file.statements.append(statement)
    if count := passing.pending + passing.informative:
        file.tell("camt_entries_pending", line, "noted", account=account, count=count)
    if passing.pending and not statement.broken:
        file.statements.append(_pending(passing, statement))
    return None


def _row(passing: _Passing, said: Said, account: str) -> dict[str, Any]:
    sides, kind = said.sides, name_of[passing.element.tag]
    is_interim = kind == "Rpt"
    return {
        "statement_index": passing.rank,
        "line_number": passing.element.sourceline,
        "format_code": _FORMATS[kind],
        "account_identifier": account,
        "currency_code": said.currency or next(iter(passing.currencies - {""}), ""),
        "statement_number": said.number,
        "page_number": None if is_interim else said.page,
        "is_last_page": None if is_interim else said.is_last,
        "is_interim": is_interim,
        "opening_date": said.first,
        "opening_centimes": sides.opening.centimes if sides.opening else None,
        "closing_date": said.last or (said.created if is_interim else None),
        "closing_centimes": sides.closing.centimes if sides.closing else None,
        "movement_count": passing.movements,
    }


def _check(file: _File, passing: _Passing, said: Said, statement: OpenStatement) -> None:
    """What breaks a statement beside its sum: two currencies or none, a balance given twice, a side missing, a sum too large."""
    row, opening, closing = statement.row, said.sides.opening, said.sides.closing
    faults: list[tuple[str, dict[str, Any]]] = []
    currencies = passing.currencies | {row["currency_code"]} | {side.currency for side in (opening, closing) if side}
    if len(currencies - {""}) > 1:
        faults.append(("statement_currencies", {"currencies": ", ".join(sorted(currencies - {""}))}))
    if not row["currency_code"]:
        faults.append(("statement_currency_missing", {"account": statement.account}))
    if twice := contradictory(said.balances):
        faults.append(("camt_balance_twice", {"account": statement.account, "kind": twice.kind}))
    if passing.gross + abs(opening.centimes if opening else 0) > LARGEST:
        faults.append(("statement_amount_wrong", {}))
    if row["is_interim"] and passing.is_undated and row["closing_date"] is None:
        faults.append(("statement_undated", {"account": statement.account, "number": said.number or "?"}))
    for code, values in faults:
        file.tell(code, row["line_number"], **values)
        statement.broken = True
    if not (row["is_interim"] or said.is_page or passing.broken) and (opening is None or closing is None):
        file.tell("statement_balance_missing", row["line_number"], account=statement.account)


def _pending(passing: _Passing, statement: OpenStatement) -> OpenStatement:
    """The entries that the bank shows and has not booked: an interim statement on the day that the statement ends."""
    row = statement.row | {
        "statement_index": passing.rank + 1,
        "is_interim": True,
        "page_number": None,
        "is_last_page": None,
        "opening_centimes": None,
        "closing_centimes": None,
        "movement_count": passing.pending,
    }
    pending = OpenStatement(row)
    prove(pending, needs_balances=False)
    return pending


def _kept(file: _File) -> Reading:
    """The reading: statements ranked from 0, without the lines of those whose account could not be read."""
    lines = pa.Table.from_batches(file.batches, LINES)
    ranks = [statement.row["statement_index"] for statement in file.statements]
    index = pc.index_in(lines["statement_index"], pa.array(ranks, pa.int64()))
    kept = lines.set_column(0, LINES.field(0), pc.cast(index, pa.int64())).filter(pc.is_valid(index))
    for new, statement in enumerate(file.statements):
        statement.row["statement_index"] = new
    return reading(file.statements, kept, file.problems)
