"""An empty office, made once and copied: its tables name their files by relative paths."""

import shutil
from pathlib import Path

import pytest

from workbench import store


@pytest.fixture(scope="session")
def empty_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("empty") / "office"
    store.create_office(folder)
    return folder


@pytest.fixture
def office(empty_office: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(empty_office, tmp_path / "office"))
