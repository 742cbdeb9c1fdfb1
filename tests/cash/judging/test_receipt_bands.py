"""Mirrors cash/judging/receipt_bands.py; the rule and the measure are in docs/methods/cohort_receipts.md."""

from datetime import date

import pandas as pd
import pytest

from tests.cash.logs import CALENDAR, bank_days, came, day_rows
from workbench.cash.judging.accuracy import ALL, with_actuals
from workbench.cash.judging.receipt_bands import COLUMNS, TOLD_BY, receipt_band_coverage

ORIGIN = date(2025, 3, 14)
DAYS = bank_days(ORIGIN, 10)


def told(origin: date, count: int, line: str, model: str = TOLD_BY) -> pd.DataFrame:
    """A plan of 100.00 a day, its 80 % band 90–110, its 95 % band 80–120."""
    bands = {"q025_mad": 80.0, "q10_mad": 90.0, "q90_mad": 110.0, "q975_mad": 120.0}
    return day_rows(origin, [10_000] * count, line).assign(**bands, model_name=model)


def test_bands_of_receipts_by_hand() -> None:
    """Ten days; 105, 115, 125, 100, 100, then 130, 90, 110, 110, 85: 80 % holds 3 of 5, then 3 of 5; 95 % holds 4 of 5, then 4 of 5."""
    amounts = [10_500, 11_500, 12_500, 10_000, 10_000, 13_000, 9_000, 11_000, 11_000, 8_500]
    matched = with_actuals(
        told(ORIGIN, 10, "receipts_public"), came(DAYS, amounts, "receipts_public"), CALENDAR, DAYS[-1]
    )
    found = receipt_band_coverage(matched)
    of_line = found[found["line_code"] == "receipts_public"]
    assert of_line["share"].tolist() == pytest.approx([0.6, 0.8, 0.6, 0.8])
    assert of_line["bucket_count"].tolist() == [0, 0, 1, 1]
    assert of_line["low"].iloc[0] == pytest.approx(0.1466, abs=1e-4)  # three of five
    assert of_line["high"].iloc[0] == pytest.approx(0.9473, abs=1e-4)
    whole = receipt_band_coverage(matched, ())
    assert whole["share"].tolist() == pytest.approx([0.6, 0.8, 0.6, 0.8])
    assert whole["line_code"].tolist() == ["receipts_public", "receipts_public", ALL, ALL]


def test_only_lines_that_the_receivables_told_count_and_only_in_the_plans_where_they_did() -> None:
    later = DAYS[4]
    log = pd.concat(
        [
            told(ORIGIN, 10, "receipts_public"),
            told(ORIGIN, 10, "receipts_bulk", "calendar"),
            told(later, 5, "receipts_public", "calendar"),
            told(later, 5, "receipts_bulk"),
        ],
        ignore_index=True,
    )
    flows = pd.concat([came(DAYS, [10_000] * 10, "receipts_public"), came(DAYS, [50_000] * 10, "receipts_bulk")])
    found = receipt_band_coverage(with_actuals(log, flows, CALENDAR, DAYS[-1]), ())
    eighty = found[found["band"] == 80].set_index("line_code")
    assert eighty["row_count"].to_dict() == {"receipts_bulk": 5, "receipts_public": 10, ALL: 15}
    assert eighty["share"].tolist() == pytest.approx([0.0, 1.0, 10 / 15])


def test_a_day_of_which_several_plans_spoke_is_one_trial_and_two_lines_of_a_day_are_two() -> None:
    plans = [
        told(CALENDAR.add(ORIGIN, ahead), 5, line)
        for ahead in range(5)
        for line in ("receipts_bulk", "receipts_public")
    ]
    flows = pd.concat([came(DAYS, [10_000] * 10, line) for line in ("receipts_bulk", "receipts_public")])
    found = receipt_band_coverage(with_actuals(pd.concat(plans), flows, CALENDAR, DAYS[-1]), ())
    eighty = found[found["band"] == 80].set_index("line_code")
    assert eighty["row_count"].to_dict() == {"receipts_bulk": 25, "receipts_public": 25, ALL: 50}
    assert eighty["day_count"].to_dict() == {"receipts_bulk": 9, "receipts_public": 9, ALL: 18}
    assert eighty["origin_count"].tolist() == [5, 5, 5]


def test_what_is_not_proven_or_has_no_band_is_not_counted() -> None:
    log = told(ORIGIN, 10, "receipts_public")
    flows = came(DAYS, [10_000] * 10, "receipts_public")
    assert receipt_band_coverage(with_actuals(log, flows, CALENDAR, DAYS[3]), ())["row_count"].tolist() == [4] * 4
    nothing = receipt_band_coverage(with_actuals(log, flows, CALENDAR, ORIGIN))
    assert nothing.empty
    assert list(nothing) == COLUMNS
    without = with_actuals(log.assign(q10_mad=float("nan")), flows, CALENDAR, DAYS[-1])
    assert receipt_band_coverage(without).empty
