"""Mirrors recovery/indicators.py, portfolios.py and count_back.py: worked by hand, then against independent SQL on any book."""

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import rows
from tests.recovery.books import FIRST, LAST, books, typed
from workbench.recovery import count_back_days, in_portfolios, indicators, item_balances, portfolio_of, unpaid_sums
from workbench.recovery.indicators import month_before
from workbench.schemas.columns import SEGMENTS

CASES = tomllib.loads((Path(__file__).resolve().parents[1] / "cases" / "unpaid_indicators.toml").read_text("utf-8"))
DAY = date(2024, 3, 31)
_AMOUNTS = ["billed", "cancelled", "collected", "stamps", "compensations", "credited", "written_off", "outstanding"]


def _items(*given_items: dict[str, Any]) -> pd.DataFrame:
    """Items of a private client with the fields given, 0 elsewhere; issued long ago unless said."""
    plain = {"currency_code": "MAD", "portfolio_code": "private", "issue_date": date(2022, 1, 1), "due_date": None}
    plain |= {f"{name}_centimes": 0 for name in _AMOUNTS} | {"is_disputed": False}
    frame = typed([plain | item for item in given_items], " ".join(plain))
    return frame.assign(is_disputed=frame["is_disputed"] == "True")


def _found(*given_items: dict[str, Any]) -> dict[str, Any]:
    by = ("portfolio_code",)
    return dict(indicators(unpaid_sums(_items(*given_items), DAY, by), DAY, by).iloc[0])


def _aged(amount: int, days: int | str) -> dict[str, Any]:
    due = None if isinstance(days, str) else DAY - timedelta(days=days)
    return {"outstanding_centimes": amount, "due_date": due}


def test_a_credit_does_not_make_a_debt_older() -> None:
    case = CASES["ages"]
    found = _found(*[_aged(*item) for item in case["items"]])
    assert found["mean_age_days"] == case["mean_age_days"] != case["netted_by_mistake"]
    assert found["credit_centimes"] == -90_000


def test_ages_are_weighted_by_amounts_and_nothing_is_dropped_for_want_of_a_due_date() -> None:
    case = CASES["weighted"]
    found = _found(*[_aged(*item) for item in case["items"]])
    assert found["mean_age_days"] == case["mean_age_days"]
    assert found["old_share"] == pytest.approx(case["old_share"], abs=5e-7)
    assert [found[f"{name}_centimes"] for name in ("outstanding", "due", "undated")] == [
        case["outstanding"],
        case["due"],
        case["undated"],
    ]
    assert (found["item_count"], found["undated_count"]) == (4, 1)


def test_days_of_sales_by_hand_and_unknown_on_a_short_history() -> None:
    case = CASES["delay"]
    sold = {
        "billed_centimes": case["billed_year"],
        "issue_date": date(2023, 4, 1),
        "outstanding_centimes": case["outstanding"],
    }
    assert _found(sold)["dso_days"] == case["dso_days"]
    assert pd.isna(_found(sold | {"issue_date": date(2023, 6, 1)})["dso_days"])


def test_count_back_by_hand() -> None:
    case = CASES["delay"]
    months = typed(
        [
            {"currency_code": "MAD", "portfolio_code": "private", "billed_centimes": n, "cancelled_centimes": 0}
            for _, n in case["months"]
        ],
        "currency_code portfolio_code billed_centimes cancelled_centimes",
    ).assign(month_ordinal=[month for month, _ in case["months"]])
    owed = unpaid_sums(_items({"outstanding_centimes": case["outstanding"]}), DAY, ("portfolio_code",))
    assert rows(count_back_days(months, owed, DAY)) == [("MAD", "private", case["count_back_days"])]
    more = owed.assign(outstanding_centimes=75_001)  # a centime more than all that was ever billed
    assert rows(count_back_days(months, more, DAY)) == [("MAD", "private", None)]
    half = count_back_days(months, owed.assign(outstanding_centimes=10_000), date(2024, 3, 10))
    assert rows(half) == [("MAD", "private", 5.0)]  # half of the billing of ten days


def test_what_fell_due_in_the_year_by_hand() -> None:
    case = CASES["due_in_the_year"]
    paid = {"billed_centimes": 50_000, "credited_centimes": 10_000, "collected_centimes": 30_000}
    found = _found(paid | _aged(case["unpaid"], 100))
    assert (found["fell_due_centimes"], found["unpaid_share"]) == (case["base"], case["unpaid_share"])


def test_stamps_and_compensations_are_no_receipt_of_a_cohort() -> None:
    bill = {
        "billed_centimes": 1000,
        "issue_date": date(2024, 1, 1),
        "stamps_centimes": 300,
        "compensations_centimes": 300,
    }
    assert _found(bill | {"collected_centimes": 100})["cohort_rate"] == 0.1


def test_money_paid_on_a_cancelled_bill_is_in_no_part_of_a_cohort() -> None:
    # By hand: 1.00 paid of a bill of 2.50 is 40 %; 4.00 paid on a bill of 11.00 that was then cancelled is owed back, and collects nothing.
    stands = {"billed_centimes": 250, "collected_centimes": 100, "issue_date": date(2024, 1, 1)}
    gone = {
        "billed_centimes": 1100,
        "cancelled_centimes": 1100,
        "collected_centimes": 400,
        "issue_date": date(2024, 1, 1),
    }
    assert _found(stands)["cohort_rate"] == 0.4
    both = _found(stands, gone)
    assert (both["cohort_rate"], both["cohort_base_centimes"]) == (0.4, 250)


