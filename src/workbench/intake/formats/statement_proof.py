"""What every bank format shares: opening + movements = closing, and the two tables that a reading of statements fills.

A statement is one row a reader fills; its proof is decided here and nowhere else. Lines are kept as Arrow batches, so that a
file of a million of them does not hold a million Python objects.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyarrow as pa

from workbench.errors import AmountError, AmountNotExact, IdentifierError
from workbench.identifiers import account_of, compact
from workbench.intake.reading import LONGEST_LINE, Reading
from workbench.money import LARGEST
from workbench.schemas.checking import Problem
from workbench.schemas.tables import READINGS

LONGEST_FIELD = LONGEST_LINE  # characters of a field; a longer one is no statement
MOST_PROBLEMS = 100  # problems of one file told one by one; the rest are counted

LINES = READINGS["read_lines"].arrow
_STATEMENTS = READINGS["read_statements"].arrow
AMOUNT = LINES.get_field_index("amount_centimes")
Line = tuple[
    Any, ...
]  # a line as its values in the order of the columns of `read_lines`: a dict a line costs twice as much


@dataclass
class OpenStatement:
    """A statement being read. `moved` is the sum of its booked lines in hundredths; `broken` once a part of it does not hold."""

    row: dict[str, Any]
    moved: int = 0
    broken: bool = False
    currencies: set[str] = field(default_factory=set)

    @property
    def account(self) -> str:
        """The account as its file writes it."""
        return str(self.row["account_identifier"])


def prove(statement: OpenStatement, needs_balances: bool = True) -> None:
    """Fill `proof_code` and `difference_centimes`: proven, unbalanced, broken, or no_balances where a format may lack them."""
    row = statement.row
    row["currency_code"] = (row.get("currency_code") or "").strip().upper()
    opening, closing = row.get("opening_centimes"), row.get("closing_centimes")
    row["difference_centimes"] = None
    if statement.broken:
        row["proof_code"] = "broken"
    elif opening is None or closing is None:
        row["proof_code"] = "broken" if needs_balances else "no_balances"
    else:
        difference = closing - opening - statement.moved
        if abs(difference) > LARGEST:  # no table can hold it, and no bank writes it
            row["proof_code"] = "broken"
        else:
            row["difference_centimes"] = difference
            row["proof_code"] = "unbalanced" if difference else "proven"


def reading(
    statements: Sequence[OpenStatement], lines: pa.Table | Iterable[Mapping[str, Any]], problems: Sequence[Problem]
) -> Reading:
    """The two tables of a file of statements, and its problems, shortened where one fault repeats without end."""
    rows = [statement.row for statement in statements]
    if not isinstance(lines, pa.Table):
        lines = pa.Table.from_pylist(list(lines), schema=LINES)
    tables = {"read_statements": pa.Table.from_pylist(rows, schema=_STATEMENTS), "read_lines": lines}
    return Reading(tables, shortened(problems))


def lines_table(lines: Sequence[Line]) -> pa.Table:
    """Lines as `read_lines`."""
    columns = zip(*lines, strict=True) if lines else ((),) * len(LINES)
    made = [pa.array(column, kind) for column, kind in zip(columns, LINES.types, strict=True)]
    return pa.table(made, schema=LINES)


def shortened(problems: Sequence[Problem]) -> list[Problem]:
    """The first problems of a file, and how many more there are."""
    if len(problems) <= MOST_PROBLEMS + 1:  # a row that counts one more is no shorter than that one
        return list(problems)
    rest = len(problems) - MOST_PROBLEMS
    return [*problems[:MOST_PROBLEMS], more_problems(rest, problems[0].file_name)]


def more_problems(count: int, file_name: str | None) -> Problem:
    """The row that counts the problems that are not told one by one."""
    return Problem("statement_more", "refused", {"count": count}, file_name, None, "statements")


def hundredths(amount: Decimal) -> int:
    """An exact decimal amount in hundredths. `AmountNotExact` where it is finer, `AmountError` where it cannot be kept."""
    scaled = amount.scaleb(2)
    if not scaled.is_finite():
        raise AmountError(f"« {amount} » is no amount")
    centimes = int(scaled)
    if not -LARGEST <= centimes <= LARGEST:
        raise AmountError(f"« {amount} » is larger than any amount that can be kept")
    if centimes != scaled:
        raise AmountNotExact(f"« {amount} » is finer than a hundredth")
    return centimes


def account_key(written: str) -> tuple[str, str]:
    """An account as the tables call it (a RIB out of a Moroccan IBAN, any other identifier as written), and what is wrong with it.

    A Moroccan IBAN that does not hold is kept as it is written, so that its statement can be shown as refused.
    """
    text = written.strip()
    try:
        if not text:
            raise IdentifierError("a statement names no account")
        return account_of(text) if text[:2].upper() == "MA" and text[2:4].isdigit() else text, ""
    except IdentifierError as error:
        return compact(text), error.what
