"""What balances cost: money idle above a floor, debit and credit held at once in two banks, overdraft beyond its limit.

Rates come in, dated and sourced (`standards.value_on`): they are assumptions, and a page that shows a cost says so. Balances
are in value; a year has 360 days, as banks count. Each cost is rounded once an account or a day.
"""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from workbench.money import round_half_away

BASE_DAYS = 360
_KEYS = ["account_number", "currency_code"]


def idle_balances(
    daily: pd.DataFrame, accounts: pd.DataFrame, as_of: date, rate: Decimal, window_days: int
) -> pd.DataFrame:
    """Money above the floor, by account, over the `window_days` calendar days that end on `as_of`.

    Parameters
    ----------
    daily
        As from `positions.daily_positions`.
    accounts
        `account_number`, `floor_centimes`. An account without a floor cannot be measured: it is not in the result, see
        `accounts_without_floor`.

    Returns
    -------
    A row an account that has been above its floor in the window: `floor_centimes`, `idle_centimes` (on `as_of`), `numbers_centimes_days`
    (Σ excess × days), `cost_centimes` (numbers × rate ÷ 360), largest today first.
    """
    start = pd.Timestamp(as_of) - pd.Timedelta(days=window_days - 1)
    floors = accounts.loc[accounts["floor_centimes"].notna(), ["account_number", "floor_centimes"]]
    window = daily[(daily["day_date"] >= start) & (daily["day_date"] <= pd.Timestamp(as_of))].merge(
        floors, on="account_number"
    )
    window = window.assign(excess=(window["value_centimes"] - window["floor_centimes"]).clip(lower=0))
    last = window[window["day_date"] == pd.Timestamp(as_of)].set_index(_KEYS)["excess"]
    found = window.groupby(_KEYS).agg(floor_centimes=("floor_centimes", "first"), numbers=("excess", "sum"))
    found["idle_centimes"] = last
    found = found[found["numbers"] > 0].reset_index()
    found["cost_centimes"] = pd.array([_cost(int(numbers), rate) for numbers in found["numbers"]], dtype="Int64")
    found = found.rename(columns={"numbers": "numbers_centimes_days"})
    return found.sort_values(["idle_centimes", "account_number"], ascending=[False, True]).reset_index(drop=True)


def _cost(numbers: int, rate: Decimal) -> int:
    return round_half_away(numbers * Fraction(rate) / BASE_DAYS)


def accounts_without_floor(accounts: pd.DataFrame) -> list[str]:
    """Accounts whose floor the register does not give: their idle money is not known, which is not zero."""
    return sorted(accounts.loc[accounts["floor_centimes"].isna(), "account_number"])


def levelling_error(daily: pd.DataFrame, accounts: pd.DataFrame, rate_gap: Decimal) -> pd.DataFrame:
    """Erreur d'équilibrage: debit in some banks while others are in credit, day by day, in each currency.

    Banks are netted inside (`bank_code` of `accounts`); accounts without one are each their own bank. `debit_centimes`,
    `credit_centimes`, `error_centimes` (the smaller of the two) and `cost_centimes` (error × gap ÷ 360). Only days with an error.
    """
    described = daily.merge(accounts[["account_number", "bank_code"]], on="account_number", how="left")
    described["bank_code"] = described["bank_code"].fillna(described["account_number"])
    banks = described.groupby(["currency_code", "day_date", "bank_code"])["value_centimes"].sum().reset_index()
    banks["debit_centimes"] = (-banks["value_centimes"]).clip(lower=0)
    banks["credit_centimes"] = banks["value_centimes"].clip(lower=0)
    days = banks.groupby(["currency_code", "day_date"])[["debit_centimes", "credit_centimes"]].sum().reset_index()
    days["error_centimes"] = days[["debit_centimes", "credit_centimes"]].min(axis=1).astype("Int64")
    days = days[days["error_centimes"] > 0].reset_index(drop=True)
    days["cost_centimes"] = pd.array([_cost(int(error), rate_gap) for error in days["error_centimes"]], dtype="Int64")
    return days


def over_limit(today: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    """Accounts of the register in debit beyond what is allowed; one whose limit is empty there may not be in debit at all.

    `today`: a row an account with `value_centimes`. Returns `value_centimes`, `overdraft_limit_centimes` (null where the register
    gives none) and `excess_centimes` (positive), largest excess first.
    """
    limits = accounts[["account_number", "overdraft_limit_centimes"]]
    joined = today[[*_KEYS, "value_centimes"]].merge(limits, on="account_number")
    excess = -joined["value_centimes"] - joined["overdraft_limit_centimes"].fillna(0)
    joined = joined.assign(excess_centimes=excess.astype("Int64"))
    joined = joined[joined["excess_centimes"] > 0]
    return joined.sort_values(["excess_centimes", "account_number"], ascending=[False, True]).reset_index(drop=True)
