"""What a balance in value does not hold yet on its own day: lines booked later, whose value is of that day or before.

A bank books on Tuesday a charge in value of Friday: Friday's balance in value, as read on Friday evening, was not the last word. How much is
missing of a balance on its day is read off past days, all accounts and lines together.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from workbench.cash.lines.flow_rules import OWN_TRANSFER
from workbench.standards import BankDays

DAYS = 125  # past bank days, half a year
RIPE = 10  # bank days after which hardly anything more comes: later days are not read
FEWEST = 20  # past days without which nothing is said
KEYS = ["account_number", "line_code", "currency_code"]


@dataclass(frozen=True)
class LateValues:
    """What came later in value of `count` past days: `rows` with `place` (0 … count − 1, the day), `account_number`, `line_code`, `currency_code`,
    `amount_centimes`. A day without a row missed nothing."""

    rows: pd.DataFrame
    count: int


def late_values(classified: pd.DataFrame, bank_days: BankDays, as_of: date) -> LateValues:
    """What was booked by `as_of`, at most ten bank days after each past day, in value of that day or before; own transfers left out.

    `classified` as from `classify`. With under twenty such days, `count` is 0.
    """
    start = max(as_of - timedelta(days=2 * DAYS), bank_days.first_day)
    table = bank_days.ordinals(start, as_of)
    days = table.loc[table["is_ouvre"], "day_date"].to_numpy().astype("datetime64[D]")
    booked, value = (
        pd.to_datetime(classified[name]).to_numpy().astype("datetime64[D]") for name in ("day_date", "value_date")
    )
    begun = booked.min() if len(booked) else np.datetime64(as_of)
    read = days[days >= begun][:-RIPE][-DAYS:]
    if len(read) < FEWEST:
        return LateValues(classified.iloc[:0][KEYS].assign(place=[], amount_centimes=[]), 0)
    # Of the days read, a line is missing on those from its value on, up to the day before it was booked.
    low, high = (np.searchsorted(read, part) for part in (value, booked))
    low = np.maximum(low, high - RIPE)
    is_late = (low < high) & (classified["line_code"] != OWN_TRANSFER).to_numpy(dtype=bool)
    lines, times = classified.loc[is_late, [*KEYS, "amount_centimes"]], (high - low)[is_late]
    rows = lines.loc[lines.index.repeat(times)].reset_index(drop=True)
    steps = np.arange(len(rows)) - np.repeat(np.cumsum(times) - times, times)
    rows = rows.assign(place=np.repeat(low[is_late], times) + steps)
    summed: pd.DataFrame = rows.groupby(["place", *KEYS])["amount_centimes"].sum().reset_index()
    return LateValues(summed, len(read))
