"""Mirrors recovery/unpaid.py, unpaid_facts.py and unpaid_decisions.py: a small office by hand, then the public sample against SQL."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from tests.builders import rows, table
from workbench import store
from workbench.errors import Unanswerable
from workbench.intake.profiles import load_profiles
from workbench.pipeline.importing import import_files
from workbench.recovery import (
    decision_candidates,
    decisions_asked,
    thresholds_used,
    unpaid,
    unpaid_facts,
    worse_centers,
)
from workbench.schemas.facts import Fact

UNITS = table("""
    unit_code  unit_level_code  parent_unit_code  valid_from_date  valid_to_date
    A1         agency           D1                2020-01-01       -
    0101       center           A1                2020-01-01       -
""")
OFFICE: dict[str, Any] = {
    "units": UNITS,
    "invoices": table("""
        invoice_id  customer_code  center_code  segment_code  issue_date  due_date    amount_ttc_centimes  amount_ht_centimes  currency_code  source_invoice_id  cancelled_date
        F1          C1             0101         state         2022-01-10  2022-02-10               900000              800000  MAD            -                  -
        F2          C1             0101         state         2024-01-10  2024-02-10               100000               90000  MAD            -                  -
        F3          C2             0101         household     2023-02-01  2023-03-01               200000              200000  MAD            -                  -
        F4          C2             0101         household     2024-02-01  2024-03-01               400000              400000  MAD            -                  -
        F5          C3             0102         household     2024-06-01  -                         50000               50000  MAD            -                  -
        F6          C3             0102         household     2024-05-01  2024-06-01               700000                   -  EUR            -                  -
    """),
    "payments": table("""
        payment_id  customer_code  center_code  receipt_date  channel_code   amount_centimes  currency_code  bounced_date
        P1          C2             0101         2023-02-20    cash                    190000  MAD            -
        P2          C2             0101         2024-02-20    cash                    100000  MAD            -
        P3          C1             0101         2024-03-01    prepaid_stamp            30000  MAD            -
        P4          C3             0102         2024-06-05    transfer                  7000  MAD            -
        P5          C3             0102         2024-06-05    transfer                  1000  MAD            -
    """),
    "allocations": table("""
        allocation_id  payment_id  invoice_id  allocation_date  amount_centimes  currency_code
        A1             P1          F3          2023-02-20                190000  MAD
        A2             P2          F4          2024-02-20                100000  MAD
        A3             P3          F2          2024-03-01                 30000  MAD
        A5             P5          F5          2024-06-05                  3000  MAD
    """),
    "credit_notes": table("""
        credit_note_id  invoice_id  customer_code  credit_kind_code  credit_date  amount_ttc_centimes  amount_ht_centimes  currency_code
        K1              -           C2             credit_note       2024-04-01                  4000                   -  MAD
    """),
    "write_offs": table("write_off_id  invoice_id  write_off_date  amount_centimes  currency_code"),
    "disputes": table("""
        dispute_id  invoice_id  opened_date  closed_date
        L1          F2          2024-03-01   -
    """),
    "targets": table("indicator_code  unit_code  segment_code  target_value  alert_value  valid_from_date"),
}  # fmt: skip
AS_OF = date(2024, 6, 30)


@pytest.fixture(scope="module")
def found() -> Any:
    return unpaid(OFFICE, AS_OF)


@pytest.fixture(scope="module")
def facts(found: Any) -> dict[str, Fact]:
    return {fact.indicator: fact for fact in unpaid_facts(found)}


def test_dirhams_come_first_and_other_currencies_are_named_not_added(found: Any) -> None:
    assert (found.currency_code, found.other_currencies) == ("MAD", ("EUR",))
    euros = unpaid(OFFICE, AS_OF, "EUR")
    assert int(euros.sums["outstanding_centimes"].sum()) == 700000
    with pytest.raises(Unanswerable, match="no bill was issued by 2021-01-01"):
        unpaid(OFFICE, "2021-01-01")


def test_what_is_owed_and_due_with_the_year_before(facts: dict[str, Fact]) -> None:
    owed, due = facts["outstanding"], facts["due"]
    assert (owed.value, owed.previous) == (900000 + 70000 + 10000 + 300000 + 47000, 910000)
    assert owed.details["item_count"] == 5
    assert (due.value, due.previous) == (owed.value, 910000)  # what has no due date is due
    assert (facts["disputed"].value, facts["customer_credits"].value) == (70000, -4000)


def test_rates_and_delays_stand_by_portfolio_with_a_status(facts: dict[str, Fact]) -> None:
    key, private = facts["current_rate_key_accounts"], facts["current_rate_private"]
    assert (key.value, key.status) == (0.0, "alert")  # stamps are no receipts
    assert key.details["with_no_cash_rate"] == pytest.approx(30000 / 1_000_000)
    assert (private.value, private.previous) == (pytest.approx(103000 / 450000), pytest.approx(190000 / 200000))
    assert facts["old_share_key_accounts"].value == pytest.approx(900 / 970)
    assert facts["unpaid_share_private"].value == pytest.approx(300 / 400)
    assert facts["dso_days_private"].value == pytest.approx(357000 / 450000 * 365)
    assert facts["dso_days_private"].status == "alert"
    assert facts["concentration"].value == 1.0


def test_receipts_that_wait_and_those_allocated_beyond_their_amount(facts: dict[str, Fact]) -> None:
    waiting = facts["waiting_receipts"]
    assert (waiting.value, waiting.status, waiting.previous) == (7000, "watch", 0)
    assert waiting.details["over_allocated_centimes"] == -2000
    assert waiting.details["oldest_date"] == date(2024, 6, 5)


def test_decisions_ask_for_what_is_there_and_for_nothing_else(found: Any) -> None:
    asked = decision_candidates(found)
    assert rows(asked[["decision_code", "amount_centimes", "item_count", "before_date"]]) == [
        ("decide_chase_key_accounts", 900000, 1, date(2024, 7, 15)),
        ("decide_allocate_receipts", 7000, 1, date(2024, 7, 15)),
        ("decide_correct_allocations", 2000, 1, date(2024, 7, 15)),
        ("decide_inspect_centers", 310000, 1, date(2024, 7, 15)),
        ("decide_settle_old_private", 10000, 1, date(2024, 7, 15)),
        ("decide_settle_credits", 4000, 1, date(2024, 7, 15)),
        ("decide_settle_disputes", 70000, 1, date(2024, 7, 15)),
        ("decide_complete_due_dates", 47000, 1, date(2024, 7, 15)),
    ]
    assert list(worse_centers(found)["unit_code"]) == ["0101"]  # 5 % of what fell due a year ago, 75 % now
    assert decisions_asked(found)[0] == (
        "decide_chase_key_accounts", 900000, date(2024, 7, 15), {"n": 1, "units": "", "names": "C1"},
    )  # fmt: skip


def test_thresholds_say_that_they_are_illustrative(found: Any) -> None:
    assert {value.status for value in thresholds_used(found)} == {"illustrative"}
    assert "collection_rate_global_good" in {value.name for value in thresholds_used(found)}


SQL = """
with bill as (
    select strptime(InvoiceDate, '%m/%d/%Y')::date issued, strptime(DueDate, '%m/%d/%Y')::date due,
        strptime(SettledDate, '%m/%d/%Y')::date paid, cast(cast(InvoiceAmount as decimal(18, 2)) * 100 as bigint) a
    from read_csv('{path}', all_varchar = true)
), seen as (select *, paid > date '2013-09-30' is_open from bill where issued <= date '2013-09-30')
select sum(a) filter (is_open), sum(a) filter (is_open and due < date '2013-09-30'),
    sum(a) filter (is_open)::double / sum(a) filter (issued > date '2012-09-30') * 365,
    sum(a) filter (is_open and due between date '2012-09-30' and date '2013-09-29')::double
        / sum(a) filter (due between date '2012-09-30' and date '2013-09-29'),
    sum(a * (date '2013-09-30' - due)) filter (is_open and due < date '2013-09-30')::double
        / sum(a) filter (is_open and due < date '2013-09-30'),
    sum(a) filter (issued > date '2012-12-31' and not is_open)::double / sum(a) filter (issued > date '2012-12-31'),
    sum(a) filter (issued <= date '2012-12-31' and paid > date '2012-12-31' and not is_open)::double
        / sum(a) filter (issued <= date '2012-12-31' and paid > date '2012-12-31'),
