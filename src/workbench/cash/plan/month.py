"""The month of a treasury: what was planned and what came, line by line, why, and what is placed and owed. Tables of the monthly report."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from workbench.cash.judging.accuracy import ALL
from workbench.cash.judging.misses import split_misses
from workbench.cash.plan.outlook import Outlook
from workbench.cash.plan.plan_layout import group_of
from workbench.cash.situation import Situation
from workbench.frames import to_pandas
from workbench.schemas.facts import Status
from workbench.standards import DatedValue, value_on

MOSTLY = 0.5  # part of a miss from which its cause is named
_NO_SHARE = 10.0  # times the plan, from which a gap is told in money alone
DORMANT_DAYS = 62  # without a movement: the two months of the curve
THRESHOLDS = ("plan_gap_watch", "plan_gap_alert", "plan_gap_smallest")


@dataclass(frozen=True)
class Month:
    """The outlook and the situation of one date, the month that ends with it against its plan, placements and debt."""

    outlook: Outlook
    situation: Situation
    gaps: pd.DataFrame  # see `month_gaps`
    planned_on: date | None  # origin of the plan of the month; None: none was logged
    placements: pd.DataFrame
    loans: pd.DataFrame  # by month, see `debt_service`
    debts: pd.DataFrame  # by loan, see `debts_on`
    accounts: pd.DataFrame  # see `account_events`
    thresholds: tuple[DatedValue, ...]

    @property
    def as_of(self) -> date:
        """The date of the report."""
        return self.outlook.plan.as_of

    @property
    def start(self) -> date:
        """First day of the month."""
        return self.as_of.replace(day=1)


def month_of(
    outlook: Outlook, situation: Situation, placements: Any, loans: Any, register: Any, last_lines: pd.DataFrame
) -> Month:
    """The month that ends on the date of an outlook.

    `placements`, `loans` and `register` (bank accounts) are the registers; `last_lines` is `account_number`, `last_date`: the last day on
    which each account moved.
    """
    as_of, currency = outlook.plan.as_of, outlook.plan.currency_code
    thresholds = tuple(value_on(name, as_of) for name in THRESHOLDS)
    gaps, planned_on = month_gaps(outlook, thresholds)
    return Month(
        outlook=outlook,
        situation=situation,
        gaps=gaps,
        planned_on=planned_on,
        placements=placements_on(placements, as_of, currency),
        loans=debt_service(loans, as_of, currency),
        debts=debts_on(loans, as_of, currency),
        accounts=account_events(to_pandas(register), last_lines, as_of),
        thresholds=thresholds,
    )


def month_gaps(outlook: Outlook, thresholds: tuple[DatedValue, ...]) -> tuple[pd.DataFrame, date | None]:
    """Plan, actual and gap of the month to date, by line, from the last plan made before the month; and the origin of that plan (None: no
    such plan was logged). No row where no day of the month is proven yet.

    A row a line, `all` last: `plan_centimes`, `actual_centimes`, `gap_to_plan_centimes`, `gap_share` (of the plan; null where it is 0, or where the gap is ten times it or more: no share says anything then),
    `status` and `comment_code` (`timing`, `amount`: what most of the misses of its days are; null below the thresholds).
    """
    empty = pd.DataFrame(
        columns=[
            "line_code",
            "plan_centimes",
            "actual_centimes",
            "gap_to_plan_centimes",
            "gap_share",
            "status",
            "comment_code",
        ]
    )
    record, log, as_of = outlook.beside.record, outlook.beside.log, pd.Timestamp(outlook.plan.as_of)
    start = as_of.replace(day=1)
    origins = log.loc[log["origin_date"] < start, "origin_date"] if len(log) else pd.Series(dtype="datetime64[s]")
    logged_on = pd.Timestamp(origins.max()).date() if len(origins) else None
    if record is None or record.matched.empty:
        return empty, logged_on
    days = record.matched[(record.matched["period_code"] == "day") & (record.matched["origin_date"] < start)]
    days = days[days["origin_date"] == days["origin_date"].max()]
    days = days[(days["target_date"] >= start) & (days["target_date"] <= as_of) & days["actual_centimes"].notna()]
    if days.empty:
        return empty, logged_on
    split = split_misses(days)
    sizes = split.assign(timing=split["timing_gap_centimes"].abs(), amount=split["amount_gap_centimes"].abs())
    names = ["plan_centimes", "actual_centimes", "gap_to_plan_centimes", "timing", "amount"]
    sums = sizes.groupby("line_code", as_index=False)[names].sum()
    table = _judged(sums, thresholds)[list(empty.columns)]
    order = {code: n for n, code in enumerate([*outlook.beside.lines["line_code"], "unclassified", "all"])}
    ordered = table.iloc[np.argsort([order.get(code, len(order) - 2) for code in table["line_code"]], kind="stable")]
    return ordered.reset_index(drop=True), days["origin_date"].iloc[0].date()


def _judged(sums: pd.DataFrame, thresholds: tuple[DatedValue, ...]) -> pd.DataFrame:
    watch, alert, smallest = (float(one.value) for one in thresholds)
    plan = sums["plan_centimes"].astype("Float64")
    planned = float(plan[sums["line_code"] != ALL].abs().sum())
    share = (sums["gap_to_plan_centimes"] / plan.abs().where(plan != 0)).astype("Float64")
    large = sums["gap_to_plan_centimes"].abs() >= smallest * planned
    states: list[Status] = []
    causes: list[str | None] = []
    for at, is_large in enumerate(large):
        size = float("inf") if pd.isna(share.iloc[at]) else abs(float(share.iloc[at]))
        state: Status = "ok" if not is_large or size <= watch else "watch" if size <= alert else "alert"
        timing, amount = float(sums["timing"].iloc[at]), float(sums["amount"].iloc[at])
        states.append(state)
        causes.append(None if state == "ok" else "timing" if timing > MOSTLY * (timing + amount) else "amount")
    said = share.where(share.abs() < _NO_SHARE)
    return sums.assign(gap_share=said, status=states, comment_code=pd.array(causes, dtype="str"))


def placements_on(placements: Any, as_of: date, currency_code: str) -> pd.DataFrame:
    """Placements that run on a date, by maturity: instrument, counterparty, principal, interest, maturity and the rate that they make.

    `placement_rate` is interest ÷ principal × 360 ÷ days; null where interest or maturity is not known.
    """
    rows, day = to_pandas(placements), pd.Timestamp(as_of)
    ends = pd.to_datetime(rows["maturity_date"]).fillna(pd.Timestamp.max.normalize())
    closed = pd.to_datetime(rows["closed_date"])
    runs = (
        (pd.to_datetime(rows["start_date"]) <= day)
        & (ends > day)
        & ~(closed <= day)
        & (rows["currency_code"] == currency_code)
    )
    found = rows[runs].copy()
    span = (pd.to_datetime(found["maturity_date"]) - pd.to_datetime(found["start_date"])).dt.days
    amounts = found[["principal_centimes", "interest_centimes"]].astype("Float64")
    found["placement_rate"] = (
        amounts["interest_centimes"] / amounts["principal_centimes"] * 360 / span.astype("Float64")
    )
    shown = [
        "instrument_code",
        "counterparty",
        "start_date",
        "maturity_date",
        "principal_centimes",
        "interest_centimes",
        "placement_rate",
    ]
    return found.sort_values(["maturity_date", "placement_id"], kind="stable")[shown].reset_index(drop=True)


def debt_service(loans: Any, as_of: date, currency_code: str, months: int = 12) -> pd.DataFrame:
    """What is owed to lenders in the months after a date: a row a month, principal, interest and their sum."""
    rows, day = to_pandas(loans), pd.Timestamp(as_of)
    until = day + pd.DateOffset(months=months) + pd.offsets.MonthEnd(0)
    due, paid, signed = (pd.to_datetime(rows[name]) for name in ("due_date", "paid_date", "signed_date"))
    open_rows = rows[
        (due > day) & (due <= until) & ~(paid <= day) & ~(signed > day) & (rows["currency_code"] == currency_code)
    ]
    dated = open_rows.assign(month_date=pd.to_datetime(open_rows["due_date"]).dt.to_period("M").dt.to_timestamp())
    sums = dated.groupby("month_date", as_index=False).agg(
        principal_centimes=("principal_centimes", "sum"),
        interest_centimes=("interest_centimes", "sum"),
    )
    return sums.assign(service_centimes=sums["principal_centimes"] + sums["interest_centimes"])


def debts_on(loans: Any, as_of: date, currency_code: str) -> pd.DataFrame:
    """The loans that are not paid back on a date, the last to end last: a row a loan.

    `loan_id`, `lender`, `rate_kind_code`, `outstanding_centimes` (principal of the instalments still to be paid: what the register holds),
    `next_date` (of the next instalment) and `last_date`. The register tells no rate: none is shown.
    """
    rows, day = to_pandas(loans), pd.Timestamp(as_of)
    paid, signed = (pd.to_datetime(rows[name]) for name in ("paid_date", "signed_date"))
    owed = rows[~(paid <= day) & ~(signed > day) & (rows["currency_code"] == currency_code)]
    owed = owed.assign(due_date=pd.to_datetime(owed["due_date"]))
    found = owed.groupby("loan_id", as_index=False).agg(
        lender=("lender", "first"),
        rate_kind_code=("rate_kind_code", "first"),
        outstanding_centimes=("principal_centimes", "sum"),
        next_date=("due_date", "min"),
        last_date=("due_date", "max"),
    )
    return found.sort_values(["last_date", "loan_id"], ignore_index=True)


def account_events(register: pd.DataFrame, last_lines: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Accounts that were opened or closed since the first of the month, or have not moved for two months: `event_code`, `event_date`."""
    day, start = pd.Timestamp(as_of), pd.Timestamp(as_of.replace(day=1))
    opened, closed = pd.to_datetime(register["opened_date"]), pd.to_datetime(register["closed_date"])
    moved = register[["account_number"]].merge(last_lines, on="account_number", how="left")["last_date"].to_numpy()
    live = (opened.isna() | (opened <= day)) & ~(closed <= day)
    still = live & (pd.Series(pd.to_datetime(moved), index=register.index) < day - pd.Timedelta(days=DORMANT_DAYS))
    events = {
        "opened": ((opened >= start) & (opened <= day), opened),
        "closed": ((closed >= start) & (closed <= day), closed),
    }
    events["dormant"] = (still, pd.Series(pd.to_datetime(moved), index=register.index))
    parts = [
        register.loc[mask, ["account_label", "account_number"]].assign(event_code=code, event_date=dates[mask])
        for code, (mask, dates) in events.items()
    ]
    return pd.concat(parts, ignore_index=True)


def month_groups(month: Month) -> pd.DataFrame:
    """The gaps of the month by group of lines: receipts, payments, financing: `row_code`, plan, actual, gap."""
    groups = group_of(month.outlook.beside.lines)
    lines = month.gaps[month.gaps["line_code"] != "all"]
    named = lines.assign(row_code=[f"{groups.get(code, 'financing')}_sum" for code in lines["line_code"]])
    names = ["plan_centimes", "actual_centimes", "gap_to_plan_centimes"]
    return named.groupby("row_code", as_index=False, sort=False)[names].sum()
