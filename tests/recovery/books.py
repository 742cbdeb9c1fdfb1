"""Small random books for invariants: bills, receipts that bounce, rests, credits on no bill, write-offs, centres that change hands."""

from datetime import date
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from workbench.schemas.columns import CHANNELS, SEGMENTS

FIRST, LAST = date(2023, 1, 1), date(2024, 12, 31)
_days = st.dates(FIRST, LAST)
_amounts = st.integers(1, 10**12)
_centers = st.sampled_from(["0101", "0102", "0201"])
_BILL = st.fixed_dictionaries(
    {
        "customer_code": st.sampled_from(["C1", "C2", "C3"]),
        "center_code": _centers,
        "segment_code": st.sampled_from([*SEGMENTS[:3], None]),
        "issue_date": _days,
        "due_date": st.none() | _days,
        "amount_ttc_centimes": _amounts,
        "amount_ht_centimes": st.none() | _amounts,
        "currency_code": st.sampled_from(["MAD", "EUR"]),
        "cancelled_date": st.none() | _days,
    }
)
_PAYMENT = st.fixed_dictionaries(
    {
        "receipt_date": _days,
        "channel_code": st.sampled_from(CHANNELS),
        "amount_centimes": _amounts,
        "bounced_date": st.none() | _days,
        "allocation_date": _days,
        "is_allocated": st.booleans(),
        "bill": st.integers(0, 9),
    }
)
_CREDIT = st.fixed_dictionaries(
    {"credit_date": _days, "amount_ttc_centimes": _amounts, "bill": st.none() | st.integers(0, 9)}
)
_WRITE_OFF = st.fixed_dictionaries({"write_off_date": _days, "amount_centimes": _amounts, "bill": st.integers(0, 9)})
_TYPES = {"_centimes": "Int64", "_date": "datetime64[ms]"}


def typed(rows: list[dict[str, Any]], columns: str) -> pd.DataFrame:
    """A table with the columns named, typed as the store types them."""
    frame = pd.DataFrame(rows, columns=columns.split())
    for name in frame.columns:
        kind = next((to for suffix, to in _TYPES.items() if name.endswith(suffix)), "str")
        frame[name] = pd.to_datetime(frame[name]) if kind.startswith("datetime") else frame[name].astype(kind)
    return frame


@st.composite
def books(draw: st.DrawFn) -> tuple[pd.DataFrame, ...]:
    """`invoices`, `allocations`, `payments`, `credit_notes`, `write_offs`; some events precede their bill."""
    bills = draw(st.lists(_BILL, min_size=1, max_size=6))
    for n, bill in enumerate(bills):
        bill |= {"invoice_id": f"F{n}", "source_invoice_id": "F0" if n == 1 and draw(st.booleans()) else None}

    def on(event: dict[str, Any]) -> dict[str, Any]:
        return bills[event["bill"] % len(bills)]

    payments = draw(st.lists(_PAYMENT, max_size=6))
    for n, paid in enumerate(payments):
        paid |= {"payment_id": f"P{n}", "currency_code": on(paid)["currency_code"]}
        paid |= {"customer_code": on(paid)["customer_code"], "center_code": on(paid)["center_code"]}
    allocations = [
        {"allocation_id": f"A{n}", "invoice_id": on(paid)["invoice_id"]} | paid
        for n, paid in enumerate(payments)
        if paid["is_allocated"]
    ]
    credits = draw(st.lists(_CREDIT, max_size=3))
    for n, credit in enumerate(credits):
        bill = bills[(credit["bill"] or 0) % len(bills)]
        credit |= {"credit_note_id": f"K{n}", "invoice_id": None if credit["bill"] is None else bill["invoice_id"]}
        credit |= {name: bill[name] for name in ("customer_code", "currency_code")}
    offs = [
        {"write_off_id": f"W{n}", "invoice_id": on(w)["invoice_id"]} | w
        for n, w in enumerate(draw(st.lists(_WRITE_OFF, max_size=2)))
    ]
    return (
        typed(bills, "invoice_id customer_code center_code segment_code issue_date due_date amount_ttc_centimes amount_ht_centimes currency_code source_invoice_id cancelled_date"),
        typed(allocations, "allocation_id payment_id invoice_id allocation_date amount_centimes currency_code"),
        typed(payments, "payment_id customer_code center_code receipt_date channel_code amount_centimes currency_code bounced_date"),
        typed(credits, "credit_note_id invoice_id customer_code credit_date amount_ttc_centimes currency_code"),
        typed(offs, "write_off_id invoice_id write_off_date amount_centimes"),
    )  # fmt: skip


@st.composite
def registers(draw: st.DrawFn) -> pd.DataFrame:
    """Units: centre 0101 goes from agency A1 to A2 on a day, 0102 stays, 0201 is in no register; A1 and A2 in two directorates."""
    day = pd.Timestamp(draw(_days))
    first, end = pd.Timestamp(2020, 1, 1), day - pd.Timedelta(days=1)
    rows = [
        ("A1", "agency", "D1", first, None),
        ("A2", "agency", "D2", first, None),
        ("0101", "center", "A1", first, end),
        ("0101", "center", "A2", day, None),
        ("0102", "center", "A1", first, None),
    ]
    names = "unit_code unit_level_code parent_unit_code valid_from_date valid_to_date"
    return typed([dict(zip(names.split(), row, strict=True)) for row in rows], names)