from seen
"""


def test_the_receivables_sample_against_independent_sql(tmp_path: Path, real_data: Path) -> None:
    path = real_data / "receivables" / "ibm_accounts_receivable.csv"
    import_files(tmp_path, [path], load_profiles(Path(__file__).resolve().parents[2] / "data" / "profiles"), "test")
    found = unpaid(store.open_office(tmp_path), "2013-09-30")
    facts = {fact.indicator: fact.value for fact in unpaid_facts(found)}
    assert (found.currency_code, found.other_currencies) == ("USD", ())
    theirs = duckdb.sql(SQL.format(path=path)).fetchall()[0]
    assert (facts["outstanding"], facts["due"]) == theirs[:2]
    names = ["dso_days", "unpaid_share", "mean_age_days", "current_rate", "arrears_rate"]
    for name, value in zip(names, theirs[2:], strict=True):
        assert facts[f"{name}_private"] == (None if value is None else pytest.approx(value, rel=1e-12)), name
    assert pd.isna(found.indicators("portfolio_code")["old_share"]).sum() == 0


def test_nothing_is_judged_where_bills_and_receipts_stop() -> None:
    late = unpaid(OFFICE, date(2024, 12, 31))
    assert late.has_ended
    assert {fact.status for fact in unpaid_facts(late) if "_rate_" in fact.indicator} <= {"info", "unmeasured"}
    assert "decide_inspect_centers" not in set(decision_candidates(late)["decision_code"])
    assert not unpaid(OFFICE, AS_OF).has_ended
