"""Mirrors cash/plan/plan/outlook.py, plan_findings.py and plan_page.py: what the page says comes from the tables it shows, and these tie."""

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from tests.builders import table
from tests.cash import plans
from workbench.cash import (
    PLAN_CODES,
    Outlook,
    known_marks,
    outlook,
    plan_card_rows,
    plan_card_states,
    plan_curve,
    plan_decisions,
    plan_findings,
    plan_lede,
    plan_status,
    plan_tables,
    plan_ties,
    plan_tone,
    treasurer_sheet,
)
from workbench.cash.judging.proven_accounts import NEVER, Proof, proof_of
from workbench.cash.plan.plan_page import weeks_layout
from workbench.cash.plan.plan_record import budget_year, held, plan_record
from workbench.reporting.words import has, sentences

REPORT = "treasury/cash_plan"
M = plans.M
ACT_BY = date(2024, 10, 1)


@pytest.fixture(scope="module")
def found() -> Outlook:
    return outlook(plans.made_up(), plans.beside())


@pytest.fixture(scope="module")
def said(found: Outlook) -> dict[str, Any]:
    return plan_findings(found)


@pytest.fixture(scope="module")
def short() -> Outlook:
    """The same plan from half the opening: below its floor."""
    return outlook(plans.made_up(opening=70 * M), plans.beside())


def test_the_figures_of_the_page(found: Outlook, said: dict[str, Any]) -> None:
    assert (said["position"], said["floor"], said["margin"]) == (141 * M, 60 * M, 81 * M)
    assert (said["weeks"], said["until"], said["days"]) == (13, date(2024, 12, 30), 65)
    ends = found.plan.positions(until=found.until)["value_centimes"]
    assert (said["low"], said["end"]) == (ends.min(), ends.iloc[-1])
    assert (
        said["received"] - said["paid"] + said["financed"]
        == said["net"]
        == -said["lost"]
        == said["end"] - said["position"]
    )
    assert said["low_q10"] < said["low_median"] < said["low_q90"]
    assert (said["mark_count"], said["marks_sum"]) == (8, sum(round(amount * 100) for _, _, amount, _ in plans.KNOWN))
    assert (said["overdue"], said["blocked"], said["undrawn"]) == (7 * M + 50, 9 * M, 70 * M)
    assert (said["override"], said["stale"], said["scenarios"]) == (3 * M, 1, 3)


def test_every_equality_of_the_page_holds_and_one_that_does_not_is_seen(found: Outlook) -> None:
    ties = plan_ties(found)
    assert len(ties) == 11
    assert [what for what, left, right in ties if left != right] == []
    known = found.plan.known.copy()
    known[3, 0] += 1
    torn = replace(found, plan=replace(found.plan, known=known), low=replace(found.low, value_centimes=1))
    assert [what for what, left, right in plan_ties(torn) if left != right] == ["low point = lowest day"]


def test_an_office_above_its_floor_pays_and_places(said: dict[str, Any]) -> None:
    assert plan_status(said) == "ok"
    tone = plan_tone(said)
    assert (tone["verdict"], tone["fan"], tone["scenarios"], tone["weeks"]) == ("place", "above", "above", "up")
    asked = {key: (amount, before) for key, amount, before, _ in plan_decisions(said)}
    assert asked["decide_pay"] == (7 * M + 50, ACT_BY)
    assert asked["decide_place"][0] == said["place"] > 0
    assert "decide_draw" not in asked


def test_an_office_below_its_floor_draws_and_places_nothing(short: Outlook) -> None:
    said = plan_findings(short)
    assert plan_status(said) == "alert"
    assert said["low_margin"] < 0
    assert (plan_tone(said)["verdict"], plan_tone(said)["fan"]) == ("alert_draw", "below")
    asked = {key: (amount, before) for key, amount, before, _ in plan_decisions(said)}
    assert asked["decide_draw"][0] == said["draw"] == said["buffer"]
    assert not {"decide_pay", "decide_place", "decide_raise"} & set(asked)
    assert (said["place"], said["pay"]) == (0, 0)
    states = plan_card_states(said)
    assert (states["low"], states["passed"], states["buffer"]) == ("alert", "alert", "watch")


