"""How much of a day's flows the banks have already booked, so many bank days before the day of their value; by line.

A bank that credits a deposit on the next day has booked, tonight, all of tomorrow's deposits: nothing more is to be expected of them. One that
credits on the same day has booked none. What is left to come of a day is its estimate times the part that is usually not yet booked.
"""

from datetime import date, timedelta

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
    keys = ["line_code", "currency_code"]
    lines = _with_leads(classified, bank_days, as_of)
    told = lines.groupby(keys).agg(size=("size", "sum"), days=("value_date", "nunique"))
    told = told[(told["days"] >= FEWEST) & (told["size"] > 0)]
    parts = []
    for lead in range(1, LEADS + 1):
        ahead = lines[lines["lead"] >= lead].groupby(keys)["size"].sum().reindex(told.index).fillna(0)
        parts.append((ahead / told["size"]).rename("booked_share").reset_index().assign(lead_days=lead))
    return pd.concat(parts)[COLUMNS].sort_values(COLUMNS[:3], ignore_index=True)


def _with_leads(classified: pd.DataFrame, bank_days: BankDays, as_of: date) -> pd.DataFrame:
    """Lines of the last year with their `size` and the bank days from their booking to their value (`lead`)."""
    start = max(as_of - timedelta(days=_PAST), bank_days.first_day)
    table = bank_days.ordinals(start, as_of)
    lines = classified.loc[
        classified["line_code"] != OWN_TRANSFER,
        ["line_code", "currency_code", "day_date", "value_date", "amount_centimes"],
    ]
    booked, value = (
        pd.to_datetime(lines[name]).to_numpy().astype("datetime64[D]") for name in ("day_date", "value_date")
    )
    first, last = np.datetime64(start), np.datetime64(as_of)
    inside = (value >= first) & (value <= last) & (booked >= first) & (booked <= last)
    days = table["day_date"].to_numpy().astype("datetime64[D]")
    places, is_open = table["ouvre_ordinal"].to_numpy(dtype=np.int64), table["is_ouvre"].to_numpy(dtype=bool)
    at, on = (np.searchsorted(days, part[inside]) for part in (value, booked))
    # A value on a closed day is on the next bank day; what is booked on one is known the bank day before.
    lead = places[at] + ~is_open[at] - places[on]
    return lines[inside].assign(size=lines["amount_centimes"][inside].abs().astype("int64"), lead=lead)
