"""Accounts that are closed: own accounts for the flows of their time, and nothing more to ask of them once they are empty.

The register keeps an account that it closed. One that still holds a balance is no closed matter: its last statement is missing.
"""

from datetime import date

import pandas as pd

from workbench.cash.positions import ACCOUNT, AMOUNTS


def is_closed(accounts: pd.DataFrame, as_of: date) -> pd.Series:
    """Which rows of the register are closed on `as_of`; none where it has no `closed_date`."""
    if "closed_date" not in accounts:
        return pd.Series(False, index=accounts.index)
    return pd.to_datetime(accounts["closed_date"]) <= pd.Timestamp(as_of)


def closed_and_empty(accounts: pd.DataFrame, today: pd.DataFrame, as_of: date) -> set[tuple[str, str]]:
    """Accounts and currencies closed by `as_of` that hold nothing, in bank or in value.

    `accounts`: the register (`banking.describe`); `today`: balances on `as_of`, a row an account and currency. An account that no
    statement ever told of is empty too.
    """
    held = today[(today["booked_centimes"] != 0) | (today["value_centimes"] != 0)]
    closed = accounts[is_closed(accounts, as_of)]
    return _pairs(closed) - _pairs(held)


def without_empty_days(daily: pd.DataFrame, closed: set[tuple[str, str]]) -> pd.DataFrame:
    """Daily positions without the days on which a closed account neither holds nor moves anything: it is counted on none of them."""
    idle = (daily[AMOUNTS] == 0).all(axis=1)
    return daily[~(idle & _among(daily, closed))].reset_index(drop=True)


def without(table: pd.DataFrame, closed: set[tuple[str, str]]) -> pd.DataFrame:
    """The rows of other accounts."""
    return table[~_among(table, closed)].reset_index(drop=True)


def _pairs(table: pd.DataFrame) -> set[tuple[str, str]]:
    return set(table[ACCOUNT].itertuples(index=False, name=None))


def _among(table: pd.DataFrame, accounts: set[tuple[str, str]]) -> pd.Series:
    return pd.Series(
        [pair in accounts for pair in table[ACCOUNT].itertuples(index=False, name=None)], index=table.index, dtype=bool
    )
