"""Mirrors standards/targets.py: the office's own target in force, never that of a unit or a segment."""

from datetime import date
from decimal import Decimal

from tests.builders import table
from workbench.standards import Target, office_targets

TARGETS = table("""
    indicator_code  unit_code  segment_code  target_value  alert_value  valid_from_date
    unpaid_share    -          -             0.08          0.15         2024-07-01
    unpaid_share    -          -             0.1           0.2          2023-01-01
    unpaid_share    0101       -             0.3           0.4          2023-01-01
    unpaid_share    -          household     0.5           0.6          2023-01-01
    mean_age_days   -          -             180           -            2024-12-31
""")


def test_the_latest_begun_holds_and_a_target_to_come_does_not() -> None:
    on = office_targets(TARGETS, date(2024, 6, 30))
    assert on == {"unpaid_share": Target("unpaid_share", Decimal("0.1"), Decimal("0.2"), date(2023, 1, 1))}
    later = office_targets(TARGETS, date(2024, 12, 31))
    assert later["unpaid_share"].value == Decimal("0.08")
    assert (later["mean_age_days"].value, later["mean_age_days"].alert) == (Decimal("180.0"), None)


def test_an_empty_register_sets_nothing() -> None:
    assert office_targets(TARGETS.head(0), date(2024, 6, 30)) == {}
