"""Mirrors recovery/unit_ages.py: units of the day, ages across, changes that close."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import rows, table
from tests.recovery.books import FIRST, LAST, books, registers
from workbench.errors import WrongUse
from workbench.recovery import AGES, LEVELS, item_balances, placed, unpaid_by_unit, unpaid_sums

UNITS = table("""
    unit_code  unit_level_code  parent_unit_code  valid_from_date  valid_to_date
    A1         agency           D1                2020-01-01       -
    A2         agency           D2                2020-01-01       -
    0101       center           A1                2020-01-01       2024-05-31
    0101       center           A2                2024-06-01       -
""")
BILLS = table("""
    invoice_id  customer_code  center_code  segment_code  issue_date  due_date    amount_ttc_centimes  amount_ht_centimes  currency_code  source_invoice_id  cancelled_date
    F1          C1             0101         household     2023-05-01  2023-06-01                 1000                   -  MAD            -                  -
    F2          C1             0101         state         2024-05-01  2024-06-20                  500                   -  MAD            -                  -
    F3          C2             0999         household     2024-06-01  2024-07-30                  200                   -  MAD            -                  -
""")
NOTHING = table("payment_id  invoice_id  allocation_date  amount_centimes")


def _sums(day: date) -> pd.DataFrame:
    return placed(unpaid_sums(item_balances(BILLS, NOTHING, as_of=day), day), UNITS, day)


def test_a_directorate_holds_the_centres_of_its_day_and_shows_what_changed() -> None:
    now, before = date(2024, 6, 30), date(2024, 5, 31)
    found = unpaid_by_unit(_sums(now), now, "directorate", _sums(before), _sums(date(2023, 6, 30)))
    names = ["unit_code", "age_0_centimes", "age_1_centimes", "age_6_centimes", "due_centimes", "month_change_centimes"]
    assert rows(found[names]) == [("D2", 0, 500, 1000, 1500, 1500), (None, 200, 0, 0, 0, 200)]
    assert rows(found[["year_change_centimes", "year_due_change_centimes"]]) == [(1500, 1500), (200, 0)]
    alone = unpaid_by_unit(_sums(now), now, "directorate")
    assert alone["month_change_centimes"].isna().all()
    with pytest.raises(WrongUse, match="'region' is none of"):
        unpaid_by_unit(_sums(now), now, "region")


@settings(max_examples=6)
@given(book=books(), units=registers(), as_of=st.dates(FIRST, LAST))
def test_every_level_holds_the_same_debt_in_every_age(
    book: tuple[pd.DataFrame, ...], units: pd.DataFrame, as_of: date
) -> None:
    items = item_balances(*book, as_of=as_of)
    sums = placed(unpaid_sums(items, as_of), units, as_of)
    debit = int(items["outstanding_centimes"].clip(lower=0).sum())
    for level in LEVELS:
        found = unpaid_by_unit(sums, as_of, level, by=["segment_code"])
        assert int(found["outstanding_centimes"].sum()) == debit
        assert (found[list(AGES)].sum(axis=1) == found["outstanding_centimes"]).all()
