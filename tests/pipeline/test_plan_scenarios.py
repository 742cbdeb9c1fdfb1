"""Mirrors pipeline/plan_scenarios.py and feast_plans.py: scenarios on the plan of a small made-up office, feasts on both dates among them."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.builders import rows
from workbench import store
from workbench.cash import CashPlan
from workbench.errors import WrongUse
from workbench.pipeline.cash_plan import PlanTables, plan_of, plan_tables_of
from workbench.pipeline.feast_plans import feasts_known, replanner
from workbench.pipeline.plan_scenarios import Compared, scenarios_of, try_scenario
from workbench.standards import BankDays, ClosedDay, MovableFeast, load_bank_days

AS_OF = date(2022, 12, 30)  # Ramadan, estimated for 24 March 2023, lies in the thirteen weeks
DAYS = load_bank_days()
OWN = """
label_fr = "<b>Énergie</b> {x}"
label_en = "Energy %s"
source = "=1+1"
[[steps]]
kind = "scale"
lines = ["energy"]
factor = "1.1"
"""


@pytest.fixture(scope="module")
def tables(planned_office: Path) -> PlanTables:
    return plan_tables_of(store.open_office(planned_office), AS_OF, receivables=False)


@pytest.fixture(scope="module")
def plan(planned_office: Path, tables: PlanTables) -> CashPlan:
    return plan_of(store.open_office(planned_office), AS_OF, receivables=False, tables=tables)


@pytest.fixture(scope="module")
def compared(planned_office: Path, plan: CashPlan, tables: PlanTables) -> Compared:
    own = planned_office / "scenarios"
    own.mkdir()
    (own / "mine.toml").write_text(OWN, encoding="utf-8")
    return scenarios_of(store.open_office(planned_office), plan, tables, DAYS, receivables=False)


def test_a_plan_made_again_with_the_same_feasts_is_the_same_plan(
    planned_office: Path, plan: CashPlan, tables: PlanTables
) -> None:
    replan = replanner(store.open_office(planned_office), plan, tables, DAYS, receivables=False)
    again = replan(feasts_known(DAYS))
    assert again.plan_id == plan.plan_id
    np.testing.assert_array_equal(again.paths, plan.paths)


def test_while_a_feast_is_estimated_both_dates_stand_beside_the_plan(compared: Compared) -> None:
    later, earlier = (compared.labels[f"feasts_a_day_{way}"] for way in ("later", "earlier"))
    assert plain(later["fr"]) == "Fêtes estimées un jour plus tard (Ramadan : sam. 25/03 et non ven. 24/03)"
    assert plain(earlier["en"]) == "Estimated feasts a day earlier (Ramadan: Thu 23/03, not Fri 24/03)"
    told = compared.steps.set_index("scenario_code")
    assert told.loc["feasts_a_day_later", "told_code"] == "done"


def test_without_an_estimated_feast_in_the_weeks_no_other_date_is_shown(
    planned_office: Path, plan: CashPlan, tables: PlanTables
) -> None:
    sure = BankDays(tuple(ClosedDay(row.day, row.name, "official", row.source) for row in DAYS.closed))
    short = pd.Timestamp("2023-03-10").date()
    before = replace(plan, daily_until=short)
    found = scenarios_of(store.open_office(planned_office), before, tables, sure, receivables=False)
    assert not {code for code in found.labels if code.startswith("feasts")}
    assert set(found.sums["scenario_code"]) == {"plan", *found.labels}


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_an_office_s_own_scenario_stands_behind_the_others_as_text(compared: Compared) -> None:
    assert list(compared.sums["scenario_code"])[0::9] == ["plan", "mine"]
    assert compared.labels["mine"] == {"fr": "<b>Énergie</b> {x}", "en": "Energy %s"}
    assert set(compared.steps["told_code"]) <= {"done", "nothing_found"}


def test_a_code_that_is_taken_is_refused(planned_office: Path, compared: Compared, tmp_path: Path) -> None:
    for name in ("mine.toml", "heat.toml"):
        (tmp_path / name).write_text(OWN, encoding="utf-8")
        with pytest.raises(WrongUse, match="is taken by"):
            try_scenario(planned_office, tmp_path / name)


def test_days_of_banks_that_move_without_a_feast_of_the_table_are_known_and_fixed_ones_are_not() -> None:
    closed = [
        ("1er Moharram", "2024-07-08", "estimated"), ("1er Moharram", "2025-06-27", "estimated"),
        ("Nouvel an amazigh", "2024-01-14", "estimated"), ("Nouvel an amazigh", "2025-01-14", "estimated"),
        ("Aïd", "2024-06-17", "estimated"), ("Trône", "2024-07-30", "official"),
    ]  # fmt: skip
    told = [ClosedDay(date.fromisoformat(day), name, how, "x") for name, day, how in closed]  # type: ignore[arg-type]
    days = BankDays(tuple(sorted(told, key=lambda one: one.day)))
    adha = MovableFeast("adha", date(2024, 6, 17), date(2024, 6, 18), "estimated", "x")
    found = feasts_known(days, (adha,))
    assert [(name, str(start)) for name, start, *_ in rows(found)] == [
        ("adha", "2024-06-17"),
        ("1er Moharram", "2024-07-08"),
        ("1er Moharram", "2025-06-27"),
    ]
