"""What a plan made again must not know: rows of a register that do not say since when they were known, and closings that came later.

A row with its day of issue or signature is known from that day. One without it was in the register today, which says nothing of a past
date: there it counts only so near to its day that it must have been on its way, or where its contract had begun. What this leaves out is
told. An office opened as it was on that date (`known_on`) needs none of it: its registers hold what was known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from workbench.cash.known.flow_matches import MOST_DAYS
from workbench.cash.known.schedules import calendar_rows, instalment_rows, loan_rows, planned_rows
from workbench.frames import to_pandas

ON_THE_WAY = MOST_DAYS  # calendar days that an order, a cheque or a deposit may be on its way
ANNOUNCED = 31  # calendar days ahead that a calendar, or the first payment of a contract, is known: a month


@dataclass(frozen=True)
class Undated:
    """The registers without the rows that nothing says were known on the date, and those rows (`unsure`, as from `schedules`)."""

    loans: pd.DataFrame
    payment_calendar: pd.DataFrame
    payment_plans: pd.DataFrame
    planned_flows: pd.DataFrame
    unsure: list[pd.DataFrame]


def without_hindsight(
    loans: Any, payment_calendar: Any, payment_plans: Any, planned_flows: Any, as_of: date
) -> Undated:
    """Registers as they may be read for a date that has passed: see the module. Rows expected by `as_of` are always known."""
    parts = (
        _split(loans, as_of, "signed_date", "due_date", ANNOUNCED, ("loan_id",)),
        _split(payment_calendar, as_of, "issued_date", "due_date", ANNOUNCED),
        _split(payment_plans, as_of, "signed_date", "due_date", ANNOUNCED, ("plan_id",)),
        _split(planned_flows, as_of, "issued_date", "expected_date", ON_THE_WAY),
    )
    shaped = (
        loan_rows(parts[0][1], as_of),
        calendar_rows(parts[1][1], as_of),
        instalment_rows(parts[2][1], as_of),
        planned_rows(parts[3][1]),
    )
    unsure = [rows.assign(left_out_code="issue_unknown") for rows in shaped if len(rows)]
    return Undated(parts[0][0], parts[1][0], parts[2][0], parts[3][0], unsure)


def _split(
    table: Any, as_of: date, since: str, due: str, days: int, contract: Sequence[str] = ()
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows that were known or say since when, and rows that do neither. Of a contract the first day counts, for all its rows."""
    rows = to_pandas(table)
    first = pd.to_datetime(rows[due])
    if contract:
        first = first.groupby([rows[name] for name in contract]).transform("min")
    unsure = rows[since].isna() & (first > pd.Timestamp(as_of) + pd.Timedelta(days=days))
    return rows[~unsure], rows[unsure]


def closings_known(accounts: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The register of accounts without the closings after a date that has passed: nobody says that they were decided by then."""
    if "closed_date" not in accounts:
        return accounts
    closed = pd.to_datetime(accounts["closed_date"])
    return accounts.assign(closed_date=closed.where(closed <= pd.Timestamp(as_of)))
