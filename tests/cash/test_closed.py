"""Mirrors cash/closed.py; the whole page of an office with a closed account is in test_situation.py."""

from datetime import date

import pandas as pd

from tests.builders import rows, table
from workbench.cash.closed import closed_and_empty, is_closed, without, without_empty_days

AS_OF = date(2024, 6, 30)
ACCOUNTS = table("""
    account_number currency_code closed_date
    OPEN           MAD           -
    EMPTY          MAD           2024-06-30
    HELD           MAD           2024-06-15
    COMING         MAD           2024-06-15
    LATER          MAD           2024-07-01
    SILENT         MAD           2024-01-01
""")
TODAY = table("""
    account_number currency_code booked_centimes value_centimes
    OPEN           MAD                         0              0
    EMPTY          MAD                         0              0
    HELD           MAD                       300            300
    COMING         MAD                         0            -20
    LATER          MAD                         0              0
""")
DAILY = table("""
    account_number currency_code day_date   opening_centimes entered_centimes flow_centimes gap_centimes booked_centimes value_centimes
    EMPTY          MAD           2024-06-28              700                0             0            0             700            700
    EMPTY          MAD           2024-06-29              700                0          -700            0               0              0
    EMPTY          MAD           2024-06-30                0                0             0            0               0              0
    OPEN           MAD           2024-06-30                0                0             0            0               0              0
""")


def test_an_account_is_closed_from_its_day_on_and_only_where_the_register_says_so() -> None:
    assert list(is_closed(ACCOUNTS, AS_OF)) == [False, True, True, True, False, True]
    assert not is_closed(ACCOUNTS.drop(columns="closed_date"), AS_OF).any()


def test_what_is_closed_and_holds_nothing_in_bank_or_in_value() -> None:
    assert closed_and_empty(ACCOUNTS, TODAY, AS_OF) == {("EMPTY", "MAD"), ("SILENT", "MAD")}


def test_its_days_leave_once_nothing_moves_on_them_and_open_accounts_stay() -> None:
    closed = {("EMPTY", "MAD")}
    kept = without_empty_days(DAILY, closed)
    assert rows(kept[["account_number", "day_date"]]) == [
        ("EMPTY", date(2024, 6, 28)), ("EMPTY", date(2024, 6, 29)), ("OPEN", date(2024, 6, 30)),
    ]  # fmt: skip
    assert list(without(ACCOUNTS, closed)["account_number"]) == ["OPEN", "HELD", "COMING", "LATER", "SILENT"]
    assert without(pd.DataFrame(columns=["account_number", "currency_code"]), closed).empty
