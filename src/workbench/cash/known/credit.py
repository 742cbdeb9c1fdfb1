"""What can still be drawn: credit lines by bank, as they stood on a date."""

from datetime import date
from typing import Any

import pandas as pd

from workbench.frames import to_pandas

_AMOUNTS = ["limit_centimes", "drawn_centimes", "undrawn_centimes", "excess_centimes"]


def credit_room(credit_lines: Any, as_of: date, until: date | None = None) -> pd.DataFrame:
    """Limits, amounts drawn and amounts left to draw on `as_of`, by bank and currency.

    Each line counts as its newest row dated by `as_of` says; a line that ended before `as_of` (`valid_to_date`) can be drawn no more, and one
    that ends before `until`, the day on which the money is needed, is no help then.

    Returns a row a bank and currency, sorted: `bank_code`, `currency_code`, `item_count` (lines), `balance_date` (the oldest of the
    situations counted: how old the answer is), `limit_centimes`, `drawn_centimes`, `undrawn_centimes` (never below nought: what one
    line lacks, another of the bank does not lend it), `excess_centimes` (drawn above the limit).
    """
    lines = to_pandas(credit_lines)
    told, ends, day = pd.to_datetime(lines["balance_date"]), pd.to_datetime(lines["valid_to_date"]), pd.Timestamp(as_of)
    lines = lines.assign(balance_date=told, ends=ends)[told <= day].sort_values(["credit_line_id", "balance_date"])
    newest = lines.drop_duplicates("credit_line_id", keep="last")
    newest = newest[~(newest["ends"] < max(day, pd.Timestamp(until or as_of)))]
    left = newest["limit_centimes"].astype("Int64") - newest["drawn_centimes"].astype("Int64")
    newest = newest.assign(item_count=1, undrawn_centimes=left.clip(lower=0), excess_centimes=(-left).clip(lower=0))
    grouped = newest.groupby(["bank_code", "currency_code"], dropna=False, sort=True)
    sums = grouped[["item_count", *_AMOUNTS]].sum().astype("Int64")
    sums.insert(1, "balance_date", grouped["balance_date"].min())
    return sums.reset_index()
