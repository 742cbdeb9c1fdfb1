"""Mirrors pipeline/plan_scenarios.py: scenarios on the plan of a small made-up office, feasts on both dates among them."""

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from workbench import store
from workbench.cash import CashPlan
from workbench.errors import WrongUse
from workbench.pipeline.cash_plan import PlanTables
from workbench.pipeline.plan_scenarios import Compared, scenarios_of, try_scenario
from workbench.standards import BankDays, ClosedDay, load_bank_days

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
def own_folder(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the small office, to which a scenario of its own is written."""
    folder = tmp_path_factory.mktemp("own") / "office"
    shutil.copytree(small_folder, folder)
    return folder


@pytest.fixture(scope="module")
def compared(own_folder: Path, ramadan_plan: CashPlan, ramadan_tables: PlanTables) -> Compared:
    own = own_folder / "scenarios"
    own.mkdir()
    (own / "mine.toml").write_text(OWN, encoding="utf-8")
    return scenarios_of(store.open_office(own_folder), ramadan_plan, ramadan_tables, DAYS, receivables=False)


def test_while_a_feast_is_estimated_both_dates_stand_beside_the_plan(compared: Compared) -> None:
    later, earlier = (compared.labels[f"feasts_a_day_{way}"] for way in ("later", "earlier"))
    assert plain(later["fr"]) == "Fêtes estimées un jour plus tard (Ramadan : sam. 25/03 et non ven. 24/03)"
    assert plain(earlier["en"]) == "Estimated feasts a day earlier (Ramadan: Thu 23/03, not Fri 24/03)"
    told = compared.steps.set_index("scenario_code")
    assert told.loc["feasts_a_day_later", "told_code"] == "done"


def test_without_an_estimated_feast_in_the_weeks_no_other_date_is_shown(
    small_folder: Path, ramadan_plan: CashPlan, ramadan_tables: PlanTables
) -> None:
    sure = BankDays(tuple(ClosedDay(row.day, row.name, "official", row.source) for row in DAYS.closed))
    short = pd.Timestamp("2023-03-10").date()
    before = replace(ramadan_plan, daily_until=short)
    found = scenarios_of(store.open_office(small_folder), before, ramadan_tables, sure, receivables=False)
    assert not {code for code in found.labels if code.startswith("feasts")}
    assert set(found.sums["scenario_code"]) == {"plan", *found.labels}


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_an_office_s_own_scenario_stands_behind_the_others_as_text(compared: Compared) -> None:
    assert list(compared.sums["scenario_code"])[0::9] == ["plan", "mine"]
    assert compared.labels["mine"] == {"fr": "<b>Énergie</b> {x}", "en": "Energy %s"}
    assert set(compared.steps["told_code"]) <= {"done", "nothing_found"}


def test_a_code_that_is_taken_is_refused(own_folder: Path, compared: Compared, tmp_path: Path) -> None:
    for name in ("mine.toml", "heat.toml"):
        (tmp_path / name).write_text(OWN, encoding="utf-8")
        with pytest.raises(WrongUse, match="is taken by"):
            try_scenario(own_folder, tmp_path / name)
