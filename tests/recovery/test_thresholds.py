"""Mirrors recovery/thresholds.py: the office's own target replaces the illustrative value, and says where it comes from."""

from datetime import date
from decimal import Decimal

from tests.builders import table
from workbench.recovery import thresholds_on

TARGETS = table("""
    indicator_code          unit_code  segment_code  target_value  alert_value  valid_from_date
    collection_rate_global  -          -             0.9           -            2024-01-01
    value_position          -          -             5000000       -            2024-01-01
""")


def test_a_target_of_the_register_takes_the_place_of_the_reference() -> None:
    values = thresholds_on(TARGETS, date(2024, 6, 30))
    own, alert = values["collection_rate_global_good"], values["collection_rate_global_bad"]
    assert (own.value, own.status, own.valid_from) == (Decimal("0.9"), "target", date(2024, 1, 1))
    assert (alert.value, alert.status) == (
        Decimal("0.65"),
        "illustrative",
    )  # the register gives no alert: the reference's stays
    assert "value_position_good" not in values


def test_before_the_target_begins_the_reference_holds() -> None:
    values = thresholds_on(TARGETS, date(2023, 12, 31))
    assert values["collection_rate_global_good"].value == Decimal("0.80")
