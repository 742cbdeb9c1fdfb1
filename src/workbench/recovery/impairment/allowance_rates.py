"""Parts to set aside by age: dated rows that people edit, one table for the CGNC's individual rules, one for a matrix of IFRS 9.

`data/reference/allowance_rates.csv`. A row holds from more than `over_months` months past due, up to the next row of its basis and
segment; without `over_months` it holds for all that is owed, not yet due too.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from workbench.errors import OutsideSpan, SchemaError
from workbench.schemas.columns import SEGMENTS
from workbench.standards import reference_folder, rows_of_file, validity_of

RATES_FILE = "allowance_rates.csv"
BASES = ("cgnc", "ifrs9")
WHOLE = 1_000_000  # parts are whole millionths: every product with an amount stays exact
_STATUSES = ("official", "illustrative")
_COLUMNS = [
    "basis_code",
    "segment_code",
    "over_months",
    "share",
    "valid_from_date",
    "valid_to_date",
    "status",
    "source",
]


@dataclass(frozen=True)
class AllowanceRate:
    """A row: `millionths` of what is owed, from more than `over_months` months past due (None: whatever the age)."""

    basis: str
    segment_code: str
    over_months: int | None
    millionths: int
    valid_from: date
    valid_to: date | None
    status: str
    source: str


def load_allowance_rates(path: Path | None = None) -> tuple[AllowanceRate, ...]:
    """Every row, by default of the reference folder.

    Raises `SchemaError` (file:line) where a row does not hold, or two rows hold for one age on the same day.
    """
    rates: list[AllowanceRate] = []
    for where, row in rows_of_file(path or reference_folder() / RATES_FILE, _COLUMNS):
        rate = _rate(row, where)
        if any(_same_age(rate, other) and _same_time(rate, other) for other in rates):
            raise SchemaError(
                f"two rules hold for {rate.segment_code} on the same day", where, "end the earlier one before"
            )
        rates.append(rate)
    return tuple(rates)


def rates_on(rates: tuple[AllowanceRate, ...], basis: str, on: date) -> list[AllowanceRate]:
    """The rows of a basis in force on a day, youngest age first. Raises `OutsideSpan` where none is."""
    held = [
        rate
        for rate in rates
        if rate.basis == basis and rate.valid_from <= on and (rate.valid_to is None or on <= rate.valid_to)
    ]
    if not held:
        raise OutsideSpan(
            f"no value of {basis} is established for {on.isoformat()}",
            RATES_FILE,
            "add a sourced line to data/reference",
        )
    return sorted(held, key=lambda rate: -1 if rate.over_months is None else rate.over_months)


def _rate(row: dict[str, str], where: str) -> AllowanceRate:
    if row["basis_code"] not in BASES or row["segment_code"] not in SEGMENTS:
        raise SchemaError(
            "basis_code or segment_code does not hold", where, f"{', '.join(BASES)}; {', '.join(SEGMENTS)}"
        )
    if row["over_months"] and not row["over_months"].isdecimal():
        raise SchemaError("over_months is no whole number", where)
    if row["status"] not in _STATUSES or not row["source"]:
        raise SchemaError("status or source does not hold", where, "status official or illustrative, and a source")
    valid_from, valid_to = validity_of(row, where)
    months = int(row["over_months"]) if row["over_months"] else None
    share = _millionths(row["share"], where)
    return AllowanceRate(
        row["basis_code"], row["segment_code"], months, share, valid_from, valid_to, row["status"], row["source"]
    )


def _millionths(text: str, where: str) -> int:
    try:
        parts = Decimal(text) * WHOLE
    except InvalidOperation:
        raise SchemaError(f"« {text} » is no number", where) from None
    if not 0 <= parts <= WHOLE or parts != int(parts):
        raise SchemaError(f"the share {text} is not between 0 and 1, in at most six decimals", where)
    return int(parts)


def _same_age(one: AllowanceRate, other: AllowanceRate) -> bool:
    return (one.basis, one.segment_code, one.over_months) == (other.basis, other.segment_code, other.over_months)


def _same_time(one: AllowanceRate, other: AllowanceRate) -> bool:
    return (one.valid_to is None or other.valid_from <= one.valid_to) and (
        other.valid_to is None or one.valid_from <= other.valid_to
    )
