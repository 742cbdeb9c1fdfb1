"""CFONB120: statements in records of 120 characters: 01 opening, 04 movement, 05 its details, 07 closing.

Amounts are 14 characters whose last one carries digit and sign: `{` and A to I positive, `}` and J to R negative. Positions are
those of the norm (bank 3–7, branch 12–16, currency 17–19, decimals 20, account 22–32, operation 33–34, booking 35–40, value
43–48, label 49–79, amount 91–104). Blank lines and missing line breaks are real, so records are cut every 120 characters.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from workbench.errors import AmountError, AmountNotExact
from workbench.intake.profiles import Profile
from workbench.intake.reading import Reading, decoded
from workbench.schemas.checking import Problem
from workbench.schemas.tables import READINGS

RECORD = 120
_SIGNS = {sign: (str(digit), 1) for digit, sign in enumerate("{ABCDEFGHI")} | {
    sign: (str(digit), -1) for digit, sign in enumerate("}JKLMNOPQR")
}


@dataclass
class _Open:
    """A statement being read; `broken` once a record of it does not hold."""

    row: dict[str, Any]
    lines: list[dict[str, Any]] = field(default_factory=list)
    broken: bool = False


def read(path: Path, profile: Profile) -> Reading:
    """The statements of a CFONB120 file. A broken one is told and does not stop the others."""
    statements: list[_Open] = []
    problems: list[Problem] = []
    current: _Open | None = None
    for number, record in _records(decoded(path, profile.encoding)):
        kind = record[:2]
        try:
            if kind == "01":
                _unended(current, path, problems)
                current = _opened(record, number, len(statements))
                statements.append(current)
            elif current is None or record[21:32].strip() != current.row["account_identifier"].split("-")[2]:
                # Only the account is compared: banks write their own code differently from one record to the next.
                problems.append(_problem("cfonb_record_alone", path, number, kind=kind))
            elif kind == "04":
                current.lines.append(_movement(record, number, current.row["statement_index"]))
            elif kind == "05":
                _detail(record, current)
            elif kind == "07":
                _close(record, current)
                current = None
            else:
                raise ValueError(kind)
        except (ValueError, AmountError) as error:
            code = "amount_not_exact" if isinstance(error, AmountNotExact) else "cfonb_record_wrong"
            problems.append(_problem(code, path, number, kind=kind, text=record.rstrip()))
            if current is not None:
                current.broken = True
    _unended(current, path, problems)
    for statement in statements:
        _prove(statement)
    rows = [statement.row for statement in statements]
    lines = [line for statement in statements for line in statement.lines]
    tables = {
        "read_statements": pa.Table.from_pylist(rows, schema=READINGS["read_statements"].arrow),
        "read_lines": pa.Table.from_pylist(lines, schema=READINGS["read_lines"].arrow),
    }
    return Reading(tables, problems)


def _records(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        for start in range(0, len(line.rstrip()) or 0, RECORD):
            yield number, line[start : start + RECORD].ljust(RECORD)


def _problem(code: str, path: Path, line: int, **values: str) -> Problem:
    return Problem(code, "refused", values, path.name, line, "statements")


def _unended(statement: _Open | None, path: Path, problems: list[Problem]) -> None:
    if statement is not None:
        statement.broken = True
        problems.append(
            _problem("cfonb_not_ended", path, statement.row["line_number"], account=statement.row["account_identifier"])
        )


def _account(record: str) -> str:
    return "-".join((record[2:7].strip(), record[11:16].strip(), record[21:32].strip()))


def _opened(record: str, line: int, index: int) -> _Open:
    row = {
        "statement_index": index,
        "line_number": line,
        "format_code": "cfonb120",
        "account_identifier": _account(record),
        "currency_code": record[16:19].strip(),
        "is_interim": False,
        "opening_date": None,
        "opening_centimes": None,
        "movement_count": 0,
        "proof_code": "broken",
    }
    statement = _Open(row, broken=True)
    statement.row["opening_date"], statement.row["opening_centimes"] = _day(record[34:40]), _amount(record)
    statement.broken = False
    return statement


def _movement(record: str, line: int, index: int) -> dict[str, Any]:
    return {
        "statement_index": index,
        "line_number": line,
        "booking_date": _day(record[34:40]),
        "value_date": _day(record[42:48]) if record[42:48].strip() else None,
        "amount_centimes": _amount(record),
        "operation_code": record[32:34].strip() or None,
        "label": record[48:79].strip(),
        "reference": record[104:120].strip() or None,
        "details": None,
    }


def _detail(record: str, statement: _Open) -> None:
    if not statement.lines:
        raise ValueError("detail before any movement")
    line, text = statement.lines[-1], record[45:118].strip()
    if text:
        line["details"] = text if line["details"] is None else f"{line['details']}\n{text}"


def _close(record: str, statement: _Open) -> None:
    statement.row["closing_date"], statement.row["closing_centimes"] = _day(record[34:40]), _amount(record)


def _day(text: str) -> date:
    day, month, year = int(text[:2]), int(text[2:4]), int(text[4:6])
    return date(2000 + year if year < 70 else 1900 + year, month, day)


def _amount(record: str) -> int:
    """Hundredths of a 14-character amount, by the record's own number of decimals."""
    text, decimals = record[90:104], int(record[19])
    digit, sign = _SIGNS.get(text[-1], ("", 0))
    digits = text[:-1].strip() + digit
    if not sign or not digits.isascii() or not digits.isdigit():
        raise AmountError(f"« {text} » is no amount")
    value, unit = int(digits) * 100, int(10**decimals)
    if value % unit:
        raise AmountNotExact(f"« {text} » is finer than a hundredth")
    return sign * value // unit


def _prove(statement: _Open) -> None:
    row = statement.row
    row["movement_count"] = len(statement.lines)
    if statement.broken or row.get("closing_centimes") is None or row["opening_centimes"] is None:
        row["proof_code"] = "broken"
        return
    moved = sum(line["amount_centimes"] for line in statement.lines)
    row["difference_centimes"] = row["closing_centimes"] - row["opening_centimes"] - moved
    row["proof_code"] = "unbalanced" if row["difference_centimes"] else "proven"
