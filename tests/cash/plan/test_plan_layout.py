"""Mirrors cash/plan/plan/plan_layout.py: lines × periods that add up, past weeks as they were, gaps that are actual less plan."""

import itertools
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import table
from workbench.cash.plan.plan_layout import (
    Column,
    actual_weeks,
    chained,
    group_of,
    total_of,
    treasurer_layout,
    with_plans,
)
from workbench.errors import WrongUse

CASES = Path(__file__).parents[2] / "cases" / "plan_page.toml"
LINES = table("""
    line_code    direction kind
    works        in        operating
    energy       out       operating
    debt_service both      financing
""")
amounts = st.integers(-(10**12), 10**12)
flows = st.dictionaries(st.sampled_from(["works", "energy", "debt_service", "unclassified"]), amounts, min_size=1)


@given(st.lists(flows, min_size=1, max_size=6), amounts)
def test_periods_follow_one_another_and_their_total_goes_from_the_first_to_the_last(
    parts: list[dict[str, int]], opening: int
) -> None:
    rows = [
        (code, pd.Timestamp("2024-10-07") + pd.Timedelta(weeks=n), amount)
        for n, part in enumerate(parts)
        for code, amount in part.items()
    ]
    columns = chained(pd.DataFrame(rows, columns=["line_code", "target_date", "amount_centimes"]), opening, "week")
    assert all(after.opening_centimes == before.closing_centimes for before, after in itertools.pairwise(columns))
    total = total_of(columns)
    assert (total.opening_centimes, total.closing_centimes) == (opening, columns[-1].closing_centimes)
    layout = treasurer_layout([*columns, total], LINES).set_index("row_code")
    lines = layout[~layout["is_level"]].drop(columns="is_level").fillna(0).sum()
    sums = layout[layout.index.str.endswith("_sum")].drop(columns="is_level").sum()
    assert (lines == sums).all()
    assert (layout.loc["opening"].drop("is_level") + lines == layout.loc["closing"].drop("is_level")).all()


def test_lines_stand_in_their_group_and_what_has_no_line_stands_last() -> None:
    assert group_of(LINES) == {"works": "receipts", "energy": "payments", "debt_service": "financing"}
    column = Column(
        "month",
        pd.Timestamp("2024-10-01"),
        "plan",
        {"unclassified": 1, "energy": -2, "works": 3, "debt_service": -4},
        10,
    )
    layout = treasurer_layout([column], LINES)
    assert list(layout["row_code"]) == [
        "opening", "works", "receipts_sum", "energy", "payments_sum", "debt_service", "unclassified", "financing_sum", "closing",
    ]  # fmt: skip
    assert list(layout["month|2024-10-01|plan"]) == [10, 3, 3, -2, -2, -4, 1, -3, 8]
    with pytest.raises(WrongUse, match="one name"):
        treasurer_layout([column, column], LINES)


POSITIONS = table("""
    day_date   value_centimes
    2024-09-29 100
    2024-10-06 150
    2024-10-09 170
""")
FLOWS = table("""
    line_code flow_date  amount_centimes
    works     2024-10-01 70
    energy    2024-10-04 -30
    works     2024-10-08 20
    works     2024-10-14 999
""")


def test_past_weeks_are_as_they_were_and_what_no_line_explains_is_shown() -> None:
    first, last = actual_weeks(FLOWS, POSITIONS, pd.Timestamp("2024-10-09"), 4)
    assert (first.name, dict(first.flows), first.opening_centimes, first.unexplained_centimes) == (
        "week|2024-09-30|actual", {"energy": -30, "works": 70}, 100, 10,
    )  # fmt: skip
    assert first.closing_centimes == last.opening_centimes == 150
    assert (last.closing_centimes, dict(last.flows)) == (
        170,
        {"works": 20},
    )  # up to the date; what comes later is no history


def test_a_past_week_is_set_beside_the_plan_made_last_before_it() -> None:
    log = table("""
        plan_id origin_date line_code period_code target_date plan_centimes
        P1      2024-09-20  works     week        2024-09-30  10
        P2      2024-09-27  works     week        2024-09-30  60
        P2      2024-09-27  all       week        2024-09-30  60
        P2      2024-09-27  works     day         2024-09-30  1
        P3      2024-10-01  works     week        2024-09-30  70
        P2      2024-09-27  works     week        2024-10-07  5
    """)
    actual = actual_weeks(FLOWS, POSITIONS, pd.Timestamp("2024-10-09"), 4)
    columns = with_plans(actual, log, pd.Timestamp("2024-10-09"))
    assert [column.name for column in columns] == [
        "week|2024-09-30|actual", "week|2024-09-30|plan", "week|2024-09-30|gap", "week|2024-10-07|actual",
    ]  # the week that is not over has nothing to be compared with  # fmt: skip
    gap = columns[2]
    assert dict(gap.flows) == {"energy": -30, "works": 10}
    assert gap.closing_centimes == actual[0].closing_centimes - columns[1].closing_centimes


def test_the_layout_worked_by_hand() -> None:
    case = tomllib.loads(CASES.read_text(encoding="utf-8"))["layout"]
    monday = pd.Timestamp("2024-10-07")
    actual = Column("week", monday, "actual", {"works": 300_050, "energy": -100_000}, 1_000_000, unexplained_centimes=5)
    planned = Column("week", monday, "plan", {"works": 250_000, "energy": -120_000, "debt_service": -50_000}, 1_000_000)
    layout = treasurer_layout([actual, planned, actual.less(planned)], LINES)
    assert list(layout["row_code"]) == case["rows"]
    for part in ("actual", "plan", "gap"):
        assert (
            list(layout[f"week|2024-10-07|{part}"].astype(object).where(lambda cells: cells.notna(), "")) == case[part]
        )
