"""Commands that make reports, and those that tell of them and of this machine."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.options import JsonOption, KnownOption, LangOption, OfficeOption, ParameterOption
from workbench.errors import WrongUse
from workbench.reporting.console import print_json, print_rows, progress, say, sentence

commands = typer.Typer()


def _parameters(given: Sequence[str] | None) -> dict[str, str]:
    values: dict[str, str] = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise WrongUse(f"{text!r} is not NAME=VALUE", where="-p", remedy="as in -p as_of=2024-12-31")
        if name in values:
            raise WrongUse(f"parameter {name!r} is given twice", where="-p")
        values[name] = value
    return values


@commands.command(epilog="Example: workbench run recovery/unpaid --office data/office/demo -p lang=en")
def run(
    name: Annotated[str | None, typer.Argument(help="A report; see `workbench list`.")] = None,
    pack: Annotated[str | None, typer.Option(help="A pack of reports, instead of one.")] = None,
    parameter: ParameterOption = None,
    office: OfficeOption = None,
    known_on: KnownOption = None,
    reports: Annotated[Path | None, typer.Option(metavar="DIR", help="Where to publish; default: reports/.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Run even where nothing has changed.")] = False,
    lang: LangOption = "fr",
    as_json: JsonOption = False,
) -> None:
    """Make a report, or the reports of a pack. A run that fails leaves the last good report."""
    from workbench.pipeline import runs
    from workbench.pipeline.project import find_project

    if (name is None) == (pack is None):
        raise WrongUse("give a report or --pack, one of them")
    given, project = _parameters(parameter), find_project()
    folder = project.office(office)
    if pack is not None:
        with progress(sentence("running", lang)) as told:
            results = runs.run_pack(folder, pack, given, project, reports, known_on, force, told)
    else:
        results = [runs.run_report(folder, str(name), given, project, reports, "month", known_on, force)]
    index = runs.index(reports or project.reports, lang)
    if as_json:
        rows = [
            {"report": r.report, "status": r.status, "page": r.page, "seconds": round(r.seconds, 2)} for r in results
        ]
        print_json({"runs": rows, "index": index})
        return
    for r in results:
        say(r.status, lang, report=r.report, page=r.page, seconds=f"{r.seconds:.1f}")
    say("index", lang, page=index)


@commands.command("list", epilog="Example: workbench list --json")
def list_(lang: LangOption = "fr", as_json: JsonOption = False) -> None:
    """The reports there are, and the packs they are in."""
    from workbench.pipeline.project import find_project
    from workbench.reporting.packs import load_packs
    from workbench.reporting.runner import reports_in

    root = find_project().root
    packs = load_packs(root)
    rows = [
        {"report": report, "packs": ", ".join(name for name, pack in packs.items() if report in pack.reports)}
        for report in reports_in(root)
    ]
    print_rows(rows, as_json)


@commands.command(epilog="Example: workbench params recovery/unpaid")
def params(
    name: Annotated[str, typer.Argument(help="A report.")], lang: LangOption = "fr", as_json: JsonOption = False
) -> None:
    """The parameters of a report: type, default, meaning, limits."""
    from workbench.pipeline.project import find_project
    from workbench.reporting.parameters import read_parameters
    from workbench.reporting.runner import notebook_of

    declared = read_parameters(notebook_of(name, find_project().root)).values()
    # Without a date a run takes the last one that the office covers: the notebook's own is for hands.
    rows = [
        {
            "name": p.name,
            "type": p.type_name,
            "default": sentence("default_as_of", lang) if p.name == "as_of" else p.default,
            "meaning": p.meaning,
            "limits": p.limits,
        }
        for p in declared
    ]
    print_rows(rows, as_json)


@commands.command(epilog="Example: workbench glossary")
def glossary(
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Default: docs/glossary.md.")] = None,
    lang: LangOption = "fr",
) -> None:
    """Write the glossary of columns and tables."""
    from workbench.pipeline.project import find_project
    from workbench.schemas.glossary import glossary as text

    target = output or find_project().root / "docs" / "glossary.md"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text(), encoding="utf-8")
    say("written", lang, page=target)


@commands.command(epilog="Example: workbench doctor --office data/office/demo")
def doctor(office: OfficeOption = None, lang: LangOption = "fr", as_json: JsonOption = False) -> None:
    """What this machine has and lacks: Python, libraries, browser, Java, the office."""
    from workbench.pipeline.doctor import examine

    rows = [{**row, "state": sentence(row["state"], lang)} for row in examine(office)]
    print_rows(rows, as_json)
