"""Packs: which reports run together, and what names their folder. Read from notebooks/packs.toml."""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workbench.errors import WrongUse
from workbench.reporting.delivery import check_report_name


class Pack(BaseModel):
    """Reports that run together; `period` is what their folder is named by: the day of as_of, or its month."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label_fr: str
    label_en: str
    period: Literal["day", "month"]
    reports: tuple[str, ...] = Field(min_length=1)


def load_packs(project: Path) -> dict[str, Pack]:
    """The packs of a project by name. Raises `WrongUse` where the file does not hold."""
    path = project / "notebooks" / "packs.toml"
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        packs = {name: Pack.model_validate(value) for name, value in raw.items()}
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise WrongUse(str(error).splitlines()[0], where=str(path)) from None
    for pack in packs.values():
        for report in pack.reports:
            check_report_name(report)
    return packs


def pack_named(name: str, project: Path) -> Pack:
    """One pack. Raises `WrongUse` with the names there are."""
    packs = load_packs(project)
    if name not in packs:
        raise WrongUse(f"there is no pack {name!r}", remedy=f"known: {', '.join(packs)}")
    return packs[name]
