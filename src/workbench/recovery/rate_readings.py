"""One definition, several readings of the collection rates: on all, on what is due, over twelve months, a year before, before tax.

The indicator is the first reading: cash only, since 1 January. The others stand beside it, each under its own name.
"""

import contextlib
from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from workbench.frames import kept
from workbench.recovery.balances import on_day
from workbench.recovery.indicators import year_before
from workbench.recovery.portfolios import in_portfolios
from workbench.recovery.rates import collection_rates, movements, roll_forward

_RATES = ("current_rate", "arrears_rate", "global_rate")
Events = tuple[Any, Any, Any, Any, Any]  # invoices, allocations, payments, credit_notes, write_offs


def rate_readings(events: Events, *, as_of: date | str, by: Sequence[str] = ("portfolio_code",)) -> pd.DataFrame:
    """The three rates and their other readings, by currency and group.

    Parameters
    ----------
    events
        `invoices`, `allocations`, `payments`, `credit_notes`, `write_offs`, as in the store.
    by
        Columns of `movements`, or `portfolio_code`.

    Returns
    -------
    The columns of `collection_rates` since 31 December (`current_rate`, `arrears_rate`, `global_rate`, `with_no_cash_rate`, their bases
    and receipts), then `due_…` (only what was due by `as_of`), `ht_…` (before tax), `rolling_global_rate` (opening a year before
    `as_of`), `rolling_plain_rate` (cash of these twelve months ÷ billed net of cancellations and credits in them, whatever the
    bill), `previous_…` (the three rates on the same day a year before). A group absent from a reading is null there.
    """
    day = on_day(as_of)
    before = year_before(day)
    keys = ["currency_code", *[name for name in by if name != "currency_code"]]
    with contextlib.ExitStack() as stack:

        def moved(opening: date, until: date) -> Any:
            lazy = movements(*events, opening=opening, as_of=until, lazy=True)
            return stack.enter_context(kept(in_portfolios(lazy, lazy=True)))

        year = moved(date(day.year - 1, 12, 31), day)
        rolling = moved(before, day)
        earlier = moved(date(before.year - 1, 12, 31), before)
        readings = [
            _named(collection_rates(year, day, keys, due_only=True), keys, "due_", _RATES),
            _named(collection_rates(year, day, keys, basis="ht"), keys, "ht_", _RATES),
            _named(collection_rates(rolling, day, keys), keys, "rolling_", ("global_rate",)),
            _plain(roll_forward(rolling, keys), keys),
            _named(collection_rates(earlier, before, keys), keys, "previous_", _RATES),
        ]
        table: pd.DataFrame = collection_rates(year, day, keys)
    for reading in readings:
        table = table.merge(reading, on=keys, how="left")
    return table


def _named(rates: pd.DataFrame, keys: list[str], prefix: str, names: Sequence[str]) -> pd.DataFrame:
    return rates[[*keys, *names]].rename(columns={name: f"{prefix}{name}" for name in names})


def _plain(rolled: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    base = rolled["billed_centimes"] - rolled["cancelled_centimes"] - rolled["credited_centimes"]
    share = rolled["collected_centimes"].astype("Float64") / base.where(base > 0).astype("Float64")
    return rolled[keys].assign(rolling_plain_rate=share)
