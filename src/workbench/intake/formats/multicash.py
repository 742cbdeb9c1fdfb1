"""MultiCash: AUSZUG.TXT, a row a statement, and UMSATZ.TXT, a row a movement, semicolons between the fields and no quotes.

Field order of SAP note 36833 (« Multicash Format (auszug.txt and umsatz.txt) »). AUSZUG: 1 bank, 2 account, 3 statement number,
4 date, 5 currency, 6 opening, 7 debit total, 8 credit total, 9 closing, 18 number of movements. UMSATZ: 1–3 as before, 4 value
date, 6 text, 7 posting text, 9 text key, 10 cheque number, 11 amount, 14 posting date, 17–29 more text, 30–31 counterparty.
Banks write years of two or four digits, and debit totals with or without a sign; the profile says the decimal mark.

The statements come with AUSZUG, which looks for its UMSATZ in the same folder: the same name but for that word.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from workbench.errors import AmountError, AmountNotExact, ReadingError
from workbench.identifiers import is_rib
from workbench.intake.formats.statement_proof import OpenStatement, account_key, prove, reading
from workbench.intake.profiles import Profile
from workbench.intake.reading import Reading, decoded, refuse_long_lines
from workbench.money import read_centimes
from workbench.schemas.checking import Problem

STATEMENTS, MOVEMENTS = "auszug", "umsatz"
STATEMENT_FIELDS, MOVEMENT_FIELDS = 9, 14  # the last field that a row cannot do without
_Key = tuple[str, str, str]  # bank, account, statement number


@dataclass
class _File:
    """Where rows are read from, how dates and amounts are written there, and what was wrong."""

    name: str
    profile: Profile
    problems: list[Problem]
    days: dict[str, date] = field(default_factory=dict)

    def told(self, code: str, line: int | None, severity: str = "refused", **values: Any) -> None:
        """A problem of this file."""
        self.problems.append(Problem(code, severity, values, self.name, line, "statements"))

    def amount(self, text: str) -> int:
        """Hundredths of a field; `AmountError` where it is none."""
        return read_centimes(text, self.profile.decimal, self.profile.thousands)

    def day(self, text: str) -> date:
        """The date of a field; `ValueError` holds what is written where it is none."""
        if text not in self.days:
            self.days[text] = _day(text, self.profile.date_formats)
        return self.days[text]


@dataclass
class _Found:
    """A row of AUSZUG, the totals it announces, and its movements."""

    statement: OpenStatement
    announced: dict[str, int]
    lines: list[dict[str, Any]] = field(default_factory=list)


def companion(path: Path) -> Path | None:
    """The other file of the pair, in the same folder; None where it is absent. `ReadingError` where the name says neither."""
    name = path.name.casefold()
    if (STATEMENTS in name) == (MOVEMENTS in name):
        raise ReadingError(
            "the name says neither AUSZUG nor UMSATZ", path.name, "give both files the names that the bank gave them"
        )
    exact = path.with_name(_other(path.name))
    if exact.is_file():  # nearly always: an inbox of thousands of files is not listed once a file
        return exact
    return next((other for other in sorted(path.parent.iterdir()) if other.name.casefold() == _other(name)), None)


def read_with(path: Path) -> Path | None:
    """The file that a file of statements is read with: their contents count together."""
    return companion(path) if STATEMENTS in path.name.casefold() else None


def may_be_empty(path: Path) -> bool:
    """Whether a file without any byte says something: no movement, beside its statements."""
    return MOVEMENTS in path.name.casefold() and companion(path) is not None


def read(path: Path, profile: Profile) -> Reading:
    """The statements of an AUSZUG file with the movements of its UMSATZ, each proven. UMSATZ alone gives none, and says so."""
    pair = companion(path)
    file = _File(path.name, profile, [])
    if pair is None:
        file.told("multicash_alone", None, missing=_other(path.name))
    if MOVEMENTS in path.name.casefold():
        if pair is not None:
            file.told("multicash_pair", None, "noted", pair=pair.name)
        return reading([], [], file.problems)
    found, order = _statements(path, file)
    if pair is None:
        _break(order)
    else:
        _movements(pair, path.name, found, order, _File(pair.name, profile, file.problems))
    for one in order:
        _settle(one, file)
    return reading([one.statement for one in order], [line for one in order for line in one.lines], file.problems)


def _other(name: str) -> str:
    """The name of the other file, in the case of the word it replaces."""
    lower = name.casefold()
    word, other = (STATEMENTS, MOVEMENTS) if STATEMENTS in lower else (MOVEMENTS, STATEMENTS)
    at = lower.index(word)
    written = name[at : at + len(word)]
    return name[:at] + (other.upper() if written.isupper() else other) + name[at + len(word) :]


def _rows(path: Path, profile: Profile) -> Iterator[tuple[int, list[str]]]:
    text = decoded(path, profile.encoding).replace("\r\n", "\n").replace("\r", "\n")
    refuse_long_lines(text, path.name)
    for number, line in enumerate(text.rstrip("\x1a").split("\n"), 1):
        if line.strip():
            yield number, [part.strip() for part in line.split(";")]


def _statements(path: Path, file: _File) -> tuple[dict[_Key, _Found], list[_Found]]:
    found: dict[_Key, _Found] = {}
    order: list[_Found] = []
    for number, fields in _rows(path, file.profile):
        if len(fields) < STATEMENT_FIELDS:
            file.told("multicash_line", number, count=len(fields), expected=STATEMENT_FIELDS)
            continue
        one = _statement(fields, number, len(order), file)
        if one is None:
            continue
        order.append(one)
        if earlier := found.get(_key(fields)):
            # Its movements cannot be told from those of the other.
            file.told("multicash_twice", number, account=one.statement.account, number=fields[2])
            one.statement.broken = earlier.statement.broken = True
        found.setdefault(_key(fields), one)
    if not order and not file.problems:
        file.told("multicash_no_statement", 1)
    return found, order


def _key(fields: Sequence[str]) -> _Key:
    return fields[0], fields[1], fields[2].lstrip("0")


def _statement(fields: Sequence[str], line: int, index: int, file: _File) -> _Found | None:
    account, wrong = account_key(fields[1])
    if wrong:
        file.told("account_wrong", line, reason=wrong)
    if not account:
        return None
    row: dict[str, Any] = {
        "statement_index": index,
        "line_number": line,
        "format_code": "multicash",
        "account_identifier": account if wrong or is_rib(account) or not fields[0] else f"{fields[0]}/{account}",
        "currency_code": fields[4].upper(),
        "statement_number": fields[2] or None,
        "is_interim": False,
    }
    found = _Found(OpenStatement(row, broken=bool(wrong)), {})
    if not fields[4]:
        file.told("statement_currency_missing", line, account=found.statement.account)
        found.statement.broken = True
    try:
        row["closing_date"] = file.day(fields[3])
        row["opening_centimes"], row["closing_centimes"] = file.amount(fields[5]), file.amount(fields[8])
        found.announced = {
            name: abs(file.amount(text))
            for name, text in (("debit", fields[6]), ("credit", fields[7]))
            if text
        }  # fmt: skip
        if len(fields) >= 18 and fields[17]:
            found.announced["count"] = int(fields[17])
    except (AmountError, ValueError) as error:
        _wrong(error, line, file)
        found.statement.broken = True
    return found


def _movements(path: Path, name: str, found: dict[_Key, _Found], order: Sequence[_Found], file: _File) -> None:
    try:
        for number, fields in _rows(path, file.profile):
            one = found.get(_key(fields)) if len(fields) > 3 else None
            if len(fields) < MOVEMENT_FIELDS:
                file.told("multicash_line", number, count=len(fields), expected=MOVEMENT_FIELDS)
                _break([one] if one else order)  # whose movement it is cannot be known: no statement is sure
            elif one is None:
                file.told("multicash_orphan", number, account=fields[1], number=fields[2], pair=name)
            else:
                try:
                    one.lines.append(_movement(fields, number, one.statement.row["statement_index"], file))
                except (AmountError, ValueError) as error:
                    _wrong(error, number, file)
                    _break([one])
    except ReadingError as error:
        file.told("file_unreadable", error.line_number, reason=error.what)
        _break(order)


def _break(statements: Sequence[_Found]) -> None:
    for one in statements:
        one.statement.broken = True


def _movement(fields: Sequence[str], line: int, index: int, file: _File) -> dict[str, Any]:
    texts = [text for text in (fields[5], *fields[16:29]) if text]
    label = fields[6] or (texts.pop(0) if texts else None)
    return {
        "statement_index": index,
        "line_number": line,
        "booking_date": file.day(fields[13]) if fields[13] else None,
        "value_date": file.day(fields[3]),
        "amount_centimes": file.amount(fields[10]),
        "operation_code": fields[8] or None,
        "label": label,
        "reference": fields[9] or None,
        "counterparty": " ".join(part for part in fields[29:31] if part) or None,
        "details": "\n".join(texts) or None,
    }


def _wrong(error: Exception, line: int, file: _File) -> None:
    if isinstance(error, AmountError):
        exact = isinstance(error, AmountNotExact)
        file.told("amount_not_exact" if exact else "statement_amount_wrong", line)
    else:
        file.told("multicash_field", line, value=str(error))


def _settle(one: _Found, file: _File) -> None:
    """The proof, and where it holds, the totals that the statement announces of its movements."""
    statement, amounts = one.statement, [line["amount_centimes"] for line in one.lines]
    statement.moved = sum(amounts)
    statement.row["movement_count"] = len(amounts)
    prove(statement)
    moved = {
        "debit": -sum(amount for amount in amounts if amount < 0),
        "credit": sum(amount for amount in amounts if amount > 0),
        "count": len(amounts),
    }
    if statement.row["proof_code"] == "proven" and any(moved[name] != said for name, said in one.announced.items()):
        line = statement.row["line_number"]
        file.told(
            "multicash_totals", line, "warning", account=statement.account, number=statement.row["statement_number"]
        )


def _day(text: str, formats: Sequence[str]) -> date:
    for form in formats:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 (a day, no instant)
        except ValueError:
            continue
    raise ValueError(text)
