"""Registers of what is due, each as rows of one shape: what was known on a date, and not yet paid.

A row of any of them has the columns of `COLUMNS`: amounts of the house (receipts positive), days as the contract says them. Nothing
is moved, matched or judged here: see `known_flows`.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from workbench.frames import to_pandas

UNCLASSIFIED = "unclassified"
COLUMNS = [
    "flow_id",
    "flow_source_code",
    "account_number",
    "currency_code",
    "line_code",
    "due_date",
    "amount_centimes",
    "certainty_code",
    "counterparty",
    "reference",
    "supplier_code",
    "day_rule_code",
    "from_date",  # first day on which it may be paid: an order can be debited from its day of issue on
]
# Lines that an agreed instalment comes on, by the segment of its customer.
LINE_OF_SEGMENT = {
    "household": "receipts_counters",
    "business": "receipts_other",
    "state": "receipts_public",
    "municipality": "receipts_public",
    "utility_board": "receipts_bulk",
    "regional_utility": "receipts_bulk",
}
_OF_LINES = ("account_number", "currency_code", "day_date")
SOURCE_OF_KIND = {
    "order_issued": "order",
    "cheque_issued": "cheque",
    "deposit_in_course": "deposit",
    "maturity": "maturity",
    "planned": "planned",
}


def loan_rows(loans: Any, as_of: date) -> pd.DataFrame:
    """Instalments of loans signed by `as_of` (or without a day of signature) and not paid by then: − (principal + interest)."""
    table = _known(loans, as_of, since="signed_date", until="paid_date")
    amount = -(table["principal_centimes"].astype("Int64") + table["interest_centimes"].astype("Int64"))
    return _rows(
        table,
        "loan",
        ["loan_id", "due_date"],
        line_code="debt_service",
        amount_centimes=amount,
        counterparty=_text(table, "lender"),
        reference=_text(table, "loan_id"),
    )


def calendar_rows(payment_calendar: Any, as_of: date) -> pd.DataFrame:
    """What calendars (payroll, VAT, taxes, energy) say is due and is not paid; the amount is null where only the day is known."""
    table = _known(payment_calendar, as_of, since="issued_date", until="paid_date")
    return _rows(table, "calendar", ["obligation_id"], reference=_text(table, "obligation_id"))


def placement_rows(placements: Any, as_of: date) -> pd.DataFrame:
    """Placements begun by `as_of` and not paid back by then: principal + interest on the day of maturity.

    Interest that the register does not tell is not counted; a placement without maturity has a null `due_date`.
    """
    table = _known(placements, as_of, since="start_date", until="closed_date")
    amount = table["principal_centimes"].astype("Int64") + table["interest_centimes"].astype("Int64").fillna(0)
    return _rows(
        table.assign(due_date=table["maturity_date"]),
        "placement",
        ["placement_id"],
        line_code="placements",
        amount_centimes=amount,
        reference=_text(table, "placement_id"),
    )


def instalment_rows(payment_plans: Any, as_of: date) -> pd.DataFrame:
    """Instalments of payment plans signed by `as_of`, neither paid nor broken by then. A customer's promise is announced, not certain."""
    table = _known(payment_plans, as_of, since="signed_date", until="paid_date")
    broken = _day(table, "broken_date")
    table = table[~(broken <= pd.Timestamp(as_of))]
    line = _text(table, "segment_code").map(LINE_OF_SEGMENT).astype("str").fillna(UNCLASSIFIED)
    return _rows(
        table,
        "instalment",
        ["plan_id", "due_date"],
        line_code=line,
        counterparty=_text(table, "customer_code"),
        reference=_text(table, "plan_id"),
        certainty_code="announced",
    )


def agreement_rows(agreements: Any, as_of: date) -> pd.DataFrame:
    """Instalments called under agreements signed by `as_of` and not paid by then; on `contributions` where the register names no line."""
    table = _known(agreements, as_of, since="signed_date", until="paid_date")
    line = _text(table, "line_code").fillna("contributions")
    return _rows(
        table,
        "agreement",
        ["agreement_id", "due_date"],
        line_code=line,
        reference=_text(table, "agreement_id"),
        certainty_code="announced",
    )


