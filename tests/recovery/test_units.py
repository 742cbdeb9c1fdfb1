"""Mirrors recovery/units.py: a centre belongs where the organisation of the day puts it."""

from datetime import date

from tests.builders import rows, table
from workbench.recovery import in_unit, units_on
from workbench.recovery.units import days_of_change, placed_when_billed

UNITS = table("""
    unit_code  unit_level_code  parent_unit_code  valid_from_date  valid_to_date
    D1         directorate      -                 2020-01-01       -
    A1         agency           D1                2020-01-01       -
    A2         agency           D2                2020-01-01       -
    0101       center           A1                2020-01-01       2023-06-30
    0101       center           A2                2023-07-01       -
    0102       center           A1                2020-01-01       2023-12-31
""")


def test_a_centre_that_changes_hands_counts_in_its_old_unit_until_the_evening_before() -> None:
    assert rows(units_on(UNITS, date(2023, 6, 30)))[0] == ("0101", "A1", "D1")
    assert rows(units_on(UNITS, date(2023, 7, 1)))[0] == ("0101", "A2", "D2")
    assert [row[0] for row in rows(units_on(UNITS, date(2024, 1, 1)))] == ["0101"]


def test_days_of_change_are_first_days_and_each_stands_once() -> None:
    assert days_of_change(UNITS) == [date(2020, 1, 1), date(2023, 7, 1), date(2024, 1, 1)]
    assert days_of_change(UNITS.head(0)) == []


def test_an_item_of_no_known_centre_keeps_its_row() -> None:
    items = table("""
        invoice_id  center_code  outstanding_centimes
        F1          0101         100
        F2          9999         20
    """)
    assert in_unit(items, UNITS, date(2024, 6, 30))["outstanding_centimes"].sum() == 120
    assert list(in_unit(items, UNITS, date(2024, 6, 30), "D2")["invoice_id"]) == ["F1"]


def test_a_bill_is_placed_where_its_centre_stood_on_its_own_day() -> None:
    units = table("""
        unit_code  unit_level_code  parent_unit_code  valid_from_date  valid_to_date
        A1         agency           D1                2020-01-01       -
        A2         agency           D2                2020-01-01       2024-06-30
        A2         agency           D3                2024-07-01       -
        0101       center           A1                2020-01-01       2023-12-31
        0101       center           A2                2024-01-01       -
    """)
    bills = table("""
        invoice_id  center_code  issue_date
        OLD         0101         2023-12-31
        NEW         0101         2024-01-01
        LATER       0101         2024-07-01
        NOWHERE     0909         2024-01-01
        BEFORE      0101         2019-01-01
    """)
    found = placed_when_billed(bills, units).set_index("invoice_id")[["agency_code", "directorate_code"]]
    assert dict(zip(found.index, rows(found), strict=True)) == {
        "OLD": ("A1", "D1"),
        "NEW": ("A2", "D2"),
        "LATER": ("A2", "D3"),
        "NOWHERE": (None, None),
        "BEFORE": (None, None),
    }
