"""What a plan to be logged rests on badly: old books, statements of days to come, a register that did not come in. Told by the command, beside the plan."""

from datetime import date
from typing import Any

from workbench.errors import Unanswerable
from workbench.pipeline.runs import newest_by
from workbench.schemas.checking import Problem
from workbench.standards import BankDays, value_on

REGISTER = "register_overrides"  # the profile that reads what people add to plans


def refuse_beyond_books(newest: date, as_of: date, bank_days: BankDays) -> None:
    """Raise `Unanswerable` where a plan is asked for so long after the last day told that it would be one of old books under a new date."""
    limit = int(value_on("plan_ahead_days", newest).value)
    if as_of > newest and as_of > bank_days.add(newest, limit):
        raise Unanswerable(
            f"{as_of.isoformat()} is over {limit} bank days after {newest.isoformat()}, the last day that a statement closes",
            "cash plan",
            "import the statements since, or ask for an earlier date",
        )


def of_old_books(office: Any, as_of: date, today: date | None, bank_days: BankDays) -> list[Problem]:
    """The newest statement is older than a statement may be (`default_statement_lag_days`) on the day asked for: `as_of`, or `today`
    where neither a day nor a past state of the books was."""
    asked = today or as_of
    try:
        newest = newest_by(office, until=asked)
    except Unanswerable:  # none is known by then: the plan itself says so
        return []
    limit = int(value_on("default_statement_lag_days", newest).value)
    if asked <= newest or asked <= bank_days.add(newest, limit):
        return []
    values = {"newest": _day(newest), "limit": limit, "asked": _day(asked), "as_of": _day(as_of)}
    return [Problem("books_old", "warning", values, table_name="statement_days", column_name="day_date")]


def of_booked_ahead(booked: date, newest: date, as_of: date) -> list[Problem]:
    """Statements bear days after the one on which the plan is made: `booked` is the last of all, `newest` the last that may be."""
    if booked <= newest:
        return []
    values = {"newest": _day(booked), "as_of": _day(as_of)}
    return [Problem("booked_ahead", "warning", values, table_name="statement_days", column_name="day_date")]


def of_refused_register(office: Any) -> list[Problem]:
    """The last import of the register of overrides left out one of its files: what people typed there is in no plan."""
    files = office["import_files"].filter(f"profile_name = '{REGISTER}'")
    rows = files.project("import_id, file_name, file_status_code").fetchall()
    if not rows:
        return []
    last = max(import_id for import_id, _, _ in rows)
    refused = sorted({name for import_id, name, status in rows if (import_id, status) == (last, "refused")})
    told = office["problems"].filter(f"import_id = '{last}' AND severity_code = 'refused'")
    found = told.project("file_name, line_number, row_key").distinct().fetchall()
    lines = {name: {row[1:] for row in found if row[0] == name} for name in refused}
    return [
        Problem(
            "overrides_not_imported",
            "refused",
            {"file": name, "count": len(lines[name]), "import_id": last},
            name,
            table_name="overrides",
        )
        for name in refused
    ]


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
