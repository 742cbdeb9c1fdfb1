"""Key accounts (Grands Comptes) and private clients: two portfolios, each with its own figures, never one rate."""

from typing import Any

import narwhals as nw
import pandas as pd

from workbench.frames import table_function
from workbench.schemas.columns import KEY_ACCOUNTS

PORTFOLIOS = ("key_accounts", "private")
PRIVATE = "private"


@table_function
def in_portfolios(items: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Any table with `segment_code`, and its `portfolio_code`: one of `PORTFOLIOS`; what has no known segment is private."""
    is_key = nw.col("segment_code").fill_null("").is_in(KEY_ACCOUNTS)
    return items.with_columns(portfolio_code=nw.when(is_key).then(nw.lit("key_accounts")).otherwise(nw.lit("private")))


def portfolio_of(segments: pd.Series) -> pd.Series:
    """The portfolio of each segment of a small table, by the same rule."""
    is_key = segments.isin(KEY_ACCOUNTS)
    return is_key.map({True: "key_accounts", False: "private"}).astype("str")


def debtor_class_of(segments: pd.Series) -> pd.Series:
    """The class of debtors of each segment, never pooled into one rate: private clients together, each segment of key accounts alone.

    What has no known segment is private, as in `in_portfolios`.
    """
    return segments.astype("str").where(segments.isin(KEY_ACCOUNTS), PRIVATE)
