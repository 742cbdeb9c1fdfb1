"""Mirrors demo/customers.py and places.py: parts of the segments, weights of the revenue, units and areas handed over."""

import numpy as np
import pytest

from workbench.demo.customers import (
    BOARD,
    BUSINESS,
    HOUSEHOLD,
    MUNICIPALITY,
    PRICE,
    STATE,
    UTILITY,
    Customers,
    household_ht,
)
from workbench.demo.places import AGENCIES, CENTERS, CUT_OVERS, DIRECTORATES, center_code, unit_rows

OFFICE = Customers(20_000, 36, 1)


def test_segments_have_their_parts_of_the_customers() -> None:
    shares = np.bincount(OFFICE.segment, minlength=6) / OFFICE.count
    assert shares[[HOUSEHOLD, BUSINESS, STATE, MUNICIPALITY]] == pytest.approx([0.95, 0.02, 0.015, 0.015], abs=0.003)
    assert int((OFFICE.segment == BOARD).sum()) == 20


def test_segments_have_their_weight_of_what_is_billed() -> None:
    households = household_ht(OFFICE.mean_volume[OFFICE.segment == HOUSEHOLD] * 3).sum() / 3
    for segment, percent in ((BUSINESS, 7), (STATE, 6), (MUNICIPALITY, 5), (BOARD, 47)):
        billed = OFFICE.mean_volume[OFFICE.segment == segment].sum() * PRICE[segment]
        assert billed / households == pytest.approx(percent / 31)


def test_a_tiny_office_has_every_segment() -> None:
    assert set(Customers(100, 3, 1).segment) == {HOUSEHOLD, BUSINESS, STATE, MUNICIPALITY, BOARD}


def test_the_quarter_of_a_household_is_priced_by_blocks() -> None:
    # 1800 fixed; 18 at 237, then 42 at 739, then 10 at 1098 centimes.
    assert household_ht(np.array([0, 18, 70])).tolist() == [1800, 1800 + 4266, 1800 + 4266 + 31038 + 10980]


def test_an_area_handed_over_has_another_manager_and_its_board_becomes_the_regional_utility() -> None:
    board, cut = 0, CUT_OVERS[0]
    before, after = np.array([cut.day - 1]), np.array([cut.day])
    who = np.array([board])
    assert (OFFICE.segment_on(before, who)[0], OFFICE.segment_on(after, who)[0]) == (BOARD, UTILITY)
    retail = np.flatnonzero((OFFICE.center // 4 == cut.agency) & (OFFICE.segment == HOUSEHOLD))[:1]
    assert OFFICE.center_on(before, retail)[0] == OFFICE.center[retail[0]]
    assert OFFICE.center_on(after, retail)[0] == cut.manager


def test_units_are_ten_thirty_and_a_hundred_and_twenty_and_each_has_one_place_on_a_day() -> None:
    rows = list(unit_rows())
    codes = {level: {row[0] for row in rows if row[1] == level} for level in ("directorate", "agency", "center")}
    assert [len(codes[level]) for level in codes] == [DIRECTORATES, AGENCIES, CENTERS]
    moved = [row for row in rows if row[0] == center_code(CUT_OVERS[0].agency * 4)]
    assert len(moved) == 2
    assert moved[0][5] is not None
    assert (moved[1][4] - moved[0][5]).days == 1
    assert moved[0][2] != moved[1][2]
    assert {row[2] for row in rows if row[1] == "center"} <= codes["agency"]
