"""Fixtures that every room shares: where the real files are, and a skip that says so where they are not."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A test says what is right, not how fast: on a loaded machine hypothesis's own deadline would fail a right answer. The suite draws
# the same cases every time, so that a commit is green or is not; `make fuzz` goes and looks for new ones.
settings.register_profile("house", deadline=None, derandomize=True)
settings.register_profile("fuzz", deadline=None, print_blob=True)
settings.load_profile("fuzz" if os.environ.get("WORKBENCH_FUZZ") else "house")

PROJECT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real bank and receivables files; they are never part of the project."""
    folder = Path(os.environ.get("WORKBENCH_REAL_DATA", PROJECT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("real files are absent: set WORKBENCH_REAL_DATA to the folder that holds bank/ and receivables/")
    return folder
