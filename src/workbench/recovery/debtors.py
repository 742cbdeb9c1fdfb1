"""The names that owe most, and how much of all that is due a few of them hold."""

from datetime import date, timedelta
from typing import Any

import narwhals as nw
import pandas as pd

from workbench.errors import WrongUse
from workbench.frames import frame, to_pandas
from workbench.recovery.balances import on_day
from workbench.recovery.indicators import OLD_DAYS
from workbench.schemas.columns import NO_CASH_CHANNELS

_COLUMNS = [
    "rank",
    "customer_code",
    "segment_code",
    "center_code",
    "outstanding_centimes",
    "due_centimes",
    "old_centimes",
]


def top_debtors(
    items: Any, as_of: date | str, payments: Any = None, *, count: int = 10, currency_code: str = "MAD"
) -> pd.DataFrame:
    """The `count` customers with most past due, largest first; equal amounts by number.

    Parameters
    ----------
    items
        `item_balances` or `open_items` on `as_of`, whole or of one portfolio: shares are of what comes in.
    payments
        Receipts, for the last day on which each paid (bounced and later ones left out, stamps and compensations too: they are no
        receipts); without it the day is unknown.

    Returns
    -------
    `rank`, `customer_code`, `segment_code` and `center_code` (of its oldest bill past due), `outstanding_centimes`, `due_centimes`
    (past due or without due date), `old_centimes` (more than `OLD_DAYS` past due), `oldest_date` (earliest due date unpaid),
    `oldest_days`, `item_count`, `disputed_centimes`, `disputed_due_centimes` (of what is due), `is_disputed`, `due_share` and `cumulative_share` of all that is due,
    `last_receipt_date`. Credits of a customer lower none of its debts.
    """
    if count < 1:
        raise WrongUse(f"a list of {count} names is none", "count")
    day = on_day(as_of)
    mine = frame(items).filter(nw.col("outstanding_centimes") > 0, nw.col("currency_code") == currency_code)
    sums = _by_customer(mine, day).filter(nw.col("due_centimes") > 0)
    names = to_pandas(sums.sort(["due_centimes", "customer_code"], descending=[True, False]).head(count))
    total = to_pandas(sums.select(nw.col("due_centimes").sum().alias("due_centimes")))["due_centimes"].iloc[0]
    names.insert(0, "rank", pd.Series(range(1, len(names) + 1), dtype="Int64"))
    whole = 0 if pd.isna(total) else int(total)
    names["due_share"] = names["due_centimes"].astype("float64") / whole if whole else 0.0
    names["cumulative_share"] = names["due_centimes"].cumsum().astype("float64") / whole if whole else 0.0
    names["is_disputed"] = names["disputed_centimes"] > 0
    names["oldest_days"] = (pd.Timestamp(day) - names["oldest_date"]).dt.days.astype("Int64")
    described = names.merge(_oldest_bills(mine, list(names["customer_code"])), on="customer_code", how="left")
    described = described.merge(
        _last_receipts(payments, list(names["customer_code"]), day), on="customer_code", how="left"
    )
    return described[[*_COLUMNS, *[name for name in described.columns if name not in _COLUMNS]]]


def _by_customer(mine: nw.LazyFrame[Any], day: date) -> nw.LazyFrame[Any]:
    rest, due = nw.col("outstanding_centimes"), nw.col("due_date")
    is_due = due.is_null() | (due < day)
    amounts = {
        "outstanding_centimes": rest,
        "due_centimes": nw.when(is_due).then(rest).otherwise(0),
        "old_centimes": nw.when(due < day - timedelta(days=OLD_DAYS)).then(rest).otherwise(0),
        "disputed_centimes": nw.when(nw.col("is_disputed")).then(rest).otherwise(0),
        "disputed_due_centimes": nw.when(is_due & nw.col("is_disputed")).then(rest).otherwise(0),
    }
    overdue = nw.when(due < day).then(due)
    return (
        mine.select("customer_code", overdue_date=overdue, **amounts)
        .group_by("customer_code")
        .agg(nw.col(*amounts).sum(), oldest_date=nw.col("overdue_date").min(), item_count=nw.len())
        .with_columns(nw.col(*amounts, "item_count").cast(nw.Int64))
    )


def _oldest_bills(mine: nw.LazyFrame[Any], codes: list[str]) -> pd.DataFrame:
    wanted = ["customer_code", "segment_code", "center_code"]
    bills = to_pandas(mine.filter(nw.col("customer_code").is_in(codes)).select(*wanted, "issue_date", "invoice_id"))
    return bills.sort_values(["issue_date", "invoice_id"]).drop_duplicates("customer_code")[wanted]


def _last_receipts(payments: Any, codes: list[str], day: date) -> pd.DataFrame:
    if payments is None:
        return pd.DataFrame({"customer_code": codes, "last_receipt_date": pd.Series([pd.NaT] * len(codes))})
    stands = nw.col("bounced_date").is_null() | (nw.col("bounced_date") > day)
    is_cash = ~nw.col("channel_code").is_in(NO_CASH_CHANNELS)
    kept = frame(payments).filter(nw.col("customer_code").is_in(codes), nw.col("receipt_date") <= day, stands, is_cash)
    return to_pandas(kept.group_by("customer_code").agg(last_receipt_date=nw.col("receipt_date").max()))
