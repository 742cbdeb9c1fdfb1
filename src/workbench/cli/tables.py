"""Commands on the tables of an office: what it holds, questions to it, its history and upkeep."""

from typing import Annotated

import typer

from workbench.cli.options import JsonOption, KnownOption, LangOption, OfficeOption
from workbench.reporting.console import print_json, print_rows, rows_of, say, show_problems

commands = typer.Typer()


@commands.command(epilog="Example: workbench tables --office data/office/demo --known-on imp-00001")
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


@commands.command(
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


@commands.command(epilog="Example: workbench history --office data/office/demo")
def history(office: OfficeOption = None, lang: LangOption = "fr", as_json: JsonOption = False) -> None:
    """The imports of the office, newest last: when, by whom, and the versions they made."""
    from workbench import store
    from workbench.pipeline.project import find_project

    print_rows(rows_of(store.history(find_project().office(office))), as_json, hidden=("table_versions",))


@commands.command(epilog="Example: workbench verify --office data/office/demo")
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


@commands.command(epilog="Example: workbench compact --office data/office/demo")
def compact(office: OfficeOption = None, lang: LangOption = "fr", as_json: JsonOption = False) -> None:
    """Keep the files of the store few; every past state stays readable."""
    from workbench import store
    from workbench.pipeline.project import find_project

    saved = store.compact(find_project().office(office))
    if as_json:
        print_json({"files_saved": saved})
    else:
        say("compacted", lang, count=sum(saved.values()))


@commands.command(epilog="Example: workbench vacuum --office data/office/demo")
def vacuum(office: OfficeOption = None, lang: LangOption = "fr", as_json: JsonOption = False) -> None:
    """Delete the files that no import names (a killed import leaves some); every past state stays readable."""
    from workbench import store
    from workbench.pipeline.project import find_project

    freed = store.vacuum(find_project().office(office))
    if as_json:
        print_json({"bytes_freed": freed})
    else:
        say("vacuumed", lang, count=sum(freed.values()) // 1000)
