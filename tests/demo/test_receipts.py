"""Mirrors demo/receipts.py: the planted days to pay, parts paid, channels and rejects come out of what is drawn."""

import numpy as np
import pytest

from workbench.demo.customers import BUSINESS, COLLECTED, HOUSEHOLD, MEAN_LAG, MUNICIPALITY, PAID, STATE, Customers
from workbench.demo.places import CENTERS, Columns
from workbench.demo.receipts import (
    CASH,
    CHEQUE,
    CHEQUES_BACK,
    DEBIT,
    DEBITS_BACK,
    PRIVATE_CHANNELS,
    PUBLIC_CHANNELS,
    happenings,
)

MONTHS = 36
OFFICE = Customers(30_000, MONTHS, 2)


@pytest.fixture(scope="module")
def drawn() -> dict[str, Columns]:
    months = list(happenings(OFFICE))
    parts = {
        name: [getattr(month, name) for month in months] for name in ("invoices", "payments", "credits", "write_offs")
    }
    return {
        name: {column: np.concatenate([p[column] for p in found if p]) for column in next(p for p in found if p)}
        for name, found in parts.items()
    }


def test_bills_are_paid_after_the_days_and_in_the_parts_planted(drawn: dict[str, Columns]) -> None:
    bills, payments = drawn["invoices"], drawn["payments"]
    first_year = (bills["issue"] < np.datetime64("2023-01-01")) & (bills["service"] <= 1)
    order = np.argsort(bills["number"])
    place = order[np.searchsorted(bills["number"][order], payments["invoice"])]
    lag = (payments["day"] - bills["issue"][place]).astype(int)
    for segment in (HOUSEHOLD, BUSINESS):
        mine = first_year[place] & (bills["segment"][place] == segment)
        # Second goes and second payments after a reject come later than the first.
        assert lag[mine].mean() == pytest.approx(MEAN_LAG[segment], rel=0.08)
        whole = first_year & (bills["segment"] == segment)
        share = np.isin(bills["number"][whole], payments["invoice"]).mean()
        assert share == pytest.approx(PAID[segment], abs=0.02)
    state = first_year[place] & (bills["segment"][place] == STATE)
    assert lag[state].mean() == pytest.approx(MEAN_LAG[STATE], rel=0.05)
    in_time = payments["invoice"][lag <= 365]
    for segment in (HOUSEHOLD, BUSINESS, STATE, MUNICIPALITY):
        whole = first_year & (bills["segment"] == segment)
        share = np.isin(bills["number"][whole], in_time).mean()
        assert share == pytest.approx(COLLECTED[segment], abs=0.025)
    late = [lag[first_year[place] & (bills["segment"][place] == s)].mean() for s in (BUSINESS, STATE, MUNICIPALITY)]
    assert late == sorted(late)


def test_channels_and_rejects_have_their_parts(drawn: dict[str, Columns]) -> None:
    rows = drawn["payments"]
    is_private = np.isin(rows["segment"], (HOUSEHOLD, BUSINESS))
    for mine, parts in ((is_private, PRIVATE_CHANNELS), (~is_private, PUBLIC_CHANNELS)):
        found = np.bincount(rows["channel"][mine], minlength=8) / mine.sum()
        assert found == pytest.approx(parts, abs=0.015)
    back = ~np.isnat(rows["bounced"])
    for channel, part in ((CHEQUE, CHEQUES_BACK), (DEBIT, DEBITS_BACK)):
        assert back[rows["channel"] == channel].mean() == pytest.approx(part, rel=0.35)
    assert not back[rows["channel"] == CASH].any()


def test_the_state_pays_most_between_november_and_january(drawn: dict[str, Columns]) -> None:
    rows = drawn["payments"]
    months = rows["day"][rows["segment"] == STATE].astype("datetime64[M]").astype(int) % 12
    assert np.isin(months, (10, 11, 0)).mean() > 0.5


def test_nothing_is_paid_on_a_sunday_or_after_the_end(drawn: dict[str, Columns]) -> None:
    day = drawn["payments"]["day"]
    assert ((day.astype(int) + 3) % 7 != 6).all()
    assert day.max() <= np.datetime64(OFFICE.last_day)


def test_credits_and_write_offs_are_of_bills_that_nobody_paid(drawn: dict[str, Columns]) -> None:
    for name in ("credits", "write_offs"):
        assert len(drawn[name]["invoice"]) > 20
        assert not np.isin(drawn[name]["invoice"], drawn["payments"]["invoice"]).any()
    assert set(drawn["write_offs"]["segment"]) <= {HOUSEHOLD, BUSINESS}


def test_effects_of_centres_are_planted_only_where_asked_for() -> None:
    plain, planted = Customers(3000, 12, 1), Customers(3000, 12, 1, center_effect=0.5, center_drift=0.2)
    center = np.arange(CENTERS)
    households = np.zeros(CENTERS, np.int64)
    assert set(plain.paid_share(0, center, households)) == {PAID[0]}
    effects = planted.center_effects
    assert effects.shape == (1, CENTERS)
    assert effects.std() == pytest.approx(np.hypot(0.5, 0.2), rel=0.2)
    share = planted.paid_share(0, center, households)
    assert np.log(share / (1 - share)) - np.log(PAID[0] / (1 - PAID[0])) == pytest.approx(effects[0])
    assert (Customers(3000, 12, 1, part=1, center_effect=0.5, center_drift=0.2).center_effects == effects).all()
