"""Mirrors pipeline/plan_log.py: what a plan is logged as, and what several plans made together tell of."""

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.pipeline.changed_office import typed
from workbench import cash, store
from workbench.cli import app
from workbench.frames import to_pandas
from workbench.pipeline import cash_outlook, plan_log
from workbench.pipeline.cash_plan import plan_of
from workbench.pipeline.plan_log import LoggedPlan, log_plans, told_once
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


NEWEST = date(2023, 2, 28)  # the last day of the small office
NOW = datetime(2023, 3, 1, 6, 0, tzinfo=UTC)


def with_paths(count: int) -> Any:
    """Plans of few paths: another count makes another plan of the same books, as other reference rules would."""

    def made(*given: Any, **more: Any) -> Any:
        return plan_of(*given, **more, paths=count)

    return made


def one_more_day(folder: Path) -> None:
    """A statement of a later day, as a later import brings it."""
    with store.writer(folder, kind="import", actor="t") as writer:
        rows = to_pandas(writer.read("statement_days").filter(f"not is_superseded and day_date = DATE '{NEWEST}'"))
        later = rows.head(1).assign(day_date=NEWEST + timedelta(days=1), import_id=writer.import_id)
        writer.append("statement_days", typed(later, "statement_days"))


def test_what_was_logged_at_the_time_cannot_be_said_again(
    small_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "office"
    shutil.copytree(small_folder, folder)
    known = store.open_office(folder).import_id

    def log(paths: int, hours: int, **more: Any) -> str:
        monkeypatch.setattr(plan_log, "plan_of", with_paths(paths))
        more = {"receivables": False, "currencies": ("MAD",), **more}
        _, (told,) = log_plans(folder, NOW + timedelta(hours=hours), "t", NEWEST, **more)
        return told.plan_id

    only_try = log(10, 0)
    official = log(11, 1, receivables=True)
    again_at_the_time = log(12, 2, receivables=True)
    one_more_day(folder)
    replayed = log(13, 48, receivables=True, known_on=known)
    tried = log(14, 49, known_on=known)
    of_newer_books = log(15, 50, receivables=True)
    rows = to_pandas(store.open_office(folder)["forecasts"])
    plans = rows.drop_duplicates("plan_id").set_index("plan_id")
    marks = {name: (bool(row["is_made_again"]), bool(row["is_try"])) for name, row in plans.iterrows()}
    assert marks == {
        only_try: (False, True),
        official: (False, False),
        again_at_the_time: (False, False),
        replayed: (True, False),
        tried: (True, True),
        of_newer_books: (True, False),
    }
    assert set(cash.one_plan_an_origin(rows)["plan_id"]) == {official}
    judged = cash_outlook._logged(store.open_office(folder)["forecasts"], NEWEST + timedelta(days=7), "MAD")
    assert set(judged["plan_id"]) == {official}
