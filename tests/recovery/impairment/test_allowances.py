"""Mirrors recovery/impairment/allowances.py, allowance_rates.py and movement.py: the case of docs/methods/impairment.md, and what must always tie."""

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import rows, table, worked
from tests.recovery.books import FIRST, LAST, books
from workbench.errors import OutsideSpan, SchemaError
from workbench.money import round_half_away
from workbench.recovery import movements, open_items
from workbench.recovery.impairment import (
    STEPS_OF_ALLOWANCE,
    allowance_coverage,
    allowance_movement,
    booked_allowances,
    item_allowances,
    load_allowance_rates,
    movement_totals,
    written_off_ht,
)
from workbench.recovery.impairment.allowances import shares_of

CASE = worked("impairment")
CLOSINGS = ("2023-12-31", "2024-12-31")
HEADER = "basis_code,segment_code,over_months,share,valid_from_date,valid_to_date,status,source\n"


def claims(closing: int) -> pd.DataFrame:
    """The open items of a closing of the case."""
    held = [one for one in CASE["claims"] if one["owed"][closing]]
    return pd.DataFrame(
        {
            "invoice_id": [one["id"] for one in held],
            "customer_code": [one["id"] for one in held],
            "center_code": "0101",
            "segment_code": [one["segment"] for one in held],
            "currency_code": "MAD",
            "issue_date": pd.to_datetime([one["issued"] for one in held]),
            "due_date": pd.to_datetime([one["due"] for one in held]),
            "billed_centimes": [centimes(one["ttc"]) for one in held],
            "amount_ht_centimes": [centimes(one["ht"]) for one in held],
            "outstanding_centimes": [centimes(one["owed"][closing]) for one in held],
            "is_disputed": False,
        }
    )


def centimes(amount: float) -> int:
    return round(amount * 100)


def written_off() -> pd.DataFrame:
    lost = [one for one in CASE["claims"] if "written_off_ht" in one]
    return pd.DataFrame(
        {
            "invoice_id": [one["id"] for one in lost],
            "currency_code": "MAD",
            "written_off_ht_centimes": [centimes(one["written_off_ht"]) for one in lost],
        }
    )


@pytest.mark.parametrize("closing", [0, 1])
def test_worked_claims(closing: int) -> None:
    found = item_allowances(claims(closing), load_allowance_rates(), as_of=CLOSINGS[closing])
    assert found.problems == ()
    for row in found.items.to_dict("records"):
        one = next(one for one in CASE["claims"] if one["id"] == row["invoice_id"])
        told = (row["outstanding_ht_centimes"], row["allowance_share"], row["allowance_centimes"])
        assert told == (centimes(one["owed_ht"][closing]), one["share"][closing], centimes(one["allowance"][closing]))


def test_worked_movement_and_coverage() -> None:
    rates = load_allowance_rates()
    opening, closing = (item_allowances(claims(n), rates, as_of=CLOSINGS[n]).items for n in (0, 1))
    moved = allowance_movement(opening, closing, written_off())
    totals = movement_totals(moved).set_index("segment_code")
    for segment, amounts in CASE["movement"].items():
        assert totals.loc[segment, list(STEPS_OF_ALLOWANCE)].tolist() == [centimes(amount) for amount in amounts]
    covered = allowance_coverage(closing).set_index("segment_code")
    for segment, (allowance, doubtful, share) in CASE["coverage"].items():
        told = covered.loc[segment, ["allowance_centimes", "doubtful_ht_centimes", "coverage_share"]].tolist()
        assert told == [centimes(allowance), centimes(doubtful), share]


def test_a_decision_takes_the_place_of_the_table_from_its_day() -> None:
    decisions = table("""
        invoice_id  decided_date  allowance_share
        A           2024-06-30    0.9
        A           2024-09-30    1.0
        A           2025-01-01    0.0
        D           2024-06-30    1.5
        B           2024-06-30    0.5
    """)
    found = item_allowances(claims(1), load_allowance_rates(), as_of="2024-12-31", decisions=decisions)
    by_bill = found.items.set_index("invoice_id")
    assert by_bill.loc["A", ["allowance_centimes", "doubtful_code"]].tolist() == [50000, "decided"]
    assert by_bill.loc["D", "allowance_centimes"] == 10000  # 1.5 is no part: the table counts
    assert [problem.code for problem in found.problems] == ["allowance_share_beyond", "allowance_decision_idle"]
    assert all(problem.message("fr") and problem.remedy("en") for problem in found.problems)


