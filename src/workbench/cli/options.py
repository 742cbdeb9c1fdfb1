"""The options that several commands share: one spelling, one meaning, one help text."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from workbench.errors import WrongUse

OfficeOption = Annotated[
    Path | None,
    typer.Option("--office", metavar="DIR", help="The office; default: WORKBENCH_OFFICE, else data/office."),
]
LangOption = Annotated[str, typer.Option("--lang", metavar="fr|en", help="Language of what is said.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
ProfilesOption = Annotated[
    Path | None, typer.Option("--profiles", metavar="DIR", help="Folder of profiles; default: data/profiles.")
]
ProfileOption = Annotated[
    str | None,
    typer.Option(
        "--profile", metavar="NAME", help="Read every file by this profile; default: by name, then beginning."
    ),
]
KnownOption = Annotated[
    str | None,
    typer.Option("--known-on", metavar="WHEN", help="As known on an instant (2024-12-31T18:00) or an import."),
]
PathsArgument = Annotated[list[Path] | None, typer.Argument(help="Files or folders; default: the inbox of the office.")]
PlanDayOption = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="Date of the plan; default: the last day booked.")
]
ReceivablesOption = Annotated[
    bool,
    typer.Option("--receivables/--no-receivables", help="Let what receivables tell race against the calendar alone."),
]
ParameterOption = Annotated[
    list[str] | None,
    typer.Option("-p", "--parameter", metavar="NAME=VALUE", help="A parameter of the report; repeat it."),
]


def day_given(text: str) -> date:
    """The day that `--as-of` names. Raises `WrongUse`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongUse(f"{text!r} is not a date", where="--as-of", remedy="write it 2024-12-31") from None


def day_shown(day: date, lang: str) -> str:
    """A day as a person of the language writes it; a program gets ISO days from `--json`."""
    return f"{day:%d/%m/%Y}" if lang == "fr" else day.isoformat()
