"""A plan made again of a past day knows what was known that day, and nothing else: it equals the plan of an office cut on that day."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.pipeline.changed_office import ChangedOffice, CutOffice, read, typed, with_row
from workbench import store
from workbench.pipeline.cash_plan import PlanTables, plan_of, plan_tables_of

DAYS = (date(2022, 11, 30), date(2023, 2, 14), date(2023, 2, 23))  # the books end on 28 February 2023
PARTS = ("flows", "expected", "opening", "accounts", "calendar", "flow_totals", "holes")


def with_later_news(office: store.Office, day: date) -> ChangedOffice:
    """The office with what often comes later: an account closed, a customer of another segment, bills cancelled, receipts bounced, orders
    without a date of issue, an override typed the day after, a payment allocated to another kind of bill."""
    after = (pd.Timestamp(day) + pd.Timedelta(days=1)).date()
    accounts = read(office, "bank_accounts")
    accounts.loc[accounts["role_code"] == "disbursements", "closed_date"] = after
    customers = read(office, "customers")
    moved = customers.iloc[:40].assign(valid_from_date=after, segment_code="state")
    customers.loc[customers.index[:40], "valid_to_date"] = day
    invoices = read(office, "invoices")
    invoices.loc[(invoices["issue_date"] <= day) & (invoices.index % 3 == 0), "cancelled_date"] = after
    payments = read(office, "payments")
    payments.loc[(payments["receipt_date"] <= day) & (payments.index % 5 == 0), "bounced_date"] = after
    allocations = read(office, "allocations")
    works = invoices.loc[invoices["service_code"] == "works", "invoice_id"].iloc[0]
    more = allocations[allocations["allocation_date"] <= day].tail(200)
    more = more.assign(allocation_date=after, invoice_id=works, allocation_id=[f"L{n}" for n in range(len(more))])
    account = accounts["account_number"].iloc[0]
    order = {
        "flow_id": "undated", "account_number": account, "flow_kind_code": "order_issued", "certainty_code": "certain",
        "expected_date": (pd.Timestamp(day) + pd.Timedelta(days=20)).date(), "amount_centimes": -10**9, "currency_code": "MAD",
    }  # fmt: skip
    loan = {
        "loan_id": "LATER", "lender": "L", "due_date": (pd.Timestamp(day) + pd.Timedelta(days=60)).date(), "principal_centimes": 10**9,
        "interest_centimes": 0, "account_number": account, "currency_code": "MAD",
    }  # fmt: skip
    override = {
        "override_id": "O", "entered_by": "t", "entered_at": pd.Timestamp(after, tz="UTC"), "line_code": "suppliers",
        "account_number": account, "target_date": (pd.Timestamp(day) + pd.Timedelta(days=9)).date(), "amount_centimes": -10**9,
        "currency_code": "MAD", "note": "n",
    }  # fmt: skip
    return ChangedOffice(
        office,
        {
            "bank_accounts": typed(accounts, "bank_accounts"),
            "customers": typed(pd.concat([customers, moved]), "customers"),
            "invoices": typed(invoices, "invoices"),
            "payments": typed(payments, "payments"),
            "allocations": typed(pd.concat([allocations, more]), "allocations"),
            "planned_flows": with_row(office, "planned_flows", **order),
            "loans": with_row(office, "loans", **loan),
            "overrides": with_row(office, "overrides", **override),
        },
    )


@pytest.mark.parametrize("day", DAYS, ids=str)
@pytest.mark.parametrize("news", [False, True], ids=["as_it_is", "with_later_news"])
def test_a_plan_made_again_equals_that_of_an_office_cut_on_its_day(
    small_office: store.Office, day: date, news: bool
) -> None:
    office: Any = with_later_news(small_office, day) if news else small_office
    again, then = plan_tables_of(office, day), plan_tables_of(CutOffice(office, day), day)
    assert_same(again, then)
    one = plan_of(office, day, tables=again, paths=50)
    other = plan_of(CutOffice(office, day), day, tables=then, paths=50)
    pd.testing.assert_frame_equal(one.series, other.series)
    for name in ("known", "estimated", "override", "naive", "paths"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    assert one.floor_centimes == other.floor_centimes


def assert_same(again: PlanTables, then: PlanTables) -> None:
    """Every table that a plan is made from; rows that say of themselves that they may be hindsight are told on one side alone."""
    for name in PARTS:
        one, other = getattr(again, name), getattr(then, name)
        assert (one is None) == (other is None)
        if one is not None:
            pd.testing.assert_frame_equal(one, other, obj=name, check_dtype=False)
    pd.testing.assert_frame_equal(again.known.flows, then.known.flows, obj="known flows")
    pd.testing.assert_frame_equal(again.known.matched, then.known.matched, obj="matched flows")
    told = again.known.left_out[again.known.left_out["left_out_code"] != "issue_unknown"].reset_index(drop=True)
    pd.testing.assert_frame_equal(told, then.known.left_out, obj="left out", check_dtype=False)
    assert again.slips == then.slips
    assert again.floors == then.floors


def test_what_has_no_date_of_issue_is_told(small_office: store.Office) -> None:
    office = with_later_news(small_office, DAYS[1])
    told = plan_tables_of(office, DAYS[1], receivables=False).known.left_out
    assert {"undated", "loan/LATER/2023-04-15"} <= set(told.loc[told["left_out_code"] == "issue_unknown", "flow_id"])


def test_the_newest_plan_knows_what_its_registers_hold(small_office: store.Office) -> None:
    newest = date(2023, 2, 28)
    office = with_later_news(small_office, newest)
    found = plan_tables_of(office, newest, receivables=False)
    assert "undated" in set(found.known.flows["flow_id"])
    assert found.accounts["closed_date"].notna().any()


def test_every_deposit_of_the_made_up_register_says_since_when_it_is_known(small_office: store.Office) -> None:
    undated = small_office["planned_flows"].filter("issued_date is null or issued_date > DATE '2023-02-28'")
    assert undated.fetchall() == []
