"""Mirrors demo/billing.py: quarters, seasons, the VAT of 2024, works, and areas billed no more."""

import numpy as np
import pytest

from workbench.demo.billing import CONTRIBUTION, WATER, WORKS, bills_of
from workbench.demo.customers import BUSINESS, HOUSEHOLD, MUNICIPALITY, Customers
from workbench.demo.places import CUT_OVERS, Columns, month_of, month_start

OFFICE = Customers(20_000, 36, 1)


def bills(month: int) -> Columns:
    return bills_of(OFFICE, month, OFFICE.draw(100 + month))


def test_households_are_billed_once_a_quarter_and_others_every_month() -> None:
    quarter = [bills(month) for month in range(3)]
    water = [rows["customer"][rows["service"] <= WATER] for rows in quarter]
    seen = np.bincount(np.concatenate(water), minlength=OFFICE.count)
    assert set(seen[OFFICE.segment == HOUSEHOLD]) == {1}
    assert all(
        month_start(m) <= rows["issue"].min() and rows["issue"].max() < month_start(m + 1)
        for m, rows in enumerate(quarter)
    )
    assert all(len(np.unique(rows["number"])) == len(rows["number"]) for rows in quarter)


@pytest.mark.parametrize(("month", "household", "business"), [(23, 700, 700), (24, 0, 1000)])
def test_vat_changes_with_2024(month: int, household: int, business: int) -> None:
    rows = bills(month)
    water = rows["service"] == WATER
    for segment, points in ((HOUSEHOLD, household), (BUSINESS, business)):
        mine = water & (rows["segment"] == segment)
        ht, ttc = rows["ht"][mine], rows["ttc"][mine]
        assert len(ht) > 100
        assert (ttc == ht + (ht * points + 5000) // 10000).all()


def test_summer_bills_a_quarter_more() -> None:
    june, july = (bills(month)["ht"][bills(month)["segment"] == BUSINESS].sum() for month in (5, 6))
    assert july / june == pytest.approx(1.25, rel=0.1)


def test_works_go_to_businesses_and_contributions_to_municipalities() -> None:
    rows = bills(4)
    assert set(rows["segment"][rows["service"] == WORKS]) <= {BUSINESS}
    assert set(rows["segment"][rows["service"] == CONTRIBUTION]) <= {MUNICIPALITY}
    assert (rows["service"] >= WORKS).sum() == 8


def test_retail_of_an_area_handed_over_is_billed_no_more() -> None:
    for cut in CUT_OVERS:
        month = int(month_of(np.array([cut.day]))[0])
        centers = range(cut.agency * 4, cut.agency * 4 + 4)
        counts = [int(np.isin(bills(m)["center"], centers).sum()) for m in (month - 1, month)]
        assert counts[0] > 50
        # Only its board, a regional utility from that day on, still buys water.
        assert counts[1] <= 2
