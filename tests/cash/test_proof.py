"""Mirrors cash/proof.py."""

from datetime import date

import pandas as pd
import pytest

from tests.builders import rows, table
from workbench.cash import (
    balance_steps,
    gaps,
    holes,
    last_statements,
    proven_share,
    states_of_accounts,
    turned_away,
    typed_apart,
)
from workbench.standards import load_bank_days

AS_OF = date(2024, 12, 31)
ACCOUNTS = table("""
    account_number currency_code statement_lag_days
    A              MAD                            -
    B              MAD                            1
    C              MAD                            -
""")
DAYS = table("""
    account_number account_identifier currency_code day_date   opening_centimes closing_centimes is_superseded
    A              a                  MAD           2024-12-26                0              600 false
    B              b                  MAD           2024-12-27                0             -300 false
    B              b                  MAD           2024-12-31                0                - false
    X              x                  MAD           2024-12-31                0              100 false
    A              a                  MAD           2024-12-24              900              900 false
""")
STATES = states_of_accounts(ACCOUNTS, last_statements(DAYS, as_of=AS_OF), load_bank_days(), AS_OF, default_lag_days=3)


def test_proven_stale_missing_and_not_registered_are_told_apart() -> None:
    assert rows(STATES[["account_number", "late_days", "allowed_days", "state_code", "is_registered"]]) == [
        ("A", 3, 3, "proven", True),
        ("B", 2, 1, "stale", True),  # the list of the 31st holds no balance: it proves nothing
        ("C", None, 3, "missing", True),
        ("X", 0, 3, "proven", False),
    ]


def test_the_proven_share_weighs_absolute_balances() -> None:
    today = table("""
        account_number currency_code booked_centimes
        A              MAD                       600
        B              MAD                      -300
        X              MAD                       100
    """)
    assert proven_share(today, STATES) == pytest.approx(0.7)
    assert proven_share(today.head(0), STATES) is None


def test_a_typed_balance_stands_apart_and_only_where_nothing_recent_proves() -> None:
    typed = table("""
        account_number currency_code balance_date balance_centimes entered_by
        A              MAD           2024-12-30                  1 X1
        B              MAD           2024-12-20                  2 X1
        C              MAD           2024-12-29                  3 X2
        C              MAD           2024-12-28                  4 X2
        C              MAD           2025-01-02                  5 X2
    """)
    apart = typed_apart(typed, STATES, AS_OF)
    assert rows(apart[["account_number", "balance_centimes", "entered_by", "is_newer"]]) == [
        ("B", 2, "X1", False),
        ("C", 3, "X2", True),
    ]


def test_a_balance_that_moved_without_a_line_names_its_day() -> None:
    lines = pd.DataFrame(
        {name: DAYS[name].head(0) for name in ("account_number", "account_identifier", "currency_code", "day_date")}
    )
    lines = lines.assign(
        value_date=lines["day_date"],
        amount_centimes=pd.array([], "Int64"),
        is_superseded=pd.array([], "bool"),
        is_interim=pd.array([], "bool"),
    )
    steps = balance_steps(DAYS[DAYS["account_number"] == "A"], lines, as_of=AS_OF)
    assert rows(gaps(steps)) == [("A", "MAD", date(2024, 12, 26), -300)]
    assert rows(holes(steps)) == [("A", "MAD", date(2024, 12, 24), date(2024, 12, 26), -300)]


def test_a_statement_older_than_the_calendar_is_stale_and_its_lateness_not_known() -> None:
    old = table("""
        account_number currency_code statement_date
        A              MAD           2002-03-15
    """)
    found = states_of_accounts(ACCOUNTS.head(1), old, load_bank_days(), AS_OF, default_lag_days=3)
    assert rows(found[["late_days", "state_code"]]) == [(None, "stale")]


def test_a_statement_turned_away_is_told_until_another_covers_its_last_day() -> None:
    statements = table("""
        account_number currency_code statement_number statement_status_code opening_date closing_date difference_centimes
        A              MAD           9                refused               2024-08-31   2024-09-30                     1
        A              MAD           10               booked                2024-09-30   2024-10-31                     0
        B              MAD           9                held                  2024-08-31   2024-09-30                     0
        B              MAD           9                booked                2024-08-31   2024-09-30                     0
        C              MAD           5                refused               2024-01-01   2024-01-31                     7
    """)
    found = turned_away(statements, start=date(2024, 9, 1), as_of=date(2024, 10, 31))
    assert rows(found[["account_number", "statement_number", "statement_status_code", "difference_centimes"]]) == [
        ("A", "9", "refused", 1)  # the next one knows the balance of that day and no more
    ]
