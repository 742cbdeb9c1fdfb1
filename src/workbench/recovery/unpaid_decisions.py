"""Candidates for decision: what the figures ask for, how much, where, by when. Codes and amounts; `reporting` says it in words."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pandas as pd

from workbench.recovery.unit_ages import unpaid_by_unit
from workbench.recovery.unpaid import Unpaid
from workbench.schemas.facts import listed
from workbench.standards import load_bank_days

COLUMNS = ["decision_code", "amount_centimes", "item_count", "unit_codes", "customer_codes", "before_date"]
_Row = tuple[str, int, int, list[str], list[str]]  # code, amount, number, units, customers


def decision_candidates(found: Unpaid) -> pd.DataFrame:
    """One row a decision, most pressing first; what is nil asks for nothing.

    Returns
    -------
    `decision_code`, `amount_centimes` (positive), `item_count` (receipts, names or credits where it speaks of them, else centres), `unit_codes` (centres, largest amount first) and
    `customer_codes` (lists), `before_date` (the date of the page and `recovery_decision_days`; null where no such delay is set). Codes:

    - `decide_chase_key_accounts`: past due of the first names among key accounts, but for what is in dispute.
    - `decide_allocate_receipts`: cash that no bill took; `decide_correct_allocations`: allocated beyond the receipt.
    - `decide_inspect_centers`: past due of `worse_centers`.
    - `decide_settle_old_private`: private debts more than 360 days past due: pursue or write off.
    - `decide_settle_credits`: balances in favour of customers. `decide_settle_disputes`: debts in dispute.
    - `decide_complete_due_dates`: debts without due date.
    """
    days = found.threshold("recovery_decision_days")
    before = None if days is None else open_day(found.as_of + timedelta(days=int(days)))
    rows = [(*row, before) for row in _rows(found) if row[1]]
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["before_date"] = pd.to_datetime(table["before_date"])
    return table.astype({"amount_centimes": "Int64", "item_count": "Int64"})


def open_day(day: date) -> date:
    """The day, or the next one on which an office is open; as it is where the calendar of banks does not cover it."""
    bank_days = load_bank_days()
    return bank_days.add(day, 0) if bank_days.first_day <= day <= bank_days.last_day - timedelta(days=10) else day


def worse_centers(found: Unpaid) -> pd.DataFrame:
    """Centres whose private clients' unpaid share rose over a year by more than `worse_unpaid_share`, and owe more past due than then.

    `unpaid_by_unit` of the private clients of these centres, largest due first; key accounts are followed by name. A plain comparison: in a small centre one bill can do it, chance is not ruled out.
    """
    now, month, year = (_private(sums) for sums in (found.sums, found.month_before, found.year_before))
    table = unpaid_by_unit(now, found.as_of, "center", month, year)
    least = found.threshold("worse_unpaid_share")
    if least is None:
        return table.head(0)
    rose = table["unpaid_share_change"].fillna(0) > least
    grew = table["year_due_change_centimes"].fillna(0) > 0
    return table[rose & grew & table["unit_code"].notna()].reset_index(drop=True)


def _private(sums: Any) -> Any:
    return None if sums is None else sums[sums["portfolio_code"] == "private"]


def decisions_asked(found: Unpaid) -> list[tuple[str, int, date | None, dict[str, Any]]]:
    """The candidates as a page takes them: (sentence, hundredths, last day, values: `n`, `names`, `units`)."""
    asked = []
    for code, amount, count, units, customers, before in decision_candidates(found).itertuples(index=False, name=None):
        values = {"n": int(count), "units": listed(units), "names": listed(customers)}
        asked.append((code, int(amount), None if pd.isna(before) else before.date(), values))
    return asked


def _rows(found: Unpaid) -> Iterator[_Row]:
    names = found.debtors
    # What is in dispute has to be settled first: it is a decision below.
    asked = names["due_centimes"] - names["disputed_due_centimes"]
    names, asked = names[asked > 0], asked[asked > 0]
    yield ("decide_chase_key_accounts", int(asked.sum()), len(names), [], list(names["customer_code"]))
    loose = found.waiting_by_center
    yield _from_units("decide_allocate_receipts", loose[loose["is_cash"] & ~loose["is_over_allocated"]])
    yield _from_units("decide_correct_allocations", loose[loose["is_over_allocated"]])
    worse = worse_centers(found)
    yield ("decide_inspect_centers", int(worse["due_centimes"].sum()), len(worse), list(worse["unit_code"]), [])
    yield _from_sums("decide_settle_old_private", _private(found.sums), "old")
    code, amount, _, units, _ = _from_sums("decide_settle_credits", found.sums, "credit")
    yield (code, amount, int(found.credits["item_count"].sum()), units, [])
    yield _from_sums("decide_settle_disputes", found.sums, "disputed")
    yield _from_sums("decide_complete_due_dates", found.sums, "undated")


def _from_units(code: str, loose: pd.DataFrame) -> _Row:
    amounts = (
        loose.groupby("center_code")["unallocated_centimes"].sum().abs().sort_values(ascending=False, kind="stable")
    )
    amount = abs(int(loose["unallocated_centimes"].sum()))
    return (code, amount, int(loose["receipt_count"].sum()), [str(unit) for unit in amounts.index], [])


def _from_sums(code: str, sums: pd.DataFrame, what: str) -> _Row:
    amounts = sums.groupby("center_code")[f"{what}_centimes"].sum().abs().sort_values(ascending=False, kind="stable")
    units = [str(unit) for unit, amount in amounts.items() if amount]
    return (code, abs(int(sums[f"{what}_centimes"].sum())), len(units), units, [])