SQL = """
with paid as (
    select a.invoice_id i,
        sum(case when p.channel_code in ('prepaid_stamp', 'compensation') then 0 else a.amount_centimes end)::bigint cash,
        sum(a.amount_centimes)::bigint amount
    from allocations a left join payments p using (payment_id)
    where a.allocation_date <= $day and (p.bounced_date is null or p.bounced_date > $day) group by 1
), bill as (
    select f.currency_code cur, case when f.segment_code in ('state', 'municipality') then 'key_accounts' else 'private' end port,
        coalesce(s.issue_date, f.issue_date)::date issued, (case when s.invoice_id is null then f.due_date else s.due_date end)::date due,
        f.amount_ttc_centimes - case when f.cancelled_date <= $day then f.amount_ttc_centimes else 0 end net,
        coalesce((select sum(amount_ttc_centimes) from credit_notes c where c.invoice_id = f.invoice_id and credit_date <= $day), 0) credit,
        coalesce((select sum(amount_centimes) from write_offs w where w.invoice_id = f.invoice_id and write_off_date <= $day), 0) lost,
        coalesce(cash, 0) cash, coalesce(amount, 0) amount, coalesce(f.cancelled_date <= $day, false) gone
    from invoices f left join invoices s on s.invoice_id = f.source_invoice_id left join paid on paid.i = f.invoice_id
    where f.issue_date <= $day
    union all
    select currency_code, 'private', credit_date::date, null, 0, amount_ttc_centimes, 0, 0, 0, false from credit_notes
    where invoice_id is null and credit_date <= $day
), item as (select *, net - credit - lost - amount rest, $day::date - interval 1 year before from bill)
select cur, port, sum(greatest(rest, 0))::bigint, sum(least(rest, 0))::bigint,
    sum(case when rest > 0 and (due is null or due < $day) then rest else 0 end)::bigint,
    sum(case when rest > 0 and $day::date - due > 360 then rest else 0 end)::bigint,
    sum(case when due >= before and due < $day and not gone then net - credit else 0 end)::bigint,
    sum(case when due >= before and due < $day then greatest(rest, 0) else 0 end)::bigint,
    sum(case when issued > before then net else 0 end)::bigint,
    sum(case when issued > before and not gone then cash else 0 end)::bigint,
    sum(case when rest > 0 and due < $day then rest * ($day::date - due) end)::double
        / nullif(sum(case when rest > 0 and due < $day then rest end), 0)::double
from item group by all order by all
"""
SHOWN = ["outstanding", "credit", "due", "old", "fell_due", "fell_due_unpaid", "billed_year", "cohort_collected"]


def independent(book: tuple[pd.DataFrame, ...], as_of: date) -> list[tuple[Any, ...]]:
    """The same figures by SQL that shares nothing with the functions."""
    with duckdb.connect() as con:
        names = ("invoices", "allocations", "payments", "credit_notes", "write_offs")
        for name, frame in zip(names, book, strict=True):
            con.register(name, frame)
        return con.execute(SQL, {"day": as_of}).fetchall()


@settings(max_examples=25)
@given(book=books(), as_of=st.dates(FIRST, LAST))
def test_every_sum_against_independent_sql(book: tuple[pd.DataFrame, ...], as_of: date) -> None:
    items = in_portfolios(item_balances(*book, as_of=as_of), lazy=True)
    found = indicators(unpaid_sums(items, as_of, ("portfolio_code", "center_code")), as_of, ("portfolio_code",))
    names = ["currency_code", "portfolio_code", *[f"{name}_centimes" for name in SHOWN]]
    theirs = independent(book, as_of)
    ages = found[[name for name in found.columns if name.startswith("age_")]].sum(axis=1)
    assert list(ages) == list(found["outstanding_centimes"])
    assert rows(found[names]) == [row[:-1] for row in theirs]
    for ours, row in zip(rows(found[["mean_age_days"]]), theirs, strict=True):
        assert ours[0] == (None if row[-1] is None else pytest.approx(row[-1]))


def test_both_engines_name_the_portfolio_alike() -> None:
    segments = typed([{"segment_code": code} for code in (*SEGMENTS, None)], "segment_code")
    assert list(portfolio_of(segments["segment_code"])) == list(in_portfolios(segments)["portfolio_code"])
    assert list(portfolio_of(segments["segment_code"]).unique()) == ["private", "key_accounts"]


def test_ages_count_leap_days_and_centuries() -> None:
    for due in (date(1999, 12, 31), date(2000, 2, 28), date(2000, 3, 1), date(2023, 12, 31), date(2024, 2, 29)):
        found = _found({"outstanding_centimes": 100, "due_date": due})
        assert found["mean_age_days"] == (DAY - due).days


def test_a_month_before_is_the_same_day_or_the_end() -> None:
    days = [date(2023, 3, 15), date(2023, 3, 31), date(2023, 3, 30), date(2024, 2, 29), date(2024, 1, 1)]
    before = [date(2023, 2, 15), date(2023, 2, 28), date(2023, 2, 28), date(2024, 1, 31), date(2023, 12, 1)]
    assert [month_before(day) for day in days] == before
