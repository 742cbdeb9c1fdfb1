"""Profiles: one TOML a kind of file received, saying its format, encoding, marks, dates, and where its columns go."""

import fnmatch
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from workbench.errors import ReadingError, WrongUse
from workbench.money import SPACES
from workbench.schemas.tables import TABLES

_STRICT = ConfigDict(extra="forbid", frozen=True, strict=False)


class Sign(BaseModel):
    """How a file says whether money comes in or goes out."""

    model_config = _STRICT
    rule: Literal["as_written", "debit_credit", "negated"] = "as_written"
    debit: str = ""
    credit: str = ""


class Target(BaseModel):
    """A table that the file fills: column = source header, a constant `=value`, or a template with {headers}."""

    model_config = _STRICT
    table: str
    columns: dict[str, str] = Field(default_factory=dict)
    constants: dict[str, str] = Field(default_factory=dict)
    codes: dict[str, dict[str, str]] = Field(default_factory=dict)
    where_filled: str = ""  # source header that must hold something for the row to count
    distinct: bool = False  # the same key on several rows is one row

    @model_validator(mode="after")
    def _known(self) -> "Target":
        if self.table != "read_lines":
            if self.table not in TABLES:
                raise ValueError(f"no table is called {self.table!r}")
            unknown = {*self.columns, *self.constants, *self.codes} - set(TABLES[self.table].columns)
            if unknown:
                raise ValueError(f"table {self.table} has no column {', '.join(sorted(unknown))}")
        return self


class Profile(BaseModel):
    """What a kind of file looks like. Unknown keys are refused."""

    model_config = _STRICT
    name: str
    format: Literal["cfonb120", "mt940", "mt942", "csv"]
    files: tuple[str, ...]
    encoding: str = "utf-8"
    decimal: str = ","
    thousands: str = SPACES
    date_formats: tuple[str, ...] = ("%d/%m/%Y",)
    delimiter: str = ";"
    complete_days: bool = False
    sign: Sign = Sign()
    targets: tuple[Target, ...] = ()


def load_profiles(folder: Path) -> dict[str, Profile]:
    """The profiles of a folder by name. `WrongUse` names the file and the key that is wrong."""
    if not folder.is_dir():
        raise WrongUse("the folder of profiles is absent", str(folder), "give it with --profiles")
    return {path.stem: _load(path) for path in sorted(folder.glob("*.toml"))}


def _load(path: Path) -> Profile:
    try:
        return Profile(name=path.stem, **tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise WrongUse(f"the profile is no TOML: {error}", path.name) from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise WrongUse(
            f"{key or 'profile'}: {first['msg']}", path.name, "see CONTRIBUTING.md for the keys of a profile"
        ) from error


def profile_for(path: Path, profiles: Mapping[str, Profile]) -> Profile:
    """The one profile whose patterns fit the file's name."""
    fits = [
        p for p in profiles.values() if any(fnmatch.fnmatch(path.name.lower(), pattern.lower()) for pattern in p.files)
    ]
    if not fits:
        raise ReadingError("no profile knows this file", path.name)
    if len(fits) > 1:
        raise ReadingError(f"several profiles know this file: {', '.join(p.name for p in fits)}", path.name)
    return fits[0]
