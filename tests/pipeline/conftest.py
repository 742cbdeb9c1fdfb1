"""A small made-up office, imported once, that no test writes to, and a plan of it."""

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


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an office of 150 customers and 14 months, to the end of February 2023; read it, or copy it."""
    office: Path = tmp_path_factory.mktemp("small") / "office"
    make_office(office, customers=150, months=14, seed=4)
    files = sorted(path for path in (office / "inbox").rglob("*") if path.is_file())
    import_files(office, files, load_profiles(find_project().profiles), getpass.getuser())
    return office


@pytest.fixture(scope="session")
def small_office(small_folder: Path) -> store.Office:
    """The office of `small_folder`."""
    return store.open_office(small_folder)


@pytest.fixture(scope="session")
def ramadan_tables(small_office: store.Office) -> PlanTables:
    """What a plan of the office before Ramadan is made from, without its receivables."""
    return plan_tables_of(small_office, BEFORE_RAMADAN, receivables=False)


@pytest.fixture(scope="session")
def ramadan_plan(small_office: store.Office, ramadan_tables: PlanTables) -> CashPlan:
    """The plan of the office before Ramadan."""
    return plan_of(small_office, BEFORE_RAMADAN, receivables=False, tables=ramadan_tables)
