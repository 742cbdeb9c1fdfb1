"""Mirrors recovery/impairment/lawsuits.py: each provisioned claim against its twelve months."""

import pandas as pd

from tests.builders import rows, table
from workbench.recovery.impairment import clock_totals, lawsuit_clock

PROVISIONS = table("""
    invoice_id  provision_date  allowance_centimes  currency_code
    F1          2022-12-31                     100  MAD
    F1          2023-06-30                     100  MAD
    F1          2023-12-31                     200  MAD
    F2          2022-12-31                     100  MAD
    F2          2023-12-31                     100  MAD
    F3          2022-12-31                     100  MAD
    F3          2023-06-30                     100  MAD
    F3          2023-12-31                     100  MAD
    F4          2023-12-31                       0  MAD
    F5          2022-12-31                      70  MAD
    F6          2023-12-31                      10  MAD
    F9          2023-12-31                       5  MAD
    F7          2023-06-30                      10  MAD
    F7          2023-12-31                      10  MAD
    F6          2024-06-30                      10  MAD
""")
INVOICES = table("""
    invoice_id  customer_code  segment_code  center_code  issue_date
    F1          C1             household     0101         2022-01-10
    F2          C2             business      0101         2022-01-10
    F3          C3             household     0101         2022-01-10
    F4          C4             household     0101         2022-01-10
    F5          C5             household     0101         2022-01-10
    F6          C6             state         0101         2022-01-10
    F7          C7             state         0101         2022-01-10
""")
STEPS = table("""
    step_id  customer_code  invoice_id  step_code      opened_date  closed_date
    S1       C1             F1          court_action   2023-12-31   -
    S2       C1             F1          court_action   2023-03-01   -
    S3       C3             F3          court_action   2024-01-01   2024-02-01
    S4       C3             F3          court_action   2022-05-01   2022-12-30
    S5       C6             F6          formal_notice  2024-01-15   -
    S6       C7             -           court_action   2022-11-01   2023-07-01
    S7       C2             F2          court_action   2024-04-02   -
""")


def test_each_claim_has_its_place() -> None:
    found = lawsuit_clock(PROVISIONS, INVOICES, STEPS, as_of="2024-04-01")
    shown = found[["invoice_id", "first_provision_date", "deadline_date", "lawsuit_date", "left_days", "clock_code"]]
    told = {row[0]: tuple("-" if one is None else str(one) for one in row[1:]) for row in rows(shown)}
    assert told == {
        "F1": ("2022-12-31", "2023-12-31", "2023-03-01", "-", "filed"),  # the first action counts
        "F2": ("2023-12-31", "2024-12-31", "-", "274", "running"),  # released in June, begun again: a new clock
        "F3": ("2022-12-31", "2023-12-31", "2024-01-01", "-", "late"),  # an action that had ended before is none
        "F6": ("2023-12-31", "2024-12-31", "-", "274", "running"),  # a notice is no action
        "F7": ("2023-06-30", "2024-06-30", "2022-11-01", "-", "filed"),  # on all its customer owed, and under way
        "F9": ("2023-12-31", "2024-12-31", "-", "274", "running"),  # a bill that nobody knows keeps its row
    }
    assert found.set_index("invoice_id").loc["F1", "allowance_centimes"] == 200


def test_the_deadline_itself_is_in_time() -> None:
    on_it, after = (lawsuit_clock(PROVISIONS, INVOICES, STEPS, as_of=day) for day in ("2023-12-31", "2024-01-01"))
    states = [found.set_index("invoice_id").loc["F3", "clock_code"] for found in (on_it, after)]
    assert states == ["running", "late"]
    later = lawsuit_clock(PROVISIONS, INVOICES, STEPS.iloc[:0], as_of="2024-01-01").set_index("invoice_id")
    assert later.loc[["F1", "F3", "F6"], "clock_code"].tolist() == ["missed", "missed", "running"]


def test_other_months_may_be_given() -> None:
    found = lawsuit_clock(PROVISIONS, INVOICES, STEPS, as_of="2024-04-01", months=2).set_index("invoice_id")
    assert found.loc[["F1", "F6"], "clock_code"].tolist() == ["late", "missed"]
    assert str(found.loc["F6", "deadline_date"].date()) == "2024-02-29"


def test_totals_hold_every_claim() -> None:
    found = lawsuit_clock(PROVISIONS, INVOICES, STEPS, as_of="2024-04-01")
    totals = clock_totals(found)
    assert int(totals["item_count"].sum()) == len(found)
    assert int(totals["allowance_centimes"].sum()) == int(found["allowance_centimes"].sum())
    running = totals[totals["clock_code"] == "running"]
    assert running["first_deadline_date"].eq(pd.Timestamp(2024, 12, 31)).all()
    assert totals.loc[totals["clock_code"] != "running", "first_deadline_date"].isna().all()


def test_before_the_first_closing_there_is_no_claim() -> None:
    assert lawsuit_clock(PROVISIONS, INVOICES, STEPS, as_of="2022-06-30").empty
