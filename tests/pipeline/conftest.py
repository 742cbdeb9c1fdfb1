"""The small made-up office on which plans are made, made once."""

import getpass
from pathlib import Path

import pytest

from workbench.demo import make_office
from workbench.intake.profiles import load_profiles
from workbench.pipeline.importing import import_files
from workbench.pipeline.project import find_project


@pytest.fixture(scope="package")
def planned_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fourteen months of 150 customers, imported; the books end in February 2023."""
    office: Path = tmp_path_factory.mktemp("plan") / "office"
    make_office(office, customers=150, months=14, seed=4)
    files = sorted(path for path in (office / "inbox").rglob("*") if path.is_file())
    import_files(office, files, load_profiles(find_project().profiles), getpass.getuser())
    return office
