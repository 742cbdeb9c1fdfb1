"""Mirrors banking/accounts.py."""

from datetime import date

from tests.builders import rows, table
from workbench.banking import describe, resolve

LINES = table("""
    format_code account_identifier day_date   amount_centimes
    cfonb120    30004              2024-01-10               1
    cfonb120    30004              2024-07-10               2
    mt940       30004              2024-01-10               3
    cfonb120    30004              2022-05-10               6
    cfonb120    R9                 2024-08-10               7
    mt940       TWO                2024-01-10               4
    mt940       R3                 2024-01-10               5
""")
ALIASES = table("""
    format_code account_identifier account_number valid_from_date valid_to_date
    cfonb120    30004              R1             2023-01-01      2024-06-30
    cfonb120    R9                 R2             2023-01-01      2024-06-30
    cfonb120    30004              R2             2024-07-01      -
    mt940       TWO                R1             2023-01-01      -
    mt940       TWO                R2             2023-01-01      -
""")
ACCOUNTS = table("""
    account_number unit_code opened_date closed_date
    R1             C1        2020-01-01  -
    R2             D2        -           -
    R3             O         2020-01-01  -
    R4             C1        2020-01-01  2024-01-10
    R5             C1        2024-02-01  -
    R6             NONE      -           -
""")
UNITS = table("""
    unit_code unit_level_code parent_unit_code valid_from_date valid_to_date
    C1        center          A1               2020-01-01      -
    A1        agency          D1               2020-01-01      2023-12-31
    A1        agency          D2               2024-01-01      -
    D1        directorate     O                2020-01-01      -
    D2        directorate     O                2020-01-01      -
    O         office          -                2020-01-01      -
""")


def test_a_name_counts_under_the_account_it_meant_that_day_else_under_itself() -> None:
    resolved = resolve(LINES, ALIASES, ACCOUNTS).sort_values("amount_centimes")
    assert rows(resolved[["amount_centimes", "account_number", "is_registered"]]) == [
        (1, "R1", True),
        (2, "R2", True),
        (3, "30004", False),  # another format
        (4, "TWO", False),  # two accounts claim it: nobody guesses
        (5, "R3", True),  # the number itself
        (6, "R1", True),  # before the register knew the name, which nobody else bore
        (7, "R9", False),  # after it gave the name up
    ]


def test_accounts_stand_in_the_directorate_of_that_day_and_a_closed_one_stays() -> None:
    now = describe(ACCOUNTS, UNITS, as_of=date(2024, 1, 10))
    found = [("R1", "D2"), ("R2", "D2"), ("R3", "head_office"), ("R4", "D2"), ("R6", None)]
    assert rows(now[["account_number", "directorate_code"]]) == found
    before = describe(ACCOUNTS, UNITS, as_of=date(2023, 12, 31))
    assert rows(before[["account_number", "directorate_code"]])[0] == ("R1", "D1")
