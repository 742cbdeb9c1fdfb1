"""Where things are: the project folder and its settings (`workbench.toml`), found from the working folder or the environment."""

import os
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

import workbench
from workbench.errors import WrongUse
from workbench.reporting.runner import Limits

SETTINGS = "workbench.toml"
OWN = "scenarios"  # the folder of an office that holds its own scenarios


class Runs(BaseModel):
    """Limits of a run."""

    model_config = ConfigDict(extra="forbid")

    deadline_seconds: float = Field(600, gt=0, le=86_400)
    memory_mib: int = Field(4096, ge=256, le=1 << 20)


class Settings(BaseModel):
    """What workbench.toml holds; folders are relative to it."""

    model_config = ConfigDict(extra="forbid")

    office: Path = Path("data/office")
    profiles: Path = Path("data/profiles")
    reports: Path = Path("reports")
    runs: Runs = Field(default_factory=lambda: Runs.model_validate({}))


class Project:
    """A project folder with its settings."""

    def __init__(self, root: Path) -> None:
        """Read the settings of `root`. Raises `WrongUse` where they do not hold."""
        self.root = root.resolve()
        try:
            raw = tomllib.loads((self.root / SETTINGS).read_text(encoding="utf-8"))
            self.settings = Settings.model_validate(raw)
        except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
            raise WrongUse(" ".join(str(error).split())[:300], where=str(root / SETTINGS)) from None

    @property
    def profiles(self) -> Path:
        """The folder of profiles."""
        return self.root / self.settings.profiles

    @property
    def reports(self) -> Path:
        """The folder that reports are published to."""
        return self.root / self.settings.reports

    @property
    def limits(self) -> Limits:
        """Limits of a run."""
        return Limits(self.settings.runs.deadline_seconds, self.settings.runs.memory_mib << 20)

    def office(self, given: Path | None = None) -> Path:
        """The office folder: the one given, else WORKBENCH_OFFICE, else that of the settings."""
        if given is not None:
            return given.resolve()
        named = os.environ.get("WORKBENCH_OFFICE")
        return Path(named).resolve() if named else self.root / self.settings.office


def instant_or_import(text: str | None) -> datetime | str | None:
    """What `--known-on` names: an import (`imp-00012`), or an instant, taken as UTC where it says no zone. Raises `WrongUse`."""
    if text is None or re.fullmatch(r"imp-[0-9]+", text):
        return text
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise WrongUse(f"{text[:60]!r} is neither an import nor an instant", remedy="as in 2024-12-31T18:00") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def find_project() -> Project:
    """WORKBENCH_PROJECT, else the nearest folder above the working one that holds workbench.toml, else that of the source."""
    if named := os.environ.get("WORKBENCH_PROJECT"):
        return Project(Path(named))
    here = Path.cwd()
    for folder in (here, *here.parents, *Path(workbench.__file__).resolve().parents):
        if (folder / SETTINGS).is_file():
            return Project(folder)
    raise WrongUse("no workbench.toml in this folder or above", remedy="go to the project, or set WORKBENCH_PROJECT")
