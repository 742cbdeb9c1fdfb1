"""Who pays: what the commercial system knows of the names and references that banks write, so that cash need not know customers."""

from datetime import date
from typing import Any

import narwhals as nw

from workbench.frames import table_function

WRITTEN = "CLIENT "  # what banks write before a customer's number


@table_function
def counterparties(customers: nw.LazyFrame[Any], as_of: date) -> nw.LazyFrame[Any]:
    """The names under which banks may write a customer, with its segment, in the periods that began by `as_of`.

    Returns
    -------
    A row a name and period, sorted: `counterparty`, `segment_code`, `valid_from_date`, `valid_to_date`. Names are the customer's
    number, alone and behind `WRITTEN`, and its name where the office holds one and all customers of that name are of one segment.
    """
    valid = customers.filter(nw.col("valid_from_date") <= as_of)
    columns = ("counterparty", "segment_code", "valid_from_date", "valid_to_date")
    number = valid.with_columns(counterparty=nw.col("customer_code")).select(*columns)
    written = valid.with_columns(counterparty=nw.concat_str(nw.lit(WRITTEN), nw.col("customer_code"))).select(*columns)
    named = valid.filter(~nw.col("customer_name").is_null(), nw.col("customer_name") != "")
    one = (
        named.group_by("customer_name")
        .agg(first=nw.col("segment_code").min(), last=nw.col("segment_code").max(), since=nw.col("valid_from_date").min())
        .filter(nw.col("first") == nw.col("last"))
        .select(
            counterparty=nw.col("customer_name"), segment_code=nw.col("first"), valid_from_date=nw.col("since"),
            valid_to_date=nw.lit(None, dtype=nw.Date),
        )
    )  # fmt: skip
    return nw.concat([number, written, one]).unique().sort(*columns[:3])


@table_function
def payment_references(
    payments: nw.LazyFrame[Any], allocations: nw.LazyFrame[Any], invoices: nw.LazyFrame[Any], as_of: date
) -> nw.LazyFrame[Any]:
    """What a transfer paid, by the reference that it bears: number of the payment, or the payment's own reference.

    A payment allocated by `as_of` to bills issued by then, of one service (works, or contributions; water, sanitation and the rest are one) has
    that service, and its bills' segment where they are of one; else null: a payment of two kinds is of neither.

    Returns
    -------
    `reference`, `segment_code`, `service_code`, sorted; a reference that two payments bear is left out.
    """
    transfers = payments.filter(nw.col("channel_code") == "transfer", nw.col("receipt_date") <= as_of)
    issued = invoices.filter(nw.col("issue_date") <= as_of)  # what a bill to come is of was not known yet
    billed = issued.select("invoice_id", segment="segment_code", service=_kind_of_service())
    paid = (
        allocations.filter(nw.col("allocation_date") <= as_of)
        .join(transfers.select("payment_id"), on="payment_id", how="inner")
        .join(billed, on="invoice_id", how="inner")
        .group_by("payment_id")
        .agg(
            segment=nw.col("segment").min(), other_segment=nw.col("segment").max(),
            service=nw.col("service").min(), other_service=nw.col("service").max(),
        )
    )  # fmt: skip
    known = transfers.join(paid, on="payment_id", how="inner").with_columns(
        segment_code=nw.when(nw.col("segment") == nw.col("other_segment")).then(nw.col("segment")),
        service_code=nw.when(nw.col("service") == nw.col("other_service")).then(nw.col("service")),
    )
    columns = ("reference", "segment_code", "service_code")
    by_number = known.select(nw.col("payment_id").alias("reference"), *columns[1:], bearer=nw.col("payment_id"))
    own = known.filter(~nw.col("reference").is_null(), nw.col("reference") != "")
    every = nw.concat([by_number, own.select(*columns, bearer=nw.col("payment_id"))]).unique()
    bearers = every.group_by("reference").agg(first=nw.col("bearer").min(), last=nw.col("bearer").max())
    sole = bearers.filter(nw.col("first") == nw.col("last")).select("reference")
    return every.join(sole, on="reference", how="inner").select(*columns).sort(*columns)


def _kind_of_service() -> nw.Expr:
    apart = nw.col("service_code").is_in(["works", "contribution"])
    return nw.when(apart).then(nw.col("service_code")).otherwise(nw.lit("water"))
