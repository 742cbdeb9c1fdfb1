"""Mirrors cash/judging/proven_accounts.py; the silent account is worked by hand in docs/methods/forecast_accuracy.md."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import worked
from tests.cash.logs import CALENDAR, bank_days, came, day_rows
from workbench.cash.judging.accuracy import ALL, accuracy, with_actuals
from workbench.cash.judging.misses import split_misses
from workbench.cash.judging.plan_changes import against_last
from workbench.cash.judging.proven_accounts import NEVER, Proof, over_proven, proof_of
from workbench.cash.judging.trust import trust
from workbench.cash.plan.plan_record import plan_record
from workbench.schemas.tables import TABLES

CASE = worked("forecast_accuracy")["silent"]
ORIGIN = date(2025, 3, 14)
DAYS = bank_days(ORIGIN, 4)
LONG_AGO = date(2024, 11, 29)


def on_accounts(amounts: dict[str, list[int]], days: list[date] = DAYS, line: str = "suppliers") -> pd.DataFrame:
    parts = [came(days[: len(each)], each, line).assign(account_number=number) for number, each in amounts.items()]
    return pd.concat(parts, ignore_index=True)


def account_log(
    plan: dict[str, list[int]], told: str = "AB", origin: date = ORIGIN, line: str = "suppliers"
) -> pd.DataFrame:
    """Rows of `account_forecasts`: each account's line, and the account as a whole."""
    parts = []
    for number, amounts in plan.items():
        for code in (line, ALL):
            parts.append(day_rows(origin, amounts, code).assign(account_number=number, is_told=number in told))
    rows = pd.concat(parts, ignore_index=True).assign(directorate_code="DR1")
    return rows[[*TABLES["account_forecasts"].columns]]


def the_log(told_bands: bool = True) -> pd.DataFrame:
    total = sum(CASE["plan"].values())
    bands = {"median_mad": [121.0] * 4, "q10_mad": [90.0] * 4, "q90_mad": [150.0] * 4}
    log = day_rows(ORIGIN, [total] * 4, **bands)
    if told_bands:
        told = {"q025": 40.0, "q10": CASE["told_q10"], "median": 60.0, "q90": CASE["told_q90"], "q975": 80.0}
        log = log.assign(**{f"told_{name}_mad": value for name, value in told.items()})
    return log


def planned(told: str = "AB") -> pd.DataFrame:
    return account_log({number: [amount] * 4 for number, amount in CASE["plan"].items()}, told)


def test_an_account_that_is_silent_since_long_does_not_blind_the_record() -> None:
    proof = Proof(DAYS[-1], {"A": DAYS[-1], "B": DAYS[-1], "C": LONG_AGO}, frozenset("C"))
    flows = on_accounts(CASE["came"])
    assert with_actuals(the_log(), flows, CALENDAR, proof.on_all)["actual_centimes"].isna().all()  # as it was
    matched = over_proven(the_log(), planned(), flows, CALENDAR, proof)
    assert matched["actual_centimes"].tolist() == CASE["actual"]
    assert set(matched["judged_centimes"]) == {CASE["judged"]}
    (found,) = accuracy(matched).to_dict("records")
    names = ["wape", "bias", "coverage_80", "judged_share"]
    assert {name: found[name] for name in names} == pytest.approx({name: CASE[name] for name in names}, abs=5e-7)
    split = split_misses(matched)
    assert split["gap_to_plan_centimes"].tolist() == [actual - CASE["judged"] for actual in CASE["actual"]]


def test_an_account_that_goes_silent_after_the_plan_leaves_days_without_a_band() -> None:
    proof = Proof(DAYS[-1], {"A": DAYS[-1], "B": DAYS[-1], "C": DAYS[1]}, frozenset("C"))
    flows = on_accounts({**CASE["came"], "C": CASE["came_c"]})
    matched = over_proven(the_log(False), planned("ABC"), flows, CALENDAR, proof)
    assert matched["actual_centimes"].tolist() == CASE["later_actual"]
    assert matched["judged_centimes"].tolist() == CASE["later_judged"]
    assert matched["median_mad"].tolist() == CASE["later_median"]
    assert matched["q10_mad"].isna().tolist() == [False, False, True, True]
    (found,) = accuracy(matched).to_dict("records")
    assert (found["row_count"], found["coverage_80"]) == (4, 1.0)  # 120 and 130 inside 90–150
    assert found["judged_share"] == pytest.approx(CASE["later_share"])
    assert np.isfinite(found["pinball_mad"])


