from datetime import date

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.cash.plan.plan_history import open_days
from workbench.cash.plan.plan_netting import KnownOfLine, is_led, netting, rules_table
from workbench.standards import load_bank_days

DAYS = open_days(load_bank_days(), date(2024, 10, 1), date(2024, 12, 31))
PAST = open_days(load_bank_days(), date(2023, 10, 1), date(2024, 9, 30))
NONE = np.zeros(len(DAYS))
FLAT = np.full(len(PAST), -10.0)


def amounts(**at: float) -> npt.NDArray[np.float64]:
    """Amounts on days by their places: d3=5 is 5 on the fourth day."""
    found = np.zeros(len(DAYS))
    for place, amount in at.items():
        found[int(place[1:])] = amount
    return found


def on_paydays(amount: float) -> npt.NDArray[np.float64]:
    """The last bank day of each past month."""
    months = PAST.astype("datetime64[M]")
    return np.where(np.append(months[1:] != months[:-1], True), amount, 0.0)


def test_a_known_flow_takes_its_amount_from_the_nearest_days_and_no_more() -> None:
    estimate = np.full(len(DAYS), -10.0)
    rule = netting("suppliers", DAYS, estimate, KnownOfLine(amounts(d5=-25.0), NONE), PAST, FLAT)
    left = rule.mean(estimate)
    assert left[3:8].tolist() == [-10.0, -5.0, 0.0, 0.0, -10.0]  # its own day, the next one, half of the one before
    assert left.sum() == pytest.approx(estimate.sum() + 25)


def test_what_banks_book_a_day_ahead_leaves_nothing_to_come_of_that_day_and_the_days_beside_it_alone() -> None:
    estimate, booked = np.full(len(DAYS), 10.0), amounts(d0=25.0)
    unbooked = np.ones(len(DAYS))
    unbooked[:2] = 0.0, 0.75  # all of tomorrow is booked by tonight, a quarter of the day after
    known = KnownOfLine(booked, NONE, booked=booked, unbooked=unbooked)
    rule = netting("receipts_counters", DAYS, estimate, known, PAST, -FLAT)
    assert rule.mean(estimate)[:4].tolist() == [0.0, 7.5, 10.0, 10.0]
    assert rule.rule == "netted"
    unseen = netting("receipts_counters", DAYS, estimate, KnownOfLine(booked, NONE, booked=booked), PAST, -FLAT)
    assert unseen.mean(estimate)[:4].tolist() == [0.0, 0.0, 5.0, 10.0]  # habits not known: as any other known flow


def test_a_known_flow_of_the_other_side_takes_nothing() -> None:
    estimate = np.full(len(DAYS), -10.0)
    rule = netting("suppliers", DAYS, estimate, KnownOfLine(amounts(d5=25.0), NONE), PAST, FLAT)
    assert rule.mean(estimate).sum() == estimate.sum()


def test_beyond_reach_what_is_known_is_more_than_what_was_estimated() -> None:
    estimate = np.full(len(DAYS), -10.0)
    left = netting("suppliers", DAYS, estimate, KnownOfLine(amounts(d5=-1e6), NONE), PAST, FLAT).mean(estimate)
    assert not left[:16].any()
    assert (left[16:] == -10.0).all()


def test_a_schedule_of_suppliers_stands_for_the_days_that_it_covers() -> None:
    estimate = np.full(len(DAYS), -10.0)
    schedule = amounts(d3=-60.0, d10=-80.0, d20=-50.0, d30=-60.0, d35=-70.0, d60=-5.0)
    rule = netting("suppliers", DAYS, estimate, KnownOfLine(schedule, schedule), PAST, FLAT)
    assert rule.covered == 36  # its second month is told for 130 of 210; a retention in the third stands for no month
    left = rule.mean(estimate)
    assert not left[:36].any()
    assert left[36:].sum() == pytest.approx(-10.0 * (len(DAYS) - 36) + 5.0)


def test_a_line_led_by_a_calendar_takes_its_dates_and_keeps_its_amounts() -> None:
    estimate = np.full(len(DAYS), -1.0)  # a model that knows the amount of a month, not its day
    october, december = 18, int(np.flatnonzero(DAYS.astype("datetime64[M]") == np.datetime64("2024-12"))[10])
    known = KnownOfLine(amounts(d18=-30.0), NONE, dated=[october], undated=[december])
    rule = netting("payroll", DAYS, estimate, known, PAST, on_paydays(-100.0))
    left, months = rule.mean(estimate), DAYS.astype("datetime64[M]")
    assert rule.rule == "calendar"
    assert not left[months == np.datetime64("2024-10")].any()  # its amount is known
    assert (left[months == np.datetime64("2024-11")] == -1.0).all()  # a month that the calendar does not name
    assert left[december] == -float((months == np.datetime64("2024-12")).sum())
    paths = rule.paths(np.tile(estimate, (3, 1)).astype(np.float32))
    assert paths[0].tolist() == left.astype(np.float32).tolist()


def test_a_calendar_does_not_lead_a_line_of_everyday_flows() -> None:
    assert is_led(PAST, on_paydays(-100.0), 1)
    assert not is_led(PAST, FLAT, 1)
    assert not is_led(PAST, np.zeros(len(PAST)), 1)
    rule = netting("taxes", DAYS, np.full(len(DAYS), -10.0), KnownOfLine(NONE, NONE, undated=[5]), PAST, FLAT)
    assert rule.rule == "netted"


def test_rules_are_told_with_the_day_that_a_schedule_covers() -> None:
    estimate = np.full(len(DAYS), -10.0)
    schedule = amounts(d3=-300.0)
    found = [
        netting(line, DAYS, estimate, KnownOfLine(schedule, schedule), PAST, FLAT)
        for line in ("suppliers", "debt_service", "unclassified")
    ]
    told = rules_table(["suppliers", "debt_service", "unclassified"], found, DAYS)
    assert told["rule_code"].tolist() == ["netted", "known_only", "known_only"]
    assert told["covered_until_date"].isna().tolist() == [False, True, True]
    assert not found[2].mean(estimate).any()  # nobody knows what it is: it is shown as it came, and never guessed


flows = st.lists(st.floats(-1e6, 1e6), min_size=len(DAYS), max_size=len(DAYS))


@settings(max_examples=50, deadline=None)
@given(flows, flows)
def test_netting_never_makes_an_estimate_larger_or_turns_its_side(guessed: list[float], told: list[float]) -> None:
    estimate, known = np.array(guessed), np.where(np.arange(len(DAYS)) % 7 == 0, told, 0.0)
    left = netting("suppliers", DAYS, estimate, KnownOfLine(known, NONE), PAST, FLAT).mean(estimate)
    assert (np.abs(left) <= np.abs(estimate) * (1 + 1e-12)).all()
    assert (left * estimate >= 0).all()
    assert np.abs(estimate - left).sum() <= np.abs(known).sum() + 1e-6 * np.abs(estimate).sum()
