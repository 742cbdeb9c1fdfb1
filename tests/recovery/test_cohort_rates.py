"""Mirrors recovery/cohort_rates.py: rates of one age, ultimate rates with their interval, classes of debtors never pooled."""

import numpy as np
import pandas as pd
import pytest

from tests.builders import rows, worked
from tests.recovery.test_cohort_cells import cells_of
from workbench.errors import WrongUse
from workbench.recovery.cohort_cells import SUMS
from workbench.recovery.cohort_rates import cohort_rates, compared_at_same_age, ultimate_rates

CASE = worked("cohort_rates")["expected"]
AGES = (30, 60, 90)


def made(share: dict[int, list[float]], lived: int = 3, bills: int = 1000, segment: str = "household", seed: int = 0) -> pd.DataFrame:  # fmt: skip
    """Cells of monthly vintages from shares paid by age; the last two vintages have lived one age, then none of the others."""
    rng = np.random.default_rng(seed)
    count = max(share) + 1
    parts = []
    for vintage, shares in share.items():
        reach = min(lived, count - vintage)
        left = bills
        paid = 0
        for place, age in enumerate(AGES[:reach]):
            step = shares[place] if place == 0 else (shares[place] - shares[place - 1]) / (1 - shares[place - 1])
            came = int(rng.binomial(left, step)) if seed else round(left * step)
            paid, left = paid + came, left - came
            parts.append((vintage, age, AGES[reach - 1], bills, paid))
    table = pd.DataFrame(parts, columns=["vintage_ordinal", "age_days", "oldest_days", "bill_count", "paid_count"])
    return table.assign(
        currency_code="MAD", segment_code=segment, center_code="0101", is_complete=True, base_centimes=table["bill_count"] * 100,
        collected_centimes=table["paid_count"] * 100, excess_centimes=0, no_cash_centimes=0,
    )  # fmt: skip


def test_worked_case_of_the_method() -> None:
    found = cohort_rates(cells_of())
    assert found["amount_rate"].tolist() == pytest.approx(CASE["amount_rate"], abs=1e-6)
    assert found["count_rate"].tolist() == pytest.approx(CASE["count_rate"])
    ultimate = ultimate_rates(cells_of())
    assert ultimate["rate"].tolist() == pytest.approx(CASE["ultimate"], abs=1e-6)
    assert ultimate["is_last"].tolist() == [False, True]
    assert ultimate["low_rate"].isna().all()  # two vintages say nothing of how far it may be off
    assert ultimate["lived_share"].tolist() == pytest.approx([1.0, 1500 / 2300])


def test_a_young_vintage_moves_no_rate_of_an_age_that_it_has_not_lived() -> None:
    grown = made({0: [0.5, 0.7, 0.8], 1: [0.5, 0.7, 0.8], 2: [0.5, 0.7, 0.8]})
    found = cohort_rates(grown).set_index("age_days")["count_rate"]
    assert found.to_dict() == pytest.approx({30: 0.5, 60: 0.7, 90: 0.8})
    # A naive rate, all that came ÷ all that was billed, would say 0.667.
    ultimate = ultimate_rates(grown, weight="count")
    assert ultimate["rate"].iloc[-1] == pytest.approx(0.8)


def test_vintages_are_compared_at_an_age_that_both_have_lived_and_at_no_other() -> None:
    table = made({vintage: [0.5, 0.7, 0.8] if vintage < 12 else [0.4, 0.6, 0.7] for vintage in range(24)})
    found = compared_at_same_age(table)
    assert set(found["vintage_ordinal"]) == set(range(12, 24))
    newest = found[found["vintage_ordinal"] == 23]
    assert rows(newest[["age_days", "is_oldest"]]) == [(30, True)]
    assert found["count_change"].tolist() == pytest.approx([-0.1] * len(found))
    held_back = table.assign(is_complete=table["vintage_ordinal"] < 23)
    assert 23 not in set(compared_at_same_age(held_back)["vintage_ordinal"])
    with pytest.raises(WrongUse, match="are the same"):
        compared_at_same_age(table, apart_months=0)


def test_classes_of_debtors_make_no_common_rate() -> None:
    both = pd.concat([made({0: [0.5, 0.7, 0.8]}), made({0: [0.1, 0.2, 0.3]}, segment="state"), made({0: [0.9, 0.9, 0.9]}, segment="business")])  # fmt: skip
    found = cohort_rates(both, "center_code")
    assert set(found["debtor_class_code"]) == {"private", "state"}
    assert found[list(SUMS)].sum().equals(both[list(SUMS)].sum())
    with pytest.raises(WrongUse, match="would pool all debtors"):
        cohort_rates(both.drop(columns="segment_code"), "center_code")
    with pytest.raises(WrongUse, match="weight is count or amount"):
        ultimate_rates(both, weight="euros")  # type: ignore[arg-type]
    with pytest.raises(WrongUse, match="no column is called 'vintage_ordinal'"):
        ultimate_rates(both.drop(columns="vintage_ordinal"))


def test_intervals_of_ultimate_rates_hold_the_truth_as_often_as_they_say() -> None:
    held = []
    for seed in range(1, 41):
        drift = np.random.default_rng(seed).normal(0, 0.02, 24)
        table = made({v: [0.5 + drift[v], 0.7 + drift[v], 0.8 + drift[v]] for v in range(24)}, bills=400, seed=seed)
        last = ultimate_rates(table, weight="count").iloc[-1]
        held.append(last["low_rate"] <= 0.8 <= last["high_rate"])
    assert 0.65 <= np.mean(held) <= 0.95  # 80 % of 40: 26 to 38


def test_a_cohort_with_nothing_owed_has_no_rate() -> None:
    table = made({0: [0.5, 0.7, 0.8]}).assign(bill_count=0, paid_count=0, base_centimes=0, collected_centimes=0)
    assert cohort_rates(table)["amount_rate"].isna().all()
    assert ultimate_rates(table).empty