def test_totals_wait_for_a_statement_that_is_on_its_way_and_accounts_do_not() -> None:
    proof = Proof(DAYS[-1], {"A": DAYS[-1], "B": DAYS[2], "C": LONG_AGO}, frozenset("C"))
    flows = on_accounts(CASE["came"])
    matched = over_proven(the_log(), planned(), flows, CALENDAR, proof)
    assert matched["actual_centimes"].isna().tolist() == [False, False, False, True]
    of_account = planned()[lambda rows: rows["line_code"] == ALL].assign(line_code=lambda rows: rows["account_number"])
    lines = planned()[lambda rows: rows["line_code"] != ALL].assign(line_code=lambda rows: rows["account_number"])
    alone = over_proven(of_account, lines, flows.assign(line_code=flows["account_number"]), CALENDAR, proof)
    assert alone.groupby("line_code")["actual_centimes"].count().to_dict() == {"A": 4, "B": 3, "C": 0}


def test_days_between_two_statements_of_which_none_tells_are_not_judged() -> None:
    opening = pd.DataFrame(
        {"account_number": ["A", "B", "C"], "state_code": ["proven", "proven", "missing"],
         "statement_date": pd.to_datetime([DAYS[-1], DAYS[-1], None])}
    )  # fmt: skip
    holes = pd.DataFrame(
        {"account_number": ["A"], "start_date": [pd.Timestamp(DAYS[0])], "end_date": [pd.Timestamp(DAYS[2])]}
    )
    proof = proof_of(opening, DAYS[-1], holes)
    assert (proof.silent, proof.proven_to["C"]) == (frozenset("C"), NEVER)
    matched = over_proven(the_log(), planned(), on_accounts(CASE["came"]), CALENDAR, proof)
    assert matched["actual_centimes"].tolist() == [6_000, -4_000, 8_000, 7_000]  # the second day over B alone
    assert matched["judged_centimes"].tolist() == [6_000, -4_000, 6_000, 6_000]
    assert matched["q10_mad"].isna().tolist() == [False, True, False, False]


def test_a_late_account_that_spoke_since_is_left_out_where_the_band_is_of_those_told() -> None:
    proof = Proof(DAYS[-1], {"A": DAYS[-1], "B": DAYS[-1], "C": LONG_AGO}, frozenset("C"))
    log = the_log().assign(told_median_mad=100.0, told_q10_mad=95.0, told_q90_mad=115.0)
    matched = over_proven(log, planned("A"), on_accounts(CASE["came"]), CALENDAR, proof)
    assert matched["actual_centimes"].tolist() == CASE["came"]["A"]
    assert set(matched["judged_centimes"]) == {10_000}
    assert set(matched["median_mad"]) == {100.0}


def test_a_line_of_proven_accounts_alone_is_judged_whole_and_one_of_silent_ones_never() -> None:
    proof = Proof(DAYS[-1], {"A": DAYS[-1], "C": LONG_AGO}, frozenset("C"))
    log = pd.concat([day_rows(ORIGIN, [100] * 4, line) for line in ("suppliers", "taxes")], ignore_index=True)
    accounts = pd.concat([account_log({"A": [100] * 4}), account_log({"C": [100] * 4}, line="taxes")])
    matched = over_proven(log, accounts, on_accounts({"A": [90] * 4}), CALENDAR, proof)
    by_line = matched.groupby("line_code")["actual_centimes"].count()
    assert by_line.to_dict() == {"suppliers": 4, "taxes": 0}


def test_a_log_without_accounts_is_judged_as_before_where_every_account_is_proven() -> None:
    log, flows = the_log(False), on_accounts(CASE["came"])
    blind = Proof(DAYS[-1], {"A": DAYS[-1], "B": DAYS[-1], "C": LONG_AGO}, frozenset("C"))
    assert over_proven(log, pd.DataFrame(), flows, CALENDAR, blind)["actual_centimes"].isna().all()
    seen = Proof(DAYS[-1], {"A": DAYS[2], "B": DAYS[-1]})
    assert over_proven(log, pd.DataFrame(), flows, CALENDAR, seen)["actual_centimes"].count() == 3


def test_what_changed_since_the_last_plan_tells_apart_what_came_and_what_nobody_proves() -> None:
    later = DAYS[1]
    now = day_rows(later, [12_000] * 2, plan_id=["plan-now"] * 2)
    flows = on_accounts(CASE["came"])
    proof = Proof(later, {"A": later, "B": later, "C": LONG_AGO}, frozenset("C"))
    matched = over_proven(pd.concat([the_log(), now]), planned(), flows, CALENDAR, proof)
    found = against_last(matched, later)
    assert found is not None
    (row,) = found.to_dict("records")
    assert (row["passed_gap_centimes"], row["unproven_centimes"]) == (-1_000, -12_000)  # 60 + 50 − 120; C: 2 × 60
    assert row["plan_now_centimes"] == 6_000 + 5_000 + 2 * 12_000


