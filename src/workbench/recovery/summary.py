"""What an unpaid page opens with: the few figures, and ages across.

Private clients and key accounts are two figures, never one rate; credits stand beside what is owed, never netted into it.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from workbench.recovery.ageing import NO_DUE_DATE, UPPER_BOUNDS
from workbench.schemas.columns import KEY_ACCOUNTS


def unpaid_summary(items: pd.DataFrame, loose: pd.DataFrame, as_of: date) -> dict[str, int]:
    """Figures in hundredths of one currency, from `open_items` and `unallocated_receipts`.

    `owed` (debit items), `credits` (negative items), `rest` (both: the ledger), `due_key_accounts` and `due_private` (debit items
    past due, by kind of customer; an item of no known segment counts as private), `items` (number of debit items), `loose`.
    """
    amount = items["outstanding_centimes"]
    is_due = (amount > 0) & (pd.to_datetime(items["due_date"]) < pd.Timestamp(as_of))
    is_key = items["segment_code"].isin(KEY_ACCOUNTS)
    return {
        "owed": int(amount[amount > 0].sum()),
        "credits": int(amount[amount < 0].sum()),
        "rest": int(amount.sum()),
        "due_key_accounts": int(amount[is_due & is_key].sum()),
        "due_private": int(amount[is_due & ~is_key].sum()),
        "items": int((amount > 0).sum()),
        "loose": int(loose["unallocated_centimes"].sum()),
    }


def ages_across(aged: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """An ageing with default bounds as one row a group: `rest_centimes`, then `age_none` (no due date), `age_0` (not due) … `age_8`.

    A group without an item of an age has 0 there: the ageing holds every item, so nothing is unknown.
    """
    buckets = [NO_DUE_DATE, *range(len(UPPER_BOUNDS) + 1)]
    wide = aged.pivot_table(
        index=list(by), columns="age_bucket", values="outstanding_centimes", aggfunc="sum", fill_value=0, dropna=False
    )
    wide = wide.reindex(columns=buckets, fill_value=0).astype("Int64")
    wide.columns = pd.Index(["age_none" if bucket == NO_DUE_DATE else f"age_{bucket}" for bucket in buckets])
    wide.insert(0, "rest_centimes", wide.sum(axis=1))  # first: a phone and a sheet of paper show the left
    result: Any = wide.reset_index()
    return pd.DataFrame(result)
