"""The bank ledger of the store: booked days read as `intake.booking` wants them, and a booking written as rows."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from workbench.intake.booking import AccountKey, Booking, Day, Ledger, Outcome
from workbench.intake.pages import Line, Statement
from workbench.schemas.tables import TABLES


def booked_days(writer: Any, statements: Sequence[Statement]) -> Ledger:
    """The live days of the accounts that the statements speak of, with the lines of the days they may touch."""
    ids = {
        row[0]: row[1] for row in writer.read("statements").project("statement_id, statement_status_code").fetchall()
    }
    days: dict[AccountKey, dict[date, Day]] = defaultdict(dict)
    accounts = {statement.account for statement in statements}
    live = "not is_superseded"
    columns = "account_identifier, currency_code, day_date, opening_centimes, closing_centimes, day_version"
    for identifier, currency, day, opening, closing, version in (
        writer.read("statement_days").filter(live).project(columns).fetchall()
    ):
        if (identifier, currency) in accounts:
            days[identifier, currency][day] = Day(opening, closing, Counter(), version)
    names = ", ".join(Line._fields)
    columns = f"account_identifier, currency_code, day_date, {names}"
    lines = writer.read("bank_transactions").filter("not is_superseded and not is_interim").project(columns)
    for identifier, currency, day, *values in lines.fetchall() if days else []:
        if (identifier, currency) in accounts:
            booked = days[identifier, currency][day]
            booked.lines.append(Line(*values))
            booked.canonical[booked.lines[-1].canonical] += 1
    return Ledger(days, ids)


def write(writer: Any, booking: Booking, ledger: Ledger, actor: str, note: str | None) -> dict[str, int]:
    """Write a booking into the ledger of the store, inside the commit of `writer`; the rows added, by table.

    New versions of days are appended with their lines, days that they replace are marked as superseded, and a statement has a row where its status
    changed. `ledger` is the one that the booking was made on (`booked_days`); `actor` and `note` say who let in a statement that does not balance,
    and why. Amounts are centimes. Nothing is there before the writer commits.
    """
    import_id = writer.import_id
    day_rows: list[dict[str, Any]] = []
    line_rows: list[dict[str, Any]] = []
    for ((identifier, currency), day), version in sorted(booking.new_days.items(), key=lambda item: item[0]):
        assert version.statement is not None  # a new day always comes from a statement
        common = {
            "account_identifier": identifier,
            "currency_code": currency,
            "format_code": version.statement.format_code,
            "day_date": day,
            "day_version": version.version,
            "statement_id": version.statement.statement_id,
            "is_superseded": False,
            "import_id": import_id,
        }
        balances = {"opening_centimes": version.opening, "closing_centimes": version.closing}
        day_rows.append(common | balances | {"movement_count": len(version.lines)})
        line_rows += _line_rows(version.lines, common, day, is_interim=False)
    for statement in booking.interim:
        line_rows += _line_rows(
            statement.lines, _interim_row(statement, import_id), statement.closing_date, is_interim=True
        )
    if booking.superseded:
        keys = [
            {"account_identifier": a, "currency_code": c, "day_date": d} for (a, c), d in sorted(booking.superseded)
        ]
        for name in ("statement_days", "bank_transactions"):
            writer.supersede(name, keys)
    seen = dict(ledger.statement_ids)
    statement_rows = []
    for outcome in booking.outcomes:
        row = _statement_row(outcome, import_id, actor, note)
        before = seen.get(row["statement_id"])
        if before in ("booked", "extended", "interim") and outcome.status in ("refused", "held"):
            continue  # what it brought stays in the ledger, so its row goes on saying so: the problem is told beside it
        if outcome.status not in ("unchanged", before):
            seen[row["statement_id"]] = outcome.status
            statement_rows.append(row)
    counts = {}
    for name, rows in (("statement_days", day_rows), ("bank_transactions", line_rows), ("statements", statement_rows)):
        if rows:
            add = writer.replace if name == "statements" else writer.append
            add(name, pa.Table.from_pylist(rows, schema=TABLES[name].arrow))
        counts[name] = len(rows)
    return counts


def _interim_row(statement: Statement, import_id: str) -> dict[str, Any]:
    return {
        "account_identifier": statement.account_identifier,
        "currency_code": statement.currency_code,
        "format_code": statement.format_code,
        "day_version": 1,
        "statement_id": statement.statement_id,
        "is_superseded": False,
        "import_id": import_id,
    }


def _line_rows(
    lines: Iterable[Line], common: Mapping[str, Any], day: date | None, is_interim: bool
) -> list[dict[str, Any]]:
    ordered = sorted(lines, key=lambda line: line.canonical)
    return [
        {
            **common,
            **line._asdict(),
            "day_rank": rank,
            "is_interim": is_interim,
            "day_date": day or line.booking_date or line.value_date,
            "booking_date": line.booking_date or line.value_date or day,
            "value_date": line.value_date or line.booking_date or day,
        }
        for rank, line in enumerate(ordered, 1)
    ]


def _statement_row(outcome: Outcome, import_id: str, actor: str, note: str | None) -> dict[str, Any]:
    s = outcome.statement
    accepted = s.proof_code == "unbalanced" and outcome.status in ("booked", "extended")
    return {
        **{name: getattr(s, name) for name in TABLES["statements"].columns if hasattr(s, name)},
        "movement_count": len(s.lines),
        "statement_status_code": outcome.status,
        "actor": actor if accepted else None,
        "note": note if accepted else None,
        "import_id": import_id,
    }
