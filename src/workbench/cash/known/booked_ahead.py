"""How much of a day's flows the banks have already booked, so many bank days before the day of their value; by line.

A bank that credits a deposit on the next day has booked, tonight, all of tomorrow's deposits: nothing more is to be expected of them. One that
credits on the same day has booked none. What is left to come of a day is its estimate times the part that is usually not yet booked.
"""

from datetime import date

import numpy as np
import pandas as pd

from workbench.cash.lines.flow_rules import OWN_TRANSFER
from workbench.standards import BankDays

COLUMNS = ["line_code", "currency_code", "lead_days", "booked_share"]
LEADS = 5  # bank days
FEWEST = 20  # days with a flow from which the share of a line is read
_PAST = 365  # calendar days looked back


def booked_ahead(classified: pd.DataFrame, bank_days: BankDays, as_of: date) -> pd.DataFrame:
    """The share of amounts that were booked at least so many bank days before their day of value, over the last year.

    Parameters
    ----------
    classified
        As from `classify`: lines booked by `as_of`.

    Returns
    -------
    `line_code`, `currency_code`, `lead_days` (1 … 5), `booked_share` (0–1), sorted. A line with under twenty days of value in the year is not in
    it: nothing is known of its habits. Days of value later than `as_of` are not counted, for more may come.
    """
    start = max(as_of.toordinal() - _PAST, bank_days.first_day.toordinal())
    table = bank_days.ordinals(date.fromordinal(start), as_of)
    lines = classified[["line_code", "currency_code", "day_date", "value_date", "amount_centimes"]].copy()
    lines = lines[lines["line_code"] != OWN_TRANSFER]
    for name in ("day_date", "value_date"):
        lines[name] = pd.to_datetime(lines[name]).dt.as_unit("s")
    inside = (lines["value_date"] >= pd.Timestamp(date.fromordinal(start))) & (lines["value_date"] <= pd.Timestamp(as_of))
    lines = lines[inside & (lines["day_date"] >= pd.Timestamp(date.fromordinal(start)))]
    days, places = (table["day_date"].to_numpy(), table["ouvre_ordinal"].to_numpy(dtype=np.int64))
    open_day = table["is_ouvre"].to_numpy(dtype=bool)
    # A value on a closed day is on the next bank day; what is booked on one is known the bank day before.
    at = np.searchsorted(days, lines["value_date"].to_numpy())
    booked = np.searchsorted(days, lines["day_date"].to_numpy())
    lead = places[at] + ~open_day[at] - places[booked]
    sizes = lines.assign(size=lines["amount_centimes"].abs().astype("int64"), lead=lead)
    keys = ["line_code", "currency_code"]
    told = sizes.groupby(keys).agg(size=("size", "sum"), days=("value_date", "nunique"))
    told = told[(told["days"] >= FEWEST) & (told["size"] > 0)]
    parts = []
    for number in range(1, LEADS + 1):
        ahead = sizes[sizes["lead"] >= number].groupby(keys)["size"].sum().reindex(told.index).fillna(0)
        parts.append((ahead / told["size"]).rename("booked_share").reset_index().assign(lead_days=number))
    if not len(told):
        return pd.DataFrame({name: [] for name in COLUMNS})
    return pd.concat(parts)[COLUMNS].sort_values(COLUMNS[:3], ignore_index=True)