def test_a_segment_without_a_rate_has_no_allowance_which_is_not_nil() -> None:
    items = claims(1)
    items.loc[items["invoice_id"] == "A", "segment_code"] = None
    found = item_allowances(items, load_allowance_rates(), as_of="2024-12-31")
    assert found.items.set_index("invoice_id")["allowance_centimes"].isna().tolist() == [True, False, False, False]
    assert [problem.code for problem in found.problems] == ["segment_without_rate"]
    assert "1 claims are of a segment without a rate (?)" in found.problems[0].message("en")
    covered = allowance_coverage(found.items, by=())
    assert covered[["item_count", "unrated_count", "allowance_centimes"]].iloc[0].tolist() == [4, 1, 42000]


def test_what_is_disputed_is_doubtful_and_what_is_below_zero_is_no_claim() -> None:
    items = claims(1)
    items.loc[items["invoice_id"] == "E", "is_disputed"] = True
    items.loc[items["invoice_id"] == "D", "outstanding_centimes"] = -5
    found = item_allowances(items, load_allowance_rates(), as_of="2024-12-31").items
    assert found["invoice_id"].tolist() == ["A", "C", "E"]
    assert found["doubtful_code"].tolist() == ["aged", "aged", "disputed"]


@pytest.mark.parametrize(("as_of", "share"), [("2023-10-31", 0.25), ("2023-10-30", 0.0)])
def test_more_than_six_months_is_the_day_after_six_months(as_of: str, share: float) -> None:
    found = item_allowances(claims(0).iloc[[0]], load_allowance_rates(), as_of=as_of).items
    assert found["allowance_share"].iloc[0] == share


def test_a_matrix_of_the_user_holds_for_what_is_not_yet_due(tmp_path: Path) -> None:
    path = tmp_path / "allowance_rates.csv"
    lines = "ifrs9,business,,0.005,2010-01-01,,illustrative,x\nifrs9,business,0,0.022,2010-01-01,,illustrative,x\n"
    path.write_text(HEADER + lines, encoding="utf-8")
    rates = load_allowance_rates(path)
    item = claims(1).iloc[[3]]
    shares = [
        item_allowances(item, rates, as_of=day, basis="ifrs9").items["allowance_share"].iloc[0]
        for day in ("2024-09-01", "2024-09-02")
    ]
    assert shares == [0.005, 0.022]
    with pytest.raises(OutsideSpan, match="no value of cgnc is established for 2024-09-02"):
        item_allowances(item, rates, as_of="2024-09-02")


def test_coverage_by_what_the_books_hold() -> None:
    closing = item_allowances(claims(1), load_allowance_rates(), as_of="2024-12-31").items
    provisions = table("""
        invoice_id  provision_date  allowance_centimes  currency_code
        A           2023-12-31                    9999  MAD
        A           2024-06-30                   12500  MAD
        E           2024-06-30                     700  MAD
        A           2025-06-30                     111  MAD
    """)
    bills = claims(1)[["invoice_id", "customer_code", "segment_code", "center_code"]]
    booked = booked_allowances(provisions, bills, as_of="2024-12-31")
    assert rows(booked[["invoice_id", "allowance_centimes", "segment_code"]]) == [
        ("A", 12500, "household"),
        ("E", 700, "business"),
    ]
    covered = allowance_coverage(closing, booked=booked).set_index("segment_code")
    assert covered.loc["household", "coverage_share"] == 0.25
    assert covered.loc["business", ["allowance_centimes", "sound_allowance_centimes"]].tolist() == [0, 700]
    assert booked_allowances(provisions, as_of="2023-01-01").empty


