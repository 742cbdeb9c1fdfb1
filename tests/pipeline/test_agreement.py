"""Mirrors pipeline/agreement.py: a delivery completes a row, or contradicts it and waits."""

from datetime import date

import pandas as pd
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.frames import connection
from workbench.pipeline.agreement import STORED, completed, disagreements
from workbench.schemas.tables import TABLES

PAYMENTS = TABLES["payments"]
Row = tuple[str, str | None, int, date | None]


def payments(*rows: Row) -> pa.Table:
    """Receipts: key, customer, amount, day on which it bounced."""
    day = date(2024, 1, 1)
    made = [
        {"payment_id": key, "customer_code": customer, "receipt_date": day, "channel_code": "cash", "amount_centimes": amount,
         "currency_code": "MAD", "bounced_date": bounced}
        for key, customer, amount, bounced in rows
    ]  # fmt: skip
    return pa.Table.from_pylist(made, schema=PAYMENTS.arrow)


def test_a_file_that_says_something_else_of_a_key_is_named_with_the_one_it_contradicts() -> None:
    stored = connection().from_arrow(payments(("R0", "a", 5, None), ("R9", "z", 1, None)))
    parts = [
        (0, payments(("R1", "a", 100, None), ("R0", "a", 5, date(2024, 1, 9)))),  # R0 bounced since: completed
        (1, payments(("R1", "b", 999, None), ("R2", "x", 1, None))),
        (2, payments(("R9", "z", 2, None))),
    ]
    found = disagreements(stored, parts, PAYMENTS)
    assert [(each.file, each.other, each.count, each.keys) for each in found] == [
        (1, 0, 1, ("R1",)),
        (2, STORED, 1, ("R9",)),
    ]


def test_an_earlier_version_takes_nothing_back() -> None:
    stored = connection().from_arrow(payments(("R0", "a", 5, date(2024, 1, 9))))
    early = payments(("R0", "a", 5, None))
    assert disagreements(stored, [(0, early)], PAYMENTS) == []
    assert completed(stored, early, PAYMENTS)["bounced_date"].to_pylist() == [date(2024, 1, 9)]


VALUES = st.tuples(
    st.sampled_from(["R1", "R2", "R3"]),
    st.sampled_from(["a", None]),
    st.just(7),
    st.sampled_from([date(2024, 2, 1), None]),
)


@settings(max_examples=15)
@given(rows=st.lists(VALUES, min_size=1, max_size=6), order=st.randoms())
def test_deliveries_that_agree_come_to_the_same_in_any_order(rows: list[Row], order: object) -> None:
    nothing = connection().from_arrow(payments())
    again = list(rows)
    order.shuffle(again)  # type: ignore[attr-defined]
    one, other = (
        completed(nothing, payments(*each), PAYMENTS).to_pandas().sort_values("payment_id", ignore_index=True)
        for each in (rows, again)
    )
    pd.testing.assert_frame_equal(one, other)
    assert list(one["payment_id"]) == sorted({row[0] for row in rows})


def test_two_lists_of_one_day_that_give_an_item_two_amounts_contradict_each_other() -> None:
    entries = TABLES["ledger_entries"]

    def listed(day: int, amount: int, label: str) -> pa.Table:
        row = {
            "company_code": "1000", "fiscal_year": 2024, "document_number": "0000000001", "document_line": "001",
            "amount_centimes": amount, "currency_code": "MAD", "label": label, "extract_date": date(2024, 7, day),
            "extract_scope_code": "open_items", "document_date": date(2024, 1, 1), "posting_date": date(2024, 1, 1),
        }  # fmt: skip
        return pa.Table.from_pylist([row], schema=entries.arrow)

    stored = connection().from_arrow(listed(30, -2000, "a"))
    assert [each.other for each in disagreements(stored, [(0, listed(30, -1000, "a"))], entries)] == [STORED]
    # Its text may change from one print to the next, and a later list is simply newer.
    assert disagreements(stored, [(0, listed(30, -2000, "b")), (1, listed(31, -1000, "a"))], entries) == []
