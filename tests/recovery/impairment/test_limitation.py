"""Mirrors recovery/impairment/limitation.py, limitation_rules.py, steps.py, anniversaries.py: the case of docs/methods/limitation.md, and what must hold."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import table, worked
from tests.recovery.books import books
from workbench.errors import SchemaError, WrongUse
from workbench.recovery import open_items
from workbench.recovery.impairment import lapsing, last_days_to_act, load_limitation_rules, part_payments
from workbench.recovery.impairment.anniversaries import months_after, months_before
from workbench.schemas.columns import STEPS

CASE = worked("limitation")
HEADER = "rule_id,segment_code,years,start_code,interrupting_codes,lifting_codes,valid_from_date,valid_to_date,status,source\n"
RULES = (
    "state,state,4,year_of_origin,,court_action administration_delay,2004-04-21,,to_confirm,test\n"
    "municipality,municipality,4,year_of_origin,,court_action,2004-04-21,,to_confirm,test\n"
    "household,household,2,due_date,formal_notice part_payment,court_action,2010-01-01,,illustrative,test\n"
)


def rules_of(folder: Path, lines: str = RULES) -> Any:
    path = folder / "limitation_rules.csv"
    path.write_text(HEADER + lines, encoding="utf-8")
    return load_limitation_rules(path)


def items_of_case() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "invoice_id": [one["id"] for one in CASE["items"]],
            "customer_code": [f"C{n}" for n in range(len(CASE["items"]))],
            "center_code": "0101",
            "segment_code": [one["segment"] or None for one in CASE["items"]],
            "currency_code": "MAD",
            "issue_date": pd.to_datetime([one["issued"] for one in CASE["items"]]),
            "due_date": pd.to_datetime([one["due"] for one in CASE["items"]]),
            "outstanding_centimes": [one["owed"] * 100 for one in CASE["items"]],
        }
    )


def steps_of(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    found = pd.DataFrame(rows, columns=["invoice_id", "step_code", "opened_date", "closed_date"])
    found = found.assign(customer_code="C9", step_id=[f"S{n}" for n in range(len(found))])
    return found.astype({"opened_date": "datetime64[s]", "closed_date": "datetime64[s]", "invoice_id": "str"})


def test_worked_case(tmp_path: Path) -> None:
    told = [
        (one["id"], code, opened, closed or None)
        for one in CASE["items"]
        for code, opened, closed in one.get("steps", [])
    ]
    found = last_days_to_act(items_of_case(), rules_of(tmp_path), steps_of(told), as_of=CASE["as_of"])
    for one, row in zip(CASE["items"], found.to_dict("records"), strict=True):
        days = {name: row[f"{name}_date"] for name in ("start", "interrupted", "last")}
        assert {name: None if pd.isna(day) else f"{day:%Y-%m-%d}" for name, day in days.items()} == {
            name: one.get(name) for name in days
        }
        assert (row["limitation_code"], None if pd.isna(row["left_days"]) else row["left_days"]) == (
            one["state"],
            one.get("left"),
        )
        assert (None if pd.isna(row["rule_id"]) else row["rule_id"]) == one.get("rule")
    totals = lapsing(found, by=())
    for name, (count, amount) in CASE["expected"].items():
        names = ("item_count", "outstanding_centimes") if name == "all" else (f"{name}_count", f"{name}_centimes")
        assert [int(totals[each].iloc[0]) for each in names] == [count, amount * 100]


def test_classes_of_debtors_are_told_apart(tmp_path: Path) -> None:
    found = lapsing(last_days_to_act(items_of_case(), rules_of(tmp_path), as_of=CASE["as_of"]))
    assert list(found["segment_code"].fillna("?")) == ["household", "municipality", "state", "?"]
    assert list(found["lapsed_count"]) == [2, 0, 3, 0]  # without its notice RELANCE has lapsed too
    assert found["first_last_date"].dt.strftime("%Y-%m-%d").fillna("").tolist() == ["2026-02-28", "2024-12-31", "", ""]


def test_the_last_day_itself_is_still_in_time(tmp_path: Path) -> None:
    rules, items = rules_of(tmp_path), items_of_case().iloc[[0]]
    on_it = last_days_to_act(items, rules, as_of="2023-12-31")
    after = last_days_to_act(items, rules, as_of="2024-01-01")
    assert (on_it["limitation_code"].iloc[0], on_it["left_days"].iloc[0]) == ("running", 0)
    assert (after["limitation_code"].iloc[0], after["left_days"].iloc[0]) == ("lapsed", -1)
    assert lapsing(on_it)["within_30_count"].iloc[0] == 1


def test_a_step_without_a_bill_is_on_what_its_customer_had_by_then(tmp_path: Path) -> None:
    items = items_of_case().iloc[[4, 6]].assign(customer_code="C9")
    step = steps_of([(None, "formal_notice", "2023-03-01", None)])
    found = last_days_to_act(items, rules_of(tmp_path), step, as_of=CASE["as_of"])
    assert found["interrupted_date"].notna().tolist() == [True, False]  # the bill of 2024 was not there yet
    assert last_days_to_act(items, rules_of(tmp_path), step, as_of="2023-02-28")["interrupted_date"].isna().all()


def test_a_payment_in_part_interrupts_where_the_rule_says_so(tmp_path: Path) -> None:
    items = items_of_case()
    allocations = table("""
        payment_id  invoice_id  allocation_date  amount_centimes
        P1          RELANCE     2023-06-01                    10
        P2          RELANCE     2023-07-01                    10
        P3          ETAT        2023-07-01                    10
        P4          RELANCE     2024-07-01                    10
    """)
    payments = table("""
        payment_id  bounced_date
        P1          -
        P2          2023-07-09
        P3          -
        P4          -
    """)
    paid = part_payments(items, allocations, payments, as_of=CASE["as_of"])
    assert paid["invoice_id"].tolist() == ["ETAT", "RELANCE"]
    found = last_days_to_act(items, rules_of(tmp_path), in_part=paid, as_of=CASE["as_of"]).set_index("invoice_id")
    assert f"{found.loc['RELANCE', 'last_date']:%Y-%m-%d}" == "2025-06-01"
    assert found.loc["ETAT", "limitation_code"] == "lapsed"


def test_the_rule_is_that_of_the_day_of_the_bill(tmp_path: Path) -> None:
    lines = (
        "old,household,1,due_date,,,2010-01-01,2022-02-20,illustrative,test\n"
        "new,household,5,due_date,,,2022-02-21,,illustrative,test\n"
    )
    found = last_days_to_act(items_of_case(), rules_of(tmp_path, lines), as_of=CASE["as_of"]).set_index("invoice_id")
    assert found.loc[["RELANCE", "TARD", "BISSEXTE"], "rule_id"].tolist() == ["old", "old", "new"]
    assert found.loc["ETAT", "limitation_code"] == "no_rule"


def test_without_a_due_date_the_years_run_from_the_bill(tmp_path: Path) -> None:
    items = items_of_case().iloc[[4]].assign(due_date=pd.NaT)
    found = last_days_to_act(items, rules_of(tmp_path), as_of=CASE["as_of"])
    assert f"{found['last_date'].iloc[0]:%Y-%m-%d}" == "2024-02-15"


def test_the_rules_of_the_house_say_where_they_come_from() -> None:
    rules = {rule.segment_code: rule for rule in load_limitation_rules()}
    assert {rules[name].status for name in ("state", "municipality")} == {"to_confirm"}
    assert {rule.status for name, rule in rules.items() if name not in ("state", "municipality")} == {"illustrative"}
    assert all(rule.source for rule in rules.values())


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a,nobody,4,due_date,,,2010-01-01,,official,x", "segment 'nobody' is unknown"),
        ("a,state,0,due_date,,,2010-01-01,,official,x", "years is no whole number above 0"),
        ("a,state,4,someday,,,2010-01-01,,official,x", "start_code does not hold"),
        ("a,state,4,due_date,prayer,,2010-01-01,,official,x", "no step is called prayer"),
        ("a,state,4,due_date,,,2010-01-01,2009-01-01,official,x", "valid_to_date is before valid_from_date"),
        ("a,state,4,due_date,,,soon,,official,x", "is no date"),
        ("a,state,4,due_date,,,2010-01-01,,official,", "source does not hold"),
        ("a,state,4,due_date,,,2010-01-01,,official,x\nb,state,5,due_date,,,2012-01-01,,official,x", "two rules hold for state"),
    ],
)  # fmt: skip
def test_a_rule_that_does_not_hold_is_told_by_its_line(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(SchemaError, match=said) as error:
        rules_of(tmp_path, line + "\n")
    assert error.value.where == f"limitation_rules.csv:{line.count(chr(10)) + 2}"


@pytest.mark.parametrize("horizons", [(), (0, 30), (90, 30)])
def test_horizons_increase(tmp_path: Path, horizons: tuple[int, ...]) -> None:
    found = last_days_to_act(items_of_case(), rules_of(tmp_path), as_of=CASE["as_of"])
    with pytest.raises(WrongUse):
        lapsing(found, horizons=horizons)


@given(
    day=st.dates(date(1990, 1, 1), date(2060, 12, 31)),
    months=st.integers(0, 240),
)
def test_anniversaries_agree_with_the_calendar(day: date, months: int) -> None:
    offset = pd.Timestamp(day) + pd.DateOffset(months=months)
    assert months_after(np.array([day], "datetime64[D]"), months)[0] == np.datetime64(offset, "D")
    back = pd.Timestamp(day) - pd.DateOffset(months=months)
    is_end = pd.Timestamp(day).is_month_end
    assert months_before(day, months) == ((back + pd.offsets.MonthEnd(0)) if is_end else back).date()


def brute_force(
    item: Any, rule: Any, acts: list[tuple[str, date, date | None]], as_of: date
) -> tuple[date | None, str]:
    """The same answer an item at a time, by the calendar of pandas."""
    if rule is None:
        return None, "no_rule"
    by_year = rule.start_code == "year_of_origin"
    start = (
        date(item.issue_date.year, 1, 1)
        if by_year
        else (item.issue_date if pd.isna(item.due_date) else item.due_date).date()
    )
    years = pd.DateOffset(years=rule.years)
    last = (pd.Timestamp(start) + years - pd.Timedelta(days=int(by_year))).date()
    for code, opened, _ in sorted(acts, key=lambda act: act[1]):
        if code in rule.interrupting and start <= opened <= last and opened <= as_of:
            last = (pd.Timestamp(opened) + years).date()
    for code, opened, closed in acts:
        if code in rule.lifting and opened <= min(last, as_of) and (closed is None or closed > as_of):
            return None, "lifted"
    return last, "lapsed" if as_of > last else "running"


_ACTS = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from(STEPS),
        st.dates(date(2022, 1, 1), date(2026, 12, 31)),
        st.none() | st.integers(0, 900),
    ),
    max_size=8,
)


@settings(max_examples=15, deadline=None)
@given(book=books(), acts=_ACTS, as_of=st.dates(date(2024, 1, 1), date(2028, 12, 31)))
def test_every_item_has_the_day_that_a_person_counts(book: Any, acts: list[Any], as_of: date) -> None:
    items = open_items(*book, as_of=as_of)
    rules = load_limitation_rules()
    steps = steps_of([
        (f"F{n}", code, opened, None if lasts is None else pd.Timestamp(opened) + pd.Timedelta(days=lasts))
        for n, code, opened, lasts in acts
    ])  # fmt: skip
    found = last_days_to_act(items, rules, steps, as_of=as_of)
    owed = items[items["outstanding_centimes"] > 0]
    assert found["invoice_id"].tolist() == owed["invoice_id"].tolist()
    by_segment = {rule.segment_code: rule for rule in rules}
    for item, row in zip(owed.itertuples(), found.itertuples(), strict=True):
        rule = by_segment.get(item.segment_code) if pd.notna(item.segment_code) else None
        mine = [
            (one.step_code, one.opened_date.date(), None if pd.isna(one.closed_date) else one.closed_date.date())
            for one in steps[steps["invoice_id"] == item.invoice_id].itertuples()
        ]
        last, state = brute_force(item, rule, mine, as_of)
        assert (None if pd.isna(row.last_date) else row.last_date.date(), row.limitation_code) == (last, state)
    totals = lapsing(found)
    parts = ("lapsed", "within_365", "later", "lifted", "no_rule")
    for what in ("count", "centimes"):
        whole = totals["item_count" if what == "count" else "outstanding_centimes"].sum()
        assert int(totals[[f"{part}_{what}" for part in parts]].to_numpy().sum()) == int(whole)
    assert int(totals["outstanding_centimes"].sum()) == int(owed["outstanding_centimes"].sum())
