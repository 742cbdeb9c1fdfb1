"""Mirrors cash/judging/scenarios.py and plan_moves.py; figures worked by hand in docs/methods/scenarios.md."""

import dataclasses
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import rows, worked
from tests.cash import made_plans
from workbench.cash.judging.scenario_files import Add, Close, Delay, Feast, Move, Rate, Scale, Scenario
from workbench.cash.judging.scenarios import Surroundings, apply, each_scenario
from workbench.cash.plan.plan import CashPlan

CASES = worked("scenarios")
A1, A2, C = 0, 1, 2


def scenario(*steps: Any, code: str = "trial") -> Scenario:
    return Scenario(code=code, label_fr="Essai", label_en="Trial", source="Un essai", steps=steps)


def the_plan(**notes: Any) -> CashPlan:
    case = CASES["plan"]
    known = np.array([[0, 0, amount] for amount in case["known_c"]])
    whole = np.array([case["a1"], case["a2"], case["c"]]).T
    return dataclasses.replace(made_plans.plan(whole - known, known, spread=5.0), notes=notes)


def flows(*kept: tuple[str, str, str, str, int]) -> pd.DataFrame:
    """Known flows: flow, account, day, counterparty, amount; on the line of the account."""
    frame = pd.DataFrame(kept, columns=["flow_id", "account_number", "flow_date", "counterparty", "amount_centimes"])
    lines = {"A1": "receipts_counters", "A2": "receipts_counters", "C": "payroll"}
    frame["flow_date"] = pd.to_datetime(frame["flow_date"])
    return frame.assign(line_code=frame["account_number"].map(lines), currency_code="MAD")


def told(plan: CashPlan) -> list[tuple[Any, ...]]:
    return rows(plan.notes["scenario_steps"])


def receipts(step: type, **keys: Any) -> Any:
    return step(kind=step.__name__.lower(), lines=["receipts_counters"], **keys)


def assert_paths_follow(before: CashPlan, after: CashPlan) -> None:
    """Nothing that a scenario moves is random here: paths move by what the plan moves by."""
    width = before.plan.shape[1]
    moved = (after.plan[:, :width] - before.plan) / 100
    assert after.paths[:, :, :width] - before.paths == pytest.approx(
        np.broadcast_to(moved, before.paths.shape), abs=1e-4
    )


def test_a_delay_as_worked_by_hand() -> None:
    case = CASES["delay"]
    after = apply(made_plans.plan(the_plan().plan), scenario(receipts(Delay, days=case["days"])))
    assert after.plan[:, A1].tolist() == case["a1"]
    assert after.plan[:, A2].tolist() == case["a2"]
    assert after.plan[:, C].tolist() == CASES["plan"]["c"]
    assert told(after) == [(1, "delay", "done", "", case["moved_centimes"], case["beyond_centimes"], 0)]
    assert after.paths.mean(axis=0) * 100 == pytest.approx(after.plan, abs=1e-3)
    assert after.parameters["scenario"] == "trial"


def test_half_of_a_line_is_late_and_half_a_centime_goes_with_it() -> None:
    case = CASES["half_delay"]
    after = apply(the_plan(), scenario(receipts(Delay, days=3, share=case["share"])))
    assert after.plan[:, A2].tolist() == case["a2"]
    assert told(after)[0][5] == case["beyond_centimes"]


def test_a_delay_of_some_days_only() -> None:
    step = Delay.model_validate(
        {"kind": "delay", "lines": ["receipts_counters"], "days": 1, "from": pd.Timestamp("2024-10-01").date()}
    )
    after = apply(the_plan(), scenario(step))
    assert after.plan[:, A1].tolist() == [100, 200, 300, 0, 400, 500]
    october = Delay.model_validate({"kind": "delay", "lines": ["receipts_counters"], "days": 1, "months": [9]})
    assert apply(the_plan(), scenario(october)).plan[:, A1].tolist() == [0, 100, 200, 700, 500, 600]


