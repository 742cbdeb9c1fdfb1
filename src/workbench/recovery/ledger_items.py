"""What SAP held open on a date, and the refusal to guess it from a list of another day."""

from datetime import date
from typing import Any

import narwhals as nw

from workbench.errors import Unanswerable
from workbench.frames import frame, to_pandas
from workbench.recovery.balances import on_day


def open_items_from_ledger(ledger_entries: Any, *, as_of: date | str) -> Any:
    """Customer items of SAP open on `as_of`: posted by then, and cleared later or not at all. A pandas table.

    Raises `Unanswerable` where rows come from an open-items list of another day: what was cleared since is not in it.
    """
    day = on_day(as_of)
    entries = frame(ledger_entries)
    snapshots = entries.filter(
        (nw.col("extract_scope_code") == "open_items")
        & (nw.col("extract_date").is_null() | (nw.col("extract_date") != day))
    )
    other = to_pandas(snapshots.select("extract_date").unique())
    if len(other):
        days = ", ".join(sorted("?" if value != value else f"{value:%Y-%m-%d}" for value in other["extract_date"]))
        raise Unanswerable(
            f"an open-items list of {days} cannot tell what was open on {day}: items cleared in between are not in it",
            "ledger_entries.extract_date",
            "ask for the day of the list, or import an all-items list",
        )
    return to_pandas(_ledger_items(entries, day))


def _ledger_items(entries: nw.LazyFrame[Any], day: date) -> nw.LazyFrame[Any]:
    source_key = ["company_code", "source_fiscal_year", "source_document_number", "source_document_line"]
    source = entries.select(
        "company_code",
        source_fiscal_year="fiscal_year",
        source_document_number="document_number",
        source_document_line="document_line",
        source_issue_date="document_date",
        source_due_date="due_date",
    )
    is_rest = ~nw.col("source_issue_date").is_null()
    is_open = nw.col("clearing_date").is_null() | (nw.col("clearing_date") > day)
    return (
        entries.filter((nw.col("posting_date") <= day) & is_open & ~nw.col("customer_code").is_null())
        .join(source, on=source_key, how="left")
        .select(
            "company_code", "fiscal_year", "document_number", "document_line", "customer_code", "center_code",
            nw.when(is_rest).then(nw.col("source_issue_date")).otherwise(nw.col("document_date")).alias("issue_date"),
            nw.when(is_rest).then(nw.col("source_due_date")).otherwise(nw.col("due_date")).alias("due_date"),
            "currency_code",
            nw.col("amount_centimes").alias("outstanding_centimes"),
            is_credit=nw.col("amount_centimes") < 0,
        )
        .sort("company_code", "fiscal_year", "document_number", "document_line")
    )  # fmt: skip
