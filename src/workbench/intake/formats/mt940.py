"""MT940 and MT942: statements as SWIFT messages, one `:20:` block at a time on the mt-940 library.

The library, given a whole file, merges its statements; with its defaults it takes reversals for credits; it lets a line without
a type overwrite the one before, cuts an amount longer than its field, and reads a balance without currency as another amount.
So each block is read alone, with every option on and stricter fields, and its lines are counted. A block that cannot be read is
one problem with its line. MT942 (no balances, `:34F:` or `:90D:`) is interim.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from mt940 import tags
from mt940.models import Balance, Transaction, Transactions
from mt940.options import Options

from workbench.errors import AmountError, AmountNotExact
from workbench.intake.formats.statement_proof import (
    AMOUNT,
    Line,
    OpenStatement,
    account_key,
    hundredths,
    lines_table,
    prove,
    reading,
)
from workbench.intake.profiles import Profile
from workbench.intake.reading import Reading, decoded, refuse_long_lines
from workbench.schemas.checking import Problem

logging.getLogger("mt940").addHandler(logging.NullHandler())  # it logs what it cannot read; here that is a problem

_BLOCK = re.compile(r"^:20:", re.MULTILINE)
_END = re.compile(r"^-(?:\}.*|[ \t\x03]*)$", re.MULTILINE)
_LINE = re.compile(r"^:\n?61:", re.MULTILINE)
_STRAY = re.compile(r"^:\n?(?:25|28C?|6[0-9][A-Z]?|86):", re.MULTILINE)
_INTERIM = re.compile(r"^:(?:34F|13D?|90[CD]):", re.MULTILINE)
_BALANCE = r"""^
    (?P<status>[DC])(?P<year>\d{2})(?P<month>\d{2})(?P<day>\d{2})
    (?P<currency>[A-Z]{3})?
    (?P<amount>[0-9]{1,30}(?:,[0-9]*)?)\s*$"""
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
_NO_REFERENCE = {"", "NONREF", "NOREF", "NOTPROVIDED"}


def _ours(base: type[tags.Tag], pattern: str | None = None) -> tags.Tag:
    """A tag of the library with a stricter pattern, that tells a field once and not also to a log."""

    def parse(self: tags.Tag, transactions: Transactions, value: str) -> dict[str, str | None]:
        match = self.re.match(value)
        read: dict[str, str | None] = match.groupdict() if match else base.parse(self, transactions, value)
        return read

    # The library files a result under a name made of the class's, so the class keeps that name.
    changed = {"pattern": pattern or base.pattern, "parse": parse, "__module__": __name__}
    tag: tags.Tag = type(base.__name__, (base,), changed)()
    return tag


_TAGS: dict[int | str, tags.Tag] = {
    tag.id: tag
    for tag in (
        *(
            _ours(base, _BALANCE)
            for base in (
                tags.OpeningBalance,
                tags.FinalOpeningBalance,
                tags.IntermediateOpeningBalance,
                tags.ClosingBalance,
                tags.FinalClosingBalance,
                tags.IntermediateClosingBalance,
            )
        ),
        _ours(tags.Statement),
        _ours(tags.TransactionDetails),
        _ours(tags.StatementNumber, r"^(?P<statement_number>[^/\s]{1,16})(?:/(?P<sequence_number>\d{1,5}))?\s*$"),
    )
}
_ASNB_TAGS = {**_TAGS, 61: _ours(tags.StatementASNB)}  # this bank writes an IBAN where the norm has 16 characters


def _own_line(_transactions: Any, _tag: Any, _read: Any, result: dict[str, Any]) -> dict[str, Any]:
    # A line without a type would be overwritten by the next one.
    result["id"] = result.get("id") or "    "
    return result


class _Transactions(Transactions):
    """A message being read. The library looks its currency up again for every line."""

    _currency: str | None = None

    @property
    def currency(self) -> str | None:
        """The currency of its first balance, as soon as one is read."""
        if self._currency is None:
            self._currency = super().currency
        return self._currency


_transactions = partial(_Transactions, processors={"post_statement": [_own_line]}, options=Options.all())


@dataclass(frozen=True)
class _Block:
    """The text of one message, from its `:20:` on, the line it starts at, and where in the file it starts."""

    text: str
    line: int
    is_asnb: bool


def read(path: Path, profile: Profile) -> Reading:
    """The statements of an MT940 or MT942 file, each proven. A block that cannot be read does not stop the others."""
    text = decoded(path, profile.encoding).replace("\r\n", "\n").replace("\r", "\n")
    refuse_long_lines(text, path.name)
    problems: list[Problem] = []
    statements: list[OpenStatement] = []
    lines: list[Line] = []
    for block in _blocks(text, path, problems):
        statement, found = _statement(block, len(statements), path, problems)
        if statement is not None:
            statements.append(statement)
            lines += found
    if not statements and not problems:
        problems.append(Problem("mt940_no_statement", "refused", {}, path.name, 1, "statements"))
    return reading(statements, lines_table(lines), problems)


def _blocks(text: str, path: Path, problems: list[Problem]) -> Iterator[_Block]:
    """Messages in their order; lines of statements that stand outside any message are told."""
    starts = [match.start() for match in _BLOCK.finditer(text)]
    _stray(text[: starts[0] if starts else len(text)], 1, path, problems)
    line, counted, before = 1, 0, 0
    for start, end in pairwise([*starts, len(text)]):
        line, counted = line + text.count("\n", counted, start), start
        last = _END.search(text, start, end)
        stop = last.start() if last else end
        if last:
            _stray(text[last.end() : end], line + text.count("\n", start, last.end()), path, problems)
        body = text[start:stop]
        account = body.find("\n:25:")
        header = text[before:start] + (body[account : body.find("\n", account + 1)] if account >= 0 else "")
        before = stop
        yield _Block(body, line, "ASNB" in header)


def _stray(text: str, line: int, path: Path, problems: list[Problem]) -> None:
    if match := _STRAY.search(text):
        place = line + text.count("\n", 0, match.start())
        problems.append(Problem("mt940_stray_lines", "refused", {}, path.name, place, "statements"))


def _statement(
    block: _Block, index: int, path: Path, problems: list[Problem]
) -> tuple[OpenStatement | None, list[Line]]:
    def told(code: str, line: int = block.line, severity: str = "refused", **values: Any) -> None:
        problems.append(Problem(code, severity, values, path.name, line, "statements"))

    parsed = _transactions(tags=_ASNB_TAGS if block.is_asnb else _TAGS)
    try:
        parsed.parse(block.text)
    except _UNREADABLE as error:
        # The library gives (sentence, tag, value) where a field does not fit its pattern.
        field = error.args[2] if len(error.args) == 3 else str(error)
        told("mt940_unreadable", line=_line_of(block, str(field)), text=" ".join(str(field).split())[:80])
        return None, []
    account, wrong = account_key(parsed.data.get("account_identification") or "")
    if wrong:
        told("account_wrong", reason=wrong)
    if not account:
        return None, []
    opening, closing = _balance(parsed, "opening"), _balance(parsed, "closing")
    is_interim = opening is None and closing is None and _INTERIM.search(block.text) is not None
    statement = OpenStatement(_row(parsed, block, index, account, opening, closing, is_interim), broken=bool(wrong))
    places = _places(block)
    if len(places) != len(parsed.transactions):
        told("mt940_lines_lost", count=len(places), read=len(parsed.transactions))
        statement.broken, places = True, [block.line] * len(parsed.transactions)
    lines = []
    for transaction, place in zip(parsed.transactions, places, strict=True):
        try:
            lines.append(_line(transaction, index, place))
        except AmountError as error:
            told("amount_not_exact" if isinstance(error, AmountNotExact) else "statement_amount_wrong", line=place)
            statement.broken = True
    statement.moved = sum(line[AMOUNT] for line in lines)
    _check(statement, parsed, opening, closing, told)
    prove(statement, needs_balances=not is_interim)
    statement.row["movement_count"] = len(lines)
    return statement, lines


def _places(block: _Block) -> list[int]:
    """The line of each `:61:`, counted on from the one before."""
    places, line, at = [], block.line, 0
    for match in _LINE.finditer(block.text):
        line, at = line + block.text.count("\n", at, match.start()), match.start()
        places.append(line)
    return places


def _line_of(block: _Block, field: str) -> int:
    found = block.text.find(field.split("\n")[0]) if field.strip() else -1
    return block.line + (block.text.count("\n", 0, found) if found > 0 else 0)


def _balance(parsed: _Transactions, which: str) -> Balance | None:
    for kind in (f"final_{which}_balance", f"intermediate_{which}_balance", f"{which}_balance"):
        if balance := parsed.data.get(kind):
            return balance  # type: ignore[no-any-return]
    return None


def _row(
    parsed: _Transactions,
    block: _Block,
    index: int,
    account: str,
    opening: Balance | None,
    closing: Balance | None,
    is_interim: bool,
) -> dict[str, Any]:
    data = parsed.data
    number, sequence = data.get("statement_number"), data.get("sequence_number")
    begins = "intermediate_opening_balance" not in data or "final_opening_balance" in data
    ends = "intermediate_closing_balance" not in data or "final_closing_balance" in data
    page = int(sequence) if sequence else None
    if begins and ends:
        # It is whole: the second number only counts messages, and tells this statement from its neighbours.
        number, page = (f"{number}/{page}" if page and page > 1 else number), None
    elif begins:
        page = 1
    else:
        page = max(page or 2, 2)
    return {
        "statement_index": index,
        "line_number": block.line,
        "format_code": "mt942" if is_interim else "mt940",
        "account_identifier": account,
        "currency_code": (parsed.currency or _sum_currency(parsed) or "").upper(),
        "statement_number": number,
        "page_number": page,
        "is_last_page": None if begins and ends else ends,
        "is_interim": is_interim,
        "opening_date": _plain(opening.date) if opening else None,
        "closing_date": _plain(closing.date) if closing else None,
        "opening_centimes": None,
        "closing_centimes": None,
    }


def _sum_currency(parsed: _Transactions) -> str | None:
    sums = parsed.data.get("sum_credit_entries") or parsed.data.get("sum_debit_entries")
    return sums.currency if sums else None


def _check(
    statement: OpenStatement, parsed: _Transactions, opening: Balance | None, closing: Balance | None, told: Any
) -> None:
    """Amounts of the balances, one currency, and the totals that an MT942 gives of its own lines."""
    currencies = set()
    for side, balance in (("opening", opening), ("closing", closing)):
        if balance is None:
            continue
        try:
            statement.row[f"{side}_centimes"] = hundredths(balance.amount.amount)  # type: ignore[union-attr]
        except AmountError as error:
            told("amount_not_exact" if isinstance(error, AmountNotExact) else "statement_amount_wrong")
            statement.broken = True
        if currency := balance.amount.currency:  # type: ignore[union-attr]
            currencies.add(currency.upper())
    if len(currencies) > 1:
        told("statement_currencies", currencies=", ".join(sorted(currencies)))
        statement.broken = True
    if not statement.row["is_interim"]:
        if opening is None or closing is None:
            told("statement_balance_missing", account=statement.account)
        return
    if not statement.row["currency_code"]:
        told("statement_currency_missing", account=statement.account)
        statement.broken = True
    sums = [parsed.data[kind].amount for kind in ("sum_credit_entries", "sum_debit_entries") if kind in parsed.data]
    if sums and hundredths(sum(sums)) != statement.moved:
        told("interim_totals_differ", severity="warning", account=statement.account)


def _line(transaction: Transaction, index: int, place: int) -> Line:
    given = transaction.data.get
    purpose, told = _text(given("purpose")), _text(given("transaction_details"))
    label = _text(given("posting_text")) or _text(given("extra_details")) or purpose or told
    reference = _text(given("customer_reference"))
    if reference is None or reference in _NO_REFERENCE:
        reference = _text(given("bank_reference"))
        reference = None if reference in _NO_REFERENCE else reference
    details = [text for text in (purpose, _text(given("additional_purpose")), told) if text and text != label]
    return (
        index,
        place,
        given("entry_date"),
        given("date"),
        hundredths(transaction.data["amount"].amount),
        _text(given("id")),
        label,
        reference,
        _text(given("applicant_name")) or _text(given("recipient_name")),
        "\n".join(details) if details else None,
    )


def _plain(day: date | None) -> date | None:
    return None if day is None else date(day.year, day.month, day.day)


def _text(value: str | None) -> str | None:
    return " ".join(value.split()) or None if value else None
