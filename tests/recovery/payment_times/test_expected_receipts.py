"""Mirrors payment_times/expected_receipts.py: what adds up, what the planted future brought, the doubt of the page."""

import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.recovery.payment_times.planted import planted
from workbench.errors import WrongUse
from workbench.recovery import receipts_cube
from workbench.recovery.payment_times.expected_receipts import WeeklyReceipts, hazard_receipts, learn, weekly_receipts
from workbench.recovery.payment_times.exposure import exposure_tables

CASE = tomllib.loads((Path(__file__).parents[2] / "cases" / "exposure.toml").read_text(encoding="utf-8"))["variance"]
DAY, UNTIL = date(2023, 2, 26), date(2023, 5, 28)
UNITS = pd.DataFrame({"center_code": [f"K{n:02d}" for n in range(12)], "directorate_code": ["D1"] * 6 + ["D2"] * 6})


def test_doubt_is_that_of_the_page() -> None:
    bills = np.array(CASE["bills"])
    mean = (bills * CASE["chance"])[:, None]
    own = (bills**2 * CASE["chance"] * (1 - CASE["chance"]))[:, None]
    rows = pd.DataFrame({"center_code": ["A", "B"]})
    told = WeeklyReceipts(DAY, np.array([0]), rows, mean, own, CASE["phi"], bills, bills * 0)
    assert mean.sum() == pytest.approx(CASE["mean"])
    assert own.sum() == pytest.approx(CASE["own"])
    assert told.spread()[0] ** 2 == pytest.approx(CASE["whole"])


def test_days_weeks_and_centres_add_up_and_paths_have_their_mean() -> None:
    office = planted(20_000)
    tables = (office.invoices, office.allocations, None, office.credit_notes)
    model = learn(exposure_tables(*tables, as_of=DAY))
    payments = pd.DataFrame({"payment_id": office.allocations["payment_id"], "customer_code": None, "receipt_date": office.allocations["allocation_date"],
                             "channel_code": "cash", "amount_centimes": office.allocations["amount_centimes"], "currency_code": "MAD",
                             "bounced_date": pd.Series(pd.NaT, index=office.allocations.index, dtype="datetime64[s]")})  # fmt: skip
    cube = receipts_cube(office.invoices, office.allocations, payments, office.credit_notes, as_of=DAY)
    receipts, weekly = hazard_receipts(model, cube, UNITS, UNTIL)
    assert receipts.amounts.sum() == pytest.approx(weekly.mean.sum(), rel=1e-12)
    week = (receipts.days - receipts.days[0]).astype(int) // 7
    assert np.bincount(week, receipts.amounts.sum(axis=1)) == pytest.approx(weekly.mean.sum(axis=0), rel=1e-12)
    by_directorate = weekly.mean.sum(axis=1)[weekly.rows["center_code"].map(UNITS.set_index("center_code")["directorate_code"]) == "D1"].sum()  # fmt: skip
    assert receipts.amounts[:, (receipts.keys["directorate_code"] == "D1").to_numpy()].sum() == pytest.approx(
        by_directorate
    )
    assert weekly.outstanding_mad.sum() * 100 == pytest.approx(model.cubes.exposure.book["outstanding_centimes"].sum())
    paths = weekly.paths(seed=3, count=200)
    assert paths.min() >= 0
    assert paths.mean(axis=0) == pytest.approx(weekly.mean, rel=1e-4, abs=1e-3)
    came = office.allocations[(office.allocations["allocation_date"] > pd.Timestamp(DAY)) & (office.allocations["allocation_date"] <= pd.Timestamp(UNTIL))]  # fmt: skip
    of_book = weekly_receipts(model, UNTIL).mean.sum()
    assert of_book == pytest.approx(came["amount_centimes"].sum() / 100, rel=0.10)


def test_weeks_add_up_to_days_on_a_wednesday_too() -> None:
    office, day, until = planted(4_000), date(2023, 2, 22), date(2023, 5, 24)
    model = learn(exposure_tables(office.invoices, office.allocations, as_of=day))
    payments = office.allocations.rename(columns={"allocation_date": "receipt_date"}).assign(
        customer_code=None, channel_code="cash", bounced_date=pd.Series(pd.NaT, index=office.allocations.index, dtype="datetime64[s]")
    )  # fmt: skip
    cube = receipts_cube(office.invoices, office.allocations, payments, as_of=day)
    receipts, weekly = hazard_receipts(model, cube, UNITS, until)
    assert receipts.days[-1] == np.datetime64(until)
    assert receipts.amounts.sum() == pytest.approx(weekly.mean.sum(), rel=1e-12)


def test_a_date_before_the_evening_and_two_evenings_are_refused() -> None:
    office = planted(500, weeks=30)
    model = learn(exposure_tables(office.invoices, office.allocations, as_of=DAY))
    with pytest.raises(WrongUse):
        weekly_receipts(model, DAY)
