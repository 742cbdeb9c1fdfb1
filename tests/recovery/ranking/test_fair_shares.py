"""Mirrors recovery/ranking/fair_shares.py: what is expected of a centre's own mix, and what no table pools."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import worked
from workbench.errors import WrongUse
from workbench.recovery.portfolios import debtor_class_of
from workbench.recovery.ranking import fair_shares

CASE = worked("ranking")
TOGETHER = ("currency_code",)


def cells(rows: list[tuple[str, str, int, int]], year: int = 2023) -> pd.DataFrame:
    """Cells of (centre, segment, bills, paid), a dirham a bill."""
    table = pd.DataFrame(rows, columns=["center_code", "segment_code", "bill_count", "paid_count"])
    return table.assign(
        currency_code="MAD", vintage_year=year, base_centimes=table["bill_count"] * 100, collected_centimes=table["paid_count"] * 100
    )  # fmt: skip


def case_cells() -> pd.DataFrame:
    kinds = ("household", "municipality")
    return cells(
        [
            (center, kind, *counts)
            for center, both in CASE["fair"]["centers"].items()
            for kind, counts in zip(kinds, both, strict=True)
        ]
    )


def test_worked_case_of_the_method() -> None:
    found = fair_shares(case_cells(), apart=TOGETHER).set_index("center_code")
    assert found["expected_count"].to_dict() == pytest.approx(CASE["fair"]["expected"])
    assert found["count_index"].to_dict() == pytest.approx(CASE["fair"]["index"], abs=1e-6)
    raw = found["paid_count"] / found["bill_count"]
    assert raw.to_dict() == pytest.approx(CASE["fair"]["raw"], abs=1e-6)


def test_classes_of_debtors_stand_apart_and_together_have_an_index_but_no_rate() -> None:
    apart = fair_shares(case_cells())
    assert apart["debtor_class_code"].tolist() == ["municipality", "municipality", "private", "private"]
    assert apart["count_share"].notna().all()
    together = fair_shares(case_cells(), apart=TOGETHER)
    assert together[["count_share", "expected_count_share", "amount_share"]].isna().all().all()
    assert together["count_index"].notna().all()
    assert debtor_class_of(pd.Series(["household", "business", None, "state"])).tolist() == ["private"] * 3 + ["state"]


def test_large_accounts_and_customers_of_many_bills_count_for_what_they_are() -> None:
    amounts = np.array(CASE["accounts"]["amounts"], float)
    paid = amounts * [1, 0, 1, 0]
    one = cells([("A", "household", 4, 2), ("B", "household", 4, 2)]).assign(
        base_centimes=int(amounts.sum() * 100), collected_centimes=int(paid.sum() * 100), base_squares_mad=(amounts**2).sum(),
        base_collected_mad=(amounts * paid).sum(), collected_squares_mad=(paid**2).sum(),
    )  # fmt: skip
    found = fair_shares(one)
    assert found["effective_count"].tolist() == pytest.approx([CASE["accounts"]["effective"]] * 2, abs=1e-6)
    case = CASE["customers"]
    bills, customers, paying = case["bills"], case["customers"], case["paying"]
    squares = {"bill_squares": customers * bills**2, "bill_paid_products": paying * bills**2, "paid_squares": paying * bills**2}  # fmt: skip
    both = cells(
        [("A", "household", customers * bills, paying * bills), ("B", "household", customers * bills, paying * bills)]
    )
    assert fair_shares(both.assign(**squares))["design_effect"].tolist() == pytest.approx([case["design_effect"]] * 2)
    assert (fair_shares(both)["design_effect"] == 1).all()


def test_a_unit_that_is_its_own_standard_is_told_and_so_is_one_that_billed_nothing() -> None:
    found = fair_shares(cells([("A", "household", 90, 40), ("B", "household", 10, 5), ("C", "household", 0, 0)]))
    assert found["own_share"].tolist()[:2] == pytest.approx([0.9, 0.1])
    nothing = found.iloc[2]
    assert nothing[["count_share", "count_index", "amount_share", "amount_index"]].isna().all()
    with pytest.raises(WrongUse, match="no column is called 'paid_count'"):
        fair_shares(case_cells().drop(columns="paid_count"))


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(["household", "state"]), st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=12))  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_what_is_expected_adds_up_to_what_came(drawn: list[tuple[str, str, int, int]]) -> None:
    table = cells([(center, kind, max(bills, paid), min(bills, paid)) for center, kind, bills, paid in drawn])
    found = fair_shares(table)
    assert found["expected_count"].sum() == pytest.approx(table["paid_count"].sum())
    assert found["expected_mad"].sum() * 100 == pytest.approx(table["collected_centimes"].sum())
    for name in ("bill_count", "paid_count", "base_centimes", "collected_centimes"):
        assert found[name].sum() == table[name].sum()
