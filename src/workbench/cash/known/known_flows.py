"""Known flows: what contracts, calendars, registers and banks already say will come, to the centime, on the bank day it falls on.

Nothing is estimated. A row counts from the day a person knew it; what is due on a closed day falls on the next bank day unless its row
says otherwise (`day_rule_code`); a payment told twice counts once; what cannot be put in the plan is told, never dropped in silence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from workbench.cash.forward import flows_in_course
from workbench.cash.known.flow_matches import MATCH_COLUMNS, matches
from workbench.cash.known.hindsight import without_hindsight
from workbench.cash.known.schedules import (
    UNCLASSIFIED,
    agreement_rows,
    booked_rows,
    calendar_rows,
    instalment_rows,
    loan_rows,
    placement_rows,
    planned_rows,
    supplier_rows,
)
from workbench.cash.known.supplier_items import is_blocked, open_supplier_items
from workbench.frames import to_pandas
from workbench.standards import BankDays

FLOW_COLUMNS = [
    "flow_id",
    "account_number",
    "currency_code",
    "line_code",
    "due_date",
    "flow_date",
    "amount_centimes",
    "flow_source_code",
    "certainty_code",
    "counterparty",
    "is_moved",
    "is_date_estimated",
    "is_overdue",
    "supplier_code",
    "day_rule_code",
]
LEFT_OUT_COLUMNS = ["left_out_code", *FLOW_COLUMNS]
_PROMISES = ("instalment", "agreement", "supplier")  # past due, nobody knows the day any more: shown apart


@dataclass(frozen=True)
class KnownFlows:
    """What is known to come, and what was done to tell it once.

    `flows`: the rows of the plan (`FLOW_COLUMNS`). `matched`: rows that another telling of the same payment stands for
    (`flow_matches.MATCH_COLUMNS`). `left_out`: rows that are in no plan, each with its `left_out_code`: account unknown, closed or in
    another currency; amount or day not known; overdue or blocked; from a list that does not tell what was cleared; without a day of
    issue, in a plan made again.
    """

    flows: pd.DataFrame
    matched: pd.DataFrame
    left_out: pd.DataFrame


def known_flows(*tables: Any, **given: Any) -> pd.DataFrame:
    """The flows of `gather_known_flows`, alone."""
    return gather_known_flows(*tables, **given).flows


def gather_known_flows(
    loans: Any,
    payment_calendar: Any,
    suppliers_due: Any,
    placements: Any,
    payment_plans: Any,
    agreements: Any,
    planned_flows: Any,
    on_its_way: pd.DataFrame,
    *,
    as_of: date,
    bank_days: BankDays,
    until: date,
    accounts: pd.DataFrame,
    last: pd.DataFrame | None = None,
    line_of: pd.DataFrame | None = None,
    is_made_again: bool = False,
) -> KnownFlows:
    """Every flow known on `as_of` that falls after it and by `until`.

    Parameters
    ----------
    loans … planned_flows
        Tables of the store. `planned_flows`: orders, cheques, deposits, maturities announced.
    on_its_way
        Lines booked by `as_of` that come in value after it: sums a day (`positions.value_on_its_way`), or the lines themselves with
        `day_date` (their value date) and, where known, `reference`, `counterparty`, `line_code`.
    accounts
        The register of accounts (`banking.describe`).
    last
        Last statement of each account (`last_statements`): see `flows_in_course`.
    line_of
        `flow_id` → `line_code`, for flows that no schedule puts on a line (orders, cheques, deposits) or that belong to another one.
    is_made_again
        Whether the tables may hold what was written after `as_of`: see `hindsight`.

    Returns
    -------
    `KnownFlows`, sorted by day, then number. Amounts are those of the registers. A flow whose account the registers do not tell has
    none (agreed instalments, some suppliers): the plan places it.

    Raises `OutsideSpan` where the bank calendar ends before `until`.
    """
    bank_days.reach(until)
    unsure: list[pd.DataFrame] = []
    if is_made_again:
        kept = without_hindsight(loans, payment_calendar, payment_plans, planned_flows, as_of)
        loans, payment_calendar, payment_plans = kept.loans, kept.payment_calendar, kept.payment_plans
        planned_flows, unsure = kept.planned_flows, kept.unsure
    open_items, untold = open_supplier_items(suppliers_due, as_of)
    blocked = is_blocked(open_items)
    schedules = _stacked(
        loan_rows(loans, as_of),
        calendar_rows(payment_calendar, as_of),
        placement_rows(placements, as_of),
        instalment_rows(payment_plans, as_of),
        agreement_rows(agreements, as_of),
        supplier_rows(open_items[~blocked], accounts),
    ).sort_values("flow_id", ignore_index=True)  # so that the order of a file's rows decides nothing
    held = supplier_rows(open_items[blocked], accounts).assign(left_out_code="blocked")
    unsure = [*unsure, supplier_rows(untold, accounts).assign(left_out_code="list_without_clearing")]
    rows, matched = _told_once(schedules, planned_flows, booked_rows(on_its_way), as_of, last)
    rows = _on_lines(rows, line_of)
    dated = _dated(rows, bank_days, as_of, until)
    reason = _reasons(dated, accounts)
    out = _stacked(dated[reason.notna()].assign(left_out_code=reason[reason.notna()]), held, *unsure)
    flows = dated[reason.isna() & dated["flow_date"].notna()]
    flows = flows[flows["flow_date"] <= pd.Timestamp(until)]
    return KnownFlows(_shaped(flows, FLOW_COLUMNS), matched, _shaped(out, LEFT_OUT_COLUMNS))


def redated(known: KnownFlows, as_of: date, bank_days: BankDays, until: date) -> KnownFlows:
    """The same flows on the bank days of another calendar (a feast on its other date), each by its own rule of closed days."""
    has_day = known.left_out["flow_date"].notna()
    flows, out = (_dated(rows, bank_days, as_of, until) for rows in (known.flows, known.left_out[has_day]))
    flows, out = flows[flows["flow_date"] <= pd.Timestamp(until)], _stacked(out, known.left_out[~has_day])
    return KnownFlows(_shaped(flows, FLOW_COLUMNS), known.matched, _shaped(out, LEFT_OUT_COLUMNS))


def _told_once(
    schedules: pd.DataFrame, planned_flows: Any, booked: pd.DataFrame, as_of: date, last: pd.DataFrame | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows to keep, and the matches: a line booked stands for an order, an order (even one debited already) for a schedule."""
    course = flows_in_course(planned_flows, last, as_of=as_of)
    settled = _settled(planned_flows, as_of)
    orders = planned_rows(course)
    gone = planned_rows(settled[~settled["flow_id"].isin(course["flow_id"])])
    first = matches(booked, orders[~orders["flow_id"].isin(settled["flow_id"])])
    second = matches(_stacked(booked[~booked["flow_id"].isin(first["kept_flow_id"])], orders, gone), schedules)
    matched = pd.concat([first, second], ignore_index=True) if len(first) else second
    keepers = _with_lines(_stacked(booked, orders), second, schedules)
    keepers = _with_lines(keepers, first, keepers)
    kept = _stacked(keepers, schedules)
    rest = matched.set_index("flow_id")["gap_centimes"]
    amount = kept["amount_centimes"].where(~kept["flow_id"].isin(rest.index), kept["flow_id"].map(rest).astype("Int64"))
    kept = kept.assign(amount_centimes=amount)
    return kept[~(kept["flow_id"].isin(rest.index) & (kept["amount_centimes"] == 0))], matched[MATCH_COLUMNS]


