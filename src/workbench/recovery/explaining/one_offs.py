"""What may be a one-off: customers whose bills and payments alone moved the rate of their segment. A person decides; here they are named."""

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import pandas as pd

from workbench.errors import WrongUse
from workbench.frames import table_function, to_pandas
from workbench.recovery.groups import group_keys


def one_off_candidates(
    moved: Any, within: str | Sequence[str] = ("segment_code",), smallest_rate: float = 0.005, count: int = 10
) -> pd.DataFrame:
    """Customers without whom the rate of their group would be another by at least `smallest_rate`, the largest first, `count` a group.

    Parameters
    ----------
    moved
        As from `movements` of a period.

    Returns
    -------
    `currency_code`, `within`, `customer_code`, `base_centimes`, `collected_centimes` (its own, as in `rate_parts`, both sides together), `rate` of the group, `effect_rate`: that
    rate − the rate without the customer. Null customers and groups with nothing else to collect are left out. Raises `WrongUse` for a count below 1.
    """
    if count < 1:
        raise WrongUse(f"a list of {count} names is none", "count")
    keys = group_keys(within)
    mine = to_pandas(_by_customer(moved, keys, lazy=True))
    whole = mine.groupby(keys, dropna=False)[["base_centimes", "collected_centimes"]].transform("sum").astype("float64")
    own = mine[["base_centimes", "collected_centimes"]].astype("float64")
    left = whole - own
    is_told = (whole["base_centimes"] > 0) & (left["base_centimes"] > 0) & mine["customer_code"].notna()
    rate = whole["collected_centimes"] / whole["base_centimes"]
    effect = rate - left["collected_centimes"] / left["base_centimes"]
    found = mine.assign(rate=rate, effect_rate=effect, _size=effect.abs())[is_told & (effect.abs() >= smallest_rate)]
    found = found.sort_values([*keys, "_size", "customer_code"], ascending=[*[True] * len(keys), False, True])
    top: pd.DataFrame = found.groupby(keys, dropna=False).head(count).drop(columns="_size").reset_index(drop=True)
    return top


@table_function
def _by_customer(moved: nw.LazyFrame[Any], keys: list[str]) -> nw.LazyFrame[Any]:
    """Base and cash of each customer, as `rate_sums` counts them: an older bill never below zero, a cancelled one in neither."""
    owed = (
        nw.col("opening_centimes")
        + nw.col("billed_centimes")
        - nw.col("cancelled_centimes")
        - nw.col("credited_centimes")
    )
    kept = moved.filter(nw.col("amount_ttc_centimes") != 0, ~nw.col("is_cancelled")).with_columns(owed=owed)
    base = nw.when(~nw.col("was_issued_before") | (nw.col("owed") > 0)).then(nw.col("owed")).otherwise(0)
    named = kept.select(*keys, "customer_code", "collected_centimes", base_centimes=base)
    sums = ("base_centimes", "collected_centimes")
    return named.group_by(*keys, "customer_code").agg(nw.col(*sums).sum()).with_columns(nw.col(*sums).cast(nw.Int64))
