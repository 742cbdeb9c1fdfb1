"""Mirrors recovery/collection_curves.py: rates of ages that were reached, months that differ, and no young cohort beside an old one."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recovery.receipt_cases import AS_OF, CASE, case_tables
from workbench.recovery import ReceiptCube, collection_curves, receipts_cube
from workbench.recovery.collection_curves import age_bands, weekly_book

MONDAY = date(2022, 1, 3)


def cube_of(cells: list[tuple[int, int, int, int, int]], weeks: int, segment: str = "household") -> ReceiptCube:
    """A cube of (cohort, week, billed, cash, other) in weeks from `MONDAY`, up to the end of the last."""
    day = [pd.Timestamp(MONDAY) + pd.Timedelta(weeks=n) for n in range(weeks)]
    book = pd.DataFrame(
        {
            "center_code": "0101",
            "currency_code": "MAD",
            "segment_code": segment,
            "service_code": "water",
            "cohort_date": [day[c] for c, *_ in cells],
            "part_date": [day[w] for _, w, *_ in cells],
            "billed_centimes": [b for *_, b, _, _ in cells],
            "cash_centimes": [c for *_, c, _ in cells],
            "no_cash_centimes": [o for *_, o in cells],
        }
    )
    empty = pd.DataFrame()
    return ReceiptCube(MONDAY + timedelta(weeks=weeks, days=-1), (), book, empty, empty)


def test_worked_case_of_the_method() -> None:
    curves = collection_curves(receipts_cube(**case_tables(), as_of=AS_OF))
    expected = CASE["expected"]
    assert curves.cells == (("MAD", "household", "water"),)
    assert curves.cash[0] == pytest.approx(expected["rates"])
    assert curves.paid_shares()[0] == pytest.approx(expected["paid_shares"])
    assert expected["rates"] == [cash / risk for cash, risk in zip(expected["cash"], expected["at_risk"], strict=True)]
    assert curves.table()["age_days"].tolist() == [7, 14, 21, 28]


def test_a_young_cohort_says_nothing_of_ages_it_has_not_reached() -> None:
    grown = [(0, 0, 1000, 0, 0), (0, 1, 0, 600, 0), (1, 1, 1000, 0, 0), (1, 2, 0, 600, 0)]
    before = collection_curves(cube_of(grown, 3))
    # Twice as much is billed in the last week: a share of what was billed would fall, the rate of age 1 stands.
    after = collection_curves(cube_of([*grown, (2, 2, 2000, 0, 0)], 3))
    assert before.cash[0][1] == after.cash[0][1] == 0.6


def test_other_exits_have_their_own_rate_and_credits_are_no_debt() -> None:
    curves = collection_curves(cube_of([(0, 0, 1000, 0, 0), (0, 1, 0, 200, 300), (0, 2, 0, 700, 0)], 4))
    assert curves.no_cash[0][:3] == pytest.approx([0, 0.3, 0])
    assert curves.cash[0][:3] == pytest.approx([0, 0.2, 1.0])  # 700 of 500: all of it, and no more
    assert curves.cash[0][3] == 1.0  # in credit since: nothing at risk, the last known rate stands


def test_ages_beyond_the_window_take_the_last_known_rate() -> None:
    curves = collection_curves(cube_of([(0, 0, 1000, 0, 0), (0, 1, 0, 500, 0)], 2), ages=60)
    assert curves.cash.shape == (1, 60)
    assert set(curves.cash[0][1:]) == {0.5}
    assert age_bands(200)[[0, 12, 13, 16, 17, 52, 53, 65, 66]].tolist() == [0, 12, 13, 13, 14, 22, 23, 23, 24]


def seasons(factor: dict[int, float], weeks: int, noise: float) -> ReceiptCube:
    """A bill of 10,000 a week, of which a tenth of the rest comes each week, times the factor of the month."""
    rng = np.random.default_rng(5)
    cells = []
    for cohort in range(weeks):
        rest = 1_000_000
        for week in range(cohort, weeks):
            month = (MONDAY + timedelta(weeks=week, days=3)).month
            cash = int(rest * 0.1 * factor.get(month, 1.0) * (1 + noise * rng.standard_normal()))
            cells.append((cohort, week, 1_000_000 if week == cohort else 0, cash, 0))
            rest -= cash
    return cube_of(cells, weeks, "state")


def test_months_that_differ_every_year_get_a_factor() -> None:
    months = collection_curves(seasons({12: 2.0, 6: 0.5}, 156, 0.1)).months[0]
    assert months[11] / np.median(months) == pytest.approx(2.0, abs=0.3)
    assert months[5] / np.median(months) == pytest.approx(0.5, abs=0.15)


def test_months_that_differ_by_chance_get_none_nor_does_a_short_history() -> None:
    assert collection_curves(seasons({}, 156, 0.3)).months[0] == pytest.approx(np.ones(12), abs=0.05)
    assert (collection_curves(seasons({12: 2.0}, 60, 0.0)).months == 1).all()


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), *[st.integers(0, 1000)] * 3), min_size=1, max_size=20))
@settings(max_examples=40)
def test_rates_are_shares_and_nobody_pays_more_than_a_bill(cells: list[tuple[int, int, int, int, int]]) -> None:
    ordered = [(min(c, w), max(c, w), *amounts) for c, w, *amounts in cells]
    curves = collection_curves(cube_of(ordered, 6), ages=30)
    for rates in (curves.cash, curves.no_cash, curves.cash + curves.no_cash, curves.paid_shares()):
        assert rates.min() >= 0
        assert rates.max() <= 1 + 1e-12
    assert (np.diff(curves.paid_shares(), axis=1) >= -1e-12).all()
    book = weekly_book(cube_of(ordered, 6))
    assert book.billed.sum() == sum(billed for *_, billed, _, _ in ordered)
