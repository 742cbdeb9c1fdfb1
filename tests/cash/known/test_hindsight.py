"""Mirrors cash/known/hindsight.py: rows that do not say since when they were known, in a plan made again."""

from datetime import date
from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import table
from workbench.cash.known.hindsight import ANNOUNCED, ON_THE_WAY, closings_known, without_hindsight
from workbench.cash.known.known_flows import gather_known_flows
from workbench.standards import load_bank_days

AS_OF = date(2024, 3, 1)
LOANS = """
loan_id lender due_date   principal_centimes interest_centimes account_number currency_code signed_date paid_date
OLD     L      2023-12-15 100                1                 A              MAD           -           2023-12-15
OLD     L      2024-06-14 100                1                 A              MAD           -           -
NEW     L      2024-06-14 100                1                 A              MAD           -           -
SIGNED  L      2024-06-14 100                1                 A              MAD           2024-02-01  -
"""
CALENDAR = """
obligation_id line_code due_date   account_number amount_centimes currency_code issued_date paid_date counterparty
NEAR          payroll   2024-03-29 A              -10             MAD           -           -         -
FAR           payroll   2024-05-31 A              -10             MAD           -           -         -
"""
PLANS = """
plan_id customer_code segment_code due_date   amount_centimes currency_code signed_date paid_date broken_date
SOON    c1            household    2024-03-20 10              MAD           -           -         -
SOON    c1            household    2024-07-20 10              MAD           -           -         -
LATER   c2            household    2024-05-20 10              MAD           -           -         -
"""
FLOWS = """
flow_id account_number flow_kind_code    certainty_code issued_date expected_date settled_date amount_centimes currency_code counterparty reference
late    A              cheque_issued     certain        -           2024-02-10    -            -5              MAD           -            -
near    A              deposit_in_course certain        -           2024-03-08    -            5               MAD           -            -
far     A              deposit_in_course certain        -           2024-03-11    -            5               MAD           -            -
dated   A              order_issued      certain        2024-03-01  2024-03-11    -            -5              MAD           -            -
after   A              order_issued      certain        2024-03-02  2024-03-11    -            -5              MAD           -            -
"""
ACCOUNTS = """
account_number currency_code role_code     unit_code closed_date
A              MAD           disbursements U         -
"""


def empty(columns: str) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series([], dtype="str") for name in columns.split()})


def gathered(is_made_again: bool) -> Any:
    suppliers = empty(
        "company_code fiscal_year document_number document_line supplier_code supplier_name posting_date document_date due_date clearing_date "
        "amount_centimes currency_code payment_block_code center_code extract_date extract_scope_code"
    )
    placements = empty("placement_id counterparty account_number start_date maturity_date principal_centimes interest_centimes currency_code closed_date")  # fmt: skip
    agreements = empty(
        "agreement_id counterparty signed_date due_date amount_centimes currency_code account_number line_code paid_date"
    )
    way = empty("account_number currency_code day_date amount_centimes")
    numbers = ["amount_centimes", "principal_centimes", "interest_centimes"]
    typed = [
        part.astype({n: "Int64" for n in numbers if n in part}) for part in (suppliers, placements, agreements, way)
    ]
    return gather_known_flows(
        table(LOANS), table(CALENDAR), typed[0], typed[1], table(PLANS), typed[2], table(FLOWS), typed[3],
        as_of=AS_OF, bank_days=load_bank_days(), until=date(2025, 3, 31), accounts=table(ACCOUNTS), is_made_again=is_made_again,
    )  # fmt: skip


def test_what_nothing_says_was_known_is_left_out_and_told() -> None:
    found = gathered(is_made_again=True)
    told = found.left_out.loc[found.left_out["left_out_code"] == "issue_unknown", "flow_id"]
    assert set(told) == {"loan/NEW/2024-06-14", "calendar/FAR", "instalment/LATER/2024-05-20", "far"}
    assert {"late", "near", "dated"} <= set(found.flows["flow_id"])
    assert {"loan/OLD/2024-06-14", "loan/SIGNED/2024-06-14", "instalment/SOON/2024-07-20"} <= set(
        found.flows["flow_id"]
    )
    assert "after" not in {*found.flows["flow_id"], *found.left_out["flow_id"]}


def test_a_plan_of_today_knows_every_row_of_its_registers() -> None:
    found = gathered(is_made_again=False)
    assert "issue_unknown" not in set(found.left_out["left_out_code"])
    assert {"far", "calendar/FAR", "loan/NEW/2024-06-14"} <= set(found.flows["flow_id"])


@given(st.dates(date(2024, 1, 1), date(2024, 12, 31)))
def test_every_row_is_known_or_told_and_none_is_both(day: date) -> None:
    given_tables = (table(LOANS), table(CALENDAR), table(PLANS), table(FLOWS))
    found = without_hindsight(*given_tables, as_of=day)
    kept = (found.loans, found.payment_calendar, found.payment_plans, found.planned_flows)
    assert sum(map(len, kept)) <= sum(map(len, given_tables))
    near = found.planned_flows
    undated = near[near["issued_date"].isna()]
    assert (pd.to_datetime(undated["expected_date"]) <= pd.Timestamp(day) + pd.Timedelta(days=ON_THE_WAY)).all()
    calendar = pd.to_datetime(found.payment_calendar["due_date"])
    assert (calendar <= pd.Timestamp(day) + pd.Timedelta(days=ANNOUNCED)).all()


def test_a_closing_that_came_later_was_not_known() -> None:
    accounts = table(ACCOUNTS).assign(closed_date=pd.Timestamp(2024, 4, 1))
    assert closings_known(accounts, AS_OF)["closed_date"].isna().all()
    assert closings_known(accounts, date(2024, 4, 1))["closed_date"].notna().all()
    assert "closed_date" not in closings_known(accounts.drop(columns="closed_date"), AS_OF)
