"""Positions: booked and in value, by account and day, then added up by bank, directorate or office.

A booked balance is the closing balance of the last proven day of an account, carried until the next one. A balance in value
counts each line from its value date on: booked balance − lines booked but not yet in value + lines already in value but booked
later (known since, up to `as_of`). A flow that no line explains (a missing statement) is a gap, never hidden in a balance.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import narwhals as nw
import pandas as pd

from workbench.frames import table_function

ACCOUNT = ["account_number", "currency_code"]
AMOUNTS = [
    "opening_centimes",
    "entered_centimes",
    "flow_centimes",
    "gap_centimes",
    "booked_centimes",
    "value_centimes",
]  # of a day


@table_function
def balance_steps(
    statement_days: nw.LazyFrame[Any], bank_transactions: nw.LazyFrame[Any], as_of: date
) -> nw.LazyFrame[Any]:
    """Every day on which a balance of an account moves, booked or in value.

    Parameters
    ----------
    statement_days, bank_transactions
        As in the store, with `account_number` (see `banking.resolve`). Superseded days, interim lines, days after `as_of`
        and days without a closing balance do not count. A day brought under two names of one account counts once.
    as_of
        Last day booked. Steps after it are lines booked by then that are still to come in value.

    Returns
    -------
    A row an account, currency and day, sorted: `day_date`, `booked_centimes`, `value_centimes` (balances at the end of the day),
    `entered_centimes` (opening balance of the account's first day, else 0), `flow_centimes` (lines of the day), `gap_centimes`
    (change of the booked balance that no line explains), `statement_count` (1 where a statement holds the day).
    booked(t) = booked(t−1) + entered + flow + gap.
    """
    days = _proven_days(statement_days, as_of)
    lines = _counted_lines(bank_transactions, days, as_of)
    zero = nw.lit(0).cast(nw.Int64)
    statements = days.select(
        *ACCOUNT,
        "day_date",
        booked=nw.col("change"),
        value=nw.col("change"),
        entered=nw.col("entered"),
        flow=zero,
        stated=nw.lit(1).cast(nw.Int64),
    )
    # Each line moves one balance on its day and the other on its value date: laid under one another, so that lines are read once.
    amount, is_booked = nw.col("amount_centimes"), nw.col("which") == "day_date"
    # A value date before the account's first day counts on that day: nothing is known of it earlier.
    kept = [*ACCOUNT, "amount_centimes", "first_date"]
    moved = lines.unpivot(["day_date", "value_date"], index=kept, variable_name="which", value_name="moved_date").select(
        *ACCOUNT, day_date=nw.max_horizontal("moved_date", "first_date"), booked=zero, value=nw.when(is_booked).then(zero - amount).otherwise(amount), entered=zero,
        flow=nw.when(is_booked).then(amount).otherwise(zero), stated=zero,
    )  # fmt: skip
    parts = ("booked", "value", "entered", "flow", "stated")
    steps = nw.concat([statements, moved]).group_by(*ACCOUNT, "day_date").agg(nw.col(*parts).sum().cast(nw.Int64))

    def run(name: str) -> nw.Expr:
        return nw.col(name).cum_sum().over(*ACCOUNT, order_by="day_date").cast(nw.Int64)

    return steps.select(
        *ACCOUNT,
        "day_date",
        booked_centimes=run("booked"),
        value_centimes=run("value"),
        entered_centimes="entered",
        flow_centimes="flow",
        gap_centimes=nw.col("booked") - nw.col("entered") - nw.col("flow"),
        statement_count="stated",
    ).sort(*ACCOUNT, "day_date")


@table_function
def other_names(statement_days: nw.LazyFrame[Any], as_of: date) -> nw.LazyFrame[Any]:
    """Days of an account that came under several names (two formats, two aliases): the first in order counts, the others are told here.

    Returns
    -------
    A row a name that does not count: `account_number`, `currency_code`, `day_date`, `account_identifier`, `closing_centimes` (null: a
    list without balances), beside
    `counted_identifier` and `counted_centimes`, the name and closing balance that count.
    """
    key = [*ACCOUNT, "day_date"]
    live, first_name = _named_days(statement_days, as_of)
    # A list without balances proves nothing, so its name never counts on a day that another one proves; nor do its lines.
    every = statement_days.filter(~nw.col("is_superseded"), nw.col("day_date") <= as_of)
    counted = live.join(first_name, on=[*key, "account_identifier"], how="inner").select(
        *key, counted_identifier="account_identifier", counted_centimes="closing_centimes"
    )
    others = every.select(*key, "account_identifier", "closing_centimes").join(counted, on=key, how="inner")
    return others.filter(nw.col("account_identifier") != nw.col("counted_identifier")).sort(*key, "account_identifier")


def _named_days(statement_days: nw.LazyFrame[Any], as_of: date) -> tuple[nw.LazyFrame[Any], nw.LazyFrame[Any]]:
    """Days that a closing balance proves, and the name under which each counts."""
    live = _live_days(statement_days, as_of)
    return live, live.group_by(*ACCOUNT, "day_date").agg(account_identifier=nw.col("account_identifier").min())


def _live_days(statement_days: nw.LazyFrame[Any], as_of: date) -> nw.LazyFrame[Any]:
    return statement_days.filter(
        ~nw.col("is_superseded"), nw.col("day_date") <= as_of, ~nw.col("closing_centimes").is_null()
    )


def _proven_days(statement_days: nw.LazyFrame[Any], as_of: date) -> nw.LazyFrame[Any]:
    key = [*ACCOUNT, "day_date"]
    named = _live_days(statement_days, as_of).select(
        *key,
        "account_identifier",
        "opening_centimes",
        "closing_centimes",
        counted_identifier=nw.col("account_identifier").min().over(*key),
    )
    before = nw.col("closing_centimes").shift(1).over(*ACCOUNT, order_by="day_date")
    return named.filter(nw.col("account_identifier") == nw.col("counted_identifier")).select(
        *key,
        "account_identifier",
        first_date=nw.col("day_date").min().over(*ACCOUNT),
        change=nw.col("closing_centimes") - before.fill_null(0),
        entered=nw.when(before.is_null()).then(nw.col("opening_centimes").fill_null(0)).otherwise(0),
    )


def _counted_lines(transactions: nw.LazyFrame[Any], days: nw.LazyFrame[Any], as_of: date) -> nw.LazyFrame[Any]:
    # A day of one identifier is booked once, so its lines are of the account that the day is of: joined by the identifier alone.
    # Added up first, by what the steps tell apart: a few rows a day then go through the join and twice into the steps.
    keys = ["account_identifier", "currency_code", "day_date"]
    return (
        transactions.filter(~nw.col("is_superseded"), ~nw.col("is_interim"), nw.col("day_date") <= as_of)
        .group_by(*keys, "value_date")
        .agg(amount_centimes=nw.col("amount_centimes").sum().cast(nw.Int64))
        .join(days.select(*keys, "account_number", "first_date"), on=keys, how="inner")
    )


def daily_positions(steps: pd.DataFrame, start: date, end: date) -> pd.DataFrame:
    """A row an account, currency and calendar day from `start` (or the account's first day, if later) to `end`.

    `steps` as from `balance_steps`. A day without a step carries the balances of the day before. Columns of `steps`, and
    `opening_centimes` (booked balance of the day before; on the account's first day its stated opening balance).
    """
    days = pd.date_range(pd.Timestamp(start), pd.Timestamp(end))
    parts = [_every_day(group, days) for _, group in steps.groupby(ACCOUNT, sort=True, dropna=False)]
    if not parts:
        return steps.assign(opening_centimes=pd.array([], dtype="Int64"))
    return pd.concat(parts, ignore_index=True)


def _every_day(group: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    stepped = group.set_index("day_date").sort_index()
    whole = stepped.reindex(stepped.index.union(days))
    for name in ("account_number", "currency_code", "booked_centimes", "value_centimes"):
        whole[name] = whole[name].ffill()
    moves = ["entered_centimes", "flow_centimes", "gap_centimes", "statement_count"]
    whole[moves] = whole[moves].fillna(0)
    whole = whole[whole["account_number"].notna()]
    whole["opening_centimes"] = whole["booked_centimes"] - whole["flow_centimes"] - whole["gap_centimes"]
    shown = whole[whole.index.isin(days)]
    return shown.rename_axis("day_date").reset_index()[[*group.columns, "opening_centimes"]]


def positions_by(daily: pd.DataFrame, accounts: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Daily positions added up by columns of `accounts` (`bank_code`, `directorate_code`, `role_code`…); none: the whole office.

    A row a group, currency and day: `account_count` and the sums of opening, entered, flow, gap, booked and value amounts.
    `currency_code` is always part of the group. An account that `accounts` does not hold stays, in a group of its own (null).
    """
    described = daily.merge(accounts[["account_number", *by]], on="account_number", how="left")
    grouped = described.groupby([*by, "currency_code", "day_date"], dropna=False, sort=True)
    added = grouped[AMOUNTS].sum(min_count=1)
    added.insert(0, "account_count", grouped["account_number"].nunique().astype("Int64"))
    return added.reset_index()


def position_on(daily: pd.DataFrame, day: date) -> pd.DataFrame:
    """The rows of one day: a row an account and currency."""
    return daily[daily["day_date"] == pd.Timestamp(day)].reset_index(drop=True)


def balances_on(steps: pd.DataFrame, day: date) -> pd.DataFrame:
    """`booked_centimes` and `value_centimes` at the end of a day, a row an account and currency that has begun by then.

    The same as `position_on(daily_positions(steps, day, day), day)`, whose other columns it lacks, for the price of a sum.
    """
    done = steps[(steps["day_date"] <= pd.Timestamp(day)) & steps["account_number"].notna()]
    last = done.sort_values("day_date", kind="stable").groupby(ACCOUNT, sort=True)[
        ["booked_centimes", "value_centimes"]
    ]
    return last.last().reset_index()


def value_on_its_way(steps: pd.DataFrame, as_of: date, horizon: date | None = None) -> pd.DataFrame:
    """Lines booked up to `as_of` that come in value after it: a row an account, currency and day, `amount_centimes`.

    `horizon`, where given, is the last value date kept.
    """
    ordered = steps.sort_values([*ACCOUNT, "day_date"])
    moved = ordered.groupby(ACCOUNT, dropna=False)["value_centimes"].diff()
    coming = ordered.assign(amount_centimes=moved)[ordered["day_date"] > pd.Timestamp(as_of)]
    if horizon is not None:
        coming = coming[coming["day_date"] < pd.Timestamp(horizon + timedelta(days=1))]
    return coming[[*ACCOUNT, "day_date", "amount_centimes"]].reset_index(drop=True)
