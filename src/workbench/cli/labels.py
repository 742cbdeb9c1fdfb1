"""The command on labels that no rule knows: a file to fill in, and the rules of what a person accepted."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.options import JsonOption, KnownOption, LangOption, OfficeOption, day_given, day_shown
from workbench.errors import WrongUse
from workbench.reporting.console import print_json, print_rows, say, show_problems

commands = typer.Typer()


@commands.command(epilog="Example: workbench labels --office data/office/demo")
def labels(
    office: OfficeOption = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="Lines booked by then; default: the last day booked.")
    ] = None,
    known_on: KnownOption = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write them to a CSV for a person to fill in.")
    ] = None,
    accept: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Make rules of the rows that name a line_code and who accepted it."),
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The rules; default: data/reference/flow_rules.csv.")
    ] = None,
    lang: LangOption = "fr",
    as_json: JsonOption = False,
) -> None:
    """Labels of bank lines that no rule puts on a line of the plan, with amounts and what each is most like.

    Nothing is classified by likeness: fill in the file of --out, then give it to --accept. Ends with 3 where a row was refused.
    """
    if accept is not None and out is not None:
        raise WrongUse("give --out or --accept, one of them")
    if accept is not None:
        _accept(accept, rules, lang, as_json)
        return
    _list(office, as_of, known_on, out, rules, lang, as_json)


def _list(
    office: Path | None,
    as_of: str | None,
    known_on: str | None,
    out: Path | None,
    rules: Path | None,
    lang: str,
    as_json: bool,
) -> None:
    from workbench import cash, store
    from workbench.pipeline.flow_history import new_labels
    from workbench.pipeline.project import find_project, instant_or_import
    from workbench.pipeline.runs import newest_day

    folder = find_project().office(office)
    day = newest_day(folder, known_on) if as_of is None else day_given(as_of)
    found = new_labels(store.open_office(folder, instant_or_import(known_on)), day, cash.load_rules(rules))
    if out is not None:
        cash.write_labels(found, out)
        say("labels_written", lang, count=len(found), page=out)
    elif found.empty and not as_json:
        say("labels_none", lang, as_of=day_shown(day, lang))
    else:
        print_rows([_shown(row) for row in found.to_dict("records")], as_json, hidden=("example",))


def _shown(row: Any) -> dict[str, Any]:
    """A row for a person or a program: dates as text, nulls as nothing."""
    plain = {name: None if value is None or value != value else value for name, value in row.items()}
    return {**plain, "first_date": str(row["first_date"].date()), "last_date": str(row["last_date"].date())}


def _accept(filled: Path, rules: Path | None, lang: str, as_json: bool) -> None:
    from workbench import cash
    from workbench.standards.values import reference_folder

    if not filled.is_file():
        raise WrongUse("no such file or folder", where=str(filled))
    target = rules or reference_folder() / cash.RULES_FILE
    done = cash.accept_labels(filled, target, cash.load_lines(), datetime.now(UTC).date())
    if as_json:
        told = [{"code": p.code, "where": p.where, "message": p.message(lang)} for p in done.problems]
        counts = {"known": done.known_count, "left_empty": done.empty_count}
        print_json({"rules": [rule.rule_id for rule in done.rules], **counts, "problems": told})
    else:
        counts = {"known": done.known_count, "empty": done.empty_count, "refused": len(done.problems)}
        say("labels_accepted", lang, count=len(done.rules), page=target, **counts)
        show_problems(done.problems, lang)
    raise typer.Exit(3 if done.problems else 0)
