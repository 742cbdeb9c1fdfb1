"""What a camt statement says of itself beside its entries: its balances, its period, its pages."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from workbench.errors import AmountError, AmountNotExact
from workbench.intake.formats.camt_columns import SIGNS, centimes, civil
from workbench.intake.formats.camt_stream import LocalNames
from workbench.intake.formats.statement_proof import LONGEST_FIELD

_BOOKED = ("OPBD", "PRCD", "CLBD", "ITBD")  # the others (available, forward, information) prove nothing
_TRUE = {"true", "1"}

name_of = LocalNames()


class StatementFault(Exception):
    """A part of a statement cannot be read. `code` and `values` are those of its problem, `line` its place."""

    def __init__(self, code: str, line: int, **values: str) -> None:
        self.code, self.line, self.values = code, line, values
        super().__init__(code)


def children(element: Any) -> dict[str, Any]:
    """The children of an element by local name; of several with one name, the first."""
    found: dict[str, Any] = {}
    for child in element:
        found.setdefault(name_of[child.tag], child)
    return found


def at(element: Any, *path: str) -> Any:
    """The first element at a path of local names, or None."""
    for name in path:
        if element is None:
            return None
        element = next((child for child in element if name_of[child.tag] == name), None)
    return element


def text_of(element: Any) -> str:
    """The text of an element on one line, blanks joined; `""` where there is none."""
    if element is None or not (text := element.text):
        return ""
    if len(text) > LONGEST_FIELD:
        raise StatementFault("camt_text_long", element.sourceline, limit=f"{LONGEST_FIELD}")
    return " ".join(text.split())


@dataclass(frozen=True)
class Balance:
    """A booked balance, in hundredths."""

    kind: str
    centimes: int
    currency: str
    day: date | None
    line: int


@dataclass(frozen=True)
class Sides:
    """The two balances that a proof needs; either may be missing. An interim one (ITBD) ends a page, not a statement."""

    opening: Balance | None
    closing: Balance | None

    @property
    def is_begun(self) -> bool:
        """Whether the statement begins here."""
        return self.opening is not None and self.opening.kind != "ITBD"

    @property
    def is_ended(self) -> bool:
        """Whether the statement ends here."""
        return self.closing is not None and self.closing.kind == "CLBD"


@dataclass(frozen=True)
class Said:
    """What a statement says of itself. `created` is the day the bank wrote it; `page` None and `is_last` None: it is whole."""

    currency: str = ""
    number: str | None = None
    balances: list[Balance] = field(default_factory=list)
    sides: Sides = Sides(None, None)
    first: date | None = None
    last: date | None = None
    created: date | None = None
    page: int | None = None
    is_last: bool | None = None

    @property
    def is_page(self) -> bool:
        """Whether other pages belong to it."""
        return self.is_last is False or (self.page or 1) > 1


def account_of(statement: Any) -> str:
    """The account as written: IBAN, or any other identification (`Othr/Id`, where a Moroccan bank puts the RIB)."""
    identification = at(statement, "Acct", "Id")
    return text_of(at(identification, "IBAN")) or text_of(at(identification, "Othr", "Id"))


def said_by(statement: Any, header: Any) -> Said:
    """What a statement says of itself, with the header of its message (None where there is none). Raises `StatementFault`."""
    parts = children(statement)
    balances = balances_of(statement)
    sides = sides_of(balances)
    first, last = period_of(statement, sides)
    page, is_last = pages_of(statement, header, sides)
    told = next((balance.currency for balance in (sides.opening, sides.closing) if balance and balance.currency), "")
    return Said(
        text_of(at(parts.get("Acct"), "Ccy")) or told,
        next(filter(None, (text_of(parts.get(name)) for name in ("LglSeqNb", "ElctrncSeqNb", "Id"))), None),
        balances,
        sides,
        first,
        last,
        _day(text_of(parts.get("CreDtTm"))[:10] or text_of(at(header, "CreDtTm"))[:10]),
        page,
        is_last,
    )


def balances_of(statement: Any) -> list[Balance]:
    """The booked balances of a statement in the order of the file. `StatementFault` where one cannot be read."""
    return [balance for child in statement if name_of[child.tag] == "Bal" and (balance := _balance(child))]


def _balance(element: Any) -> Balance | None:
    parts = children(element)
    kind = text_of(at(parts.get("Tp"), "CdOrPrtry", "Cd"))
    if kind not in _BOOKED:
        return None
    line, amount, indicator = element.sourceline, parts.get("Amt"), text_of(parts.get("CdtDbtInd"))
    if indicator not in SIGNS:
        raise StatementFault("camt_entry_wrong", line, what="CdtDbtInd", value=indicator)
    day = next((text_of(child) for child in parts.get("Dt", ()) if child.text), "")
    try:
        hundredths = SIGNS[indicator] * centimes(text_of(amount))
        return Balance(kind, hundredths, "" if amount is None else amount.get("Ccy", ""), civil(day), line)
    except AmountNotExact:
        raise StatementFault("amount_not_exact", line) from None
    except AmountError:
        raise StatementFault("statement_amount_wrong", line) from None
    except ValueError:
        raise StatementFault("statement_date_wrong", line, value=day) from None


def contradictory(balances: list[Balance]) -> Balance | None:
    """A balance that another of its kind contradicts: an opening, previous or closing balance is one."""
    first: dict[str, Balance] = {}
    for balance in balances:
        if balance.kind != "ITBD" and first.setdefault(balance.kind, balance).centimes != balance.centimes:
            return balance
    return None


def sides_of(balances: list[Balance]) -> Sides:
    """Opening: OPBD, else PRCD, else the first ITBD. Closing: CLBD, else the last ITBD, which is not the opening."""
    kinds = {balance.kind: balance for balance in reversed(balances)}
    interim = sorted((b for b in balances if b.kind == "ITBD"), key=lambda b: b.day or date.min)
    opening = kinds.get("OPBD") or kinds.get("PRCD")
    closing = kinds.get("CLBD")
    if opening is None and interim:
        opening = interim.pop(0)
    if closing is None and interim:
        closing = interim[-1]
    return Sides(opening, closing)


def period_of(statement: Any, sides: Sides) -> tuple[date | None, date | None]:
    """First and last day that the statement covers.

    Banks date an opening balance on the first day or on the day before. PRCD is always of the day before; an OPBD dated before the
    period (`FrToDt`) that ends on or before the closing counts from the period's first day.
    """
    opening = sides.opening.day if sides.opening else None
    closing = sides.closing.day if sides.closing else None
    period = at(statement, "FrToDt")
    parts = {} if period is None else {name: text_of(each)[:10] for name, each in children(period).items()}
    first, last = (_day(parts.get(f"{name}Tm") or parts.get(name)) for name in ("FrDt", "ToDt"))
    closing = closing or last
    if opening and sides.opening and sides.opening.kind == "PRCD":
        opening += timedelta(days=1)
    if first and closing and first <= closing and (opening is None or opening < first):
        opening = first
    if opening and closing:
        opening = min(opening, closing)
    return opening, closing


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None  # a period only helps; the days come from the balances


def pages_of(statement: Any, header: Any, sides: Sides) -> tuple[int | None, bool | None]:
    """Page number and whether it is the last; (None, None) for a whole statement.

    `StmtPgntn` counts the pages of a statement. `MsgPgntn` of version 2 counts messages, several statements each: it only speaks
    of a statement that does not both begin and end here.
    """
    own = at(statement, "StmtPgntn")
    if own is None and sides.is_begun and sides.is_ended:
        return None, None
    told = own if own is not None else at(header, "MsgPgntn")
    parts = {} if told is None else children(told)
    number, last = text_of(parts.get("PgNb")), text_of(parts.get("LastPgInd"))
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else None
    if page is None:
        return (None, False) if sides.closing and not sides.is_ended else (None, None)
    return page, last in _TRUE or (own is None and sides.is_ended)
