"""Mirrors pipeline/plan_log.py: what several plans made together tell of is said once, with the dates it is of."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from workbench.cli import app
from workbench.pipeline import plan_log
from workbench.pipeline.plan_log import LoggedPlan, told_once
from workbench.schemas.checking import Problem

DAYS = (date(2024, 12, 17), date(2024, 12, 24), date(2024, 12, 31))


def gap(account: str, start: str = "01/03/2024", end: str = "05/03/2024") -> Problem:
    values = {"account_number": account, "currency_code": "MAD", "start": start, "end": end, "amount": "10.00 MAD"}
    return Problem("history_gap", "warning", values, table_name="statement_days", row_key=account)


def maturities(count: int, until: str) -> Problem:
    values = {"currency_code": "MAD", "count": count, "amount": f"{count}.00 MAD", "until": until}
    return Problem("maturities_not_renewed", "noted", values, table_name="placements")


def logged(day: date, *problems: Problem, currency: str = "MAD") -> LoggedPlan:
    return LoggedPlan(f"plan-{day}-{currency}", day, currency, "imp-1", 0, 0, 0, day, problems, True)


def plans() -> list[LoggedPlan]:
    return [
        logged(DAYS[0], gap("A"), maturities(1, "31/12/2025")),
        logged(DAYS[1], gap("A"), gap("B"), maturities(2, "31/12/2025")),
        logged(DAYS[2], gap("A"), gap("A", "02/12/2024", "04/12/2024"), gap("B"), maturities(3, "31/12/2025")),
        logged(DAYS[2], gap("A"), currency="EUR"),
    ]


def test_a_problem_of_several_plans_is_told_once_with_their_dates_and_its_last_figures() -> None:
    once = told_once(plans())
    told = [(each.problem.code, each.problem.row_key, each.as_of) for each in once]
    assert told == [
        ("history_gap", "A", DAYS),
        ("maturities_not_renewed", None, DAYS),
        ("history_gap", "B", DAYS[1:]),
        ("history_gap", "A", DAYS[2:]),
    ]
    assert once[1].problem.values["count"] == 3
    assert told_once(list(reversed(plans()))) == once


def test_two_gaps_or_two_currencies_are_two_problems_and_nothing_is_lost() -> None:
    other = Problem(
        "history_gap", "warning", {**gap("A").values, "currency_code": "EUR"}, table_name="statement_days", row_key="A"
    )
    once = told_once([logged(DAYS[0], gap("A"), other, gap("A", "02/12/2024", "04/12/2024"))])
    assert len(once) == 3
    assert told_once([]) == []


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "Told of 3 dates of plans, 2024-12-17 to 2024-12-31"), ("fr", "Dit de 3 dates de plan")]
)
def test_the_command_says_it_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lang: str, words: str) -> None:
    def made(*_: Any, **__: Any) -> tuple[str, list[LoggedPlan]]:
        return "imp-2", plans()

    monkeypatch.setattr(plan_log, "log_plans", made)
    shown = CliRunner().invoke(app, ["plan", "--office", str(tmp_path), "--origins", "3", "--lang", lang])
    assert shown.exit_code == 0
    assert shown.stderr.count("A: the balance moved" if lang == "en" else "Compte A :") == 2  # two gaps of A, each once
    assert shown.stderr.count(words) == 2  # the gap of A, and the placements
    assert "3 placement" in shown.stderr
    assert "2 placement" not in shown.stderr
