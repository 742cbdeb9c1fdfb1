"""A tiny office, made once and imported once, for every test of the room that only reads it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from workbench import store
from workbench.demo import make_office
from workbench.intake.profiles import load_profiles
from workbench.pipeline.importing import ImportReport, import_files
from workbench.store.tables import Office

PROJECT = Path(__file__).resolve().parents[2]
PROFILES = load_profiles(PROJECT / "data" / "profiles")


@dataclass(frozen=True)
class Tiny:
    """The office as files, as imported, and its answer key."""

    folder: Path
    key: dict[str, Any]
    report: ImportReport

    @property
    def office(self) -> Office:
        return store.open_office(self.folder)

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    def one(self, table: str, value: str, where: str = "true") -> Any:
        return self.office[table].filter(where).aggregate(value).fetchall()[0][0]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    folder = tmp_path_factory.mktemp("office")
    make_office(folder, customers=300, months=6, seed=1)
    report = import_files(folder, sorted((folder / "inbox").iterdir()), PROFILES, "test")
    return Tiny(folder, json.loads((folder / "answer_key.json").read_text()), report)