def supplier_rows(items: pd.DataFrame, accounts: pd.DataFrame | None = None) -> pd.DataFrame:
    """Items of suppliers (as from `supplier_items.open_supplier_items`), on the one disbursements account of their unit where there is one."""
    unit = _text(items, "center_code")
    account = pd.Series(None, index=items.index, dtype="str")
    if accounts is not None:
        paying = accounts[accounts["role_code"] == "disbursements"].drop_duplicates("unit_code", keep=False)
        account = unit.map(paying.set_index("unit_code")["account_number"]).astype("str")
    return _rows(
        items,
        "supplier",
        ["company_code", "fiscal_year", "document_number", "document_line"],
        line_code="suppliers",
        account_number=account,
        counterparty=_text(items, "supplier_name"),
        certainty_code="announced",
    )


def planned_rows(planned: pd.DataFrame) -> pd.DataFrame:
    """Flows of the register of orders, cheques, deposits and maturities, under their own numbers and with no line yet."""
    rows = _rows(
        planned.assign(due_date=planned["expected_date"]),
        "planned",
        [],
        line_code=UNCLASSIFIED,
        flow_source_code=planned["flow_kind_code"].map(SOURCE_OF_KIND),
        certainty_code=planned["certainty_code"],
        flow_id=planned["flow_id"],
    )
    issued = _day(planned.reset_index(drop=True), "issued_date")
    return rows.assign(from_date=issued.where(issued < rows["due_date"], rows["due_date"]))


def booked_rows(on_its_way: pd.DataFrame) -> pd.DataFrame:
    """Lines booked and not yet in value: sums a day (`positions.value_on_its_way`) or lines, with their texts and line where known.

    `day_date` is the value date. A sum of nothing is no flow.
    """
    rows = on_its_way[on_its_way["amount_centimes"] != 0]
    order = [name for name in (*_OF_LINES, "amount_centimes", "reference", "counterparty") if name in rows]
    rows = rows.sort_values(order, kind="stable")
    rank = rows.groupby(list(_OF_LINES), dropna=False).cumcount() + 1
    return _rows(
        rows.assign(due_date=rows["day_date"], rank=rank),
        "booked",
        ["account_number", "currency_code", "due_date", "rank"],
        line_code=_text(rows, "line_code").fillna(UNCLASSIFIED),
    )


def _known(table: Any, as_of: date, since: str, until: str) -> pd.DataFrame:
    """Rows that a person knew on the date, and whose end was not known to have come."""
    rows = to_pandas(table)
    begun, ended, day = _day(rows, since), _day(rows, until), pd.Timestamp(as_of)
    return rows[~(begun > day) & ~(ended <= day)]


def _rows(table: pd.DataFrame, source: str, key: list[str], **given: pd.Series | str) -> pd.DataFrame:
    """The shape of all: what is not given is the table's own column of that name, empty where it has none."""
    own = {
        name: _day(table, name) if name.endswith("_date") else table.get(name, _text(table, name)) for name in COLUMNS
    }
    made = (
        own
        | {"flow_source_code": source, "certainty_code": "certain", "flow_id": _identifiers(table, source, key)}
        | given
    )
    made["from_date"] = made["due_date"]
    return pd.DataFrame(made, index=table.index).astype(_TYPES).reset_index(drop=True)


_TYPES: Mapping[str, str] = {
    name: "Int64" if name.endswith("_centimes") else "datetime64[us]" if name.endswith("_date") else "str"
    for name in COLUMNS
}


def _identifiers(table: pd.DataFrame, source: str, key: list[str]) -> pd.Series:
    whole = pd.Series(source, index=table.index, dtype="str")
    for name in key:
        text = _day(table, name).dt.strftime("%Y-%m-%d") if name.endswith("_date") else table[name].astype("str")
        whole = whole + "/" + text
    return whole


def _day(table: pd.DataFrame, name: str) -> pd.Series:
    """A column of days; empty where the table has none of that name."""
    if name not in table:
        return pd.Series(pd.NaT, index=table.index, dtype="datetime64[us]")
    return pd.to_datetime(table[name]).astype("datetime64[us]")


def _text(table: pd.DataFrame, name: str) -> pd.Series:
    if name not in table:
        return pd.Series(None, index=table.index, dtype="str")
    return table[name].astype("str")
