"""Commands that bring files in: a made-up office, imports, checks."""

import getpass
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.options import JsonOption, LangOption, OfficeOption, PathsArgument, ProfileOption, ProfilesOption
from workbench.errors import WrongUse
from workbench.reporting.console import print_json, progress, say, sentence, show_problems

commands = typer.Typer()


@commands.command(epilog="Example: workbench demo --office data/office/try --customers 200 --months 6 --seed 1")
def demo(
    office: OfficeOption = None,
    customers: Annotated[int, typer.Option(min=1, max=20_000_000)] = 50_000,
    months: Annotated[int, typer.Option(min=1, max=600)] = 36,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    lang: LangOption = "fr",
    as_json: JsonOption = False,
) -> None:
    """Write the files of a made-up office, as its senders would (synthetic data)."""
    from workbench.demo import make_office
    from workbench.pipeline.project import find_project

    folder = find_project().office(office)
    with progress("demo") as told:
        make_office(folder, customers=customers, months=months, seed=seed, progress=told)
    count = sum(path.is_file() for path in (folder / "inbox").rglob("*"))
    if as_json:
        print_json({"office": folder, "files": count, "customers": customers, "months": months, "seed": seed})
        return
    say("demo_made", lang, folder=folder, files=count, customers=f"{customers:,}".replace(",", " "), months=months)
    if customers < 50_000 or months < 36:
        say("demo_smaller", lang)


@commands.command(
    "import", epilog="Example: workbench import data/office/demo/inbox/SIC_CLIENTS.csv --office data/office/demo --json"
)
def import_(
    paths: PathsArgument = None,
    office: OfficeOption = None,
    profiles: ProfilesOption = None,
    profile: ProfileOption = None,
    accept_unbalanced: Annotated[
        str | None,
        typer.Option(metavar="REASON", help="Book statements that do not balance; the reason and you are recorded."),
    ] = None,
    replace: Annotated[
        str | None, typer.Option(metavar="REASON", help="Let a version that contradicts a booked day supersede it.")
    ] = None,
    require_registered: Annotated[bool, typer.Option(help="Refuse accounts that no alias or register knows.")] = False,
    lang: LangOption = "fr",
    as_json: JsonOption = False,
) -> None:
    """Import files: checked, proven, and stored all or nothing. Ends with 3 where something was refused."""
    from workbench.pipeline.importing import import_files
    from workbench.pipeline.project import find_project

    for name, reason in (("--accept-unbalanced", accept_unbalanced), ("--replace", replace)):
        if reason is not None and not reason.strip():
            raise WrongUse("a reason is needed", where=name)
    project = find_project()
    folder = project.office(office)
    found = _files(paths, folder, lang)
    known = _profiles(profiles or project.profiles, profile)
    with progress(sentence("reading", lang)) as told:
        rules = (accept_unbalanced, replace, require_registered)
        report = import_files(folder, found, known, getpass.getuser(), *rules, progress=told, again=_named(paths))
    if as_json:
        print_json(report.as_json())
    else:
        _show_import(report, lang)
    raise typer.Exit(report.exit_code)


def _named(paths: list[Path] | None) -> bool:
    return bool(paths) and all(path.is_file() for path in paths or [])


def _profiles(folder: Path, name: str | None) -> Mapping[str, Any]:
    """The profiles of a folder; where one is named, that one alone, for every file."""
    from workbench.intake.profiles import load_profiles

    known = load_profiles(folder)
    if name is None:
        return known
    if name not in known:
        raise WrongUse(f"there is no profile {name!r}", where="--profile", remedy=f"known: {', '.join(known)}")
    return {name: known[name].model_copy(update={"files": ("*",)})}


def _files(paths: Sequence[Path] | None, office: Path, lang: str) -> list[Path]:
    found: list[Path] = []
    for path in paths or [office / "inbox"]:
        if paths and not path.exists():
            raise WrongUse("no such file or folder", where=str(path))
        inside = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
        found += inside if path.is_dir() else [path] if path.exists() else []
    if not found:
        where = ", ".join(map(str, paths or [office / "inbox"]))
        raise WrongUse(sentence("nothing_to_import", lang, folder=where))
    return list(dict.fromkeys(found))


def _show_import(report: Any, lang: str) -> None:
    counts = dict.fromkeys(("booked", "extended", "interim", "unchanged", "refused", "held"), 0)
    for row in report.statements:
        counts[row["status"]] = counts.get(row["status"], 0) + 1
    values = {"unchanged": counts["unchanged"], "refused": report.refused_count}
    if report.row_counts:
        booked = counts["booked"] + counts["extended"] + counts["interim"]
        rows = sum(report.row_counts.values())
        say("imported", lang, import_id=report.import_id, booked=booked, rows=rows, **values)
    else:
        say("imported_nothing", lang, **values)
    show_problems(report.problems, lang)


@commands.command(epilog="Example: workbench check data/office/demo/inbox/SIC_CLIENTS.csv")
def check(
    paths: PathsArgument = None,
    office: OfficeOption = None,
    profiles: ProfilesOption = None,
    profile: ProfileOption = None,
    lang: LangOption = "fr",
    as_json: JsonOption = False,
) -> None:
    """Read files and say what is wrong with them; nothing is stored. Ends with 3 where something would be refused."""
    from workbench.pipeline.project import find_project
    from workbench.pipeline.reading_only import check_files

    project = find_project()
    found = _files(paths, project.office(office), lang)
    problems = check_files(found, _profiles(profiles or project.profiles, profile))
    refused = any(problem.severity in ("refused", "held") for problem in problems)
    if as_json:
        told = [
            {"code": p.code, "severity": p.severity, "where": p.where, "message": p.message(lang)} for p in problems
        ]
        print_json({"files": len(found), "problems": told})
    else:
        say("checked", lang, files=len(found), problems=len(problems))
        show_problems(problems, lang)
    raise typer.Exit(3 if refused else 0)