def test_a_closed_bank_as_worked_by_hand() -> None:
    case = CASES["close"]
    step = Close.model_validate({"kind": "close", "bank_code": "011", "from": case["from"], "to": case["to"]})
    after = apply(the_plan(), scenario(step))
    assert after.plan[:, A1].tolist() == case["a1"]
    assert after.plan[:, C].tolist() == case["c"]
    assert after.plan[:, A2].tolist() == CASES["plan"]["a2"]
    assert told(after) == [(1, "close", "done", "011", case["moved_centimes"], 0, 0)]
    assert_same_total(the_plan(), after)
    # The bank through which most passes is 011 too; the first bank day is not closed, the next two are.
    counted = apply(the_plan(), scenario(Close(kind="close", after_days=1, days=2)))
    assert (counted.plan == after.plan).all()
    to_the_end = apply(the_plan(), scenario(Close(kind="close", bank_code="022", after_days=4, days=9)))
    assert told(to_the_end)[0][4:] == (0, 111, 0)


def assert_same_total(before: CashPlan, after: CashPlan) -> None:
    steps = after.notes["scenario_steps"]
    changed = int(steps["added_centimes"].sum() - steps["beyond_centimes"].sum())
    assert int(after.plan.sum()) == int(before.plan.sum()) + changed
    assert float(after.paths.mean(axis=0).sum()) == pytest.approx(after.plan.sum() / 100, abs=0.01)


def test_volumes_as_worked_by_hand() -> None:
    case = CASES["scale"]
    less = apply(the_plan(), scenario(receipts(Scale, factor=case["factor"])))
    assert less.plan[:, A2].tolist() == case["a2"]
    more = apply(the_plan(), scenario(Scale(kind="scale", lines=["payroll"], factor="1.10")))
    assert more.plan[:, C].tolist() == case["payroll"]
    both = apply(the_plan(), scenario(Scale(kind="scale", lines=["payroll"], factor="1.10", known=True)))
    assert both.plan[:, C].tolist() == [0, -770, 0, -330, 0, 0]
    for after in (less, more, both):
        assert_same_total(the_plan(), after)
    # The spread of what is estimated is scaled with it: ± 5 becomes ± 4.6.
    assert less.paths[:, 0, A1] - less.plan[0, A1] / 100 == pytest.approx([-4.6, 0, 0, 4.6], abs=1e-2)


def test_a_known_flow_moves_with_its_row_as_worked_by_hand() -> None:
    case = CASES["move"]
    plan = the_plan(flows=flows(("F1", "C", "2024-09-27", "CLIENT 1", -500)))
    for step in (
        Move(kind="move", counterparty="CLIENT 1", days=case["days"]),
        Move(kind="move", flow_id="F1", days=5),
    ):
        after = apply(plan, scenario(step))
        assert after.plan[:, C].tolist() == case["c"]
        assert after.notes["flows"]["flow_date"].tolist() == [pd.Timestamp("2024-10-02")]
        assert_paths_follow(plan, after)
    assert plan.notes["flows"]["flow_date"].tolist() == [pd.Timestamp("2024-09-27")]
    to = Move(kind="move", counterparty="CLIENT 1", to=pd.Timestamp("2024-12-01").date())
    beyond = apply(plan, scenario(to))
    assert told(beyond) == [(1, "move", "done", "CLIENT 1", 0, -500, 0)]
    assert beyond.notes["flows"].empty
    early = apply(plan, scenario(Move(kind="move", flow_id="F1", days=-30)))
    assert early.plan[:, C].tolist() == [-500, -200, 0, -300, 0, 0]


def test_without_a_name_the_largest_known_receipt_moves_and_is_named() -> None:
    plan = the_plan(
        flows=flows(
            ("F1", "A1", "2024-09-26", "=PETIT", 40),
            ("F2", "A1", "2024-09-27", "<b>GROS</b>", 60),
            ("F3", "A2", "2024-09-27", "<b>GROS</b>", 10),
            ("F4", "C", "2024-09-27", "<b>GROS</b>", -500),
        )
    )
    after = apply(plan, scenario(Move(kind="move", days=3)))
    assert told(after) == [(1, "move", "done", "<b>GROS</b>", 70, 0, 0)]
    assert after.plan[:, A1].tolist() == [100, 140, 360, 400, 500, 600]
    assert after.plan[:, C].tolist() == CASES["plan"]["c"]


def test_what_a_bank_has_in_hand_or_gives_back_is_no_late_payer() -> None:
    kept = flows(*((f"F{n}", "A1", "2024-09-26", f"CLIENT {n}", amount) for n, amount in enumerate((9, 8, 7, 6))))
    kept["flow_source_code"] = ["booked", "deposit", "agreement", "agreement"]
    kept.loc[2, "line_code"] = "placements"
    plan = the_plan(flows=kept)
    plan.series.loc[len(plan.series)] = plan.series.iloc[0].replace({"receipts_counters": "placements"})
    wide = dataclasses.replace(
        plan,
        **{
            name: np.append(getattr(plan, name), np.zeros((6, 1), int), 1)
            for name in ("known", "estimated", "override")
        },
    )
    wide = dataclasses.replace(wide, paths=np.append(plan.paths, np.zeros((4, 6, 1), np.float32), 2))
    assert told(apply(wide, scenario(Move(kind="move", days=1))))[0][3:5] == ("CLIENT 3", 6)


