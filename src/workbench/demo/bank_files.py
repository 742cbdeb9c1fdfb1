"""Statements of the made-up banks, a file a month and account: here CFONB120 and MT940 (see `camt_files`, `multicash_files`).

Each writer takes a `Statement` and gives the names and the bytes of its files.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from workbench.demo.accounts import Account
from workbench.demo.bank_kinds import KINDS, Kind
from workbench.demo.places import Columns

_POSITIVE, _NEGATIVE = "{ABCDEFGHI", "}JKLMNOPQR"
_CFONB_LABEL, _SWIFT_LABEL = 31, 65
_LONGEST_MESSAGE = 40  # lines of a page of MT940


class Line(NamedTuple):
    """A line of a statement, as its bank writes it."""

    booking: date
    value: date
    amount: int
    kind: Kind
    label: str
    reference: str
    counterparty: str


@dataclass(frozen=True)
class Statement:
    """A month of an account, from `first` to `last`. `closing` is what the bank prints, right or wrong."""

    account: Account
    month: int
    first: date
    last: date
    opening: int
    closing: int
    lines: list[Line]

    @property
    def stem(self) -> str:
        """What its file's name says: bank, account, month."""
        return f"{self.account.bank_code}_{self.account.index + 1:02d}_{self.first:%Y%m}"

    @property
    def day_before(self) -> date:
        """The day whose closing balance is the opening one."""
        return self.first - timedelta(days=1)


def lines_of_statement(lines: Columns) -> list[Line]:
    """The lines of one account, in their order."""
    names = ("booking", "value", "amount", "kind", "label", "reference", "counterparty")
    rows = zip(*(lines[name].tolist() for name in names), strict=True)
    return [Line(b, v, a, KINDS[k], text, ref, other) for b, v, a, k, text, ref, other in rows]


Files = Iterator[tuple[str, bytes]]
Writer = Callable[[Statement], Files]


# ── CFONB120


def cfonb120(statement: Statement) -> Files:
    """Records of 120 characters; the opening balance bears the date of the day before, as the norm has it."""
    account = statement.account
    bank, branch, number = account.cfonb
    records = [_record("01", account, f"{statement.day_before:%d%m%y}", amount=statement.opening)]
    for line in statement.lines:
        days, value = f"{line.booking:%d%m%y}", f"{line.value:%d%m%y}"
        label = line.label[:_CFONB_LABEL]
        records.append(
            _record("04", account, days, line.kind.cfonb, value, label, line.amount)[:104] + f"{line.reference:<16}"
        )
        if line.counterparty:
            head = f"05{bank}    {branch}{account.currency}2 {number}{line.kind.cfonb}{days}     NPY"
            records.append(f"{head}{line.counterparty}".ljust(120))
    records.append(_record("07", account, f"{statement.last:%d%m%y}", amount=statement.closing))
    yield f"CFONB_{statement.stem}.txt", "\r\n".join(records).encode("latin-1")


def _record(
    kind: str,
    account: Account,
    day: str,
    operation: str = "  ",
    value: str = "      ",
    label: str = "",
    amount: int = 0,
) -> str:
    bank, branch, number = account.cfonb
    head = f"{kind}{bank}    {branch}{account.currency}2 {number}{operation}{day}  {value}{label:<31}"
    signs = _POSITIVE if amount >= 0 else _NEGATIVE
    return (head.ljust(90) + f"{abs(amount) // 10:013d}{signs[abs(amount) % 10]}").ljust(120)


# ── MT940


def mt940(statement: Statement) -> Files:
    """Messages of at most 40 lines, each page opening with the last one's closing balance (60M, 62M)."""
    pages = [statement.lines[n : n + _LONGEST_MESSAGE] for n in range(0, len(statement.lines), _LONGEST_MESSAGE)] or [
        []
    ]
    texts, balance, day = [], statement.opening, statement.day_before
    for number, lines in enumerate(pages, 1):
        is_last = number == len(pages)
        after = statement.closing if is_last else balance + sum(line.amount for line in lines)
        until = statement.last if is_last else lines[-1].booking
        marks = ("F" if number == 1 else "M", "F" if is_last else "M")
        texts.append(_message(statement, number, lines, (balance, day), (after, until), marks))
        balance, day = after, until
    yield f"MT940_{statement.stem}.txt", "".join(texts).encode("latin-1")


def _message(
    statement: Statement,
    number: int,
    lines: list[Line],
    opening: tuple[int, date],
    closing: tuple[int, date],
    marks: tuple[str, str],
) -> str:
    account = statement.account
    name = account.rib if account.bank_code == "011" else account.iban  # banks write one or the other
    currency = account.currency
    text = [
        f":20:{statement.stem.replace('_', '')}",
        f":25:{name}",
        f":28C:{statement.month + 1:05d}/{number:03d}",
        f":60{marks[0]}:{_swift_balance(*opening, currency)}",
    ]
    for line in lines:
        amount = f"{'D' if line.amount < 0 else 'C'}{_comma(abs(line.amount))}"
        text.append(f":61:{line.value:%y%m%d}{line.booking:%m%d}{amount}{line.kind.swift}{line.reference or 'NONREF'}")
        text.append(f":86:{line.label[:_SWIFT_LABEL]}")
    text += [f":62{marks[1]}:{_swift_balance(*closing, currency)}", "-"]
    return "\r\n".join(text) + "\r\n"


def _swift_balance(amount: int, day: date, currency: str) -> str:
    return f"{'D' if amount < 0 else 'C'}{day:%y%m%d}{currency}{_comma(abs(amount))}"


def _comma(centimes: int) -> str:
    return f"{centimes // 100},{centimes % 100:02d}"
