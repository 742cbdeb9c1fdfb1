"""Mirrors pipeline/recovery_rates.py and recovery/rates_sheet_tables.py: the page of recovery rates of a small office, then of one in disorder."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

from tests.pipeline.changed_office import ChangedOffice, read, typed
from workbench import recovery, store
from workbench.errors import Unanswerable
from workbench.pipeline.recovery_rates import rates_sheet_of
from workbench.reporting.words import has

AS_OF = date(2023, 1, 31)
REPORT = "recovery/recovery_rates"


@pytest.fixture(scope="module")
def sheet(small_office: store.Office) -> recovery.RatesSheet:
    return rates_sheet_of(small_office, AS_OF)


def facts_of(sheet: recovery.RatesSheet) -> list[Any]:
    return recovery.rates_facts(sheet, recovery.unpaid_facts(sheet.unpaid))


def test_every_equality_of_the_page_holds(sheet: recovery.RatesSheet) -> None:
    assert [what for what, left, right in recovery.rates_ties(sheet, facts_of(sheet)) if left != right] == []


def test_rates_by_age_agree_with_sql(sheet: recovery.RatesSheet, small_office: store.Office) -> None:
    """Bills of private clients of the last three months that lived 90 days: cash by day 90, payments that bounced by then out, at most what was owed."""
    sql = """WITH bill AS (SELECT invoice_id, issue_date, amount_ttc_centimes AS ttc, coalesce(cancelled_date <= issue_date + 90, false) AS gone FROM invoices
              WHERE coalesce(segment_code, '') NOT IN ('state', 'municipality', 'utility_board', 'regional_utility') AND source_invoice_id IS NULL AND currency_code = 'MAD'
                AND date_trunc('month', issue_date) BETWEEN DATE '2022-08-01' AND DATE '2022-10-01'),
            cash AS (SELECT a.invoice_id, sum(a.amount_centimes) AS paid FROM allocations a JOIN payments p USING (payment_id) JOIN bill b ON b.invoice_id = a.invoice_id
              WHERE a.allocation_date <= b.issue_date + 90 AND p.channel_code NOT IN ('prepaid_stamp', 'compensation') AND (p.bounced_date IS NULL OR p.bounced_date > b.issue_date + 90) GROUP BY ALL),
            credit AS (SELECT c.invoice_id, sum(c.amount_ttc_centimes) AS less FROM credit_notes c JOIN bill b ON b.invoice_id = c.invoice_id WHERE c.credit_date <= b.issue_date + 90 GROUP BY ALL)
        SELECT sum(ttc - coalesce(less, 0)) AS owed, sum(least(coalesce(paid, 0), ttc - coalesce(less, 0))) AS paid
        FROM bill LEFT JOIN cash USING (invoice_id) LEFT JOIN credit USING (invoice_id) WHERE NOT gone AND ttc - coalesce(less, 0) > 0"""
    row = store.query(small_office.folder, sql).to_pylist()[0]
    found = recovery.latest_at_age(sheet.cells, 90).set_index("debtor_class_code").loc["private"]
    assert int(found["last_ordinal"]) == 2022 * 12 + 9  # October
    assert int(found["base_centimes"]) == int(row["owed"])
    assert float(found["amount_rate"]) == pytest.approx(float(row["paid"]) / float(row["owed"]), abs=1e-9)


def test_every_word_of_the_page_is_there(sheet: recovery.RatesSheet) -> None:
    facts = facts_of(sheet)
    said = recovery.rates_findings(sheet, facts)
    shown, tone = recovery.rates_tables(sheet, said), recovery.rates_tone(said)
    assert has(REPORT, f"verdict_{tone['verdict']}")
    assert all(has(REPORT, key) for key in recovery.rates_lede(said, tone))
    for name, table in shown.items():
        assert has(REPORT, f"sheet_{name}"), name
        for column in ("debtor_class_code", "funnel_code", "method_code", "change_code", "reason_code"):
            if column in table:
                assert all(has(REPORT, f"{column}_{code}") for code in table[column].dropna().unique()), (name, column)
    labels = [label for rows in recovery.rates_card_rows(sheet, facts).values() for label, _, _ in rows]
    assert all(has(REPORT, label) for label in labels)
    assert all(has(REPORT, f"cascade_step_{label}") for label in recovery.change_steps(sheet)["label"])


def test_classes_of_debtors_never_make_one_rate(sheet: recovery.RatesSheet) -> None:
    shown = recovery.rates_tables(sheet, recovery.rates_findings(sheet, facts_of(sheet)))
    classes = shown["three"]["debtor_class_code"].tolist()
    assert classes[0] == "private"
    assert len(set(classes)) == len(classes) > 2
    assert shown["change"]["debtor_class_code"].tolist() == classes
    assert set(recovery.paid_curves(sheet)["debtor_class_code"]) == set(classes)


def test_a_young_month_is_compared_with_nothing(sheet: recovery.RatesSheet) -> None:
    same = recovery.rates_tables(sheet, recovery.rates_findings(sheet, facts_of(sheet)))["same_age"]
    lived = [day + pd.Timedelta(days=int(age)) for day, age in zip(same["last_date"], same["age_days"], strict=True)]
    assert max(lived) <= pd.Timestamp(AS_OF)
    heat = sheet.shares
    ends = heat["vintage_date"].dt.year * 12 + heat["vintage_date"].dt.month + heat["age"]
    assert ends.max() == AS_OF.year * 12 + AS_OF.month


def in_disorder(office: store.Office) -> Any:
    """Payments before their bill and of no bill, over-payment, negative and nil bills, a centre that moves, segments with one client."""
    bills, paid, units = read(office, "invoices"), read(office, "allocations"), read(office, "units")
    bills.loc[bills.index[:3], "amount_ttc_centimes"] = [-5_000, 0, 100]
    bills.loc[bills.index[5], "segment_code"] = "regional_utility"
    paid.loc[paid.index[:2], "allocation_date"] = date(2021, 1, 1)
    paid.loc[paid.index[3], "invoice_id"] = "NOWHERE"
    paid.loc[paid.index[4], "amount_centimes"] *= 9
    centers = units[units["unit_level_code"] == "center"].index
    agencies = units.loc[units["unit_level_code"] == "agency", "unit_code"].tolist()
    units.loc[centers[0], "valid_to_date"] = date(2022, 6, 30)
    moved = units.loc[[centers[0]]].assign(
        parent_unit_code=agencies[-1], valid_from_date=date(2022, 7, 1), valid_to_date=None
    )
    tables = {"invoices": bills, "allocations": paid, "units": pd.concat([units, moved], ignore_index=True)}
    return ChangedOffice(office, {name: typed(table, name) for name, table in tables.items()})


def test_books_in_disorder_are_told_and_totals_still_add_up(small_office: store.Office) -> None:
    sheet = rates_sheet_of(in_disorder(small_office), AS_OF)
    facts = facts_of(sheet)
    assert [what for what, left, right in recovery.rates_ties(sheet, facts) if left != right] == []
    reasons = set(sheet.left_out["reason_code"])
    assert {"below_zero", "unknown_bill", "before_bill", "too_young"} <= reasons
    assert all(has(REPORT, f"reason_code_{code}") for code in reasons)
    lone = sheet.centers[sheet.centers["debtor_class_code"] == "regional_utility"]
    assert not (lone["reason_code"] == "ranked").any()
    assert sheet.triangle_left_out["reason_code"].tolist() == ["invoice_unknown"]


@pytest.mark.parametrize("day", [date(2022, 1, 31), date(2022, 3, 31)])
def test_first_months_say_what_they_can(small_office: store.Office, day: date) -> None:
    sheet = rates_sheet_of(small_office, day)
    facts = facts_of(sheet)
    said = recovery.rates_findings(sheet, facts)
    assert recovery.rates_tone(said)["verdict"] == "none"
    assert [what for what, left, right in recovery.rates_ties(sheet, facts) if left != right] == []
    recovery.rates_tables(sheet, said)


def test_before_the_first_bill_nothing_is_answered(small_office: store.Office) -> None:
    with pytest.raises(Unanswerable, match="no bill was issued by 2020-01-01"):
        rates_sheet_of(small_office, date(2020, 1, 1))
