"""Mirrors pipeline/account_names.py: the same answers as `banking.resolve` gives from the store."""

from datetime import date

import pandas as pd
import pytest

from tests.builders import table
from workbench.banking import resolve
from workbench.pipeline.account_names import AccountNames

ALIASES = table("""
    format_code account_identifier account_number valid_from_date valid_to_date
    cfonb120    30004              R1             2023-01-01      2024-06-30
    cfonb120    30004              R2             2024-07-01      -
    mt940       TWO                R1             2023-01-01      -
    mt940       TWO                R2             2023-06-01      -
    mt940       ENDED              R1             2023-01-01      2023-12-31
""")


def names(aliases: pd.DataFrame = ALIASES) -> AccountNames:
    rows = [
        {key: None if pd.isna(value) else value for key, value in row.items()} for row in aliases.to_dict("records")
    ]
    for row in rows:
        row |= {key: row[key].date() for key in ("valid_from_date", "valid_to_date") if row[key] is not None}
    return AccountNames(rows, ["R1", "R2", "R3"])


@pytest.mark.parametrize(
    ("format_code", "identifier", "day", "accounts"),
    [
        ("cfonb120", "30004", date(2022, 1, 1), {"R1"}),  # before the first alias: nobody else bore the name
        ("cfonb120", "30004", date(2024, 6, 30), {"R1"}),
        ("cfonb120", "30004", date(2024, 7, 1), {"R2"}),
        ("mt940", "30004", date(2024, 7, 1), set()),  # another format
        ("mt940", "TWO", date(2024, 1, 1), {"R1", "R2"}),
        ("mt940", "TWO", date(2023, 2, 1), {"R1"}),
        ("mt940", "ENDED", date(2024, 1, 1), set()),
        ("mt940", "R3", date(2024, 1, 1), {"R3"}),  # the number itself
        ("cfonb120", "30004", None, {"R1", "R2"}),
    ],
)
def test_a_name_means_the_accounts_of_its_day(
    format_code: str, identifier: str, day: date | None, accounts: set[str]
) -> None:
    assert names().accounts(format_code, identifier, day) == accounts
    if day is not None and len(accounts) < 2:  # the store's reading agrees
        line = pd.DataFrame({"format_code": [format_code], "account_identifier": [identifier], "day_date": [day]})
        (found,) = resolve(line, ALIASES, table("account_number\nR1\nR2\nR3"))["account_number"]
        assert found == (next(iter(accounts)) if accounts else identifier)


def test_names_that_two_accounts_claim_at_one_time_are_told() -> None:
    assert list(names().claimed_twice()) == [("mt940", "TWO", ["R1", "R2"])]
    ended = ALIASES.assign(valid_to_date=ALIASES["valid_to_date"].fillna(pd.Timestamp("2023-05-31")))
    assert list(names(ended.iloc[2:4]).claimed_twice()) == []


def test_a_row_that_comes_again_takes_the_place_of_the_first() -> None:
    again = pd.concat([ALIASES.iloc[2:4], ALIASES.iloc[2:3].assign(valid_to_date=pd.Timestamp("2023-05-31"))])
    assert list(names(again).claimed_twice()) == []