def test_without_a_floor_nothing_is_judged_and_without_credit_the_rest_is_to_be_found() -> None:
    bare = plan_findings(outlook(plans.made_up(floor=None), plans.beside()))
    assert (bare["passed"], bare["buffer"], bare["short"], plan_status(bare)) == (None, None, None, "info")
    assert plan_tone(bare)["verdict"] == plan_tone(bare)["fan"] == "info"
    poor = plan_findings(outlook(plans.made_up(opening=70 * M), plans.beside(credit=plans.credit().head(0))))
    assert (poor["draw"], poor["undrawn"]) == (0, None)  # no register of lines: not known, not zero
    assert (poor["raise"], poor["find"]) == (0, poor["buffer"])
    assert poor["find"] > 0
    assert plan_tone(poor)["verdict"] == "alert_find"
    assert next(key for key, *_ in plan_decisions(poor)) == "decide_find"
    assert plan_card_states(poor)["buffer"] == "alert"
    drawn = plans.credit().assign(undrawn_centimes=0)  # lines are known, and nothing is left of them
    drained = plan_findings(outlook(plans.made_up(opening=70 * M), plans.beside(credit=drawn)))
    assert (drained["raise"], drained["find"]) == (drained["buffer"], 0)
    assert plan_tone(drained)["verdict"] == "alert_raise"


def test_where_no_account_is_proven_nothing_is_judged_and_statements_are_asked_for() -> None:
    plan = plans.made_up()
    opening = plan.opening.assign(state_code="stale", statement_date=pd.Timestamp(2024, 3, 29))
    said = plan_findings(outlook(replace(plan, opening=opening), plans.beside()))
    assert (plan_tone(said)["verdict"], plan_status(said), said["last_statement"]) == (
        "stale",
        "info",
        date(2024, 3, 29),
    )
    states = plan_card_states(said)
    assert (states["position"], states["low"], states["passed"], states["buffer"]) == (
        "unmeasured",
        "unmeasured",
        "info",
        None,
    )
    asked = [key for key, *_ in plan_decisions(said)]
    assert asked[0] == "decide_statements"
    assert not {"decide_draw", "decide_pay", "decide_place", "decide_raise", "decide_find"} & set(asked)
    part = plan_findings(outlook(plan, plans.beside()))  # one of three is stale
    assert plan_card_states(part)["position"] == "watch"


def test_without_a_log_nothing_is_said_of_trust() -> None:
    new = outlook(plans.made_up(), plans.beside(record=None, log=plans.log().head(0)))
    said = plan_findings(new)
    assert (said["trust"], said["wape"], said["coverage_80"]) == ("unmeasured", None, None)
    assert plan_tone(said)["measured"] == "fan_unmeasured"
    assert plan_lede(said)[-1] == "lede_no_trust"
    assert not {"by_horizon", "by_line", "misses", "trend"} & set(plan_tables(new))


def test_tables_leave_out_what_is_empty_and_weeks_hold_their_lowest_day(found: Outlook, said: dict[str, Any]) -> None:
    shown = plan_tables(found)
    assert {
        "history",
        "fan",
        "named_marks",
        "weeks",
        "months",
        "drivers",
        "days",
        "by_horizon",
        "misses",
        "trend",
    } <= set(shown)
    assert not {"unplaced", "feasts", "changes", "budget"} & set(shown)
    weeks = shown["weeks"].set_index("row_code")
    columns = [column for column in weeks.columns if column.startswith("week|")]
    assert len(columns) == 14  # both ends are parts of a week
    assert weeks.loc["lowest", columns].min() == said["low"]
    assert list(weeks.loc["closing", columns])[-1] == said["end"]
    assert shown["drivers"]["variance_share"].sum() == pytest.approx(1.0)
    assert shown["months"].set_index("row_code").loc["closing"].iloc[-1] == said["year_end"]


def test_four_weeks_are_a_part_of_thirteen(found: Outlook) -> None:
    four = outlook(plans.made_up(), plans.beside(), weeks=4)
    assert (four.until, len(four.days)) == (date(2024, 10, 28), 20)
    assert [what for what, left, right in plan_ties(four) if left != right] == []
    whole, part = weeks_layout(found), weeks_layout(four)
    column = "week|2024-10-07|plan"
    assert list(part[column]) == list(whole.set_index("row_code").loc[part["row_code"], column])


def test_the_treasurers_sheet_has_past_weeks_then_weeks_then_months(found: Outlook) -> None:
    parts = [column.split("|")[0::2] for column in treasurer_sheet(found).columns if "|" in column]
    assert parts[:4] == [["week", "actual"], ["week", "plan"], ["week", "gap"], ["week", "actual"]]
    assert parts.count(["week", "plan"]) == 14 + 4  # four past weeks were planned
    assert parts[-12:] == [["month", "plan"]] * 12
    assert parts.count(["week", "gap"]) == 4


