"""How far a position can be trusted: which accounts a recent statement proves, which are stale, which never came.

A balance typed by hand stands beside, never in a proven total. A missing account is unknown, never zero.
"""

from datetime import date
from typing import Any

import narwhals as nw
import pandas as pd

from workbench.cash.closed import is_closed
from workbench.frames import table_function
from workbench.standards import BankDays

STATES = ("proven", "stale", "missing", "contradicted")


@table_function
def last_statements(statement_days: nw.LazyFrame[Any], as_of: date) -> nw.LazyFrame[Any]:
    """Last day that a statement with a closing balance holds, by account and currency, up to `as_of`."""
    return (
        statement_days.filter(
            ~nw.col("is_superseded"), nw.col("day_date") <= as_of, ~nw.col("closing_centimes").is_null()
        )
        .group_by("account_number", "currency_code")
        .agg(statement_date=nw.col("day_date").max())
        .sort("account_number", "currency_code")
    )


def states_of_accounts(
    accounts: pd.DataFrame,
    last: pd.DataFrame,
    bank_days: BankDays,
    as_of: date,
    default_lag_days: int,
    contradicted: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """State of every account of the register, and of accounts that statements speak of without a register.

    Parameters
    ----------
    accounts
        Accounts (`banking.describe`): `account_number`, `currency_code`, `statement_lag_days`, and where it is told `closed_date`: one
        that is closed and stands here still holds a balance (`cash.closed`), so the statement that empties it is missing.
    last
        As from `last_statements`.
    default_lag_days
        Bank days after which a statement is stale, where the register says nothing.
    contradicted
        As from `contradictions`: days on which two names of an account close on different balances.

    Returns
    -------
    `account_number`, `currency_code`, `statement_date`, `late_days` (bank days since; null before the calendar of banks begins), `allowed_days`, `state_code`: `proven`,
    `stale` (older than allowed, or of a closed account), `contradicted` (recent, but of two balances nobody has said which is right) or `missing` (no
    statement with a balance by `as_of`); `is_registered`: whether the register
    holds the account (in that currency).
    """
    keys = ["account_number", "currency_code"]
    all_of = accounts[[*keys, "statement_lag_days"]].merge(last, on=keys, how="outer", indicator="side")
    doubtful = set() if contradicted is None else set(_rows(contradicted[[*keys, "day_date"]]))
    closed = set(_rows(accounts.loc[is_closed(accounts, as_of), keys]))
    rows = []
    ordered = all_of.sort_values(keys)[[*keys, "statement_date", "statement_lag_days", "side"]]
    for account, currency, statement_date, lag, side in _rows(ordered):
        allowed = default_lag_days if pd.isna(lag) else int(lag)
        late = None
        if pd.isna(statement_date):
            state = "missing"
        elif statement_date.date() < bank_days.first_day <= as_of:
            state = "stale"  # older than the calendar itself: how many bank days late is not known
        else:
            late = bank_days.count_between(statement_date.date(), as_of)
            state = "contradicted" if (account, currency, statement_date) in doubtful else "proven"
            state = "stale" if late > allowed or (account, currency) in closed else state
        rows.append((account, currency, statement_date, late, allowed, state, side != "right_only"))
    columns = [*keys, "statement_date", "late_days", "allowed_days", "state_code", "is_registered"]
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({"late_days": "Int64", "allowed_days": "Int64"})


def _rows(table: pd.DataFrame) -> list[tuple[Any, ...]]:
    return list(table.itertuples(index=False, name=None))


@table_function
def turned_away(statements: nw.LazyFrame[Any], start: date, as_of: date) -> nw.LazyFrame[Any]:
    """Statements refused or held that close from `start` to `as_of`, and whose last day no statement let in covers.

    `statements` of any status, with `account_number` (`banking.resolve`). Returns `account_number`, `currency_code`, `closing_date`,
    `statement_number`, `statement_status_code`, `difference_centimes` (closing − opening − movements). A statement that opens on that
    day only knows its balance, it does not cover it.
    """
    keys, end = ["account_number", "currency_code"], nw.col("closing_date")
    wanted = statements.filter(nw.col("statement_status_code").is_in(["refused", "held"]), end >= start, end <= as_of)
    let_in = statements.filter(nw.col("statement_status_code").is_in(["booked", "extended", "unchanged"])).select(
        *keys, first_date="opening_date", last_date="closing_date"
    )
    begins_before = (nw.col("first_date") < end) | (nw.col("first_date") == nw.col("last_date"))
    covered = (
        wanted.select(*keys, "closing_date")
        .join(let_in, on=keys, how="inner")
        .filter(begins_before & (end >= nw.col("first_date")) & (end <= nw.col("last_date")))
        .select(*keys, "closing_date")
        .unique()
    )
    return (
        wanted.join(covered, on=[*keys, "closing_date"], how="anti")
        .select(*keys, "closing_date", "statement_number", "statement_status_code", "difference_centimes")
        .unique()
        .sort(*keys, "closing_date", "statement_number")
    )


def contradictions(others: pd.DataFrame) -> pd.DataFrame:
    """The days of `other_names` on which the names of one account close on different balances: a person has to say which is right."""
    apart = others[(others["closing_centimes"] != others["counted_centimes"]).fillna(False)]
    return apart.assign(difference_centimes=apart["closing_centimes"] - apart["counted_centimes"]).reset_index(
        drop=True
    )


def gaps(steps: pd.DataFrame) -> pd.DataFrame:
    """Days whose balance moved without a line: statements missing before them, or one booked unbalanced with a reason."""
    found = steps[steps["gap_centimes"] != 0]
    return found[["account_number", "currency_code", "day_date", "gap_centimes"]].reset_index(drop=True)


def holes(steps: pd.DataFrame) -> pd.DataFrame:
    """Gaps with the days that they are of: from the statement before (`start_date`) to the one that shows it (`end_date`), both proven.

    `steps` as from `balance_steps`. A gap of an account's first day has no days before it: it is not here.
    """
    proven = steps[steps["statement_count"] == 1].sort_values(["account_number", "currency_code", "day_date"])
    before = proven.groupby(["account_number", "currency_code"])["day_date"].shift(1)
    found = proven.assign(start_date=before, end_date=proven["day_date"])
    found = found[(found["gap_centimes"] != 0) & before.notna()]
    columns = ["account_number", "currency_code", "start_date", "end_date", "gap_centimes"]
    return found[columns].reset_index(drop=True)


def typed_apart(typed_balances: pd.DataFrame, states: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The last balance typed by hand for each account that no recent statement proves, with who typed it and when.

    `is_newer` says whether it is younger than the last statement. These amounts are unproven: they enter no total.
    """
    typed = typed_balances[pd.to_datetime(typed_balances["balance_date"]) <= pd.Timestamp(as_of)]
    typed = typed.sort_values("balance_date").groupby(["account_number", "currency_code"]).tail(1)
    doubtful = states.loc[
        states["state_code"] != "proven", ["account_number", "currency_code", "statement_date", "state_code"]
    ]
    joined = typed.merge(doubtful, on=["account_number", "currency_code"])
    newer = joined["statement_date"].isna() | (pd.to_datetime(joined["balance_date"]) > joined["statement_date"])
    return joined.assign(is_newer=newer).sort_values("account_number").reset_index(drop=True)


def proven_share(today: pd.DataFrame, states: pd.DataFrame) -> float | None:
    """Part (0–1) of the absolute booked balances that recent statements prove; `None` where there is none.

    All balances must be of one currency. Missing accounts have no balance to weigh: they are counted apart, in `states`.
    """
    joined = today.merge(
        states[["account_number", "currency_code", "state_code"]], on=["account_number", "currency_code"]
    )
    weights = joined["booked_centimes"].abs()
    whole = int(weights.sum())
    if whole == 0:
        return None
    return int(weights[joined["state_code"] == "proven"].sum()) / whole
