"""What a move of rates changes in the flows of the registers: interest on loans, on credit drawn, on placements renewed.

Assumptions, said on the page: a loan is at a floating rate unless its register says that it is fixed, a credit line always is; a placement keeps
its rate to its maturity and is renewed for the same term at the new one. Simple interest on real days ÷ 360, each amount rounded once.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from workbench.money import simple_interest

COLUMNS = ["account_number", "line_code", "day_date", "amount_centimes"]
POINTS = Decimal(100)


def rate_effects(
    tables: Mapping[str, Any], as_of: date, until: date, points: Decimal, accounts: Mapping[str, str]
) -> pd.DataFrame:
    """Amounts that a move of `points` of a percent adds up to `until`: `account_number`, `line_code`, `day_date`, `amount_centimes`.

    `tables`: registers `loans`, `placements`, `credit_lines` by name, each absent or None where it is not to be counted. `accounts`: the
    account that bears what a bank charges, by `bank_code`; a credit line of another bank is left out.
    """
    rate, rows = points / POINTS, list[Row]()
    if (loans := tables.get("loans")) is not None:
        rows += _loans(loans, as_of, until, rate)
    if (placements := tables.get("placements")) is not None:
        rows += _placements(placements, as_of, until, rate)
    if (lines := tables.get("credit_lines")) is not None:
        rows += _credit_lines(lines, as_of, until, rate, accounts)
    rows = [row for row in rows if row[3] != 0]
    return pd.DataFrame(rows, columns=COLUMNS).sort_values(["day_date", *COLUMNS[:2]], ignore_index=True)


Row = tuple[str, str, pd.Timestamp, int]


def _loans(loans: pd.DataFrame, as_of: date, until: date, rate: Decimal) -> list[Row]:
    """More interest with each instalment to come, on the principal outstanding since the one before (or since `as_of`); none where it is fixed."""
    day = pd.Timestamp(as_of)
    loans = loans[~loans["rate_kind_code"].eq("fixed").fillna(False)]
    signed = loans["signed_date"].isna() | (pd.to_datetime(loans["signed_date"]) <= day)
    unpaid = loans["paid_date"].isna() | (pd.to_datetime(loans["paid_date"]) > day)
    due = loans[signed & unpaid & (pd.to_datetime(loans["due_date"]) > day)].sort_values(["loan_id", "due_date"])
    rows: list[Row] = []
    for _, loan in due.groupby("loan_id"):
        outstanding, since = int(loan["principal_centimes"].sum()), as_of
        for one in loan.to_dict("records"):
            when = pd.Timestamp(one["due_date"])
            extra = -simple_interest(outstanding, rate, since, when.date())
            if when <= pd.Timestamp(until):
                rows.append((str(one["account_number"]), "debt_service", when, extra))
            outstanding, since = outstanding - int(one["principal_centimes"]), when.date()
    return rows


def _placements(placements: pd.DataFrame, as_of: date, until: date, rate: Decimal) -> list[Row]:
    """More interest on what matures and is renewed for the same term, where the second maturity comes by `until`."""
    rows: list[Row] = []
    for one in placements[placements["maturity_date"].notna()].to_dict("records"):
        start, end, closed = (pd.Timestamp(one[name]) for name in ("start_date", "maturity_date", "closed_date"))
        again = end + (end - start)
        if start <= pd.Timestamp(as_of) < end and pd.isna(closed) and again <= pd.Timestamp(until):
            extra = simple_interest(int(one["principal_centimes"]), rate, end.date(), again.date())
            rows.append((str(one["account_number"]), "placements", again, extra))
    return rows


def _credit_lines(
    credit_lines: pd.DataFrame, as_of: date, until: date, rate: Decimal, accounts: Mapping[str, str]
) -> list[Row]:
    """More interest at each month's end on what is drawn, as it stood last by `as_of`."""
    told = credit_lines[pd.to_datetime(credit_lines["balance_date"]) <= pd.Timestamp(as_of)]
    newest = told.sort_values(["credit_line_id", "balance_date"]).drop_duplicates("credit_line_id", keep="last")
    rows: list[Row] = []
    for one in newest[newest["bank_code"].isin(list(accounts))].to_dict("records"):
        since = as_of
        for end in pd.date_range(as_of, until, freq="ME"):
            extra = -simple_interest(int(one["drawn_centimes"]), rate, since, end.date())
            rows.append((accounts[one["bank_code"]], "bank_charges", end, extra))
            since = end.date()
    return rows
