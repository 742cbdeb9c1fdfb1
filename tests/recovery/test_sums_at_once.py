"""Mirrors recovery/sums_at_once.py: one pass gives the tables that the functions of one day and of one period give."""

from datetime import date, timedelta

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import table
from tests.recovery.books import FIRST, LAST, books
from workbench.recovery import item_balances, movements, rate_periods, rate_sums, sums_at_once, unpaid_sums

DISPUTES = table("""
    dispute_id  invoice_id  opened_date  closed_date
    L1          F0          2023-03-01   2023-09-01
    L2          F0          2024-02-01   -
    L3          F1          2023-06-01   -
""")


@settings(max_examples=8)
@given(book=books(), as_of=st.dates(FIRST, LAST))
def test_one_pass_is_all_the_passes(book: tuple[pd.DataFrame, ...], as_of: date) -> None:
    days = {"now": as_of, "month_before": as_of.replace(day=1) - timedelta(days=1)}
    periods = rate_periods(as_of)
    found = sums_at_once(book, DISPUTES, days, periods)
    assert list(found) == [*days, *periods]
    for name, day in days.items():
        alone = unpaid_sums(item_balances(*book, DISPUTES, as_of=day, lazy=True), day)
        pd.testing.assert_frame_equal(found[name], alone, check_dtype=False)
    for name, (opening, until) in periods.items():
        alone = rate_sums(movements(*book, opening=opening, as_of=until, lazy=True), until)
        pd.testing.assert_frame_equal(found[name], alone, check_dtype=False)


@settings(max_examples=4)
@given(book=books(), as_of=st.dates(FIRST, LAST))
def test_briefly_leaves_out_ages_and_other_readings_and_nothing_else(
    book: tuple[pd.DataFrame, ...], as_of: date
) -> None:
    days, periods = {"now": as_of, "before": as_of - timedelta(days=40)}, rate_periods(as_of)
    whole = sums_at_once(book, DISPUTES, days, periods)
    brief = sums_at_once(book, DISPUTES, days, periods, briefly=("before", "rolling"))
    for name, table_of in whole.items():
        left_out = set(table_of.columns) - set(brief[name].columns)
        assert all(column.startswith(("age_", "due_", "ht_")) for column in left_out)
        assert len(left_out) == {"before": 10, "rolling": 9}.get(name, 0)
        pd.testing.assert_frame_equal(brief[name], table_of.drop(columns=list(left_out)))
