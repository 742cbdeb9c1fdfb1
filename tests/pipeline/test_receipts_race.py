"""Mirrors pipeline/receipts_race.py: sums and weeks of the race by hand."""

from datetime import date

import pandas as pd
import pytest

from tests.pipeline.receipt_flows import flows_of
from tests.recovery.receipt_cases import UNITS, case_tables
from workbench.pipeline.receipts_race import receipts_race
from workbench.recovery import receipts_cube

ORIGIN = date(2024, 3, 17)


def test_the_race_tells_sums_weeks_and_the_year_before() -> None:
    cube = receipts_cube(**case_tables(), as_of=date(2024, 6, 30))
    year_before = pd.DataFrame(
        {"account_number": "A1", "directorate_code": "D1", "line_code": "receipts_counters", "currency_code": "MAD", "flow_date": [pd.Timestamp(2023, 3, 21)], "amount_centimes": [50_000]}
    )  # fmt: skip
    flows = pd.concat([flows_of(cube, {"cash": 0}), year_before], ignore_index=True)
    race = receipts_race(cube, [ORIGIN], flows, UNITS)
    assert race["line_code"].tolist() == ["receipts_counters", "all"]
    line = race.iloc[0]
    # 700 came in the first week after the origin, 240 in the second; 500 in the first a year before.
    assert (line["actual_centimes"], line["naive_mad"]) == (94_000, 500.0)
    assert line["naive_total_error"] == pytest.approx(-440 / 940)
    assert line["naive_wape"] == pytest.approx((200 + 240) / 940)
    assert line["total_error"] == pytest.approx((line["mean_mad"] - 940) / 940)
    assert race.iloc[1]["wape"] == pytest.approx(line["wape"])
