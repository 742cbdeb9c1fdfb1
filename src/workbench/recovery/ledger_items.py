"""What SAP held open on a date, and the refusal to guess it from a list of another day."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import narwhals as nw

from workbench.errors import Unanswerable
from workbench.frames import frame, to_pandas
from workbench.recovery.balances import on_day


def open_items_from_ledger(ledger_entries: Any, *, as_of: date | str, lists_cover: Sequence[str] = ()) -> Any:
    """Customer items of SAP open on `as_of`: posted by then, and cleared later or not at all. A pandas table.

    Parameters
    ----------
    ledger_entries
        As in the store.
    lists_cover
        What every open-items list holds whole, for example `("company_code",)`. Then an item that a later list of the same group leaves
        out was cleared in between, and the day of any list can be asked for. By default nothing is assumed.

    Raises `Unanswerable` where rows cannot tell: those of an open-items list of another day (what was cleared in between is not in it), of
    an all-items list printed before `as_of` (what was cleared since is not in it), of a list without its clearings.
    """
    day = on_day(as_of)
    entries = _with_lists(frame(ledger_entries), day, lists_cover)
    of_customers = entries.filter(~nw.col("customer_code").is_null())
    scope, extract = nw.col("extract_scope_code"), nw.col("extract_date")
    if days := _days_of(of_customers.filter((scope == "open_items") & ~nw.col("is_answer"))):
        raise Unanswerable(
            f"an open-items list of {days} cannot tell what was open on {day}: items cleared in between are not in it",
            "ledger_entries.extract_date",
            "ask for the day of the list, say what each list holds whole (lists_cover), or import an all-items list",
        )
    if days := _days_of(of_customers.filter(scope == "postings")):
        raise Unanswerable(
            f"a list of {days} tells no clearing: it cannot say what was open on {day}",
            "ledger_entries.clearing_date",
            "add the columns of clearing to the layout of the list, and import it again",
        )
    late = (scope == "all_items") & nw.col("clearing_date").is_null() & (extract < day)
    if days := _days_of(of_customers.filter(late)):
        raise Unanswerable(
            f"an all-items list of {days} cannot tell what was still open on {day}: items cleared since are not marked in it",
            "ledger_entries.extract_date",
            "ask for a day before the list, or import a later one",
        )
    return to_pandas(_ledger_items(entries, day))


def _with_lists(entries: nw.LazyFrame[Any], day: date, lists_cover: Sequence[str]) -> nw.LazyFrame[Any]:
    """Entries with `is_answer`: whether the list they stand in tells what was open on the day. What a list left out since is dropped."""
    is_open_list, extract = nw.col("extract_scope_code") == "open_items", nw.col("extract_date")
    if not lists_cover:
        return entries.with_columns(is_answer=(extract == day).fill_null(False))
    printed = entries.filter(is_open_list, extract == day).select(*lists_cover).unique()
    asked = entries.join(printed.with_columns(is_answer=nw.lit(True)), on=list(lists_cover), how="left")
    asked = asked.with_columns(is_answer=nw.col("is_answer").fill_null(False))
    is_left_out = is_open_list & nw.col("is_answer") & (extract < day)
    return asked.filter(~is_left_out.fill_null(False))


def _days_of(rows: nw.LazyFrame[Any]) -> str:
    """The days of the lists that rows come from, as text; empty where there are none."""
    found = to_pandas(rows.select("extract_date").unique())["extract_date"]
    return ", ".join(sorted("?" if value != value else f"{value:%Y-%m-%d}" for value in found))


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
