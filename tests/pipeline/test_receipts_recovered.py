"""What is planted in a made-up office comes out of its tables: lags, shares paid, weekdays, pay day, feasts, days to the bank, areas lost.

The bounds are those of an office of 4,000 customers and 36 months; amounts are drawn, so that shares of money stray from shares of bills.
"""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from tests.demo.in_memory import Made
from workbench.cash.models.calendar_design import feasts_of
from workbench.cash.models.calendar_model import fit_calendar
from workbench.demo.customers import COLLECTED, MEAN_LAG, PAID, Customers
from workbench.demo.places import CUT_OVERS, center_code
from workbench.demo.receipt_days import WEEKDAY, pay_day_factors, ramadan_factors
from workbench.demo.receipts import PUBLIC_CHANNELS
from workbench.pipeline.receipt_lines import load_receipt_lines
from workbench.pipeline.receipts import bank_lags, office_cube
from workbench.pipeline.receipts_race import receipts_race
from workbench.recovery import ReceiptCube, bills_to_come, collection_curves, origins_between, paying_habits
from workbench.schemas.columns import SEGMENTS
from workbench.standards import load_bank_days, load_movable_feasts

END = date(2024, 12, 31)
ORIGINS = origins_between(date(2023, 11, 27), date(2024, 9, 30), 28)
PAID_IN_CASH = 1 - sum(PUBLIC_CHANNELS[6:])  # public payers pay the rest in stamps and compensations
SECOND_GOES = 2.0  # days that second goes and payments after a reject add to the mean


@pytest.fixture(scope="module")
def made() -> Made:
    return Made(Customers(4_000, 36, 3))


@pytest.fixture(scope="module")
def cube(made: Made) -> ReceiptCube:
    return office_cube(made.tables, END, ORIGINS)


def cash_share(segment: str) -> float:
    return 1.0 if segment in ("household", "business") else PAID_IN_CASH


def test_days_to_pay_and_parts_paid_are_those_planted(cube: ReceiptCube) -> None:
    curves = collection_curves(cube, 400)
    shares = dict(zip(curves.cells, curves.paid_shares(), strict=True))
    for segment, lag_bound, share_bound in (
        ("household", 0.06, 0.015),
        ("business", 0.10, 0.02),
        ("state", 0.10, 0.06),
    ):
        paid = shares["MAD", segment, "water"]
        place = SEGMENTS.index(segment)
        ages = np.arange(len(paid)) * 7
        mean = float((np.diff(paid, prepend=0) * ages).sum() / paid[-1])
        assert mean == pytest.approx(MEAN_LAG[place] + SECOND_GOES, rel=lag_bound)
        assert paid[52] == pytest.approx(COLLECTED[place] * cash_share(segment), abs=share_bound)
        assert paid[-1] == pytest.approx(PAID[place] * cash_share(segment), abs=share_bound)
    board = shares["MAD", "utility_board", "bulk_water"]
    assert board[52] == pytest.approx(COLLECTED[SEGMENTS.index("utility_board")] * PAID_IN_CASH, abs=0.06)


def test_the_state_alone_has_months_of_its_own(cube: ReceiptCube) -> None:
    curves = collection_curves(cube)
    months = dict(zip(curves.cells, curves.months, strict=True))
    state = months["MAD", "state", "water"]
    assert state[[10, 11, 0]].min() > 1.5 > 1 > state[1:10].max()
    for segment in ("household", "business"):
        assert months["MAD", segment, "water"] == pytest.approx(np.ones(12), abs=0.1)


def test_weekdays_of_the_counters_come_out(cube: ReceiptCube) -> None:
    habits = paying_habits(cube)
    for channel, bound in (("cash", 0.02), ("operator", 0.05)):
        shape = habits.shape[habits.channels.index(channel)]
        assert shape == pytest.approx(np.array(WEEKDAY) / sum(WEEKDAY), abs=bound)


def test_the_days_that_each_channel_takes_to_the_bank_come_out(made: Made, cube: ReceiptCube) -> None:
    days = load_bank_days().ordinals(date(2022, 1, 1), END)
    grid = days.loc[days["is_ouvre"], "day_date"].to_numpy("datetime64[D]")
    channels, found = bank_lags(cube, made.flows, load_receipt_lines(), grid)
    # Bank days to the account, and from there to the value date.
    planted = {"cash": 2, "operator": 3, "electronic": 2, "cheque": 4, "direct_debit": 1, "transfer": 1}
    assert dict(zip(channels, found.argmax(axis=1).tolist(), strict=True)) == planted
    assert found.max(axis=1).min() > 0.95