def test_marks_are_the_largest_known_flows_by_day(found: Outlook) -> None:
    two = known_marks(found, most=2)
    assert list(two["amount_centimes"]) == [-38 * M, -38 * M]
    assert list(two["mark_number"]) == [1, 2]
    assert two["day_date"].is_monotonic_increasing
    nobody = replace(found, beside=plans.beside(known=plans.known_flows().assign(counterparty=None)))
    assert set(known_marks(nobody)["flow_name"]) == {"energy", "payroll", "debt_service", "receipts_public"}


def test_a_mark_is_named_by_its_client_or_supplier_never_by_its_bank(found: Outlook) -> None:
    marks = known_marks(found)
    names = dict(zip(marks["line_code"], marks["flow_name"], strict=True))
    assert names["debt_service"] == "debt_service"
    assert names["receipts_public"] == "Convention signée"


def test_rows_of_cards_tones_ledes_and_decisions_have_their_words(said: dict[str, Any], short: Outlook) -> None:
    labels = [label for rows in plan_card_rows(said).values() for label, _, _ in rows]
    assert [label for label in labels if not has(REPORT, label)] == []
    for case in (said, plan_findings(short)):
        assert all(has(REPORT, key) for key in plan_lede(case))
        for key, *_ in plan_decisions(case):
            assert {key, f"{key}_who", f"{key}_otherwise"} <= set(sentences(REPORT))
    keys = [f"verdict_{tone}" for tone in ("place", "ok", "watch", "info", "alert", "alert_draw", "alert_raise")]
    keys += [f"fan_{tone}" for tone in ("above", "risk", "below", "info")] + ["weeks_up", "weeks_down"]
    keys += [f"by_horizon_{tone}" for tone in ("holds", "partly", "not_yet", "unmeasured")]
    keys += [f"scenarios_{tone}" for tone in ("above", "below", "info")] + ["drivers_one", "drivers_several"]
    keys += ["models_routed", "models_raced"]
    assert [key for key in keys if not has(REPORT, key)] == []
    every = ("draw", "raise", "pay", "place", "feed", "refused", "feasts", "classify")
    assert [name for name in every if not has(REPORT, f"decide_{name}_otherwise")] == []
    assert set(PLAN_CODES) <= set(said)


def test_the_curve_of_the_card_is_the_plan(found: Outlook) -> None:
    assert plan_curve(found) == list(found.plan.positions(until=found.until)["value_centimes"])
    assert isinstance(found.by_line, pd.DataFrame)


def test_a_day_of_which_several_plans_spoke_counts_once_in_the_interval() -> None:
    days = pd.DataFrame(
        {"period_code": "day", "target_date": pd.to_datetime(["2024-09-02", "2024-09-03"] * 5), "actual_centimes": 100}
    )
    days = days.assign(q025_mad=0.0, q10_mad=[0.0] * 5 + [2.0] * 5, q90_mad=3.0, q975_mad=3.0).astype(
        {"actual_centimes": "Int64"}
    )
    bands = held(days).set_index("band")
    assert list(bands["share"]) == [0.5, 1.0]
    assert bands.at[80, "low"] == pytest.approx(0.0126, abs=1e-4)  # one of two days, not five of ten rows
    assert held(days.head(0)).empty


def test_what_a_late_account_does_not_prove_is_not_judged() -> None:
    days = pd.to_datetime(["2024-09-30", "2024-06-28", None])
    opening = pd.DataFrame(
        {"account_number": ["A", "B", "C"], "state_code": ["proven", "stale", "missing"], "statement_date": days}
    )
    assert proof_of(opening, plans.AS_OF).on_all == date(2024, 6, 28)
    assert proof_of(opening.head(1), date(2024, 9, 27)).on_all == date(2024, 9, 27)
    never = proof_of(opening.tail(1), plans.AS_OF)
    assert never.on_all == NEVER
    nothing = plan_record(plans.log(), plans.actual(), pd.DataFrame(), plans.CALENDAR, plans.AS_OF, never)
    assert nothing.overall.empty
    assert nothing.trust.trust_code == "unmeasured"


def test_labels_that_no_rule_takes_are_shown_and_asked_for() -> None:
    text = """
        label_shape direction format_code operation_code currency_code line_count amount_centimes first_date last_date  example
        SAISIE#     out       -           -              MAD           1          -300_000        2024-06-03 2024-06-03 SAISIE1
        COTIS       in        -           -              MAD           9          160_000         2024-01-02 2024-09-03 COTIS
    """
    told = outlook(plans.made_up(), plans.beside(unclassified=table(text)))
    said = plan_findings(told)
    assert (said["unclassified"], said["shapes"]) == (460_000, 2)
    assert list(plan_tables(told)["unclassified"]["line_count"]) == [1, 9]
    assert "decide_classify" in [key for key, *_ in plan_decisions(said)]


