"""Mirrors recovery/worklist/names.py: who is on the list, in which order, and why the others are not."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import table, worked
from workbench.recovery.worklist import Act, monday_items, monday_names

AS_OF = date(2024, 6, 3)
CASE = worked("worklist")
RATES = pd.DataFrame({"segment_code": "household", "age_days": CASE["chance"]["ages"], "rate": CASE["chance"]["rates"]})
NO_STEPS = table("customer_code  step_code  opened_date")


def act(rank: int, code: str, after: int, wait: int, share: float) -> Act:
    return Act("household", rank, code, after, wait, share, date(2020, 1, 1), None, "illustrative", "x")


LADDER = {
    "household": [
        act(1, "reminder", 1, 15, 0.1),
        act(2, "formal_notice", 15, 15, 0.2),
        act(3, "disconnection", 45, 30, 0.4),
    ]
}
CLAIMS = table("""
    invoice_id  customer_code  center_code  agency_code  segment_code  currency_code  issue_date  due_date    outstanding_centimes  limitation_code  last_date   left_days
    F1          C1             0101         A1           household     MAD            2024-02-24  2024-03-25               100000   running          2026-03-25        660
    F2          C2             0101         A1           household     MAD            2024-02-24  2024-03-25                50000   running          2024-06-20         17
    F3          C3             0101         A1           household     MAD            2024-05-20  2024-06-19                70000   running          2026-06-19        746
    F4          C4             0101         A1           household     MAD            2022-02-01  2022-03-01                60000   lapsed           2024-03-01        -94
    F5          C5             0101         A1           household     MAD            2024-02-24  2024-03-25                40000   running          2026-03-25        660
    F6          C6             0101         A1           household     MAD            2024-02-24  2024-03-25                30000   running          2026-03-25        660
    F7          C7             0102         A2           household     MAD            2024-02-24  2024-03-25                 1000   running          2026-03-25        660
    F8          C1             0102         A2           household     MAD            2024-02-24  2024-03-25                20000   running          2026-03-25        660
""")  # fmt: skip


def listed(steps: pd.DataFrame = NO_STEPS, **more: Any) -> pd.DataFrame:
    items = monday_items(CLAIMS, ["F5"], ["C6"], AS_OF)
    asked: dict[str, Any] = {"as_of": AS_OF, "smallest_centimes": 5_000, **more}
    return monday_names(items, RATES, LADDER, steps, [], **asked)


def test_items_are_left_out_for_one_reason_each() -> None:
    items = monday_items(CLAIMS, ["F5", "F3"], ["C6", "C5"], AS_OF).set_index("invoice_id")["left_out_code"]
    assert items[["F3", "F4", "F5", "F6"]].tolist() == ["not_due", "lapsed", "disputed", "payment_plan"]
    assert items[["F1", "F2", "F7"]].isna().all()


def test_a_gain_worked_by_hand() -> None:
    steps = table("""
        customer_code  step_code  opened_date
        C1             reminder   2024-04-10
    """)
    found = listed(steps).set_index(["agency_code", "customer_code"]).loc[("A1", "C1")]
    case = CASE["gain"]
    assert found["act_code"] == "formal_notice"
    assert [found["alone_mad"], found["acted_mad"], found["gain_mad"]] == pytest.approx([case["alone"], case["acted"], case["gain"]])  # fmt: skip
    assert (found["age_days"], found["last_act_code"], found["reason_code"]) == (70, "reminder", "act_due")


def test_what_lapses_comes_first_then_the_largest_gain() -> None:
    found = listed()
    first = found[found["agency_code"] == "A1"]
    assert first["customer_code"].tolist() == ["C2", "C1"]
    assert first["reason_code"].tolist() == ["lapses_soon", "never_asked"]
    assert first["place"].tolist() == [1, 2]
    second = found[found["agency_code"] == "A2"].set_index("customer_code")
    assert second.loc["C1", "place"] == 1
    assert second.loc["C7", "left_out_code"] == "small"


@pytest.mark.parametrize(
    ("step", "day", "code"),
    [
        ("reminder", "2024-05-25", "waiting"),  # nine days of fifteen
        ("disconnection", "2024-01-25", "no_act"),  # the last of the ladder
        ("court_action", "2024-01-25", "no_act"),
        ("acknowledgement", "2024-06-01", "waiting"),  # outside the ladder: as many days as its first act
    ],
)
def test_nobody_is_asked_twice(step: str, day: str, code: str) -> None:
    steps = pd.DataFrame({"customer_code": ["C1"], "step_code": [step], "opened_date": pd.to_datetime([day])})
    found = listed(steps).set_index(["agency_code", "customer_code"])
    assert found.loc[("A1", "C1"), "left_out_code"] == code
    assert pd.isna(found.loc[("A1", "C1"), "place"])
    assert pd.isna(found.loc[("A1", "C1"), "act_code"])


def test_an_act_is_not_proposed_before_its_days_past_due() -> None:
    steps = pd.DataFrame(
        {"customer_code": ["C1"], "step_code": ["formal_notice"], "opened_date": pd.to_datetime(["2024-04-01"])}
    )
    late = monday_items(CLAIMS.assign(due_date=pd.Timestamp("2024-05-01")), [], [], AS_OF)
    found = monday_names(late, RATES, LADDER, steps, [], as_of=AS_OF, smallest_centimes=0).set_index(
        ["agency_code", "customer_code"]
    )
    assert found.loc[("A1", "C1"), "left_out_code"] == "no_act"  # 33 days late: no disconnection before 45


def test_past_the_last_place_a_name_is_beyond() -> None:
    found = listed(most=1)
    assert found.loc[found["agency_code"] == "A1", "left_out_code"].tolist()[1] == "beyond"


def test_a_segment_without_a_curve_or_a_ladder_is_told_and_not_lost() -> None:
    items = monday_items(CLAIMS.assign(segment_code="state"), [], [], AS_OF)
    found = monday_names(items, RATES, LADDER, NO_STEPS, [], as_of=AS_OF, smallest_centimes=0)
    assert set(found["left_out_code"]) == {"no_act"}
    assert found["alone_mad"].isna().all()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 10**7), min_size=8, max_size=8), st.integers(0, 10**6), st.integers(1, 3))
def test_every_centime_is_listed_or_left_out_and_an_act_never_costs(
    amounts: list[int], smallest: int, most: int
) -> None:
    claims = CLAIMS.assign(outstanding_centimes=amounts)
    items = monday_items(claims, ["F5"], ["C6"], AS_OF)
    found = monday_names(items, RATES, LADDER, NO_STEPS, [], as_of=AS_OF, smallest_centimes=smallest, most=most)
    out = items.loc[items["left_out_code"].notna(), "outstanding_centimes"].sum()
    assert int(found["due_centimes"].sum() + out) == sum(amounts)
    assert (found["place"].notna() ^ found["left_out_code"].notna()).all()
    assert (found["gain_mad"] >= 0).all()
    assert (found["acted_mad"] <= found["due_centimes"] / 100 + 1e-9).all()
    assert found.groupby("agency_code")["place"].count().max() <= most
    again = monday_names(
        items.sample(frac=1, random_state=np.random.RandomState(3)),
        RATES,
        LADDER,
        NO_STEPS,
        [],
        as_of=AS_OF,
        smallest_centimes=smallest,
        most=most,
    )
    pd.testing.assert_frame_equal(again, found)