def _settled(planned_flows: Any, as_of: date) -> pd.DataFrame:
    flows = to_pandas(planned_flows)
    return flows[pd.to_datetime(flows["settled_date"]) <= pd.Timestamp(as_of)]


def _with_lines(keepers: pd.DataFrame, matched: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Keepers on the line of the row that they stand for, with its counterparty and supplier where they name none."""
    of_row = rows.drop_duplicates("flow_id").set_index("flow_id")
    pairs = matched.drop_duplicates("kept_flow_id").set_index("kept_flow_id")["flow_id"]
    other = keepers["flow_id"].map(pairs)
    line = other.map(of_row["line_code"])
    takes = line.notna() & (line != UNCLASSIFIED) & (keepers["line_code"] == UNCLASSIFIED)
    keepers = keepers.assign(line_code=keepers["line_code"].where(~takes, line))
    for name in ("counterparty", "supplier_code"):
        keepers[name] = keepers[name].where(keepers[name].notna(), other.map(of_row[name])).astype("str")
    return keepers


def _on_lines(rows: pd.DataFrame, line_of: pd.DataFrame | None) -> pd.DataFrame:
    if line_of is None or not len(line_of):
        return rows
    given = rows["flow_id"].map(line_of.drop_duplicates("flow_id").set_index("flow_id")["line_code"])
    return rows.assign(line_code=rows["line_code"].where(given.isna(), given).astype("str"))


def _dated(rows: pd.DataFrame, bank_days: BankDays, as_of: date, until: date) -> pd.DataFrame:
    """Each row on its bank day; none where its day is not known or lies beyond the calendar."""
    first = bank_days.add(as_of, 1)
    pairs = rows[["due_date", "day_rule_code"]].drop_duplicates()
    days: Mapping[Any, Any] = {
        (due, _said(rule)): _bank_day(due.date(), _said(rule), bank_days, as_of, first)
        for due, rule in pairs.itertuples(index=False, name=None)
        if not pd.isna(due) and due.date() <= min(bank_days.last_day, _latest(until))
    }
    keys = list(zip(rows["due_date"], rows["day_rule_code"].map(_said, na_action=None), strict=True))
    flow = pd.Series([days.get(key, pd.NaT) for key in keys], index=rows.index, dtype="datetime64[us]")
    estimated = {
        key: bool(bank_days.estimated_between(min(key[0].date(), day), max(key[0].date(), day)))
        for key, day in days.items()
    }
    late = rows["due_date"] <= pd.Timestamp(as_of)
    certainty = rows["certainty_code"].mask(late & (rows["flow_source_code"] != "booked"), "overdue")
    return rows.assign(
        flow_date=flow,
        is_overdue=late,
        is_moved=(flow != rows["due_date"]) & flow.notna(),
        is_date_estimated=[estimated.get(key, False) for key in keys],
        certainty_code=certainty,
    )


def _latest(until: date) -> date:
    """Last due date worth dating: a row may fall on an earlier day than the one it is due on."""
    return (pd.Timestamp(until) + pd.Timedelta(days=MOST_CLOSED)).date()


MOST_CLOSED = 15  # calendar days: no run of closed days is as long


def _said(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _bank_day(due: date, rule: str, bank_days: BankDays, as_of: date, first: date) -> date:
    """The bank day of a due date under a rule; the first one after `as_of` at the earliest."""
    if due <= as_of:
        return first
    if bank_days.is_open(due):
        return due
    before = bank_days.add(due, -1)
    if rule == "preceding":
        return max(before, first)
    after = bank_days.add(due, 0)
    crosses = (after.year, after.month) != (due.year, due.month)
    return max(before, first) if rule == "modified_following" and crosses else after


def _reasons(rows: pd.DataFrame, accounts: pd.DataFrame) -> pd.Series:
    """Why each row is in no plan; null where it is."""
    known = accounts.drop_duplicates("account_number").set_index("account_number")
    number, source = rows["account_number"], rows["flow_source_code"]
    # By label, not by `map`: a map of no account at all has no dates to give and fails to be read as some.
    ends = pd.to_datetime(known["closed_date"]) if "closed_date" in known else pd.Series(pd.NaT, known.index)
    closed = ends.reindex(number).set_axis(rows.index)
    tests = {
        "date_missing": rows["due_date"].isna(),
        "amount_missing": rows["amount_centimes"].isna(),
        "account_unknown": number.notna() & ~number.isin(known.index),
        "account_closed": closed <= rows["flow_date"].fillna(rows["due_date"]),
        "currency_differs": number.isin(known.index) & (number.map(known["currency_code"]) != rows["currency_code"])
        | number.isna() & ~rows["currency_code"].isin(known["currency_code"]),
        "overdue": rows["is_overdue"] & source.isin(_PROMISES),
    }
    reason = pd.Series(None, index=rows.index, dtype="object")
    for code, holds in reversed(tests.items()):
        reason = reason.mask(holds.astype(bool), code)
    return reason


def _stacked(*parts: pd.DataFrame) -> pd.DataFrame:
    full = [part for part in parts if len(part)]
    return pd.concat(full, ignore_index=True) if full else parts[0].reset_index(drop=True)


def _shaped(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    shaped = rows.reindex(columns=columns)
    return shaped.sort_values(["flow_date", "flow_id"], ignore_index=True)
