"""What is judged when statements prove some accounts and not others: each account for itself, totals over the accounts proven.

An account is *proven* over a period when its last statement is not before the period's end and no day of it lies in a gap between two
statements. It is *silent* when its last statement is older than it may be, or there is none: nobody knows when it will speak, and totals
do not wait for it. They wait for every other account, whose statement is on its way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.cash.judging.accuracy import ALL, QUANTILES, came, with_actuals
from workbench.standards import BankDays

NEVER = date(1970, 1, 1)  # the day up to which an account without a statement is proven
SILENT = ("stale", "missing")
KEYS = ["plan_id", "line_code", "period_code", "target_date"]
_SUMS = ("plan_centimes", "override_centimes", "naive_mad")
Truths = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Proof:
    """How far statements prove each account on a date.

    `proven_to`: the day of the last statement of each account that counts (`NEVER`: there is none); an account that is not there was closed
    with nothing on it, and is proven. `silent`: accounts that totals do not wait for. `holes`: account and the days between two statements, both
    excluded, of which none tells.
    """

    as_of: date
    proven_to: Mapping[str, date] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()
    holes: tuple[tuple[str, pd.Timestamp, pd.Timestamp], ...] = ()

    @property
    def on_all(self) -> date:
        """The last day proven on every account that a statement ever told of, silent ones too; `NEVER` where no statement did."""
        told = [day for day in self.proven_to.values() if day > NEVER]
        return min([self.as_of, *told]) if told or not self.proven_to else NEVER

    def proven(self, account: str, first: npt.NDArray[Any], last: npt.NDArray[Any]) -> Truths:
        """Whether statements prove the account over periods from `first` to `last` (days of numpy)."""
        found = last <= np.datetime64(min(self.as_of, self.proven_to.get(account, self.as_of)))
        for number, before, after in self.holes:
            if number == account:
                found &= ~((last > before.to_datetime64()) & (first < after.to_datetime64()))
        return np.asarray(found, dtype=bool)

    def awaited(self, account: str, last: npt.NDArray[Any]) -> Truths:
        """Whether a statement of the account that is on its way will tell of periods that end on `last`."""
        if account in self.silent:
            return np.zeros(len(last), dtype=bool)
        return np.asarray(last > np.datetime64(min(self.as_of, self.proven_to.get(account, self.as_of))), dtype=bool)


def proof_of(opening: pd.DataFrame, as_of: date, holes: pd.DataFrame | None = None) -> Proof:
    """The proof of accounts of one currency: `opening` has a row an account, with `account_number`, `state_code`, `statement_date`; `holes` as from `cash.holes`."""
    days = {
        str(number): NEVER if pd.isna(day) else pd.Timestamp(day).date()
        for number, day in zip(opening["account_number"], opening["statement_date"], strict=True)
    }
    silent = opening.loc[opening["state_code"].isin(SILENT), "account_number"]
    gaps = () if holes is None else holes[["account_number", "start_date", "end_date"]].itertuples(index=False)
    return Proof(as_of, days, frozenset(silent), tuple((str(number), start, end) for number, start, end in gaps))


def over_proven(
    forecasts: pd.DataFrame, by_account: pd.DataFrame, daily_flows: pd.DataFrame, bank_days: BankDays, proof: Proof
) -> pd.DataFrame:
    """The log with what came on the accounts that are proven, and what the plan said of them.

    Parameters
    ----------
    forecasts
        Rows of `forecasts`, of one currency, one plan an origin.
    by_account
        Rows of `account_forecasts`. A plan without any (logged before there were) is judged where every account is proven.
    daily_flows
        As for `with_actuals`, with `account_number`.

    Returns
    -------
    The rows with `last_date`, `actual_centimes` and `judged_centimes` (what came on the accounts judged, and the plan of them; null where no
    planned account is proven, or one is awaited), `planned_size_centimes`, `judged_size_centimes` (sums of absolute plans of accounts and
    lines: all, and judged). Where every account is proven the bands are those of the line. Else they are those of the accounts told on
    the origin, which are then judged, if all of these are proven; else there are none, the accounts proven are judged, and the median of
    the day is that of the line less the plan of the others. Such rows have the overrides and the naive forecast of the accounts judged.
    """
    whole = with_actuals(forecasts, daily_flows, bank_days, proof.on_all)
    there = whole["actual_centimes"].notna()
    size = whole["plan_centimes"].abs()
    whole = whole.assign(
        judged_centimes=whole["plan_centimes"].where(there), planned_size_centimes=size, judged_size_centimes=size.where(there)
    )  # fmt: skip
    if by_account.empty or not whole["plan_id"].isin(by_account["plan_id"].unique()).any():
        return whole
    rows = _rows_of_accounts(whole, by_account)
    rows = _in_scope(rows, whole, proof)
    return _judged(whole, rows, daily_flows, proof)


def _rows_of_accounts(whole: pd.DataFrame, by_account: pd.DataFrame) -> pd.DataFrame:
    """Rows of accounts and lines with the place of the row of the log that they are part of, those of `all` being its lines."""
    parts = by_account[by_account["line_code"] != ALL]
    parts = parts.assign(size=parts["plan_centimes"].abs())
    names = ["account_number", "is_told", "size", *_SUMS]
    parts = pd.concat([parts, parts.assign(line_code=ALL)])[[*KEYS, *names]]
    places = whole[KEYS].assign(place=np.arange(len(whole)), last_date=whole["last_date"])
    return parts.merge(places, on=KEYS, how="inner")


def _in_scope(rows: pd.DataFrame, whole: pd.DataFrame, proof: Proof) -> pd.DataFrame:
    """Which accounts each row of the log is judged over: `is_judged`; and how, by place: `scope` 2 all, 1 those told, 0 some, −1 none."""
    first, last = (rows[name].to_numpy() for name in ("target_date", "last_date"))
    proven, awaited = np.zeros(len(rows), bool), np.zeros(len(rows), bool)
    for account, at in rows.groupby("account_number").indices.items():
        proven[at] = proof.proven(str(account), first[at], last[at])
        awaited[at] = proof.awaited(str(account), last[at])
    told, place, count = rows["is_told"].to_numpy(bool), rows["place"].to_numpy(), len(whole)

    def any_of(marks: Truths) -> Truths:
        return np.bincount(place[marks], minlength=count) > 0

    has_band = whole["told_median_mad"].notna().to_numpy() if "told_median_mad" in whole else np.zeros(count, bool)
    scope = np.where(any_of(~proven), 0, 2)
    scope = np.where((scope == 0) & has_band & any_of(told) & ~any_of(told & ~proven), 1, scope)
    scope = np.where(any_of(awaited) | ~any_of(proven), -1, scope)
    here = scope[place]
    return rows.assign(scope=here, is_judged=np.where(here == 1, told, proven) & (here >= 0))


def _judged(whole: pd.DataFrame, rows: pd.DataFrame, daily_flows: pd.DataFrame, proof: Proof) -> pd.DataFrame:
    places = rows["place"].unique()
    count = len(whole)
    scope = np.full(count, -2)
    scope[rows["place"].to_numpy()] = rows["scope"].to_numpy()
    inside = rows[rows["is_judged"]]
    sums = {name: _summed(inside, name, count) for name in ("size", *_SUMS)}
    of_all = {name: _summed(rows, name, count) for name in ("size", "plan_centimes")}
    found = whole.copy()
    new, partial = np.isin(np.arange(count), places), (scope == 0) | (scope == 1)
    judged = new & (scope >= 0)
    actual = _came_on(found, rows, judged, daily_flows, proof)
    found["actual_centimes"] = found["actual_centimes"].mask(new).where(~judged, actual).astype("Int64")
    for name, values, where in (
        ("judged_centimes", sums["plan_centimes"], judged),
        ("judged_size_centimes", sums["size"], judged),
        ("planned_size_centimes", of_all["size"], new),
        ("override_centimes", sums["override_centimes"], partial),
    ):
        of_log = found[name].mask(new) if name.startswith("judged") else found[name]
        found[name] = of_log.mask(where, pd.Series(values.round().astype(np.int64), dtype="Int64")).astype("Int64")
    found["naive_mad"] = np.where(partial, sums["naive_mad"], found["naive_mad"].to_numpy(float))
    for name in QUANTILES:
        own = found[name].to_numpy(float)
        told = found[f"told_{name}"].to_numpy(float) if f"told_{name}" in found else np.full(count, np.nan)
        rest = own - (of_all["plan_centimes"] - sums["plan_centimes"]) / 100 if name == "median_mad" else np.nan
        found[name] = np.select([scope == 1, scope == 0], [told, np.broadcast_to(rest, count)], own)
    return found


def _summed(rows: pd.DataFrame, name: str, count: int) -> npt.NDArray[np.float64]:
    """Sums by place. Centimes of one row stay far below 2⁵³: float64 holds them exactly."""
    values = rows[name].to_numpy(float, na_value=np.nan)
    return np.bincount(rows["place"].to_numpy(), values, minlength=count).astype(np.float64)


def _came_on(
    whole: pd.DataFrame, rows: pd.DataFrame, judged: Truths, daily_flows: pd.DataFrame, proof: Proof
) -> pd.Series:
    """What came on every account but those that a row leaves out: planned ones out of its scope, others that are not proven."""
    actual = pd.Series(came(whole, daily_flows), dtype="Int64")
    out_of_scope = rows[~rows["is_judged"]].groupby("account_number")["place"].agg(list)
    first, last = (whole[name].to_numpy() for name in ("target_date", "last_date"))
    in_scope = rows[rows["is_judged"]].groupby("account_number")["place"].agg(list)
    for account, flows in daily_flows.groupby("account_number"):
        left = ~proof.proven(str(account), first, last)
        left[in_scope.get(account, [])] = False
        left[out_of_scope.get(account, [])] = True
        at = np.flatnonzero(left & judged)
        if len(at):
            actual.iloc[at] -= came(whole.iloc[at].reset_index(drop=True), flows)
    return actual