@pytest.mark.parametrize(
    ("step", "notes", "code"),
    [
        (Move(kind="move", counterparty="CLIENT.*", days=1), {"flows": flows(("F", "C", "2024-09-27", "CLIENT 1", 1))}, "nothing_found"),
        (Move(kind="move", days=1), {"flows": flows(("F", "C", "2024-09-27", "CLIENT 1", -1))}, "nothing_found"),
        (Move(kind="move", flow_id="F", days=1), {"flows": flows(("F", "C", "2025-09-27", "CLIENT 1", 1))}, "nothing_found"),
        (Move(kind="move", days=1), {}, "no_register"),
        (Feast(kind="feast", days=1), {}, "not_made_again"),
        (Close(kind="close", bank_code="999", after_days=0, days=1), {}, "nothing_found"),
        (Rate(kind="rate", points="1", on=["loans"]), {}, "no_register"),
        (Delay(kind="delay", lines=["works"], days=1), {}, "nothing_found"),
        (Scale(kind="scale", lines=["works"], factor="2"), {}, "nothing_found"),
        (
            Add(kind="add", account_number="Z", line_code="works", date=pd.Timestamp("2024-10-01").date(), amount="1", note="n"),
            {},
            "unknown_account",
        ),
        (
            Add(kind="add", account_number="A2", line_code="works", date=pd.Timestamp("2024-09-25").date(), amount="1", note="n"),
            {},
            "past_date",
        ),
        (Move(kind="move", to=pd.Timestamp("2024-09-25").date()), {}, "past_date"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told_and_changes_nothing(step: Any, notes: dict[str, Any], code: str) -> None:
    plan = the_plan(**notes)
    after = apply(plan, scenario(step))
    assert told(after)[0][2] == code
    assert told(after)[0][4:] == (0, 0, 0)
    assert (after.plan == plan.plan).all()
    assert (after.paths == plan.paths).all()


def test_a_feast_on_its_other_date_makes_the_plan_again() -> None:
    names = ["name", "start", "end", "status"]
    feasts = pd.DataFrame(
        [
            ("fitr", "2024-09-28", "2024-09-29", "estimated"),
            ("adha", "2024-09-30", "2024-09-30", "official"),
            ("mawlid", "2025-09-30", "2025-09-30", "estimated"),
        ],
        columns=names,
    ).assign(start=lambda t: pd.to_datetime(t["start"]), end=lambda t: pd.to_datetime(t["end"]))
    asked: list[pd.DataFrame] = []

    def replan(others: pd.DataFrame) -> CashPlan:
        asked.append(others)
        return made_plans.plan(np.full((6, 3), 7))

    around = Surroundings(feasts=feasts, replan=replan)
    after = apply(the_plan(), scenario(Feast(kind="feast", days=1), receipts(Delay, days=3)), around)
    assert [(code, about) for _, _, code, about, *_ in told(after)] == [("done", "fitr"), ("done", "")]
    assert after.plan[0].tolist() == [0, 0, 7]
    starts = asked[0].set_index("name")["start"].dt.date.astype(str).to_dict()
    assert starts == {"fitr": "2024-09-29", "adha": "2024-09-30", "mawlid": "2025-09-30"}
    sure = dataclasses.replace(around, feasts=feasts.assign(status="official"))
    assert told(apply(the_plan(), scenario(Feast(kind="feast", days=1)), sure))[0][2] == "nothing_found"


def test_an_amount_of_ones_own_opens_a_series_where_there_is_none() -> None:
    day = pd.Timestamp("2024-09-28").date()  # a Saturday
    step = Add(kind="add", account_number="A2", line_code="works", date=day, amount="-0.07", note="Essai")
    after = apply(the_plan(), scenario(step, step))
    assert after.series.iloc[-1][["account_number", "bank_code", "line_code"]].tolist() == ["A2", "022", "works"]
    assert after.override[:, -1].tolist() == [0, 0, -14, 0, 0, 0]
    assert len(after.series) == after.plan.shape[1] == after.paths.shape[2] == after.naive.shape[1] == 4
    assert_same_total(the_plan(), after)
    positions = after.positions()
    assert int(positions["value_centimes"].iloc[-1]) == 53_000 + int(the_plan().plan.sum()) - 14
    late = Add(
        kind="add", account_number="A2", line_code="works", date=pd.Timestamp("2025-01-01").date(), amount="1", note="n"
    )
    assert told(apply(the_plan(), scenario(late)))[0][4:] == (0, 100, 100)


def test_an_account_that_only_holds_a_balance_may_be_added_to() -> None:
    opening = made_plans.opening(A1=1000, A2=2000, C=50_000, D=5)
    plan = dataclasses.replace(the_plan(), opening=opening)
    day = plan.days[0].date()
    after = apply(
        plan, scenario(Add(kind="add", account_number="D", line_code="works", date=day, amount="1", note="n"))
    )
    assert told(after)[0][2] == "done"
    assert int(after.positions()["value_centimes"].iloc[0]) == 53_005 + 110 + 100


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.lists(st.integers(-(10**9), 10**9), min_size=3, max_size=3), min_size=2, max_size=12),
    st.integers(1, 40),
    st.sampled_from(["1", "0.5", "0.3333", "0.0001"]),
    st.integers(0, 12),
)
def test_no_centime_is_lost_by_delays_and_closures(amounts: list[list[int]], days: int, share: str, shut: int) -> None:
    plan = made_plans.plan(amounts, known=np.array(amounts)[::-1], override=np.array(amounts) // 2, spread=3.0)
    steps = (receipts(Delay, days=days, share=share), Close(kind="close", after_days=shut, days=2))
    after = apply(plan, scenario(*steps))
    beyond = int(after.notes["scenario_steps"]["beyond_centimes"].sum())
    assert int(after.plan.sum()) + beyond == int(plan.plan.sum())
    # What falls beyond is random along the paths; their mean is the plan's.
    # A share is rounded in each track of the plan, not along the paths: two centimes a cell at most.
    slack = float(np.abs(plan.paths).sum() + 1) * 1e-6 + 0.02 * plan.plan.size
    assert after.paths.mean(axis=0).sum() == pytest.approx(after.plan.sum() / 100, abs=slack)


def test_rates_as_worked_by_hand_enter_the_plan() -> None:
    loans = pd.DataFrame(
        {
            "loan_id": ["E1"], "due_date": pd.to_datetime(["2024-10-02"]), "principal_centimes": [36_000_000], "account_number": ["C"],
            "signed_date": pd.to_datetime([None]), "paid_date": pd.to_datetime([None]), "rate_kind_code": ["floating"],
        }
    )  # fmt: skip
    lines = pd.DataFrame(
        {
            "credit_line_id": ["L1", "L2"], "bank_code": ["011", "999"], "balance_date": pd.to_datetime(["2024-09-01"] * 2),
            "drawn_centimes": [72_000_000, 1],
        }
    )  # fmt: skip
    step = Rate(kind="rate", points="1", on=["loans", "credit_lines", "placements"])
    after = apply(the_plan(), scenario(step), Surroundings(loans=loans, credit_lines=lines))
    # 360,000 × 1 % × 7 ÷ 360 = 70.00 on 2 October; 720,000 × 1 % × 5 ÷ 360 = 100.00 on 30 September, on the busier account of bank 011.
    added = after.flows(by=("account_number", "line_code")).query("override_centimes != 0")
    assert added[["account_number", "line_code", "override_centimes"]].to_numpy().tolist() == [
        ["A1", "bank_charges", -10_000],
        ["C", "debt_service", -7_000],
    ]
    assert told(after) == [(1, "rate", "done", "placements", 0, 0, -17_000)]


def test_scenarios_come_one_at_a_time_behind_the_plan() -> None:
    both = {"a": scenario(receipts(Delay, days=3), code="a"), "b": scenario(receipts(Scale, factor="0"), code="b")}
    found = dict(each_scenario(the_plan(), both))
    assert list(found) == ["plan", "a", "b"]
    assert "scenario_steps" not in found["plan"].notes
    assert found["b"].plan[:, A1].sum() == 0
    assert found["a"].plan_id != found["plan"].plan_id
    assert Decimal(both["b"].steps[0].factor) == 0  # type: ignore[union-attr]
