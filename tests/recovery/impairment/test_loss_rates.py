"""Mirrors recovery/impairment/loss_windows.py, loss_rates.py and expected_losses.py: the case of docs/methods/loss_rates.md, a made-up office, and
what must always tie."""

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import rows, table, worked
from tests.demo.in_memory import Made
from tests.recovery.books import FIRST, LAST, books
from workbench.demo.customers import PAID, Customers
from workbench.errors import WrongUse
from workbench.recovery import open_items
from workbench.recovery.impairment import (
    FATES,
    allowance_movement,
    expected_losses,
    exposures_by_age,
    item_allowances,
    load_allowance_rates,
    loss_rates,
    loss_windows,
    movement_totals,
    roll_rates,
)
from workbench.recovery.impairment.anniversaries import months_before
from workbench.schemas.columns import SEGMENTS

CASE = worked("loss_rates")


def case_windows(segment: str = "municipality") -> pd.DataFrame:
    """The windows of the case, as one."""
    last = len(CASE["ages"]) - 1
    return pd.DataFrame(
        {
            "currency_code": "MAD",
            "segment_code": segment,
            "window": 0,
            "until_date": pd.Timestamp(2024, 12, 31),
            "age_step": range(last + 1),
            "next_step": [min(age + 1, last) for age in range(last + 1)],
            "item_count": 1,
            **{f"{name}_centimes": [one[name] * 100 for one in CASE["ages"]] for name in CASE["ages"][0]},
        }
    )


def case_rates(rate: float = CASE["yearly_rate"], segment: str = "municipality") -> pd.DataFrame:
    return loss_rates(case_windows(segment), follow_months=CASE["follow_months"], yearly_rate=rate)


def test_worked_rates() -> None:
    found = case_rates()
    for name in ("loss", "collected", "credited"):
        assert found[f"{name}_share"].tolist() == pytest.approx(CASE["expected"][name], abs=1e-12)
    assert found["time_value_share"].tolist() == pytest.approx(CASE["expected"]["time_value"], abs=1e-6)
    assert found["loss_low_share"].isna().all()  # one window tells nothing of its own spread
    assert case_rates(0.0)["time_value_share"].abs().max() < 1e-15


def test_worked_matrix() -> None:
    exposures = pd.DataFrame(
        {
            "currency_code": ["MAD"],
            "segment_code": ["municipality"],
            "age_step": [1],
            "item_count": [1],
            "exposure_ht_centimes": [1_000_000],
        }
    )
    matrix = CASE["matrix"]
    found = expected_losses(exposures, case_rates(), {"municipality": Decimal(str(matrix["forward"]))}).iloc[0]
    names = {"credit_loss_centimes": "credit_loss", "forward_centimes": "forward_part", "time_value_centimes": "time_value", "allowance_centimes": "allowance"}  # fmt: skip
    assert {name: found[name] for name in names} == {name: round(matrix[said] * 100) for name, said in names.items()}
    without = expected_losses(exposures, case_rates(0.0)).iloc[0]
    assert without[
        ["credit_loss_centimes", "forward_centimes", "time_value_centimes", "allowance_centimes"]
    ].tolist() == [306_000, 0, 0, 306_000]


def test_waiting_is_counted_of_late_public_payers_alone_and_nothing_passes_the_exposure() -> None:
    exposures = pd.DataFrame(
        {
            "currency_code": "MAD",
            "segment_code": ["household", "household", "state"],
            "age_step": [1, 2, 0],
            "item_count": 1,
            "exposure_ht_centimes": [1000, 1000, 77],
        }
    )
    found = expected_losses(exposures, case_rates(segment="household"), {"household": Decimal(9)})
    assert found["time_value_centimes"].dropna().tolist() == [0, 0]
    assert found["allowance_centimes"].dropna().tolist() == [1000, 1000]
    assert found["forward_centimes"].dropna().tolist() == [1000 - 306, 360]
    assert found.loc[2, ["loss_share", "allowance_centimes"]].isna().all()  # no rate of the State is known: not nil
    less = expected_losses(exposures, case_rates(segment="household"), {"household": Decimal("-0.5")})
    assert less["allowance_centimes"].dropna().tolist() == [153, 320]
    with pytest.raises(WrongUse):
        expected_losses(exposures, case_rates(), {"household": Decimal("-1.01")})


