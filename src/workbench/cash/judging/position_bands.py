"""What the bands of the position itself held: balances that past plans announced for the end of each week, beside what the accounts held.

The bands are those of joint paths: days that miss together widen them, and only this measure says whether they are wide enough.
"""

from typing import Any

import numpy as np
import pandas as pd

from workbench.cash.judging.accuracy import ALL, in_band
from workbench.cash.judging.proven_accounts import Proof
from workbench.evidence import coverage

WEEK_DAYS = 5  # bank days
COLUMNS = ["week_count", "band", "plan_count", "apart_count", "share", "low", "high", "judged_share"]
_ENDS = {80: ("q10_mad", "q90_mad"), 95: ("q025_mad", "q975_mad")}


def positions_held(positions: pd.DataFrame, balances: pd.DataFrame, proof: Proof) -> pd.DataFrame:
    """The position that each plan announced, beside what was held on the accounts that are proven.

    Parameters
    ----------
    positions
        Rows of `position_forecasts`, of one currency, one plan an origin: accounts, and `all`.
    balances
        What accounts held in value: `account_number`, `day_date`, `value_centimes`.

    Returns
    -------
    The rows of `all` with `held_centimes`: over every account of the plan where all are proven on the day; else over those told on the
    origin, with their bands, where all of these are; else null. `judged_share` is the part of the accounts' absolute balances that is judged.
    """
    whole = positions[positions["account_number"] == ALL].reset_index(drop=True)
    parts = positions[positions["account_number"] != ALL]
    held = balances[["account_number", "day_date", "value_centimes"]].rename(
        columns={"day_date": "target_date", "value_centimes": "held"}
    )
    parts = parts.merge(
        held.astype({"target_date": parts["target_date"].dtype}), on=["account_number", "target_date"], how="left"
    )
    day = parts["target_date"].to_numpy()
    proven = np.zeros(len(parts), dtype=bool)
    for account, at in parts.groupby("account_number").indices.items():
        proven[at] = proof.proven(str(account), day[at], day[at])
    parts = parts.assign(is_proven=proven & parts["held"].notna().to_numpy(), size=parts["value_centimes"].abs())
    groups = dict(list(parts.groupby(["plan_id", "target_date"])))
    rows = [_one(row, groups.get((row["plan_id"], row["target_date"]))) for row in whole.to_dict("records")]
    found = pd.DataFrame(rows, columns=_FOUND, index=whole.index).astype({"held_centimes": "Int64"})
    return whole.drop(columns=_BANDS).join(found)


_BANDS = ["q025_mad", "q10_mad", "q90_mad", "q975_mad"]
_FOUND = ["held_centimes", "judged_share", *_BANDS]


def _one(row: dict[Any, Any], parts: pd.DataFrame | None) -> tuple[Any, ...]:
    """What was held, the part of the balances that is judged, and the bands of just that."""
    if parts is None:
        return (None, np.nan, *(np.nan for _ in _BANDS))
    told, size = parts[parts["is_told"]], int(parts["size"].sum())
    if parts["is_proven"].all():
        return (int(parts["held"].sum()), 1.0, *(row[name] for name in _BANDS))
    if len(told) and told["is_proven"].all() and not pd.isna(row["told_q10_mad"]):
        share = int(told["size"].sum()) / size if size else 1.0
        return (int(told["held"].sum()), share, *(row[f"told_{name}"] for name in _BANDS))
    return (None, np.nan, *(np.nan for _ in _BANDS))


def position_coverage(positions: pd.DataFrame, balances: pd.DataFrame | None, proof: Proof) -> pd.DataFrame:
    """What the bands of the position held, by week ahead.

    Returns a row a week and band, of the weeks that are judged: `week_count` (weeks ahead), `band` (80, 95), `plan_count` (plans judged), `apart_count`
    (of them, plans that have no day in common), `share` inside the band, `low`, `high` (exact binomial interval of as many plans as are
    apart: plans made a week apart miss the same days together), `judged_share` (mean). Empty where nothing is judged.
    """
    if positions.empty or balances is None or balances.empty:
        return pd.DataFrame(columns=COLUMNS)
    known = positions_held(positions, balances, proof).dropna(subset="held_centimes")
    rows = []
    for ahead in sorted(known["horizon_days"].unique()):
        part = known[known["horizon_days"] == ahead]
        held = part["held_centimes"].to_numpy(float) / 100
        apart = plans_apart(part["origin_date"], part["target_date"])
        for band, (low, high) in _ENDS.items():
            share = float(in_band(held, part[low], part[high]).mean())
            interval = coverage(np.arange(apart) < round(share * apart))
            weeks = int(ahead) // WEEK_DAYS
            rows.append(
                (weeks, band, len(part), apart, share, interval.low, interval.high, float(part["judged_share"].mean()))
            )
    counts = dict.fromkeys(["week_count", "band", "plan_count", "apart_count"], "Int64")
    return pd.DataFrame(rows, columns=COLUMNS).astype(counts)


def plans_apart(origins: pd.Series, targets: pd.Series) -> int:
    """The most plans, from their origin to the day aimed at, of which no two have a day in common."""
    count, free = 0, pd.Timestamp.min
    for target, origin in sorted(zip(pd.to_datetime(targets), pd.to_datetime(origins), strict=True)):
        if origin >= free:
            count, free = count + 1, target
    return count
