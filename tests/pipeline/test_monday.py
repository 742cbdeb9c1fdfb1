"""Mirrors pipeline/monday.py and recovery/monday_sheet.py: the list of a small office, its equalities, its words, and books in disorder."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

from tests.pipeline.changed_office import ChangedOffice, read, typed, with_row
from workbench import recovery, store
from workbench.errors import Unanswerable
from workbench.pipeline.monday import monday_sheet_of
from workbench.reporting.words import has

AS_OF = date(2023, 1, 31)
REPORT = "recovery/monday"


@pytest.fixture(scope="module")
def sheet(small_office: store.Office) -> recovery.MondaySheet:
    return monday_sheet_of(small_office, AS_OF)


def test_listed_and_left_out_are_what_sql_says_is_owed(sheet: recovery.MondaySheet, small_office: store.Office) -> None:
    said = recovery.monday_findings(sheet)
    assert [what for what, left, right in recovery.monday_ties(sheet, said) if left != right] == []
    found = recovery.unpaid(small_office, AS_OF)
    assert said["owed"] == int(found.sums["outstanding_centimes"].sum())
    names = store.query(
        small_office.folder,
        f"SELECT count(DISTINCT customer_code) AS n FROM invoices WHERE issue_date <= DATE '{AS_OF}'",
    )
    assert 0 < said["names"] <= names.column(0)[0].as_py()


def test_no_agency_has_more_than_twenty_names_and_nobody_public_is_cut(sheet: recovery.MondaySheet) -> None:
    assert sheet.listed.groupby("agency_code", dropna=False).size().max() <= 20
    public = sheet.listed[sheet.listed["segment_code"].isin(["state", "municipality"])]
    assert not public["act_code"].isin(["disconnection", "seizure"]).any()
    assert (sheet.listed["gain_mad"] >= 0).all()
    assert sheet.is_illustrative


def test_every_word_of_the_page_is_there(sheet: recovery.MondaySheet) -> None:
    said = recovery.monday_findings(sheet)
    tone = recovery.monday_tone(sheet, said)
    keys = [
        f"verdict_{tone['verdict']}",
        f"lede_near_{tone['near']}",
        f"lede_effects_{tone['effects']}",
        f"limits_{tone['limits']}",
    ]
    keys += [label for rows in recovery.monday_card_rows(said).values() for label, _, _ in rows]
    for name, shown in recovery.monday_tables(sheet).items():
        keys.append(f"sheet_{name}")
        for column in ("act_code", "last_act_code", "reason_code", "left_out_code", "nature_code"):
            keys += [f"{column}_{code}" for code in shown[column].dropna().unique()] if column in shown else []
    assert [key for key in keys if not has(REPORT, key)] == []


def test_acts_and_plans_of_after_the_date_are_not_known(
    small_office: store.Office, sheet: recovery.MondaySheet
) -> None:
    late: Any = small_office
    customer = str(sheet.listed["customer_code"].iloc[0])
    step = {"step_id": "X", "customer_code": customer, "step_code": "court_action", "opened_date": date(2023, 2, 10)}
    plan = {
        "plan_id": "X",
        "customer_code": customer,
        "due_date": date(2023, 5, 1),
        "amount_centimes": 100,
        "currency_code": "MAD",
        "signed_date": date(2023, 2, 10),
    }
    for name, row in (("enforcement_steps", step), ("payment_plans", plan)):
        late = ChangedOffice(late, {name: with_row(late, name, **row)})
    pd.testing.assert_frame_equal(monday_sheet_of(late, AS_OF).names, sheet.names)
    known: Any = ChangedOffice(
        small_office,
        {"payment_plans": with_row(small_office, "payment_plans", **{**plan, "signed_date": date(2023, 1, 10)})},
    )
    left = monday_sheet_of(known, AS_OF).items.set_index("customer_code").loc[[customer], "left_out_code"]
    assert left.isin(["payment_plan", "not_due", "disputed", "lapsed"]).all()


def test_a_hostile_name_and_a_centre_of_nowhere_are_told_as_they_are(
    small_office: store.Office, sheet: recovery.MondaySheet
) -> None:
    customers, bills = read(small_office, "customers"), read(small_office, "invoices")
    first = str(sheet.listed["customer_code"].iloc[0])
    customers.loc[customers["customer_code"] == first, "customer_name"] = '=cmd|"/c"!A1<script>alert(1)</script>'
    bills.loc[bills["customer_code"] == first, "center_code"] = "NOWHERE"
    odd: Any = ChangedOffice(
        small_office, {"customers": typed(customers, "customers"), "invoices": typed(bills, "invoices")}
    )
    found = monday_sheet_of(odd, AS_OF)
    said = recovery.monday_findings(found)
    assert [what for what, left, right in recovery.monday_ties(found, said) if left != right] == []
    mine = found.names[found.names["customer_code"] == first]
    assert mine["customer_name"].str.contains("<script>", regex=False).all()
    assert mine["agency_code"].isna().all()


def test_before_the_first_bill_nothing_is_answered(small_office: store.Office) -> None:
    with pytest.raises(Unanswerable, match="no bill was issued by 2020-01-01"):
        monday_sheet_of(small_office, date(2020, 1, 1))
