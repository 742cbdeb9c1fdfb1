"""The command line: one command a verb, no logic. Exit codes: 0 done, 1 failed, 2 wrong use, 3 done with refusals."""

import getpass
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.errors import WorkbenchError, WrongUse
from workbench.reporting.console import ended, print_json, print_rows, progress, rows_of, say, sentence, show_problems

CODES = "Exit codes: 0 done, 1 failed, 2 wrong use, 3 done with refusals."

app = typer.Typer(
    name="workbench",
    help=f"Workbench of the treasury and recovery services: files in, checked tables, reports out.\n\n{CODES}",
    epilog="Example: workbench demo --office data/office/try --customers 200 --months 6",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
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
ParameterOption = Annotated[
    list[str] | None,
    typer.Option("-p", "--parameter", metavar="NAME=VALUE", help="A parameter of the report; repeat it."),
]


def main() -> None:
    """Run a command; a refusal is one calm message and an exit code."""
    try:
        app()
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except (WorkbenchError, KeyboardInterrupt, OSError) as error:
        typer.echo(f"workbench: {ended(error, sys.argv)}", err=True)
        sys.exit(getattr(error, "exit_code", 1))


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


# ── the office


@app.command(epilog="Example: workbench demo --office data/office/try --customers 200 --months 6 --seed 1")
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


@app.command(
    "import", epilog="Example: workbench import data/office/demo/inbox/SIC_CLIENTS.csv --office data/office/demo --json"
)
def import_(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files or folders; default: the inbox of the office.")
    ] = None,
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


@app.command(epilog="Example: workbench check data/office/demo/inbox/SIC_CLIENTS.csv")
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files or folders; default: the inbox of the office.")
    ] = None,
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


@app.command(epilog="Example: workbench tables --office data/office/demo --known-on imp-00001")
def tables(
    office: OfficeOption = None, known_on: KnownOption = None, lang: LangOption = "fr", as_json: JsonOption = False
) -> None:
    """The tables of the office, with their versions and numbers of rows."""
    from workbench import store
    from workbench.pipeline.project import find_project, instant_or_import
    from workbench.schemas.tables import TABLES

    opened = store.open_office(find_project().office(office), instant_or_import(known_on))
    rows = [
        {
            "table": name,
            "version": opened.versions.get(name),
            "rows": opened[name].aggregate("count(*)").fetchall()[0][0],
        }
        for name in sorted(TABLES)
    ]
    print_rows(rows, as_json)


@app.command(
    epilog='Example: workbench query "SELECT currency_code, count(*) FROM statements GROUP BY ALL" --office data/office/demo'
)
def query(
    select: Annotated[str, typer.Argument(help="One SELECT over the tables of the office.")],
    office: OfficeOption = None, known_on: KnownOption = None, lang: LangOption = "fr", as_json: JsonOption = False,
    deadline: Annotated[float, typer.Option(min=0.1, metavar="SECONDS", help="Give up after that long.")] = 300.0,
) -> None:  # fmt: skip
    """Ask the tables with one SELECT; it can neither write nor read another file."""
    from workbench import store
    from workbench.pipeline.project import find_project, instant_or_import

    answer = store.query(find_project().office(office), select, instant_or_import(known_on), deadline)
    print_rows(rows_of(answer), as_json)


@app.command(epilog="Example: workbench history --office data/office/demo")
def history(office: OfficeOption = None, lang: LangOption = "fr", as_json: JsonOption = False) -> None:
    """The imports of the office, newest last: when, by whom, and the versions they made."""
    from workbench import store
    from workbench.pipeline.project import find_project

    print_rows(rows_of(store.history(find_project().office(office))), as_json, hidden=("table_versions",))


@app.command(epilog="Example: workbench verify --office data/office/demo")
def verify(office: OfficeOption = None, lang: LangOption = "fr", as_json: JsonOption = False) -> None:
    """Re-hash the files of the store and prove every balance again. Ends with 1 where something does not hold."""
    from workbench import store
    from workbench.pipeline.project import find_project

    problems = store.verify(find_project().office(office))
    faults = sum(problem.severity != "noted" for problem in problems)
    if as_json:
        print_json([{"code": p.code, "where": p.where, "message": p.message(lang)} for p in problems])
    else:
        say("not_verified" if faults else "verified", lang, count=faults)
        show_problems(problems, lang)
    raise typer.Exit(1 if faults else 0)


@app.command(epilog="Example: workbench compact --office data/office/demo")
def compact(office: OfficeOption = None, lang: LangOption = "fr", as_json: JsonOption = False) -> None:
    """Keep the files of the store few; every past state stays readable."""
    from workbench import store
    from workbench.pipeline.project import find_project

    saved = store.compact(find_project().office(office))
    if as_json:
        print_json({"files_saved": saved})
    else:
        say("compacted", lang, count=sum(saved.values()))


@app.command(epilog="Example: workbench vacuum --office data/office/demo")
def vacuum(office: OfficeOption = None, lang: LangOption = "fr", as_json: JsonOption = False) -> None:
    """Delete the files that no import names (a killed import leaves some); every past state stays readable."""
    from workbench import store
    from workbench.pipeline.project import find_project

    freed = store.vacuum(find_project().office(office))
    if as_json:
        print_json({"bytes_freed": freed})
    else:
        say("vacuumed", lang, count=sum(freed.values()) // 1000)


# ── reports


@app.command(epilog="Example: workbench run recovery/unpaid --office data/office/demo -p lang=en")
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


@app.command("list", epilog="Example: workbench list --json")
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


@app.command(epilog="Example: workbench params recovery/unpaid")
def params(
    name: Annotated[str, typer.Argument(help="A report.")], lang: LangOption = "fr", as_json: JsonOption = False
) -> None:
    """The parameters of a report: type, default, meaning, limits."""
    from workbench.pipeline.project import find_project
    from workbench.reporting.parameters import read_parameters
    from workbench.reporting.runner import notebook_of

    declared = read_parameters(notebook_of(name, find_project().root)).values()
    rows = [
        {"name": p.name, "type": p.type_name, "default": p.default, "meaning": p.meaning, "limits": p.limits}
        for p in declared
    ]
    print_rows(rows, as_json)


@app.command(epilog="Example: workbench glossary")
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


@app.command(epilog="Example: workbench doctor --office data/office/demo")
def doctor(office: OfficeOption = None, lang: LangOption = "fr", as_json: JsonOption = False) -> None:
    """What this machine has and lacks: Python, libraries, browser, Java, the office."""
    from workbench.pipeline.doctor import examine

    rows = [{**row, "state": sentence(row["state"], lang)} for row in examine(office)]
    print_rows(rows, as_json)
