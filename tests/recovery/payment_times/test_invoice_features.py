"""Mirrors payment_times/invoice_features.py: what was known at issue, and nothing of what came after."""

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import table
from tests.recovery.payment_times.made_bills import made_bills
from workbench.errors import SchemaError, WrongUse
from workbench.recovery.payment_times.invoice_features import (
    NEVER,
    LevelRule,
    bills_of,
    learn_level,
    point_in_time_features,
)

CASE = tomllib.loads((Path(__file__).parents[2] / "cases" / "invoice_times.toml").read_text(encoding="utf-8"))
RULE = LevelRule(np.array([-5.0, 1.0]), 4.0)


def test_features_are_those_of_the_page() -> None:
    bills = table("""
        customer_code  issue_date  settled_date  amount_centimes  is_electronic  was_disputed
        A              2024-01-01  2024-01-21    10000            False          True
        A              2024-01-02  2024-02-11    10000            False          False
        A              2024-01-20  2024-03-01    10000            False          True
        B              2024-02-01  2024-02-11    10000            False          False
        A              2024-03-01  2024-04-15    10000            False          True
    """)  # fmt: skip
    bills = bills.assign(was_disputed=bills["was_disputed"].astype(str) == "True", is_electronic=False)
    told = point_in_time_features(bills_of(bills), LevelRule(np.zeros(2), 6.0)).iloc[-1]
    for name in ("level", "usual_days", "late_share", "disputed_share", "open_count"):
        assert told[name] == pytest.approx(CASE["features"][name], abs=1e-6), name


def slow(items: pd.DataFrame, row: int) -> dict[str, float]:
    """Some features of one bill, by looking at every other one."""
    one = items.iloc[row]
    own = items[(items["customer_code"] == one["customer_code"]) & (items["settled_date"] < one["issue_date"])]
    office = items[items["settled_date"] < one["issue_date"]]
    days = (own["settled_date"] - own["issue_date"]).dt.days
    mean = (office["settled_date"] - office["issue_date"]).dt.days.mean() if len(office) else 27.0
    earlier = items[(items["customer_code"] == one["customer_code"]) & (items["issue_date"] < one["issue_date"])]
    is_open = earlier["settled_date"].isna() | (earlier["settled_date"] >= one["issue_date"])
    return {
        "usual_days": (days.sum() + 2 * mean) / (len(own) + 2),
        "settled_count": float(len(own)),
        "open_count": float(is_open.sum()),
        "disputed_share": (own["was_disputed"].sum() + 1) / (len(own) + 5),
        "spread_days": days.std() if len(own) > 2 else 8.0,
    }


def test_sorted_arrays_say_what_looking_at_every_bill_says() -> None:
    items = made_bills(200, 8, 300)
    items.loc[items.index[::9], "settled_date"] = pd.NaT
    bills = bills_of(items)
    order = np.lexsort((items["is_electronic"], items["amount_centimes"], items["customer_code"], items["issue_date"]))
    told, ordered = point_in_time_features(bills, RULE), items.iloc[order].reset_index(drop=True)
    for row in range(0, 200, 7):
        assert told.iloc[row][list(slow(ordered, row))].to_dict() == pytest.approx(slow(ordered, row))


@given(st.integers(0, 300), st.integers(0, 2**16))
@settings(max_examples=25)
def test_nothing_that_came_after_the_issue_moves_a_feature(day: int, seed: int) -> None:
    items = made_bills(150, 6, 300)
    rng = np.random.default_rng(seed)
    morning = pd.Timestamp("2022-01-03") + pd.Timedelta(days=day)
    after = items.copy()
    later = (
        after["settled_date"] >= morning
    )  # known by nobody that morning: settled on another day or never, disputed or not
    moved = morning + pd.to_timedelta(rng.integers(0, 400, len(after)), unit="D")
    moved = pd.Series(np.maximum(moved, after["issue_date"]), index=after.index)
    after["settled_date"] = after["settled_date"].where(~later, moved.where(rng.random(len(after)) < 0.8))
    after["was_disputed"] = np.where(later, rng.random(len(after)) < 0.5, after["was_disputed"])
    one, two = (point_in_time_features(bills_of(each), RULE) for each in (items, after))
    known = int((items["issue_date"] <= morning).sum())
    pd.testing.assert_frame_equal(one.iloc[:known], two.iloc[:known])
    first, second = bills_of(items), bills_of(after)
    cut = (morning - pd.Timestamp(0)).days
    assert learn_level(first, cut).office_weight == pytest.approx(learn_level(second, cut).office_weight)
    assert learn_level(first, cut).effects == pytest.approx(learn_level(second, cut).effects)


def test_what_was_settled_since_is_open_on_the_day_and_its_dispute_unknown() -> None:
    bills = bills_of(made_bills())
    day = int(bills.issued[300])
    known = bills.known_on(day)
    assert (known.issued < day).all()
    assert (known.settled[known.settled >= day] == NEVER).all()
    assert known.was_disputed[known.settled == NEVER].sum() == 0


def test_effects_within_customers_are_recovered() -> None:
    items = made_bills(3000, 40, 900).assign(was_disputed=False)
    bills = bills_of(items)
    rule = learn_level(bills, NEVER)
    assert rule.effects[0] == pytest.approx(-5, abs=1.0)  # planted: five days sooner by electronic bill


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda t: t.drop(columns="amount_centimes"), SchemaError, "amount_centimes"),
        (lambda t: t.assign(issue_date=pd.NaT), SchemaError, "issue date"),
        (lambda t: t.assign(settled_date=t["issue_date"] - pd.Timedelta(days=1)), SchemaError, "before their issue"),
        (lambda t: t.assign(currency_code=["MAD", "EUR"] * (len(t) // 2)), WrongUse, "two currencies"),
    ],
)
def test_bills_that_cannot_be_placed_are_refused(change: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        bills_of(change(made_bills(20)))


def test_the_order_of_a_file_changes_nothing() -> None:
    items = made_bills(200)
    one, two = (point_in_time_features(bills_of(each), RULE) for each in (items, items.sample(frac=1, random_state=1)))
    pd.testing.assert_frame_equal(one, two)
