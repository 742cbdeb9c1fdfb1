"""The command that makes cash plans and logs what they say."""

import getpass
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer

from workbench.cli.options import JsonOption, KnownOption, LangOption, OfficeOption
from workbench.errors import WrongUse
from workbench.reporting.console import print_json, progress, say, sentence, show_problems

commands = typer.Typer()


@commands.command(epilog="Example: workbench plan --office data/office/demo --as-of 2024-12-31")
def plan(
    office: OfficeOption = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="Date of the plan; default: the last day booked.")
    ] = None,
    origins: Annotated[
        int, typer.Option(min=1, max=520, help="Plans to make: that date, and the same day of weeks before.")
    ] = 1,
    currency: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Only these currencies; default: all that are held.")
    ] = None,
    receivables: Annotated[
        bool, typer.Option(help="Let what receivables tell race against the calendar alone.")
    ] = True,
    known_on: KnownOption = None,
    lang: LangOption = "fr",
    as_json: JsonOption = False,
) -> None:
    """Make the cash plan (13 weeks by day, 12 months) and log it; the same plan is logged once. Ends with 3 where an override was refused."""
    from workbench.pipeline.plan_log import log_plans
    from workbench.pipeline.project import find_project

    day = None if as_of is None else _day(as_of)
    with progress(sentence("planning", lang)) as told:
        import_id, plans = log_plans(
            find_project().office(office), datetime.now(UTC), getpass.getuser(), day, origins, known_on, receivables,
            currency or (), told,
        )  # fmt: skip
    problems: list[Any] = [problem for each in plans for problem in each.problems]
    is_refused = any(problem.severity == "refused" for problem in problems)
    if as_json:
        rows = [{**asdict(each), "problems": [p.message(lang) for p in each.problems]} for each in plans]
        print_json({"import": import_id, "plans": rows})
    else:
        for each in plans:
            _show(each, lang)
        show_problems(problems, lang)
    raise typer.Exit(3 if is_refused else 0)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongUse(f"{text!r} is not a date", where="--as-of", remedy="write it 2024-12-31") from None


def _show(plan: Any, lang: str) -> None:
    key = "plan_logged" if plan.is_new else "plan_known"
    say(key, lang, plan_id=plan.plan_id, as_of=plan.as_of.isoformat(), currency=plan.currency_code)
    if plan.closing_centimes is not None:
        amounts = {name: _units(getattr(plan, f"{name}_centimes")) for name in ("opening", "closing", "lowest")}
        say("plan_balances", lang, lowest_date=plan.lowest_date.isoformat(), currency=plan.currency_code, **amounts)


def _units(centimes: int) -> str:
    """Whole units with spaces between thousands: a summary, not a statement."""
    sign = "-" if centimes < 0 else ""
    return sign + f"{(abs(centimes) + 50) // 100:,}".replace(",", " ")
