"""How an allowance went from one closing to the next: opening + charge − release − used = closing, to the centime, claim by claim."""

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import pandas as pd

from workbench.frames import table_function
from workbench.recovery.groups import group_keys
from workbench.recovery.without_tax import before_tax

STEPS_OF_ALLOWANCE = ("opening_centimes", "charge_centimes", "release_centimes", "used_centimes", "closing_centimes")


def allowance_movement(
    opening: pd.DataFrame,
    closing: pd.DataFrame,
    written_off: pd.DataFrame | None = None,
    key: str | Sequence[str] = ("invoice_id",),
) -> pd.DataFrame:
    """The movement of each allowance between two closings.

    Parameters
    ----------
    opening, closing
        `key`, `currency_code`, `allowance_centimes`: `booked_allowances`, `Allowances.items` or, by segment and age, `ExpectedLosses.rows`. Other columns
        of either go with the row (those of `closing` where both have them).
    written_off
        `written_off_ht` of the time between: what was written off uses the allowance up to what there was.

    Returns
    -------
    `key`, `currency_code`, descriptors, `STEPS_OF_ALLOWANCE`, each counted positive, and `is_unrated`. A null at the closing is not known: what was
    there and not used then stays, and the row says `is_unrated`. A claim that is settled has left the closing: its allowance is released.
    """
    keys = ["currency_code", *([key] if isinstance(key, str) else key)]
    before, after = (_unique(table, keys) for table in (opening, closing))
    joined = before.merge(after, on=keys, how="outer", suffixes=("_before", ""), indicator="_side")
    described = sorted({*opening.columns, *closing.columns} - {*keys, "allowance_centimes"})
    for name in described:
        if f"{name}_before" in joined:
            joined[name] = joined[name].where(joined[name].notna(), joined[f"{name}_before"])
    opened = joined["allowance_centimes_before"].astype("Int64").fillna(0)
    lost = opened * 0
    if written_off is not None:
        sums = written_off.groupby(keys)["written_off_ht_centimes"].sum().reset_index()
        lost = (
            joined[keys]
            .merge(sums, on=keys, how="left")["written_off_ht_centimes"]
            .fillna(0)
            .clip(lower=0)
            .astype("Int64")
        )
    used = opened.where(opened <= lost, lost).clip(lower=0)
    kept = opened - used
    is_unrated = (joined["_side"] != "left_only") & joined["allowance_centimes"].isna()
    closed = joined["allowance_centimes"].astype("Int64").fillna(0).where(~is_unrated, kept)
    change = closed - kept
    return joined[[*keys, *described]].assign(
        opening_centimes=opened,
        charge_centimes=change.clip(lower=0),
        release_centimes=(-change).clip(lower=0),
        used_centimes=used,
        closing_centimes=closed,
        is_unrated=is_unrated.astype(bool),
    )


def movement_totals(movement: pd.DataFrame, by: str | Sequence[str] = ("segment_code",)) -> pd.DataFrame:
    """`STEPS_OF_ALLOWANCE`, `item_count` and `unrated_count` by currency and group; the identity holds in every row."""
    keys = group_keys(by, movement)
    counted = movement.assign(item_count=1, unrated_count=movement["is_unrated"].astype("int64"))
    names = [*STEPS_OF_ALLOWANCE, "item_count", "unrated_count"]
    summed: pd.DataFrame = counted.groupby(keys, dropna=False)[names].sum().reset_index()
    return summed


@table_function
def written_off_ht(moved: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """What was written off on each bill between two closings, before tax, from `movements`: `invoice_id`, `segment_code`, `currency_code`, `written_off_ht_centimes`."""
    off = moved.filter(nw.col("written_off_centimes") != 0)
    amount = before_tax("written_off_centimes").alias("written_off_ht_centimes")
    return off.select("invoice_id", "segment_code", "currency_code", amount).sort("invoice_id")


def _unique(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """One row a key: amounts added (null only where all are), descriptors of the first."""
    if not table.duplicated(keys).any():
        return table
    groups = table.groupby(keys, dropna=False)
    amounts = groups["allowance_centimes"].sum(min_count=1)
    return groups.first().drop(columns="allowance_centimes").join(amounts).reset_index()
