"""What the low point allows and asks: whom can we pay, what must we draw, what can we place.

All three rest on one amount: what lies between the floor and the k-th lowest minimum of the balance's paths (`risk.buffer_needed`).
Where it is to spare, overdue suppliers are paid with it, oldest first, and what is left is placed; where it is lacking, credit
lines are drawn. Amounts are exact; the promise is that of the paths.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from workbench.cash.judging.risk import buffer_needed, rank_of
from workbench.evidence import Floats

HALF_CENTIME = 0.5  # what rounding the amount to draw may lose


def suppliers_to_pay(overdue: pd.DataFrame, spare_centimes: int | None) -> pd.DataFrame:
    """Overdue suppliers, the longest waiting first, with what can be paid now while the floor holds.

    Parameters
    ----------
    overdue
        As from `overdue_suppliers`, of one currency: `supplier_code`, `overdue_centimes` (what is owed is negative, items that SAP holds back
        left out), `oldest_days`, and further columns that come back as they are.
    spare_centimes
        What can be spent; negative or None: nothing.

    Returns
    -------
    The rows in the order of payment with `paid_centimes` (positive: all that is due to the supplier, or nothing; 0 from the first one that
    does not fit on, since nobody younger is paid before an older one) and `running_centimes`, what all down to the row are owed.
    """
    listed = overdue.sort_values(["oldest_days", "supplier_code"], ascending=[False, True], kind="stable")
    owed = (-listed["overdue_centimes"]).clip(lower=0).astype("Int64")
    running = owed.cumsum()
    paid = owed.where(running <= max(0, spare_centimes or 0), 0)
    return listed.assign(paid_centimes=paid, running_centimes=running).reset_index(drop=True)


def lines_to_draw(credit: pd.DataFrame, lacking_centimes: int | None, needed_until: date) -> pd.DataFrame:
    """Undrawn credit, largest first, with what must be drawn to cover what is lacking.

    `credit`: as from `credit_room`, of one currency, or a row a line: `bank_code`, `undrawn_centimes`, and `valid_to_date` where it is
    known (null: without end); what ends before `needed_until` is no help and is left out. Adds `draw_centimes` (0 where
    nothing is lacking).
    """
    usable = credit[credit["undrawn_centimes"] > 0]
    if "valid_to_date" in usable:
        ends = pd.to_datetime(usable["valid_to_date"])
        usable = usable[ends.isna() | (ends >= pd.Timestamp(needed_until))]
    usable = usable.sort_values(["undrawn_centimes", "bank_code"], ascending=[False, True], kind="stable")
    before = usable["undrawn_centimes"].cumsum() - usable["undrawn_centimes"]
    wanted = (max(0, lacking_centimes or 0) - before).clip(lower=0)
    drawn = wanted.where(wanted <= usable["undrawn_centimes"], usable["undrawn_centimes"]).astype("Int64")
    return usable.assign(draw_centimes=drawn).reset_index(drop=True)


def draw_by(balances: Floats, days: pd.DatetimeIndex, floor_centimes: int, confidence: float) -> date | None:
    """The last day on which what is lacking can still come in, in value, and the floor holds with `confidence` on all days together.

    Waiting for the first day below the floor would break the promise twice: on the paths that pass it early, and again on those that
    pass it late. So the paths broken before the money comes count with those that it does not save. None: nothing is lacking, or
    there are too few paths to tell.
    """
    lacking = buffer_needed(balances, floor_centimes, confidence)
    if lacking is None or lacking <= 0:
        return None
    floor, rank = (floor_centimes - HALF_CENTIME) / 100, rank_of(len(balances), confidence)
    early = np.minimum.accumulate(balances, axis=1)
    late = np.minimum.accumulate(balances[:, ::-1], axis=1)[:, ::-1] + lacking / 100
    broken = late < floor
    broken[:, 1:] |= early[:, :-1] < floor
    held = np.flatnonzero(broken.sum(axis=0) < rank)
    last: date = days[held[-1]].date()
    return last


def placeable_until(by_day: pd.DataFrame, terms_days: Sequence[int], spent_centimes: int = 0) -> pd.DataFrame:
    """What can be placed, by term in calendar days from the first day: the longer, the less.

    `by_day` is from `risk.risk_by_day`; `spent_centimes` is what the suppliers were paid first. A row a term that comes back within the
    days: `term_days`, `day_date` (last bank day that the money is away: the promise is kept on every day up to it), `maturity_date` (the
    bank day that it is back), `placeable_centimes` (never negative; null where it is not known).
    """
    days = by_day["day_date"]
    rows = []
    for term in terms_days:
        back = int(days.searchsorted(days.iloc[0] + pd.Timedelta(days=term)))
        if 0 < back < len(days):
            left = by_day["placeable_centimes"].iloc[back - 1]
            left = left if pd.isna(left) else max(0, int(left) - spent_centimes)
            rows.append((term, days.iloc[back - 1], days.iloc[back], left))
    found = pd.DataFrame(rows, columns=["term_days", "day_date", "maturity_date", "placeable_centimes"])
    counts: dict[str, Any] = {"term_days": "Int64", "placeable_centimes": "Int64"}
    return found.astype(counts | {"day_date": days.dtype, "maturity_date": days.dtype})