def test_the_record_of_an_office_goes_on_though_one_account_went_silent() -> None:
    """Ten plans a week apart, two accounts; the statements of the second ended before the first plan."""
    first, count = date(2025, 2, 3), 70
    days = bank_days(first, count)
    logs, accounts = [], []
    for week in range(10):
        origin = CALENDAR.add(first, 5 * week)
        told = {
            f"told_{name}": [value] * 20 for name, value in zip(_BANDS, (60.0, 80.0, 100.0, 120.0, 140.0), strict=True)
        }
        for line in ("suppliers", ALL):
            logs.append(day_rows(origin, [15_000] * 20, line, naive_mad=[170.0] * 20).assign(**told))
        of_accounts = account_log({"A": [10_000] * 20, "B": [5_000] * 20}, "A", origin)
        accounts.append(of_accounts.assign(naive_mad=np.where(of_accounts["account_number"] == "A", 120.0, 50.0)))
    log, by_account = pd.concat(logs, ignore_index=True), pd.concat(accounts, ignore_index=True)
    flows = on_accounts({"A": [10_500 if day % 5 else 13_000 for day in range(count)], "B": []}, days)
    proof = Proof(days[-1], {"A": days[-1], "B": LONG_AGO}, frozenset("B"))
    blind = plan_record(log, flows, pd.DataFrame(), CALENDAR, days[-1], proof)
    record = plan_record(log, flows, pd.DataFrame(), CALENDAR, days[-1], proof, by_account=by_account)
    assert (blind.trust.trust_code, blind.overall.empty) == ("unmeasured", True)
    assert record.trust.origin_count == 10
    assert record.trust.trust_code == "holds"
    assert record.trust.judged_share == pytest.approx(2 / 3)
    assert (record.silent, record.judged_share) == (("B",), pytest.approx(2 / 3))
    assert record.by_account["account_number"].tolist() == ["A"]
    assert record.by_directorate["row_count"].tolist() == [200]
    assert record.by_directorate["coverage_80"].isna().all()
    assert record.by_directorate["judged_share"].tolist() == pytest.approx([2 / 3])
    assert trust(record.matched).coverage_80.share == pytest.approx(0.8, abs=0.01)


_BANDS = ("q025_mad", "q10_mad", "median_mad", "q90_mad", "q975_mad")
_PROVEN = st.dictionaries(st.sampled_from("ABC"), st.integers(-2, 5), min_size=3, max_size=3)


@settings(max_examples=60, deadline=None)
@given(
    _PROVEN,
    st.sets(st.sampled_from("ABC")),
    st.sets(st.sampled_from("ABC")),
    st.lists(st.integers(-9, 9), min_size=12, max_size=12),
)
def test_nothing_is_judged_that_statements_do_not_prove(
    reach: dict[str, int], silent: set[str], told: set[str], amounts: list[int]
) -> None:
    days = {number: CALENDAR.add(ORIGIN, ahead) for number, ahead in reach.items()}
    proof = Proof(CALENDAR.add(ORIGIN, 5), days, frozenset(silent))
    flows = on_accounts({number: amounts[at : at + 4] for at, number in enumerate("ABC")})
    plan = {number: amounts[at + 2 : at + 6] for at, number in enumerate("ABC")}
    log = the_log(bool(told)).assign(plan_centimes=pd.array(np.sum(list(plan.values()), axis=0), "Int64"))
    matched = over_proven(log, account_log(plan, "".join(told)), flows, CALENDAR, proof)
    for row in matched.to_dict("records"):
        proven = {number for number in "ABC" if pd.Timestamp(days[number]) >= row["last_date"]}
        waits = set("ABC") - proven - silent
        if pd.isna(row["actual_centimes"]):
            assert waits or not proven
            continue
        assert not waits
        possible = [proven] + ([told] if told and told <= proven else [])
        sums = [_sum(flows, row["target_date"], accounts) for accounts in possible]
        plans = [sum(plan[number][int(row["horizon_days"]) - 1] for number in accounts) for accounts in possible]
        assert (row["actual_centimes"], row["judged_centimes"]) in list(zip(sums, plans, strict=True))
        assert 0 <= row["judged_size_centimes"] <= row["planned_size_centimes"]
    if reach["A"] >= 4 and reach["B"] >= 4 and reach["C"] >= 4:
        pd.testing.assert_frame_equal(matched[log.columns], log, check_dtype=False)


def _sum(flows: pd.DataFrame, day: Any, accounts: set[str]) -> int:
    return int(flows.loc[(flows["flow_date"] == day) & flows["account_number"].isin(accounts), "amount_centimes"].sum())
