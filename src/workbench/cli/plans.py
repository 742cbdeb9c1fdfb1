"""The commands on cash plans: made and logged, and a scenario tried on one."""

import getpass
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.options import (
    JsonOption,
    KnownOption,
    LangOption,
    OfficeOption,
    PlanDayOption,
    ReceivablesOption,
    day_given,
    day_shown,
)
from workbench.reporting.console import print_json, print_rows, printable, progress, say, sentence, show_problems
from workbench.reporting.words import written

commands = typer.Typer()


@commands.command(epilog="Example: workbench plan --office data/office/demo --as-of 2022-01-31")
def plan(
    office: OfficeOption = None,
    as_of: PlanDayOption = None,
    origins: Annotated[
        int, typer.Option(min=1, max=520, help="Plans to make: that date, and the same day of weeks before.")
    ] = 1,
    currency: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Only these currencies; default: all that are held.")
    ] = None,
    receivables: ReceivablesOption = True,
    known_on: KnownOption = None,
    lang: LangOption = "fr",
    as_json: JsonOption = False,
) -> None:
    """Make the cash plan (13 weeks by day, 12 months) and log it; the same plan is logged once. Ends with 3 where an override was refused."""
    from workbench.pipeline.plan_log import log_plans, told_once
    from workbench.pipeline.project import find_project

    day = None if as_of is None else day_given(as_of)
    with progress(sentence("planning", lang)) as told:
        import_id, plans = log_plans(
            find_project().office(office), datetime.now(UTC), getpass.getuser(), day, origins, known_on, receivables,
            currency or (), told,
        )  # fmt: skip
    problems: list[Any] = [problem for each in plans for problem in each.problems]
    is_refused = any(problem.severity == "refused" for problem in problems)
    if as_json:
        rows = [
            {**asdict(each), "problems": [{"severity": p.severity, "message": p.message(lang)} for p in each.problems]}
            for each in plans
        ]
        print_json({"import": import_id, "plans": rows})
    else:
        for each in plans:
            _show(each, lang)
        once = told_once(plans)
        show_problems([each.problem for each in once], lang, [_of_plans(each.as_of, lang) for each in once])
    raise typer.Exit(3 if is_refused else 0)


def _of_plans(days: Sequence[date], lang: str) -> str:
    """Of how many dates of plans a problem is told, where it is of several."""
    if len(days) < 2:
        return ""
    first, last = day_shown(days[0], lang), day_shown(days[-1], lang)
    return sentence("problem_of_plans", lang, count=len(days), first=first, last=last)


def _show(plan: Any, lang: str) -> None:
    key = "plan_logged" if plan.is_new else "plan_known"
    say(key, lang, plan_id=plan.plan_id, as_of=day_shown(plan.as_of, lang), currency=plan.currency_code)
    if plan.closing_centimes is not None:
        amounts = {
            name: written(getattr(plan, f"{name}_centimes") / 100, "count", lang)
            for name in ("opening", "closing", "lowest")
        }
        say(
            "plan_balances", lang, lowest_date=day_shown(plan.lowest_date, lang), currency=plan.currency_code, **amounts
        )


@commands.command(
    epilog="Example: workbench scenario data/reference/scenarios/state_60_days_late.toml --office data/office/demo"
)
def scenario(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A scenario as TOML: see docs/methods/scenarios.md.")],
    office: OfficeOption = None,
    as_of: PlanDayOption = None,
    currency: Annotated[str, typer.Option(metavar="CODE", help="Currency of the plan.")] = "MAD",
    receivables: ReceivablesOption = True,
    known_on: KnownOption = None,
    lang: LangOption = "fr",
    as_json: JsonOption = False,
) -> None:
    """Check a scenario and compare it with the plan: low point, its day, total of 13 weeks, what each step moved; nothing is stored.

    To have it on the page, put the file in the folder `scenarios` of the office. Ends with 3 where a step could not be done.
    """
    from workbench.pipeline.plan_scenarios import try_scenario
    from workbench.pipeline.project import find_project

    day = None if as_of is None else day_given(as_of)
    with progress(sentence("planning", lang)):
        tried = try_scenario(find_project().office(office), file, day, known_on, receivables, currency)
    code = tried.scenario.code
    if as_json:
        days = {"as_of": tried.plan.as_of.isoformat(), "until": tried.plan.daily_until.isoformat()}
        labels = tried.compared.labels[code]
        told = {
            "scenario": code,
            "labels": labels,
            "source": tried.scenario.source_in(lang),
            "status": tried.scenario.status,
        }
        print_json(
            told
            | days
            | {"currency": currency, "sums": _records(tried.compared.sums), "steps": _records(tried.compared.steps)}
        )
    else:
        _show_scenario(tried, lang)
    raise typer.Exit(0 if set(tried.compared.steps["told_code"]) == {"done"} else 3)


def _records(table: Any) -> list[dict[str, Any]]:
    """Rows as plain values: days as text, what is null as nothing."""
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return [
        {name: str(value.date()) if hasattr(value, "date") else value for name, value in row.items()} for row in rows
    ]


def _show_scenario(tried: Any, lang: str) -> None:
    plan, compared, code = tried.plan, tried.compared, tried.scenario.code
    say(
        "scenario_of",
        lang,
        label=printable(compared.labels[code][lang]),
        source=printable(tried.scenario.source_in(lang)),
    )
    say(f"scenario_{tried.scenario.status}", lang)
    say(
        "scenario_plan",
        lang,
        as_of=day_shown(plan.as_of, lang),
        until=day_shown(plan.daily_until, lang),
        currency=plan.currency_code,
    )
    word = {name: sentence(f"scenario_{name}", lang) for name in ("row", "low", "date", "total", "passed")}
    rows = [
        {
            word["row"]: sentence("scenario_row_plan", lang) if row["scenario_code"] == "plan" else code,
            word["low"]: written(row["low_centimes"], "mad", lang),
            word["date"]: None if row["low_date"] is None else day_shown(date.fromisoformat(row["low_date"]), lang),
            word["total"]: written(row["total_centimes"], "mad", lang),
            word["passed"]: None if row["passed_share"] is None else written(row["passed_share"], "pct", lang),
        }
        for row in _records(compared.sums)
    ]
    print_rows(rows, as_json=False)
    for step in _records(compared.steps):
        amounts = {name: written(step[f"{name}_centimes"], "mad", lang) for name in ("moved", "beyond", "added")}
        about = f" {printable(step['about'])}" if step["about"] else ""
        told = {"number": step["step_count"], "kind": step["kind_code"], "about": about}
        say(f"scenario_step_{step['told_code']}", lang, **told, **amounts)