def test_a_log_of_few_plans_is_not_called_empty() -> None:
    few = plans.log(3)
    record = plan_record(few, plans.actual(), pd.DataFrame(), plans.CALENDAR, plans.AS_OF, Proof(plans.AS_OF))
    said = plan_findings(outlook(plans.made_up(), plans.beside(log=few, record=record)))
    assert (said["logged"], said["trust"]) == (3, "unmeasured")
    assert plan_lede(said)[-1] == "lede_few"
    assert plan_tone(said)["untrusted"] == "untrusted_yet"
    assert has(REPORT, "lede_few")
    assert has(REPORT, "untrusted_yet")


def test_one_year_is_held_against_its_budget_and_its_total_is_that_of_the_lines() -> None:
    text = """
        line_code month_date actual_centimes plan_centimes landing_centimes budget_centimes budget_gap_centimes
        energy    2023-12-01 -500            -             -500             -400            -100
        energy    2024-01-01 -               -700          -700             -600            -100
        works     2023-12-01 -50             -             -50              -               -
        payroll   2023-12-01 -30             -             -30              -20             -10
        all       2023-12-01 -580            -             -580             -420            -160
        all       2024-01-01 -               -700          -700             -600            -100
    """
    year = budget_year(table(text).astype({"plan_centimes": "Int64"})).set_index("line_code")
    assert list(year["budget_gap_centimes"]) == [-100, -10, -110]
    assert (year.index[-1], set(year["year"])) == ("all", {2023})
    assert year.at["all", "landing_centimes"] - year.at["all", "budget_centimes"] == -110


def test_titles_of_the_trend_take_its_own_means_and_say_what_was_replayed(found: Outlook, said: dict[str, Any]) -> None:
    trend = plan_tables(found)["trend"]
    assert said["trend_wape"] == pytest.approx(trend["wape"].mean())
    assert said["trend_coverage_80"] == pytest.approx(trend["coverage_80"].mean())
    again = plans.log(6).assign(is_made_again=True)
    record = plan_record(again, plans.actual(), pd.DataFrame(), plans.CALENDAR, plans.AS_OF, Proof(plans.AS_OF))
    told = plan_findings(outlook(plans.made_up(), plans.beside(log=again, record=record)))
    assert (said["remade"], told["remade"]) == (0, told["origins"])


def test_a_scenario_says_what_its_steps_did_and_whether_the_weeks_show_it(found: Outlook) -> None:
    text = """
        scenario_code step_count kind_code told_code     about moved_centimes beyond_centimes added_centimes nature_code  source
        state_late_60 1          delay     done          -     100            5               0              illustrative S
        drought       1          scale     done          -     0              0               -50            illustrative S
        drought       2          close     nothing_found 011   0              0               0              illustrative S
        rate_up       1          rate      no_register   -     0              0               0              own          S
    """
    steps = table(text)
    shown = plan_tables(replace(found, beside=plans.beside(scenario_steps=steps)))
    effects = shown["scenario_lows"].set_index("scenario_code")["effect_code"]
    assert dict(effects) == {"plan": "base", "state_late_60": "whole", "drought": "part", "rate_up": "nothing"}
    assert "beyond_centimes" not in shown["scenario_lows"]
    assert len(shown["scenario_steps"]) == 4
    curves = plans.scenarios()
    base = curves[curves["scenario_code"] == "plan"]
    same = pd.concat([curves[curves["scenario_code"] != "drought"], base.assign(scenario_code="drought")])
    far = plan_tables(replace(found, beside=plans.beside(scenarios=same)))["scenario_lows"]
    assert far.set_index("scenario_code").at["drought", "effect_code"] == "outside"
    for code in ("effect_code_outside", "told_code_no_register", "nature_code_illustrative", "kind_code_close"):
        assert has(REPORT, code)


def test_receipts_and_payments_mean_the_same_by_week_and_by_directorate(found: Outlook, said: dict[str, Any]) -> None:
    shown = plan_tables(found)
    weeks, sums = shown["weeks"].set_index("row_code"), shown["directorates"].sum(numeric_only=True)
    total = weeks.columns[-1]
    assert weeks.at["receipts_sum", total] == sums["receipt_centimes"] == said["received"]
    assert weeks.at["payments_sum", total] == sums["disbursement_centimes"] == -said["paid"]
    assert weeks.at["financing_sum", total] == sums["financing_centimes"] == said["financed"] != 0


