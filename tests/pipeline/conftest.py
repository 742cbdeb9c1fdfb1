"""The small made-up office on which plans are made, made once."""

import getpass
from datetime import date
from pathlib import Path

import pytest

from workbench import store
from workbench.cash import CashPlan
from workbench.demo import make_office
from workbench.intake.profiles import load_profiles
from workbench.pipeline.cash_plan import PlanTables, plan_of, plan_tables_of
from workbench.pipeline.importing import import_files
from workbench.pipeline.project import find_project

BEFORE_RAMADAN = date(2022, 12, 30)  # Ramadan, estimated for 24 March 2023, lies in the thirteen weeks


@pytest.fixture(scope="package")
def planned_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fourteen months of 150 customers, imported; the books end in February 2023."""
    office: Path = tmp_path_factory.mktemp("plan") / "office"
    make_office(office, customers=150, months=14, seed=4)
    files = sorted(path for path in (office / "inbox").rglob("*") if path.is_file())
    import_files(office, files, load_profiles(find_project().profiles), getpass.getuser())
    return office


@pytest.fixture(scope="package")
def ramadan_tables(planned_office: Path) -> PlanTables:
    """What a plan of the office before Ramadan is made from, without its receivables."""
    return plan_tables_of(store.open_office(planned_office), BEFORE_RAMADAN, receivables=False)


@pytest.fixture(scope="package")
def ramadan_plan(planned_office: Path, ramadan_tables: PlanTables) -> CashPlan:
    """The plan of the office before Ramadan."""
    return plan_of(store.open_office(planned_office), BEFORE_RAMADAN, receivables=False, tables=ramadan_tables)
