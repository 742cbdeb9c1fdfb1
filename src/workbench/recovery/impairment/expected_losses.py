"""Expected credit losses of IFRS 9, simplified: what is owed by segment and age × its loss rate, in three parts that stay apart.

The loss that history tells; what a forward factor adds to it (a factor of nil adds nothing); what waiting for late payers costs.
"""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from workbench.errors import WrongUse
from workbench.frames import frame, to_pandas
from workbench.recovery.balances import on_day
from workbench.recovery.impairment.allowance_rates import WHOLE
from workbench.recovery.impairment.allowances import shares_of
from workbench.recovery.impairment.anniversaries import months_before
from workbench.recovery.without_tax import before_tax
from workbench.schemas.columns import KEY_ACCOUNTS

KEYS = ["currency_code", "segment_code", "age_step"]
PARTS_OF_LOSS = ("credit_loss_centimes", "forward_centimes", "time_value_centimes")


def exposures_by_age(items: Any, *, as_of: date | str, step_months: int = 1, terminal_months: int = 24) -> pd.DataFrame:
    """What is owed on `as_of` by currency, segment and age as `loss_windows` counts ages: `item_count`, `outstanding_centimes`, `exposure_ht_centimes`.

    `items` as from `open_items` on `as_of`; before tax by each bill's own HT ÷ TTC; what is below zero is no exposure.
    """
    day = on_day(as_of)
    since = nw.coalesce("due_date", "issue_date")
    last = terminal_months // step_months + 1
    age = nw.lit(last)
    for step in reversed(range(last)):
        age = nw.when(since >= months_before(day, step_months * step)).then(nw.lit(step)).otherwise(age)
    owed = frame(items).filter(nw.col("outstanding_centimes") > 0)
    ht = before_tax("outstanding_centimes", "billed_centimes").alias("exposure_ht_centimes")
    lines = owed.select("currency_code", "segment_code", "outstanding_centimes", ht, age_step=age)
    sums = {
        "item_count": nw.len(),
        "outstanding_centimes": nw.col("outstanding_centimes").sum(),
        "exposure_ht_centimes": nw.col("exposure_ht_centimes").sum(),
    }
    return to_pandas(
        lines.group_by(*KEYS).agg(**sums).with_columns(nw.col(*sums, "age_step").cast(nw.Int64)).sort(*KEYS)
    )


def expected_losses(
    exposures: pd.DataFrame,
    rates: pd.DataFrame,
    forward: Mapping[str, Decimal] | None = None,
    discounted: Collection[str] = KEY_ACCOUNTS,
) -> pd.DataFrame:
    """The allowance of each currency, segment and age.

    Parameters
    ----------
    exposures
        `exposures_by_age`.
    rates
        `loss_rates` by segment, with the same steps.
    forward
        By segment, what is added to its loss rates: 0.10 adds a tenth, −0.10 takes one off, 0 or no entry changes nothing. Raises `WrongUse` below −1.
    discounted
        Segments of which waiting is counted: by default the key accounts. Its cost is nil where `loss_rates` was asked without a rate.

    Returns
    -------
    `KEYS`, `item_count`, `exposure_ht_centimes`, `loss_share` (to a millionth), `forward_factor`, `PARTS_OF_LOSS` and `allowance_centimes`, their sum, never
    more than the exposure; null where no rate is known for the segment and age. Shares are rounded to millionths first, amounts once.
    """
    factors = dict(forward or {})
    if any(factor < -1 for factor in factors.values()):
        raise WrongUse("a forward factor is not below -1", "forward", "0 for none, 0.10 for a tenth more")
    table = exposures.merge(rates[[*KEYS, "loss_share", "time_value_share"]], on=KEYS, how="left")
    is_known = table["loss_share"].notna()
    exposure = table["exposure_ht_centimes"].to_numpy("int64")
    loss = np.rint(table["loss_share"].fillna(0).to_numpy("float64") * WHOLE).astype(np.int64)
    factor = table["segment_code"].map(lambda code: factors.get(code, Decimal(0)))
    more = np.array(
        [min(WHOLE, round(one * (1 + by))) for one, by in zip(loss.tolist(), factor, strict=True)], np.int64
    )
    waits = table["segment_code"].isin(list(discounted)).to_numpy()
    wait = np.where(waits, np.rint(table["time_value_share"].fillna(0).to_numpy("float64") * WHOLE), 0).astype(np.int64)
    wait = np.minimum(wait, WHOLE - more)
    base = shares_of(exposure, loss)
    with_forward = shares_of(exposure, more)
    total = np.minimum(with_forward + shares_of(exposure, wait), exposure)
    amounts = {
        "credit_loss_centimes": base,
        "forward_centimes": with_forward - base,
        "time_value_centimes": total - with_forward,
        "allowance_centimes": total,
    }
    known = {
        name: pd.Series(value, index=table.index, dtype="Int64").where(is_known) for name, value in amounts.items()
    }
    shares = {"loss_share": (table["loss_share"].round(6)), "forward_factor": factor.astype("float64")}
    return table[[*KEYS, "item_count", "exposure_ht_centimes"]].assign(**shares, **known)