def test_overrides_say_who_and_why_and_what_they_were_worth(found: Outlook) -> None:
    text = """
        override_id entered_by entered_at line_code       account_number flow_date   amount_centimes note
        O1          Agent-1    2024-09-27 receipts_public C-00           2024-10-14  300_000_000     Virement-promis
        O2          Agent-1    2024-09-27 receipts_public C-00           2025-03-14  100             Loin
    """
    told = replace(found, plan=replace(found.plan, notes={"overrides": table(text)}))
    shown = plan_tables(told)["overrides"]
    assert list(shown["override_id"]) == ["O1"]
    assert {"entered_by", "note", "amount_centimes"} <= set(shown)
    assert plan_tables(found)["by_horizon"]["pinball_mad"].notna().all()
    assert "override_gains" not in plan_tables(found)
    log = plans.log()
    typed = log.assign(override_centimes=log["override_centimes"].where(log["line_code"] != "suppliers", 100))
    record = plan_record(typed, plans.actual(), pd.DataFrame(), plans.CALENDAR, plans.AS_OF, Proof(plans.AS_OF))
    gains = plan_tables(replace(found, beside=plans.beside(record=record)))["override_gains"]
    assert list(gains["line_code"]) == ["suppliers"]
    assert all(has(REPORT, key) for key in ("overrides", "override_gains", "sheet_overrides", "sheet_override_gains"))


def test_a_line_that_moves_in_lumps_is_judged_in_money(found: Outlook) -> None:
    lumps = plans.actual()
    rare = lumps["line_code"] == "receipts_public"
    lumps.loc[rare & (lumps["flow_date"].dt.day != 5), "amount_centimes"] = 0  # it came on a day a month
    lumps.loc[lumps["line_code"] == "suppliers", "amount_centimes"] = 0  # nothing came
    record = plan_record(plans.log(), lumps, pd.DataFrame(), plans.CALENDAR, plans.AS_OF, Proof(plans.AS_OF))
    told = replace(found, beside=plans.beside(record=record))
    scores = plan_tables(told)["by_line"].set_index("line_code")
    raw = record.by_line.set_index("line_code")
    assert (raw.at["receipts_public", "wape"] > 2, raw.at["suppliers", "wape"]) == (
        True,
        pytest.approx(float("nan"), nan_ok=True),
    )
    percents = ["wape", "naive_wape", "value_added", "bias"]
    assert scores.loc[["receipts_public", "suppliers"], percents].isna().all(axis=None)
    assert (scores.loc[["receipts_public", "suppliers"], ["miss_mad", "naive_miss_mad"]] > 0).all(axis=None)
    assert scores.loc[["receipts_bulk", "receipts_counters"], percents].notna().all(axis=None)
    assert plan_findings(told)["lumpy"] == int(scores["wape"].isna().sum()) == 2
    assert scores.index[-1] == "all"


def test_the_models_of_months_and_the_race_of_receivables_are_shown(found: Outlook) -> None:
    names = dict(zip(found.plan.series["line_code"], found.plan.series["model_name"], strict=True))
    models = pd.DataFrame(
        {"line_code": list(names), "model_name": list(names.values()), "months_model_name": list(names.values())}
    )
    race = table(
        "line_code chosen_code wape_calendar wape_receivables origin_count won_count wape_panel wape_panel_calendar reason_code\n"
        "receipts_bulk receivables 0.9 0.8 6 6 0.93 1.0 won\n"
        "receipts_public panel 1.6 1.5 6 3 1.1 1.5 won"
    )
    told = replace(found, plan=replace(found.plan, notes={"line_models": models, "receipts_race": race}))
    shown = plan_tables(told)
    assert "months_model_name" not in shown["models"]  # the same everywhere
    assert list(shown["receipts_race"]["chosen_code"]) == ["receivables", "panel"]
    said = plan_findings(told)
    assert (said["race_won"], said["race_lines"]) == (1, 2)
    models.loc[models["line_code"] == "suppliers", "months_model_name"] = "ets"
    beyond = plan_tables(told)["models"].set_index("line_code")["months_model_name"]
    assert beyond.dropna().to_dict() == {"suppliers": "ets"}
    assert (plan_findings(found)["race_lines"], "receipts_race" in plan_tables(found)) == (0, False)
    keys = ["receipts_race", "sheet_receipts_race", "chosen_code_calendar", "head_months_model_name"]
    assert [key for key in keys if not has(REPORT, key)] == []
