"""Mirrors recovery/large_payers.py."""

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import worked
from workbench.errors import WrongUse
from workbench.recovery.large_payers import large_payers

CASE = worked("large_payers")
AS_OF = date(2024, 6, 30)


def books(
    lags: list[int], ages: list[int], owed: list[float], customer: str = "C1", paid: float = CASE["paid"]
) -> dict[str, pd.DataFrame]:
    """Past bills of a customer, all paid after so many days, and open ones of so many days."""
    began = pd.Timestamp("2023-06-01")
    past = [(f"{customer}P{n}", began + pd.Timedelta(days=n), lag) for n, lag in enumerate(lags)]
    still = [
        (f"{customer}O{n}", pd.Timestamp(AS_OF) - pd.Timedelta(days=age), amount)
        for n, (age, amount) in enumerate(zip(ages, owed, strict=True))
    ]
    invoices = pd.DataFrame(
        [(name, customer, day) for name, day, _ in past + still], columns=["invoice_id", "customer_code", "issue_date"]
    )
    allocations = pd.DataFrame(
        [(name, f"R{name}", day + pd.Timedelta(days=lag), round(paid * 100)) for name, day, lag in past],
        columns=["invoice_id", "payment_id", "allocation_date", "amount_centimes"],
    )
    payments = (
        allocations[["payment_id"]]
        .assign(channel_code="transfer", bounced_date=pd.NaT)
        .astype({"bounced_date": "datetime64[s]"})
    )
    items = pd.DataFrame([(name, customer, "state", day, round(amount * 100), False) for name, day, amount in still],
                         columns=["invoice_id", "customer_code", "segment_code", "issue_date", "outstanding_centimes", "is_disputed"])  # fmt: skip
    return {"items": items, "invoices": invoices, "allocations": allocations, "payments": payments}


def told(tables: dict[str, pd.DataFrame], **more: Any) -> pd.DataFrame:
    return large_payers(
        tables["items"], tables["invoices"], tables["allocations"], tables["payments"], as_of=AS_OF, **more
    )


def test_a_payer_worked_by_hand() -> None:
    row = told(books(CASE["lags"], CASE["ages"], CASE["owed"])).iloc[0]
    assert row["within_mad"] == pytest.approx(CASE["within"])
    days = [(row[f"{name}_date"].date() - AS_OF).days for name in ("early", "likely", "late")]
    assert days == [CASE["early"], CASE["likely"], CASE["late"]]
    assert (row["paid_count"], row["outstanding_centimes"], row["unsaid_centimes"]) == (8, 50_000, 0)


def test_too_few_bills_or_one_older_than_any_ever_took_say_nothing() -> None:
    few = told(books(CASE["lags"][:7], [10], [100.0])).iloc[0]
    assert pd.isna(few["within_mad"])
    assert pd.isna(few["likely_date"])
    assert few["unsaid_centimes"] == 10_000
    old = told(books(CASE["lags"], [10, 200], [100.0, 900.0])).iloc[0]
    assert old["unsaid_centimes"] == 90_000
    assert old["within_mad"] == pytest.approx(50.0)


def test_what_bounced_stamps_and_what_came_later_are_no_dates_of_a_payer() -> None:
    tables = books(CASE["lags"], CASE["ages"], CASE["owed"])
    for column, value in (("channel_code", "prepaid_stamp"), ("bounced_date", pd.Timestamp("2024-01-01"))):
        payments = tables["payments"].copy()
        payments.loc[0, column] = value
        assert told({**tables, "payments": payments}).iloc[0]["paid_count"] == 7
    later = tables["allocations"].assign(allocation_date=pd.Timestamp(AS_OF) + pd.Timedelta(days=1))
    assert told({**tables, "allocations": later}).iloc[0]["paid_count"] == 0


def test_disputes_stand_apart_and_the_largest_come_first() -> None:
    one, other = books(CASE["lags"], [10, 10], [100.0, 50.0]), books(CASE["lags"], [10], [400.0], "C2")
    tables = {name: pd.concat([one[name], other[name]], ignore_index=True) for name in one}
    tables["items"].loc[1, "is_disputed"] = True
    found = told(tables)
    assert found["customer_code"].tolist() == ["C2", "C1"]
    assert found["disputed_centimes"].tolist() == [0, 5_000]
    assert found["within_mad"].tolist() == pytest.approx([200.0, 50.0])
    assert len(told(tables, most=1)) == 1
    with pytest.raises(WrongUse, match="are none"):
        told(tables, weeks=0)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, 300), min_size=8, max_size=30),
    st.lists(st.integers(0, 200), min_size=1, max_size=5),
    st.integers(1, 30),
)
def test_more_weeks_bring_no_less_and_never_more_than_is_owed(lags: list[int], ages: list[int], weeks: int) -> None:
    tables = books(lags, ages, [100.0] * len(ages))
    short, long = (told(tables, weeks=count).iloc[0] for count in (weeks, weeks + 5))
    if pd.isna(short["within_mad"]):
        assert short["unsaid_centimes"] == short["outstanding_centimes"]
        return
    assert short["within_mad"] <= long["within_mad"] + 1e-9
    assert long["within_mad"] <= (long["outstanding_centimes"] - long["unsaid_centimes"]) / 100 + 1e-6
    assert short["early_date"] <= short["likely_date"] <= short["late_date"]
    assert short["early_date"].date() >= AS_OF - timedelta(days=0)
