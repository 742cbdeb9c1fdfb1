"""Mirrors recovery/unit_roll_forward.py: every row ties to the centime, at every level, and centres that move take their rest along."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import rows, table
from tests.recovery.books import FIRST, LAST, books, registers
from workbench.errors import WrongUse
from workbench.recovery import FLOWS, LEVELS, item_balances, movements_by_month, roll_forward_by_month
from workbench.recovery.units import days_of_change

UNITS = table("""
    unit_code  unit_level_code  parent_unit_code  valid_from_date  valid_to_date
    A1         agency           D1                2020-01-01       -
    A2         agency           D2                2020-01-01       -
    0101       center           A1                2020-01-01       2024-02-14
    0101       center           A2                2024-02-15       -
    0102       center           A1                2020-01-01       -
""")
MONTHS = table("""
    currency_code  center_code  month_ordinal  billed_centimes  cancelled_centimes  collected_centimes  stamps_centimes  compensations_centimes  credited_centimes  written_off_centimes
    MAD            0101                 24288              900                   0                 200                0                       0                  0                     0
    MAD            0101                 24290              100                   0                   0               50                       0                  0                     0
    MAD            0102                 24289              500                   0                   0                0                       0                 20                     0
""")
_SHOWN = [
    "unit_code",
    "month_end_date",
    "opening_centimes",
    "billed_centimes",
    "transferred_centimes",
    "closing_centimes",
]


def test_a_centre_that_changes_hands_takes_its_rest_along() -> None:
    rolled = roll_forward_by_month(MONTHS, UNITS, "2024-03-10")
    assert rows(rolled[_SHOWN]) == [
        ("D1", date(2024, 1, 31), 0, 900, 0, 700),
        ("D1", date(2024, 2, 29), 700, 500, -700, 480),
        ("D1", date(2024, 3, 10), 480, 0, 0, 480),
        ("D2", date(2024, 2, 29), 0, 0, 700, 700),
        ("D2", date(2024, 3, 10), 700, 100, 0, 750),
    ]


def test_what_happened_before_a_change_inside_a_month_stays_with_the_unit_of_that_day() -> None:
    # By hand: 0101 goes from D1 to D2 on 15 February with its rest of 700 and the 50 billed on the 10th; the 100 of the 20th are D2's.
    february = table("""
        currency_code  center_code  month_ordinal  part_date   billed_centimes  cancelled_centimes  collected_centimes  stamps_centimes  compensations_centimes  credited_centimes  written_off_centimes
        MAD            0101                 24288  2024-01-01              900                   0                 200                0                       0                  0                     0
        MAD            0101                 24289  2024-02-01               50                   0                   0                0                       0                  0                     0
        MAD            0101                 24289  2024-02-15              100                   0                  30                0                       0                  0                     0
    """)
    shown = [*_SHOWN[:4], "collected_centimes", *_SHOWN[4:]]
    assert rows(roll_forward_by_month(february, UNITS, "2024-02-29")[shown]) == [
        ("D1", date(2024, 1, 31), 0, 900, 200, 0, 700),
        ("D1", date(2024, 2, 29), 700, 50, 0, -750, 0),
        ("D2", date(2024, 2, 29), 0, 100, 30, 750, 820),
    ]
    # Months cut on a day that changes nothing lose nothing.
    cut_again = february.assign(part_date=february["part_date"].mask(february.index == 1, pd.Timestamp("2024-02-08")))
    assert rows(roll_forward_by_month(cut_again, UNITS, "2024-02-29")[shown])[1] == (
        "D1", date(2024, 2, 29), 700, 50, 0, -750, 0,
    )  # fmt: skip
    # Centres and the office have no parts: their months are those of the events.
    assert rows(roll_forward_by_month(february, None, "2024-02-29", level="office")[shown]) == [
        ("", date(2024, 1, 31), 0, 900, 200, 0, 700),
        ("", date(2024, 2, 29), 700, 150, 30, 0, 820),
    ]


def test_the_office_as_a_whole_sees_no_transfer_and_opens_where_it_is_asked() -> None:
    rolled = roll_forward_by_month(MONTHS, None, "2024-03-10", level="office", since="2024-01-31")
    assert rows(rolled[_SHOWN]) == [
        ("", date(2024, 2, 29), 700, 500, 0, 1180),
        ("", date(2024, 3, 10), 1180, 100, 0, 1230),
    ]
    with pytest.raises(WrongUse, match="'region' is none of"):
        roll_forward_by_month(MONTHS, None, "2024-03-10", level="region")


@settings(max_examples=20)
@given(
    book=books(),
    units=registers(),
    as_of=st.dates(FIRST, LAST),
    level=st.sampled_from(sorted(LEVELS)),
    is_cut=st.booleans(),
)
def test_every_row_ties_and_every_level_holds_the_ledger(
    book: tuple[pd.DataFrame, ...], units: pd.DataFrame, as_of: date, level: str, is_cut: bool
) -> None:
    months = movements_by_month(*book, as_of=as_of, cut_on=days_of_change(units) if is_cut else ())
    rolled = roll_forward_by_month(months, units, as_of, level, by=["segment_code"])
    for row in rolled.to_dict("records"):
        taken = sum(row[name] for name in FLOWS if name not in ("billed_centimes", "transferred_centimes"))
        came = row["billed_centimes"] + row["transferred_centimes"]
        assert row["opening_centimes"] + came - taken == row["closing_centimes"]
    assert int(rolled["transferred_centimes"].sum()) == 0
    last = rolled[rolled["month_end_date"] == pd.Timestamp(as_of)]
    assert int(last["closing_centimes"].sum()) == int(item_balances(*book, as_of=as_of)["outstanding_centimes"].sum())
    ends = rolled.groupby("month_end_date")[["opening_centimes", "closing_centimes"]].sum()
    assert list(ends["opening_centimes"])[1:] == list(ends["closing_centimes"])[:-1]