INVOICES = table("""
    invoice_id  customer_code  center_code  segment_code  issue_date  due_date    amount_ttc_centimes  amount_ht_centimes  currency_code  source_invoice_id  cancelled_date
    PAID        C1             0101         household     2024-01-05  2024-02-05                 1000                1000  MAD            -                  -
    HALF        C1             0101         household     2024-01-05  2024-02-05                 2000                2000  MAD            -                  -
    LOST        C1             0101         household     2023-11-05  2023-12-05                 3000                3000  MAD            -                  -
    UNDATED     C1             0101         household     2024-01-31  -                           400                 400  MAD            -                  -
    GONE        C1             0101         household     2024-01-05  2024-02-05                  700                 700  MAD            -                  2024-02-20
    OVER        C1             0101         household     2023-11-05  2023-12-05                  900                 900  MAD            -                  -
""")
PAYMENTS = table("""
    payment_id  channel_code  receipt_date  bounced_date
    P1          cash          2024-02-10    -
    P2          cheque        2024-02-10    2024-02-15
    P3          cash          2024-02-20    -
    P4          cash          2024-02-21    -
    P5          cash          2023-12-21    -
""")
ALLOCATIONS = table("""
    payment_id  invoice_id  allocation_date  amount_centimes
    P1          PAID        2024-02-10                  1000
    P2          HALF        2024-02-10                  2000
    P3          HALF        2024-02-20                   500
    P4          PAID        2024-02-21                   200
    P5          OVER        2023-12-21                  1000
""")
CREDITS = table("""
    credit_note_id  invoice_id  customer_code  credit_date  amount_ttc_centimes  currency_code
    K1              HALF        C1             2024-02-25                   100  MAD
""")
WRITE_OFFS = table("""
    write_off_id  invoice_id  write_off_date  amount_centimes
    W1            LOST        2024-02-27                 2500
""")
EVENTS = (INVOICES, ALLOCATIONS, PAYMENTS, CREDITS, WRITE_OFFS)


def test_one_window_bill_by_bill() -> None:
    found = loss_windows(EVENTS, as_of="2024-02-29", window_count=1, terminal_months=2)
    amounts = found[["age_step", "next_step", "item_count", "exposure_centimes", *FATES]]
    assert rows(amounts) == [
        # not due on 31 January: PAID, HALF, GONE, UNDATED (of that very day)
        (0, 1, 4, 4100, 1500, 800, 0, 1800),
        # LOST, due on 5 December; OVER, paid too much, is no exposure
        (2, 3, 1, 3000, 0, 0, 2500, 500),
    ]
    assert (found["until_date"] == pd.Timestamp(2024, 2, 29)).all()
    shares = roll_rates(found)[["collected_share", "credited_share", "written_off_share", "roll_share"]]
    assert shares.sum(axis=1).tolist() == pytest.approx([1.0, 1.0])


def test_the_last_age_holds_all_that_is_older() -> None:
    found = loss_windows(EVENTS, as_of="2024-02-29", window_count=1, terminal_months=1)
    assert found[["age_step", "next_step"]].iloc[-1].tolist() == [2, 2]


@pytest.mark.parametrize(
    "numbers", [{"step_months": 0}, {"window_count": 0}, {"step_months": 5, "terminal_months": 24}]
)
def test_steps_that_do_not_fit(numbers: dict[str, int]) -> None:
    with pytest.raises(WrongUse):
        loss_windows(EVENTS, as_of="2024-02-29", **numbers)


def test_follow_that_does_not_fit() -> None:
    with pytest.raises(WrongUse):
        loss_rates(case_windows(), step_months=3, follow_months=4)


def test_an_office_without_history_knows_no_rate() -> None:
    nothing = loss_windows(EVENTS, as_of="2023-10-31", window_count=2, terminal_months=2)
    assert nothing.empty
    assert loss_rates(nothing).empty


def test_an_age_in_which_nothing_stood_is_taken_as_lost_and_said() -> None:
    found = loss_rates(case_windows().iloc[:2], follow_months=2)
    assert found["loss_share"].tolist() == pytest.approx([0.2 * 0.45, 0.05 + 0.4, 1.0])
    assert found["unseen_count"].tolist() == [1, 1, 1]


def test_the_interval_is_that_of_the_windows() -> None:
    one, two = case_windows(), case_windows().assign(window=1)
    two.loc[1, ["collected_centimes", "remaining_centimes"]] = [6000, 12000]
    found = loss_rates(pd.concat([one, two], ignore_index=True), follow_months=2)
    apart = [0.05 + 0.4 * 0.64, 0.05 + 0.6 * 0.64]
    spread = np.sqrt(0.5 * np.sum((np.array(apart) - np.mean(apart)) ** 2))
    assert found.loc[1, "loss_share"] == pytest.approx(0.05 + 0.5 * 0.64)
    half = (found.loc[1, "loss_high_share"] - found.loc[1, "loss_low_share"]) / 2
    assert half == pytest.approx(1.2815515655 * spread)


