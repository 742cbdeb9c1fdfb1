"""Mirrors cash/tables.py: the steps of a cascade close, and every table tells where the money is."""

from tests.builders import rows
from tests.cash.test_findings import found
from workbench.cash import cash_tables, curves, forward_steps, month_steps
from workbench.cash.situation import Situation

__all__ = ["found"]  # the fixture


def test_the_forward_cascade_closes_every_day_and_leaves_out_what_has_no_balance(found: Situation) -> None:
    steps = forward_steps(found, "MAD")
    reached = 0
    for amount, is_level in steps[["amount_centimes", "is_level"]].itertuples(index=False, name=None):
        if is_level and reached:
            assert amount == reached
        reached = amount if is_level else reached + amount
    assert set(steps["label"][~steps["is_level"]]) == {"booked", "order_issued"}
    assert list(found.unplaced_flows["account_number"]) == ["C"]


def test_the_month_closes_and_says_what_no_line_explains(found: Situation) -> None:
    steps = dict(month_steps(found, "MAD")[["label", "amount_centimes"]].itertuples(index=False, name=None))
    assert steps["closing"] == 3000
    assert sum(amount for label, amount in steps.items() if label != "closing") == 3000


def test_tables_of_where_the_money_is(found: Situation) -> None:
    shown = cash_tables(found, "MAD")
    assert rows(shown["bridge"]) == [
        ("booked_centimes", 3000),
        ("in_course", -600),
        ("value_centimes", 2400),
        ("floor_centimes", -1200),
        ("margin", 1200),
    ]
    assert rows(shown["idle_by"][["directorate_code", "account_count", "idle_centimes"]]) == [("unknown", 1, 3000)]
    assert rows(shown["banks"][["bank_name", "account_count", "proven_count", "value_centimes"]]) == [
        ("AWB", 1, 1, 4000),
        ("CIH", 2, 1, -1600),
    ]
    assert set(shown["rates"]["status_code"]) <= {"official", "illustrative"}
    assert all(shown["rates"]["source"])
    past, ends = curves(found, "MAD")
    assert (past[-1], ends[0], len(ends)) == (2400, 2400, 6)
