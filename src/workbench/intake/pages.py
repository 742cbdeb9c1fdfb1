"""Statements as files hold them, and the pages of one statement joined by number and chain of balances before anything is booked."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import NamedTuple

import pyarrow as pa


class Line(NamedTuple):
    """A line of a statement, as read."""

    booking_date: date | None
    value_date: date | None
    amount_centimes: int
    operation_code: str | None
    label: str | None
    reference: str | None
    counterparty: str | None
    details: str | None

    @property
    def canonical(self) -> tuple[str, ...]:
        """What makes two deliveries of a line the same: dates, amount, code, label and reference, blanks and case apart.

        A date that is missing is the other one, as it is stored: a line read back is the line that was read.
        """
        texts = (
            " ".join((text or "").split()).casefold() for text in (self.operation_code, self.label, self.reference)
        )
        booked, in_value = self.booking_date or self.value_date, self.value_date or self.booking_date
        return (str(booked), str(in_value), str(self.amount_centimes), *texts)


@dataclass(frozen=True)
class Statement:
    """A statement or page, with its lines and the file it stands in. Amounts in hundredths of `currency_code`."""

    file_name: str
    file_sha256: str
    line_number: int
    format_code: str
    account_identifier: str
    currency_code: str
    statement_number: str | None
    page_number: int | None
    is_last_page: bool | None
    is_interim: bool
    opening_date: date | None
    opening_centimes: int | None
    closing_date: date | None
    closing_centimes: int | None
    proof_code: str
    difference_centimes: int | None
    lines: tuple[Line, ...] = field(repr=False)

    @property
    def account(self) -> tuple[str, str]:
        """What is booked together: an identifier and a currency."""
        return self.account_identifier, self.currency_code

    @cached_property  # asked for once a day booked, and made of every line
    def statement_id(self) -> str:
        """A name made of what the statement says, so that the same statement has it again whatever its file, order or encoding."""
        what = (
            self.account,
            self.statement_number,
            self.is_interim,
            self.opening_date,
            self.opening_centimes,
            self.closing_date,
            self.closing_centimes,
        )
        lines = sorted(line.canonical for line in self.lines)
        return hashlib.sha256(repr((what, lines)).encode()).hexdigest()[:24]


_META = [name for name in Statement.__dataclass_fields__ if name not in ("file_name", "file_sha256", "lines")]


def statements_of(file_name: str, file_sha256: str, statements: pa.Table, lines: pa.Table) -> list[Statement]:
    """The statements of one file, from the two tables that its reader filled (`read_statements`, `read_lines`)."""
    by_statement: dict[int, list[Line]] = defaultdict(list)
    columns = [lines[name].to_pylist() for name in Line._fields]
    for index, *values in zip(lines["statement_index"].to_pylist(), *columns, strict=True):
        by_statement[index].append(Line(*values))
    metas = zip(
        statements["statement_index"].to_pylist(), *(statements[name].to_pylist() for name in _META), strict=True
    )
    return [
        Statement(file_name, file_sha256, **dict(zip(_META, meta, strict=True)), lines=tuple(by_statement[index]))
        for index, *meta in metas
    ]


def joined(statements: Iterable[Statement]) -> tuple[list[Statement], list[Statement]]:
    """Whole statements, and the pages whose chain is incomplete.

    A page leads to the page of the same account and number that opens with its closing balance; where a page bears no balance on that
    side, to the next page number. The same page twice counts once.
    """
    whole: list[Statement] = []
    pages: dict[tuple[object, ...], list[Statement]] = defaultdict(list)
    for statement in statements:
        if statement.is_interim or not (statement.proof_code in ("proven", "unbalanced") or _lacks_a_side(statement)):
            whole.append(statement)
        else:
            pages[(*statement.account, statement.format_code, statement.statement_number)].append(statement)
    held: list[Statement] = []
    for group in pages.values():
        if all(_stands_alone(page) for page in group):
            whole += group
        else:
            complete, incomplete = _chains(group)
            whole += complete
            held += incomplete
    return whole, held


def _lacks_a_side(page: Statement) -> bool:
    """Whether it is a page that bears a balance on one side at most: the whole statement is proven, not it."""
    return page.proof_code == "no_balances" and (page.is_last_page is False or (page.page_number or 1) > 1)


def _stands_alone(page: Statement) -> bool:
    return page.is_last_page is not False and (page.page_number or 1) == 1


def _chains(group: list[Statement]) -> tuple[list[Statement], list[Statement]]:
    distinct = {(page.page_number, page.statement_id): page for page in group}
    waiting = sorted(distinct.values(), key=lambda page: (page.page_number or 0, page.opening_date or date.min))
    complete: list[Statement] = []
    held: list[Statement] = []
    while waiting:
        chain = [waiting.pop(0)]
        while chain[-1].is_last_page is False and (following := next(_followers(chain[-1], waiting), None)):
            waiting.remove(following)
            chain.append(following)
        if (chain[0].page_number or 1) == 1 and chain[-1].is_last_page is not False:
            complete.append(_one(chain))
        else:
            held += chain
    return complete, held


def _followers(page: Statement, candidates: list[Statement]) -> Iterator[Statement]:
    for candidate in candidates:
        if page.closing_centimes is None or candidate.opening_centimes is None:
            follows = page.page_number is not None and candidate.page_number == page.page_number + 1
        else:
            numbers = (None, page.page_number, (page.page_number or 0) + 1)
            follows = page.page_number is None or candidate.page_number in numbers
            follows = follows and candidate.opening_centimes == page.closing_centimes
        if follows:
            yield candidate


def _one(chain: list[Statement]) -> Statement:
    opening, closing = chain[0].opening_centimes, chain[-1].closing_centimes
    lines = tuple(line for page in chain for line in page.lines)
    difference = None
    if opening is not None and closing is not None:
        difference = closing - opening - sum(line.amount_centimes for line in lines)
    return replace(
        chain[0],
        page_number=None,
        is_last_page=None,
        closing_date=chain[-1].closing_date,
        closing_centimes=closing,
        proof_code="broken" if difference is None else "unbalanced" if difference else "proven",
        difference_centimes=difference,
        lines=lines,
    )