def test_an_allowance_that_is_not_known_stays_and_says_so() -> None:
    opening = table("""
        invoice_id  currency_code  allowance_centimes
        A           MAD                           100
        A           MAD                            20
        B           EUR                            50
    """)
    closing = table("""
        invoice_id  currency_code  allowance_centimes
        A           MAD                             -
        B           MAD                            30
    """)
    off = pd.DataFrame({"invoice_id": ["A", "B"], "currency_code": ["MAD", "EUR"], "written_off_ht_centimes": [70, 80]})
    found = allowance_movement(opening, closing, off).set_index(["currency_code", "invoice_id"])
    steps = list(STEPS_OF_ALLOWANCE)
    assert found.loc[("MAD", "A"), [*steps, "is_unrated"]].tolist() == [120, 0, 0, 70, 50, True]
    assert found.loc[("EUR", "B"), [*steps, "is_unrated"]].tolist() == [50, 0, 0, 50, 0, False]
    assert found.loc[("MAD", "B"), [*steps, "is_unrated"]].tolist() == [0, 30, 0, 0, 30, False]


@settings(max_examples=6, deadline=None)
@given(book=books(), days=st.tuples(st.dates(FIRST, LAST), st.dates(FIRST, LAST)))
def test_the_movement_ties_to_the_centime_on_any_book(book: Any, days: tuple[date, date]) -> None:
    first, last = sorted(days)
    rates = load_allowance_rates()
    opening, closing = (item_allowances(open_items(*book, as_of=day), rates, as_of=day).items for day in (first, last))
    off = written_off_ht(movements(*book, opening=first, as_of=last, lazy=True))
    moved = allowance_movement(opening, closing, off)
    assert (moved[list(STEPS_OF_ALLOWANCE)] >= 0).all().all()
    for totals in (moved, movement_totals(moved, ("center_code",)), movement_totals(moved, ())):
        steps = {name: totals[f"{name}_centimes"] for name in ("opening", "charge", "release", "used", "closing")}
        tied = steps["opening"] + steps["charge"] - steps["release"] - steps["used"] == steps["closing"]
        assert tied.all()
    known = closing.dropna(subset="allowance_centimes")
    assert (known["allowance_centimes"] <= known["outstanding_ht_centimes"]).all()
    assert int(moved["opening_centimes"].sum()) == int(opening["allowance_centimes"].fillna(0).sum())
    unrated = moved.loc[moved["is_unrated"], "closing_centimes"].sum()
    assert int(moved["closing_centimes"].sum() - unrated) == int(known["allowance_centimes"].sum())


@given(amount=st.integers(-(2**62), 2**62), millionths=st.integers(0, 10**6))
def test_shares_are_exact_and_rounded_once(amount: int, millionths: int) -> None:
    found = shares_of(np.array([amount]), np.array([millionths]))[0]
    assert found == round_half_away(Fraction(amount * millionths, 10**6))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("gaap,state,6,0.1,2010-01-01,,official,x", "basis_code or segment_code does not hold"),
        ("cgnc,nobody,6,0.1,2010-01-01,,official,x", "basis_code or segment_code does not hold"),
        ("cgnc,state,-6,0.1,2010-01-01,,official,x", "over_months is no whole number"),
        ("cgnc,state,6,1.1,2010-01-01,,official,x", "the share 1.1 is not between 0 and 1"),
        ("cgnc,state,6,0.12345678,2010-01-01,,official,x", "in at most six decimals"),
        ("cgnc,state,6,half,2010-01-01,,official,x", "« half » is no number"),
        ("cgnc,state,6,0.1,2010-01-01,,target,x", "status or source does not hold"),
        ("cgnc,state,6,0.1,2010-01-01,,official,x\ncgnc,state,6,0.2,2011-01-01,,official,x", "two rules hold for state"),
    ],
)  # fmt: skip
def test_a_rate_that_does_not_hold_is_told_by_its_line(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "allowance_rates.csv"
    path.write_text(HEADER + line + "\n", encoding="utf-8")
    with pytest.raises(SchemaError, match=said) as error:
        load_allowance_rates(path)
    assert error.value.where == f"allowance_rates.csv:{line.count(chr(10)) + 2}"
