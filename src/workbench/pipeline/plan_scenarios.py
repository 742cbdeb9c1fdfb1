"""The scenarios of an office on its cash plan: those of the reference folder and its own, compared, named, and what each step did."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from workbench import cash, store
from workbench.cash.judging.scenario_files import refuse_taken_code
from workbench.cash.judging.scenarios import FEASTS, STEPS
from workbench.errors import WrongUse
from workbench.frames import to_pandas
from workbench.pipeline.cash_plan import PlanTables, plan_of, plan_tables_of
from workbench.pipeline.feast_plans import feasts_known, replanner
from workbench.pipeline.project import OWN, instant_or_import
from workbench.pipeline.runs import newest_day
from workbench.reporting.words import EVERY_PAGE, LOCALES, has, say
from workbench.schemas.checking import Problem
from workbench.standards import BankDays, load_bank_days, reference_folder


@dataclass(frozen=True)
class Compared:
    """Scenarios beside a plan: both tables of `cash.compare_scenarios`, labels by code and language, and `steps`: what each step did,
    as the note `scenario_steps` tells it, behind its `scenario_code`. `problems`: files that do not hold, and are therefore not compared."""

    days: pd.DataFrame
    sums: pd.DataFrame
    labels: dict[str, dict[str, str]]
    steps: pd.DataFrame
    problems: tuple[Problem, ...] = ()


def scenarios_of(
    office: Any,
    plan: cash.CashPlan,
    tables: PlanTables,
    bank_days: BankDays,
    receivables: bool = True,
    named: Mapping[str, cash.Scenario] | None = None,
) -> Compared:
    """Scenarios on a plan of an office: those given, by default every one of the reference folder and of the office's own.

    Of those by default, one that only moves feasts is left out where no estimated feast touches the thirteen weeks: it is the plan. A file
    that does not hold, or has the code of another, is left out and told in `problems`.
    """
    faults: dict[str, WrongUse] = {}
    chosen = cash.load_scenarios(own=office.folder / OWN, faults=faults) if named is None else named
    around = cash.Surroundings(
        loans=to_pandas(office["loans"]),
        placements=to_pandas(office["placements"]),
        credit_lines=to_pandas(office["credit_lines"]),
        feasts=feasts_known(bank_days),
        replan=replanner(office, plan, tables, bank_days, receivables),
    )
    labels: dict[str, dict[str, str]] = {}
    steps: list[pd.DataFrame] = []

    def seen() -> Iterator[tuple[str, cash.CashPlan]]:
        for code, other in cash.each_scenario(plan, chosen, around):
            if code in chosen:
                told = other.notes[STEPS]
                if named is None and set(told["kind_code"]) == {"feast"} and "done" not in set(told["told_code"]):
                    continue
                labels[code] = _labels(chosen[code], other.notes.get(FEASTS))
                steps.append(told.assign(scenario_code=code))
            yield code, other

    days, sums = cash.compare_scenarios(seen())
    told = pd.concat(steps, ignore_index=True) if steps else pd.DataFrame()
    return Compared(days, sums, labels, told, tuple(_problem(path, fault) for path, fault in faults.items()))


def _problem(path: str, fault: WrongUse) -> Problem:
    values = {"file": Path(path).name, "key": fault.where.partition(": ")[2] or "–", "reason": fault.what}
    return Problem("scenario_left_out", "warning", values, file_name=Path(path).name)


def _labels(scenario: cash.Scenario, feasts: pd.DataFrame | None) -> dict[str, str]:
    """The label in each language, with both dates of the feasts that it moves."""
    labels = {"fr": scenario.label_fr, "en": scenario.label_en}
    if feasts is None:
        return labels
    return {lang: f"{labels[lang]} ({'; '.join(_both_dates(feasts, lang))})" for lang in LOCALES}


def _both_dates(feasts: pd.DataFrame, lang: str) -> list[str]:
    told = []
    for name, before, after in feasts[["name", "from_date", "to_date"]].itertuples(index=False, name=None):
        word = say(EVERY_PAGE, f"feast_{name}", lang) if has(EVERY_PAGE, f"feast_{name}") else name
        told.append(say(EVERY_PAGE, "feast_moves", lang, feast=word, before=before, after=after))
    return told


@dataclass(frozen=True)
class Tried:
    """A scenario tried on the plan of an office."""

    scenario: cash.Scenario
    plan: cash.CashPlan
    compared: Compared


def try_scenario(
    folder: Path,
    file: Path,
    as_of: date | None = None,
    known_on: str | None = None,
    receivables: bool = True,
    currency_code: str = "MAD",
) -> Tried:
    """A scenario of a file on the plan of an office, by default on its last day booked.

    Raises `WrongUse` where the file does not hold or has the code of another of the reference folder or the office's own, and what
    `plan_of` raises.
    """
    refuse_taken_code(file, reference_folder() / OWN, folder / OWN)
    scenario = cash.load_scenario(file)
    office, bank_days = store.open_office(folder, instant_or_import(known_on)), load_bank_days()
    day = as_of or newest_day(folder, known_on)
    tables = plan_tables_of(office, day, receivables, bank_days)
    plan = plan_of(office, day, receivables, currency_code, bank_days, tables=tables)
    return Tried(scenario, plan, scenarios_of(office, plan, tables, bank_days, receivables, {scenario.code: scenario}))