@settings(max_examples=5, deadline=None)
@given(book=books(), as_of=st.dates(FIRST, LAST))
def test_nothing_is_lost_on_any_book(book: Any, as_of: date) -> None:
    found = loss_windows(book, as_of=as_of, window_count=3, terminal_months=4)
    if found.empty:
        return
    assert (found["exposure_centimes"] == found[list(FATES)].sum(axis=1)).all()
    for back in range(1, 4):
        items = open_items(*book, as_of=months_before(as_of, back))
        owed = items.loc[items["outstanding_centimes"] > 0, "outstanding_centimes"].sum()
        assert int(found.loc[found["window"] == 3 - back, "exposure_centimes"].sum()) == int(owed)
    rates = loss_rates(found, yearly_rate=0.03)
    whole = rates["loss_share"] + rates["collected_share"] + rates["credited_share"]
    assert whole.to_numpy() == pytest.approx(np.ones(len(whole)))
    items = open_items(*book, as_of=as_of)
    exposures = exposures_by_age(items, as_of=as_of, terminal_months=4)
    assert int(exposures["outstanding_centimes"].sum()) == int(items["outstanding_centimes"].clip(lower=0).sum())


# ── a made-up office, whose never-payers are known


@cache
def made() -> Any:
    return Made(Customers(3000, 46, 3)).tables


@cache
def made_windows(step: int, count: int) -> pd.DataFrame:
    return loss_windows(tuple(made()[name] for name in ("invoices", "allocations", "payments", "credit_notes", "write_offs")), as_of="2025-10-31", step_months=step, window_count=count)  # fmt: skip


@cache
def never_paid() -> pd.Series:
    """What part of the money not yet due at six closings was never paid, by segment, known from what came afterwards."""
    tables = made()
    events = [tables[name] for name in ("invoices", "allocations", "payments", "credit_notes", "write_offs")]
    paid = set(tables["allocations"]["invoice_id"])
    parts = []
    for back in (16, 17, 18, 22, 23, 24):
        day = months_before(date(2025, 10, 31), back)
        items = open_items(*events, as_of=day)
        young = items[(items["outstanding_centimes"] > 0) & (items["due_date"] >= pd.Timestamp(day))]
        parts.append(young.assign(lost=young["outstanding_centimes"].where(~young["invoice_id"].isin(paid), 0)))
    sums = pd.concat(parts).groupby("segment_code")[["lost", "outstanding_centimes"]].sum().astype("float64")
    return sums["lost"] / sums["outstanding_centimes"]


def test_the_planted_losses_of_households_are_found() -> None:
    rates = loss_rates(made_windows(1, 24))
    young = rates[(rates["segment_code"] == "household") & (rates["age_step"] == 0)].iloc[0]
    truth = never_paid()["household"]
    assert truth >= 1 - PAID[SEGMENTS.index("household")]
    assert young["loss_share"] == pytest.approx(truth, rel=0.15)
    old = rates[(rates["segment_code"] == "household") & (rates["age_step"] >= 8)]
    assert old["loss_share"].min() > 0.98  # who has not paid by then never does


def test_steps_of_a_quarter_would_be_far_too_low() -> None:
    """Why a step is a month: what this measures is told in docs/methods/loss_rates.md."""
    coarse = loss_rates(made_windows(3, 8), step_months=3)
    young = coarse[(coarse["segment_code"] == "household") & (coarse["age_step"] == 0)].iloc[0]
    assert young["loss_share"] < 0.5 * never_paid()["household"]


def test_segments_stay_apart_and_the_allowance_moves_by_segment_and_age() -> None:
    tables = made()
    events = [tables[name] for name in ("invoices", "allocations", "payments", "credit_notes", "write_offs")]
    rates = loss_rates(made_windows(1, 24), yearly_rate=0.03)
    closings = []
    for day in ("2025-06-30", "2025-10-31"):
        closings.append(expected_losses(exposures_by_age(open_items(*events, as_of=day), as_of=day), rates))
    late = closings[1].groupby("segment_code")["time_value_centimes"].sum()
    assert late[["household", "business"]].tolist() == [0, 0]
    assert (late[["state", "municipality", "utility_board"]] > 0).all()
    totals = movement_totals(allowance_movement(*closings, key=("segment_code", "age_step")))
    assert totals["closing_centimes"].sum() == closings[1]["allowance_centimes"].sum()
    tied = totals["opening_centimes"] + totals["charge_centimes"] - totals["release_centimes"] - totals["used_centimes"]
    assert (tied == totals["closing_centimes"]).all()
    individual = item_allowances(open_items(*events, as_of="2025-10-31"), load_allowance_rates(), as_of="2025-10-31")
    assert set(individual.items["segment_code"]) == set(closings[1]["segment_code"])
