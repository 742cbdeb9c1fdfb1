"""CFONB120: statements in records of 120 characters: 01 opening, 04 movement, 05 its details, 07 closing.

Amounts are 14 characters whose last one carries digit and sign: `{` and A to I positive, `}` and J to R negative. Positions are
those of the norm (bank 3–7, branch 12–16, currency 17–19, decimals 20, account 22–32, operation 33–34, booking 35–40, value
43–48, label 49–79, amount 91–104). Blank lines and missing line breaks are real, so records are cut every 120 characters.

A file is read a column at a time; a record whose date or amount is not written in the common way is read again by itself, and
that careful reading decides.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.errors import AmountError, AmountNotExact
from workbench.intake.formats.fixed_width import Marks, Records, Rows, cut
from workbench.intake.formats.statement_proof import LINES, MOST_PROBLEMS, OpenStatement, more_problems, prove, reading
from workbench.intake.profiles import Profile
from workbench.intake.reading import Reading, decoded
from workbench.schemas.checking import Problem

RECORD = 120
_OPENING, _MOVEMENT, _DETAIL, _CLOSING = 1, 4, 5, 7
_DAY, _VALUE_DAY, _AMOUNT, _ACCOUNT = 34, 42, (90, 104), (21, 32)
_SIGNS = {sign: (str(digit), 1) for digit, sign in enumerate("{ABCDEFGHI")} | {
    sign: (str(digit), -1) for digit, sign in enumerate("}JKLMNOPQR")
}


@dataclass(frozen=True)
class _Layout:
    """Which record belongs to what: `owner` the statement of each record (−1: none), and the rows of each kind."""

    kinds: Rows
    owner: Rows
    openings: Rows
    closings: Rows  # one a statement; −1 where none ends it
    alone: Rows
    strange: Rows

    def of_kind(self, kind: int) -> Rows:
        """Rows of a kind inside statements."""
        return np.flatnonzero((self.kinds == kind) & (self.owner >= 0))


@dataclass
class _Values:
    """Booking date, value date and hundredths of every record, and which records could not be read."""

    days: Any
    value_days: Any
    has_value_day: Marks
    centimes: Rows
    wrong: Marks


class _Problems:
    """Problems of a file in the order of its records; the first hundred are told, the rest counted."""

    def __init__(self, path: Path, records: Records) -> None:
        self._path, self._records = path, records
        self._found: list[tuple[int, str, dict[str, Any]]] = []
        self.more = 0

    def told(self, code: str, rows: Rows | list[int], **values: Any) -> None:
        """One problem a row."""
        self.more += max(len(rows) - MOST_PROBLEMS, 0)
        self._found += [(int(row), code, values) for row in rows[:MOST_PROBLEMS]]

    def listed(self) -> list[Problem]:
        """The problems, by line."""
        first = sorted(self._found, key=lambda found: found[0])[:MOST_PROBLEMS]
        more = self.more + len(self._found) - len(first)
        listed = [self._problem(*found) for found in first]
        return [*listed, more_problems(more, self._path.name)] if more else listed

    def _problem(self, row: int, code: str, values: dict[str, Any]) -> Problem:
        record = self._records.text(row)
        shown = {"kind": record[:2], "text": record.rstrip(), **values}
        return Problem(code, "refused", shown, self._path.name, int(self._records.lines[row]), "statements")


def read(path: Path, profile: Profile) -> Reading:
    """The statements of a CFONB120 file, each proven. A broken one is told and does not stop the others."""
    records = cut(decoded(path, profile.encoding), RECORD)
    layout = _layout(records)
    if not np.isin(layout.kinds, (_OPENING, _MOVEMENT, _DETAIL, _CLOSING)).any():
        return reading([], [], [Problem("cfonb_no_statement", "refused", {}, path.name, 1, "statements")])
    problems = _Problems(path, records)
    problems.told("cfonb_record_alone", layout.alone)
    problems.told("cfonb_record_wrong", layout.strange)
    values = _values(records, layout, problems)
    movements = layout.of_kind(_MOVEMENT)
    movements = movements[~values.wrong[movements]]
    statements = _statements(records, layout, values, movements, problems)
    lines = _lines(records, layout, values, movements, problems)
    return reading(statements, lines, problems.listed())


def _layout(records: Records) -> _Layout:
    codes, count = records.codes, len(records.lines)
    kinds = np.where(codes[:, 0] == ord("0"), codes[:, 1].astype(np.int64) - ord("0"), -1)
    openings = np.flatnonzero(kinds == _OPENING)
    owner = np.cumsum(kinds == _OPENING) - 1
    owner[(owner >= 0) & ~_of_the_account(records, owner, openings)] = -1
    closings = np.full(len(openings), -1)
    ends = np.flatnonzero((kinds == _CLOSING) & (owner >= 0))
    ended, first = np.unique(owner[ends], return_index=True)
    closings[ended] = ends[first]
    inside = np.flatnonzero(owner >= 0)
    last = closings[owner[inside]]
    owner[inside[(last >= 0) & (inside > last)]] = -1
    known = np.isin(kinds, (_OPENING, _MOVEMENT, _DETAIL, _CLOSING))
    rows = np.arange(count)
    return _Layout(kinds, owner, openings, closings, rows[owner < 0], rows[(owner >= 0) & ~known])


def _of_the_account(records: Records, owner: Rows, openings: Rows) -> Marks:
    """Where the account is that of the opening. Only the account is compared: banks write their own code differently from one
    record to the next."""
    rows = np.flatnonzero(owner >= 0)
    same = np.zeros(len(owner), np.bool_)
    own, first = records.characters(rows, *_ACCOUNT), records.characters(openings, *_ACCOUNT)
    same[rows] = (own == first[owner[rows]]).all(axis=1)
    rows = rows[~same[rows]]
    own_texts, texts = records.texts(rows, *_ACCOUNT), records.texts(openings[owner[rows]], *_ACCOUNT)
    same[rows] = pc.equal(pc.fill_null(own_texts, ""), pc.fill_null(texts, "")).to_numpy(zero_copy_only=False)
    return same


def _values(records: Records, layout: _Layout, problems: _Problems) -> _Values:
    count = len(records.lines)
    values = _Values(
        np.zeros(count, "datetime64[D]"), np.zeros(count, "datetime64[D]"), np.zeros(count, np.bool_),
        np.zeros(count, np.int64), np.zeros(count, np.bool_),
    )  # fmt: skip
    rows = np.flatnonzero((layout.owner >= 0) & np.isin(layout.kinds, (_OPENING, _MOVEMENT, _CLOSING)))
    values.days[rows], dated = records.dates(rows, _DAY)
    values.centimes[rows], exact = _amounts(records, rows)
    unsure = rows[~(dated & exact)]
    moved = layout.of_kind(_MOVEMENT)
    valued = moved[~records.blank(moved, _VALUE_DAY, _VALUE_DAY + 6)]
    values.has_value_day[valued] = True
    values.value_days[valued], dated = records.dates(valued, _VALUE_DAY)
    for row in np.union1d(unsure, valued[~dated]).tolist():
        _read_again(records.text(row), row, values, problems)
    return values


def _read_again(record: str, row: int, values: _Values, problems: _Problems) -> None:
    """One record whose dates or amount are not written in the common way."""
    try:
        values.days[row], values.centimes[row] = _day(record[_DAY : _DAY + 6]), _amount(record)
        if values.has_value_day[row]:
            values.value_days[row] = _day(record[_VALUE_DAY : _VALUE_DAY + 6])
    except (ValueError, AmountError) as error:
        problems.told("amount_not_exact" if isinstance(error, AmountNotExact) else "cfonb_record_wrong", [row])
        values.wrong[row] = True


def _amounts(records: Records, rows: Rows) -> tuple[Rows, Marks]:
    """Hundredths of the amounts, and where they are written plainly and are no finer."""
    start, stop = _AMOUNT
    digits, signs = np.full(256, -1), np.zeros(256, np.int64)
    for mark, (digit, sign) in _SIGNS.items():
        digits[ord(mark)], signs[ord(mark)] = int(digit), sign
    marks = np.minimum(records.codes[:, stop - 1][rows], 255)
    decimals = records.codes[:, 19][rows].astype(np.int64) - ord("0")
    tens, good = records.number(rows, start, stop - 1)
    good &= (digits[marks] >= 0) & (decimals >= 0) & (decimals <= 9)
    value, unit = (tens * 10 + digits[marks]) * 100, 10 ** np.clip(decimals, 0, 9)
    return signs[marks] * (value // unit), good & (value % unit == 0)


def _statements(
    records: Records, layout: _Layout, values: _Values, movements: Rows, problems: _Problems
) -> list[OpenStatement]:
    unended = np.flatnonzero(layout.closings < 0)
    accounts = [_account(records.text(int(row))) for row in layout.openings]
    for index in unended[:MOST_PROBLEMS].tolist():
        problems.told("cfonb_not_ended", [int(layout.openings[index])], account=accounts[index])
    problems.more += max(len(unended) - MOST_PROBLEMS, 0)
    broken = set(unended.tolist()) | set(layout.owner[layout.strange].tolist())
    early = _early_details(layout)
    problems.told("cfonb_record_wrong", early)
    broken |= set(layout.owner[np.flatnonzero(values.wrong)].tolist()) | set(layout.owner[early].tolist())
    foreign = _foreign(records, layout, movements)
    problems.told("cfonb_currency_other", foreign)
    broken |= set(layout.owner[foreign].tolist())
    moved = _sums(layout.owner[movements], values.centimes[movements], len(accounts))
    counts = np.bincount(layout.owner[movements], minlength=len(accounts)).tolist()
    statements = []
    for index, (row, closing) in enumerate(zip(layout.openings.tolist(), layout.closings.tolist(), strict=True)):
        statement = OpenStatement(_row(records, row, index, accounts[index]), moved[index], index in broken)
        statement.row["movement_count"] = counts[index]
        for side, at in (("opening", row), ("closing", closing)):
            if at >= 0 and not values.wrong[at]:
                statement.row[f"{side}_date"] = values.days[at].item()
                statement.row[f"{side}_centimes"] = int(values.centimes[at])
        prove(statement)
        statements.append(statement)
    return statements


def _row(records: Records, row: int, index: int, account: str) -> dict[str, Any]:
    return {
        "statement_index": index,
        "line_number": int(records.lines[row]),
        "format_code": "cfonb120",
        "account_identifier": account,
        "currency_code": records.text(row)[16:19].strip(),
        "is_interim": False,
    }


def _foreign(records: Records, layout: _Layout, movements: Rows) -> Rows:
    """Movements whose currency is not that of their statement; one without a currency is in it."""
    mine = records.codes[:, 16:19][movements]
    theirs = records.codes[:, 16:19][layout.openings[layout.owner[movements]]]
    found: Rows = movements[(mine != theirs).any(axis=1) & (mine != ord(" ")).any(axis=1)]
    return found


def _early_details(layout: _Layout) -> Rows:
    """Details that come before any movement of their statement."""
    rows, moves = layout.of_kind(_DETAIL), layout.of_kind(_MOVEMENT)
    before = np.searchsorted(moves, rows) - 1
    early: Rows = rows[(before < 0) | (layout.owner[np.append(moves, -1)[before]] != layout.owner[rows])]
    return early


def _sums(owners: Rows, centimes: Rows, count: int) -> list[int]:
    """Exact sums a statement: 64 bits may not hold them, so halves are added apart."""
    high, low = np.zeros(count, np.int64), np.zeros(count, np.int64)
    np.add.at(high, owners, centimes >> 32)
    np.add.at(low, owners, centimes & 0xFFFFFFFF)
    return [(top << 32) + rest for top, rest in zip(high.tolist(), low.tolist(), strict=True)]


def _lines(records: Records, layout: _Layout, values: _Values, movements: Rows, problems: _Problems) -> pa.Table:
    columns = {
        "statement_index": layout.owner[movements],
        "line_number": records.lines[movements],
        "booking_date": values.days[movements],
        "value_date": pa.array(values.value_days[movements], mask=~values.has_value_day[movements]),
        "amount_centimes": values.centimes[movements],
        "operation_code": records.texts(movements, 32, 34),
        "label": records.texts(movements, 48, 79),
        "reference": records.texts(movements, 104, 120),
        "details": _details(records, layout, movements),
    }
    made = [
        pa.array(columns[name]).cast(kind) if name in columns else pa.nulls(len(movements), kind)
        for name, kind in zip(LINES.names, LINES.types, strict=True)
    ]
    return pa.table(made, schema=LINES)


def _details(records: Records, layout: _Layout, movements: Rows) -> pa.Array:
    """The texts of the details of each movement, a line each."""
    rows, every = layout.of_kind(_DETAIL), layout.of_kind(_MOVEMENT)
    if not len(rows) or not len(movements):
        return pa.nulls(len(movements), pa.string())
    rows = rows[np.searchsorted(every, rows) > 0]
    owner = every[np.searchsorted(every, rows) - 1]
    place = np.minimum(np.searchsorted(movements, owner), len(movements) - 1)
    kept = (movements[place] == owner) & (layout.owner[owner] == layout.owner[rows])
    texts = records.texts(rows[kept], 45, 118)
    written = pc.is_valid(texts).to_numpy(zero_copy_only=False)
    counts = np.bincount(place[kept][written], minlength=len(movements))
    offsets = pa.array(np.append(0, np.cumsum(counts)), pa.int32())
    joined = pc.binary_join(pa.ListArray.from_arrays(offsets, pc.drop_null(texts)), "\n")
    return pc.if_else(pa.array(counts > 0), joined, pa.scalar(None, pa.string()))


def _account(record: str) -> str:
    return "-".join((record[2:7].strip(), record[11:16].strip(), record[21:32].strip()))


def _day(text: str) -> date:
    day, month, year = int(text[:2]), int(text[2:4]), int(text[4:6])
    return date(2000 + year if year < 70 else 1900 + year, month, day)


def _amount(record: str) -> int:
    """Hundredths of a 14-character amount, by the record's own number of decimals."""
    text, decimals = record[slice(*_AMOUNT)], int(record[19])
    digit, sign = _SIGNS.get(text[-1], ("", 0))
    digits = text[:-1].strip() + digit
    if not sign or not digits.isascii() or not digits.isdigit():
        raise AmountError(f"« {text} » is no amount")
    value, unit = int(digits) * 100, int(10**decimals)
    if value % unit:
        raise AmountNotExact(f"« {text} » is finer than a hundredth")
    return sign * value // unit
