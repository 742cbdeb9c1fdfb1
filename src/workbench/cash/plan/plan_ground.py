"""What a plan stands on: the days to come, the history that was known, who is open when, and the rows that count."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.cash.known.booked_ahead import COLUMNS as AHEAD_COLUMNS
from workbench.cash.known.known_flows import KnownFlows
from workbench.cash.lines.flow_rules import UNCLASSIFIED, FlowLine
from workbench.cash.models.panel import Days, Panel
from workbench.cash.plan.plan_calendar import COLUMNS
from workbench.cash.plan.plan_history import History, history_of, open_days
from workbench.cash.plan.plan_rows import Placed, horizon_of, placed_flows, placed_overrides
from workbench.standards import BankDays


@dataclass(frozen=True)
class Ground:
    """What a plan stands on: the days to come, the history and its panel, who is open when, and the rows that count

    `undated`: days that a calendar names (`flow_date`, `line_code`) for an amount that nobody knows yet. `booked_ahead`: as from
    `booked_ahead.booked_ahead`, of the currency.
    """

    days: pd.DatetimeIndex
    future: Days
    daily_until: date
    history: History
    panel: Panel
    closed_days: Days
    is_open: npt.NDArray[np.bool_]
    known: pd.DataFrame
    undated: pd.DataFrame
    overrides: Placed
    booked_ahead: pd.DataFrame


def ground_of(
    flows: pd.DataFrame, known: KnownFlows, opening: pd.DataFrame, accounts: pd.DataFrame, register: pd.DataFrame,
    bank_days: BankDays, as_of: date, lines: Sequence[FlowLine], overrides: pd.DataFrame, currency_code: str,
    calendar: pd.DataFrame | None, twelve_months: bool = True, holes: pd.DataFrame | None = None,
    ahead: pd.DataFrame | None = None,
) -> Ground:  # fmt: skip
    """The ground of a plan, from tables of one currency (`register`: accounts of every currency); see `make_plan`."""
    daily, until = horizon_of(bank_days, as_of)
    whole = open_days(bank_days, (pd.Timestamp(as_of) + pd.Timedelta(days=1)).date(), until)
    future = whole if twelve_months else whole[whole <= np.datetime64(daily)]
    days = pd.DatetimeIndex(future.astype("datetime64[s]"))
    codes = {*(line.line_code for line in lines), UNCLASSIFIED}
    placed = placed_overrides(overrides, register, codes, bank_days, as_of, whole[-1].item(), currency_code)
    placed = replace(placed, rows=placed.rows[placed.rows["flow_date"].isin(days)].reset_index(drop=True))
    theirs = known.flows[(known.flows["currency_code"] == currency_code) & known.flows["flow_date"].isin(days)]
    theirs = theirs.assign(line_code=theirs["line_code"].where(theirs["line_code"].isin(codes), UNCLASSIFIED))
    sure = placed_flows(theirs, flows, accounts, as_of)
    sure = sure[sure["account_number"].notna()].reset_index(drop=True)
    dates = known.left_out[
        (known.left_out["left_out_code"] == "amount_missing") & (known.left_out["flow_source_code"] == "calendar")
    ]
    dates = pd.concat(
        [part[COLUMNS] for part in (dates, calendar) if part is not None and len(part)] or [dates[COLUMNS]]
    )
    dates = dates[(dates["currency_code"] == currency_code) & dates["flow_date"].isin(days)].drop_duplicates()
    proven = opening[opening["statement_date"].notna()]
    proven_to = {
        number: pd.Timestamp(last).date()
        for number, last in zip(proven["account_number"], proven["statement_date"], strict=True)
    }
    keys = ["account_number", "line_code"]
    more = pd.concat([sure[keys], placed.rows[keys]]).drop_duplicates()
    history = history_of(flows, more, proven_to, bank_days, as_of, holes)
    closed = np.array([row.day for row in bank_days.closed], dtype="datetime64[D]")
    directions = {line.line_code: line.direction for line in lines}
    is_open = _is_open(history.series, accounts, days)
    last = days[days <= pd.Timestamp(daily)][-1].date()
    habits = pd.DataFrame({name: [] for name in AHEAD_COLUMNS}) if ahead is None else ahead
    habits = habits[habits["currency_code"] == currency_code]
    return Ground(days, future, last, history, history.panel(directions), closed, is_open, sure, dates, placed, habits)


def _is_open(series: pd.DataFrame, accounts: pd.DataFrame, days: pd.DatetimeIndex) -> npt.NDArray[np.bool_]:
    """(H, n): whether the account of each series is not closed on each day, as the register tells."""
    if "closed_date" not in accounts:
        return np.ones((len(days), len(series)), dtype=bool)
    closed = pd.to_datetime(accounts.drop_duplicates("account_number").set_index("account_number")["closed_date"])
    ends = series["account_number"].map(closed).to_numpy(dtype="datetime64[s]")
    return np.isnat(ends)[None, :] | (days.to_numpy()[:, None] < ends[None, :])
