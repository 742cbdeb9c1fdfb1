"""Mirrors recovery/rates_sheet.py: one age, one window, the same months a year before."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.recovery.test_cohort_rates import made
from workbench.recovery.cohort_rates import cohort_rates
from workbench.recovery.rates_sheet import latest_at_age

YEARS = made({vintage: [0.5, 0.7, 0.8] if vintage < 12 else [0.4, 0.6, 0.75] for vintage in range(27)})


def test_the_last_three_months_that_lived_an_age_against_the_same_a_year_before() -> None:
    found = latest_at_age(YEARS, 90)
    assert found[["first_ordinal", "last_ordinal"]].to_numpy().tolist() == [
        [22, 24]
    ]  # months 25 and 26 have not lived it
    assert found["count_rate"].iloc[0] == pytest.approx(0.75)
    assert found["previous_count_rate"].iloc[0] == pytest.approx(0.75 / 3 + 2 * 0.8 / 3)  # months 10, 11 and 12
    assert found["count_change"].iloc[0] == pytest.approx(0.75 - (0.75 + 1.6) / 3)
    assert found["amount_rate"].iloc[0] == pytest.approx(found["count_rate"].iloc[0])
    assert latest_at_age(YEARS, 30)["last_ordinal"].tolist() == [26]


def test_without_a_year_before_no_change_is_told_and_without_three_months_nothing() -> None:
    short = YEARS[YEARS["vintage_ordinal"] >= 14]
    found = latest_at_age(short, 90)
    assert found["count_rate"].notna().all()
    assert found["previous_count_rate"].isna().all()
    assert found["count_change"].isna().all()
    assert latest_at_age(YEARS[YEARS["vintage_ordinal"].between(23, 26)], 90).empty
    assert latest_at_age(YEARS.head(0), 90).empty
    assert list(latest_at_age(YEARS.head(0), 90).columns) == list(found.columns)


def test_a_class_that_was_not_billed_lately_has_no_row_rather_than_an_older_one() -> None:
    state = made({vintage: [0.1, 0.2, 0.3] for vintage in range(20)}, segment="state")
    found = latest_at_age(pd.concat([YEARS, state]), 90)
    assert found["debtor_class_code"].tolist() == ["private"]


@given(st.integers(1, 6), st.sampled_from([30, 60, 90]))
def test_a_window_is_the_sum_of_its_months(months: int, age: int) -> None:
    found = latest_at_age(YEARS, age, months=months).iloc[0]
    rates = cohort_rates(YEARS, "vintage_ordinal")
    inside = rates[
        (rates["age_days"] == age) & rates["vintage_ordinal"].between(found["first_ordinal"], found["last_ordinal"])
    ]
    assert found["last_ordinal"] - found["first_ordinal"] == months - 1
    assert found["base_centimes"] == inside["base_centimes"].sum()
    assert found["amount_rate"] == pytest.approx(inside["collected_centimes"].sum() / inside["base_centimes"].sum())
