"""Bank lines for tests of the plan's lines: a few words each, the rest filled in."""

from datetime import date
from typing import Any

import pandas as pd

from tests.builders import worked

CASE = worked("flow_lines")
_TEXTS = (
    "account_number",
    "currency_code",
    "format_code",
    "operation_code",
    "label",
    "reference",
    "counterparty",
    "details",
)


def bank_lines(*rows: dict[str, Any]) -> pd.DataFrame:
    """Lines as from `booked_lines`; what a row leaves out is that of an ordinary line."""
    ordinary = {
        "account_number": "A", "currency_code": "MAD", "day_date": date(2024, 1, 12), "day_rank": 1, "format_code": "mt940",
        "amount_centimes": 100, "operation_code": None, "label": None, "reference": None, "counterparty": None, "details": None,
    }  # fmt: skip
    full = [{**ordinary, "day_rank": place, **row} for place, row in enumerate(rows, start=1)]
    full = [{"booking_date": row["day_date"], "value_date": row["day_date"], **row} for row in full]
    table = pd.DataFrame(full, columns=[*ordinary, "booking_date", "value_date"])
    for name in ("day_date", "booking_date", "value_date"):
        table[name] = pd.to_datetime(table[name]).astype("datetime64[ms]")
    numbers = {"amount_centimes": "Int64", "day_rank": "Int64"}
    return table.astype({**dict.fromkeys(_TEXTS, "str"), **numbers})


def case_lines() -> pd.DataFrame:
    """The lines of the case worked by hand."""
    names = ("account_number", "currency_code", "day_date", "value_date", "format_code", "operation_code", "amount_centimes", "label", "reference")  # fmt: skip
    return bank_lines(*(dict(zip(names, row, strict=False)) for row in CASE["lines"]))


def accounts_of(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Own accounts: number, role, directorate; by default those of the case."""
    return pd.DataFrame(rows or CASE["accounts"], columns=["account_number", "role_code", "directorate_code"])


def counterparties_of(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Payers: name, segment, and where given the first and last day; by default those of the case."""
    full = [
        (*row, date(2000, 1, 1), None)[: 2 + 2] if len(row) == 2 else row for row in (rows or CASE["counterparties"])
    ]
    return pd.DataFrame(full, columns=["counterparty", "segment_code", "valid_from_date", "valid_to_date"])


def references_of(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Payments: reference, segment, service; by default those of the case."""
    return pd.DataFrame(rows or CASE["references"], columns=["reference", "segment_code", "service_code"])