def test_the_calendar_model_finds_weekday_pay_day_and_feasts(cube: ReceiptCube) -> None:
    shaped = cube.receipts[cube.receipts["channel_code"].isin(["cash", "operator", "electronic", "cheque"])]
    days = np.arange(np.datetime64("2022-04-01"), np.datetime64("2025-01-01"))
    days = days[(days.astype(np.int64) + 3) % 7 != 6]
    private = shaped[shaped["segment_code"] == "household"]  # many small payers: few large bills make no weekday
    daily = private.groupby("receipt_date")["cash_centimes"].sum() / 100
    values = daily.reindex(pd.DatetimeIndex(days)).fillna(0.0).to_numpy(np.float64)[:, None]
    closed = np.array([row.day for row in load_bank_days().closed], "datetime64[D]")
    feasts = feasts_of(load_movable_feasts())
    fit = fit_calendar(values, days, closed, feasts)
    said = fit.predict(days).mean[:, 0]
    weekday, of_month = (days.astype(np.int64) + 3) % 7, pd.DatetimeIndex(days).day.to_numpy()
    by_weekday = np.array([said[weekday == day].mean() for day in range(6)])
    assert by_weekday / by_weekday.mean() == pytest.approx(WEEKDAY[:6], abs=0.08)
    rush = (of_month >= 25) | (of_month <= 2)
    planted = pay_day_factors()
    assert said[rush].mean() / said[~rush].mean() == pytest.approx(planted["rush"] / planted["between"], rel=0.12)
    fitr = [np.datetime64(feast.start) for feast in load_movable_feasts() if feast.name == "fitr"]
    to_feast = np.min([np.where(feast > days, (feast - days).astype(int), 9_999) for feast in fitr], axis=0)
    before, first = said[to_feast <= 7].mean(), said[(to_feast > 7) & (to_feast <= 29)].mean()
    planted_ratio = ramadan_factors()["before_fitr"] / ramadan_factors()["first_weeks"]
    assert 1 + 0.5 * (planted_ratio - 1) < before / first < 1 + 1.5 * (planted_ratio - 1)


def test_areas_handed_over_bill_no_more_and_fool_no_rate(made: Made, cube: ReceiptCube) -> None:
    lost = {center_code(cut.agency * 4 + place) for cut in CUT_OVERS for place in range(4)}
    coming = bills_to_come(cube, END + timedelta(days=91))
    ours = coming[coming["center_code"].isin(lost)]
    assert set(ours["segment_code"]) == {"regional_utility"}  # their boards buy on, under another name
    before = bills_to_come(cube.on(ORIGINS[-1]), END)
    assert "household" in set(before.loc[before["center_code"].isin(lost), "segment_code"])
    cells = ("MAD", "household", "water")
    shares = [curves.paid_shares()[curves.cells.index(cells)][26] for curves in (collection_curves(cube), collection_curves(cube.on(ORIGINS[-1])))]  # fmt: skip
    assert shares[0] == pytest.approx(shares[1], abs=0.01)
    # What was billed before is expected still, under those who manage it now.
    old = cube.book[cube.book["center_code"].isin(lost)]
    assert old["billed_centimes"].sum() > old["cash_centimes"].sum() + old["no_cash_centimes"].sum()
    assert made.office.months == 36


def test_receivables_beat_the_year_before_on_the_thirteen_weeks(made: Made, cube: ReceiptCube) -> None:
    race = receipts_race(cube, ORIGINS, made.flows, made.tables["units"])
    error = race.assign(ours=race["total_error"].abs(), naive=race["naive_total_error"].abs())
    by_line = error.groupby("line_code")[["ours", "naive", "wape", "naive_wape"]].mean()
    assert by_line.loc["all", "ours"] < min(by_line.loc["all", "naive"], 0.06)
    assert by_line.loc["receipts_counters", "ours"] < 0.75 * by_line.loc["receipts_counters", "naive"]
    told = by_line.loc[["all", "receipts_bulk", "receipts_counters", "receipts_electronic", "receipts_public"]]
    assert (told["wape"] < told["naive_wape"]).all()
