"""Whether the store still holds what it was given: its history, and everything that no longer holds."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from workbench.errors import StoreError
from workbench.schemas.checking import Problem
from workbench.schemas.tables import TABLES
from workbench.store import seals, upkeep
from workbench.store.catalogue import store_folder
from workbench.store.seals import sha256
from workbench.store.tables import Office, open_office

_DAY = ("account_identifier", "currency_code", "day_date", "day_version")


def history(folder: Path) -> pa.Table:
    """The `imports` table, oldest first."""
    return open_office(folder)["imports"].order("imported_at").to_arrow_table()


def verify(folder: Path) -> list[Problem]:
    """Everything that no longer holds.

    In turn: bytes of the store that changed since their commit, tables that cannot be read, files of the inbox changed since
    their import, days and statements whose opening and movements do not give the closing, breaks in the chain of days (told,
    for a statement may be missing), files that no version names. Where the store cannot be read nothing after that is tried.
    """
    try:
        office = open_office(folder)
        rows = history(folder).to_pylist()
    except (StoreError, duckdb.Error) as error:
        if isinstance(error, StoreError) and error.what.startswith("there is no store"):
            raise
        return [_unreadable("imports", error)]
    problems = _changed_in_store(office, rows)
    unreadable = _unreadable_tables(office)
    if unreadable:
        return problems + unreadable
    return (
        problems
        + _changed_files(office)
        + _broken_days(office)
        + _broken_statements(office)
        + _gaps(office)
        + _orphans(office)
    )


def _unreadable(name: str, error: Exception) -> Problem:
    values = {"table": name, "reason": str(error).splitlines()[0]}
    return Problem("table_unreadable", "refused", values, table_name=name)


def _changed_in_store(office: Office, rows: list[dict[str, Any]]) -> list[Problem]:
    changed, rows_changed, unsealed = seals.check(store_folder(office.folder), rows)
    return [
        *(
            Problem("store_file_changed", "refused", {"file": path}, table_name=path.split("/", maxsplit=1)[0])
            for path in changed
        ),
        *(Problem("import_changed", "refused", {"import_id": each}, table_name="imports", row_key=each) for each in rows_changed),
        *(Problem("import_unsealed", "warning", {"import_id": each}, table_name="imports", row_key=each) for each in unsealed),
    ]  # fmt: skip


def _unreadable_tables(office: Office) -> list[Problem]:
    """Tables whose files cannot be opened, or whose log entries name other files than the log as a reader replays it."""
    problems = []
    for name in TABLES:
        try:
            office[name].aggregate("count(*)").fetchall()
            told = upkeep.files_at(store_folder(office.folder), name, office.versions.get(name, 0))
            if name != "imports" and {Path(path).name for path in office.paths(name)} != told:
                problems.append(_unreadable(name, StoreError("its checkpoint and its log name different files")))
        except (StoreError, duckdb.Error, OSError) as error:
            problems.append(_unreadable(name, error))
    return problems


def _changed_files(office: Office) -> list[Problem]:
    """Files imported and still in the inbox under their name, none of which has the bytes that were imported."""
    inbox: dict[str, list[Path]] = defaultdict(list)
    for path in (office.folder / "inbox").rglob("*"):
        if path.is_file():
            inbox[path.name].append(path)
    known: dict[str, set[str]] = defaultdict(set)
    for name, wanted in office["import_files"].project("file_name, file_sha256").fetchall():
        if wanted:
            known[name].add(wanted)
    problems = []
    for name in sorted(inbox.keys() & known.keys()):
        if not known[name] & {sha256(path) for path in inbox[name]}:
            problems.append(Problem("file_changed", "warning", {}, name))
    return problems


def _broken_days(office: Office) -> list[Problem]:
    """Days, of any version, whose opening and lines do not give the closing, or whose lines are not as many as booked."""
    key = ", ".join(_DAY)
    lines = office["bank_transactions"].filter("NOT is_interim")
    moved = lines.aggregate(f"{key}, sum(amount_centimes) AS moved, count(*) AS line_count", key)
    same = " AND ".join(f"d.{name} = l.{name}" for name in _DAY)
    days = office["statement_days"].set_alias("d").join(moved.set_alias("l"), same, how="left")
    found = days.filter(
        "d.closing_centimes <> d.opening_centimes + coalesce(l.moved, 0) OR d.movement_count <> coalesce(l.line_count, 0)"
    ).project("d.account_identifier, d.day_date, d.day_version")
    return [
        Problem("day_unbalanced", "refused", {"account": a, "day": day.strftime("%d/%m/%Y")},
                table_name="statement_days", row_key=f"{a} {day}")
        for a, day, _ in sorted(found.fetchall())
    ]  # fmt: skip


def _broken_statements(office: Office) -> list[Problem]:
    """Proven statements, as booked, whose closing is that of no version of their last day.

    Not those that the next statement of the same import took in (a noon export beside its whole day).
    """
    booked = office["statements"].filter(
        "proof_code = 'proven' AND statement_status_code IN ('booked', 'extended') AND closing_date IS NOT NULL "
        "AND closing_centimes IS NOT NULL"
    )
    together = "count(*) OVER (PARTITION BY account_identifier, currency_code, closing_date, import_id) AS together"
    alone = booked.project(f"*, {together}").filter("together = 1").set_alias("s")
    days = office["statement_days"].filter("closing_centimes IS NOT NULL").set_alias("d")
    same = (
        "s.account_identifier = d.account_identifier AND s.currency_code = d.currency_code "
        "AND s.closing_date = d.day_date AND s.closing_centimes = d.closing_centimes"
    )
    found = alone.join(days, same, how="anti").project("statement_id, account_identifier, closing_date").fetchall()
    return [
        Problem("statement_unproven", "refused", {"account": a, "day": day.strftime("%d/%m/%Y")},
                table_name="statements", row_key=each)
        for each, a, day in sorted(found)
    ]  # fmt: skip


def _gaps(office: Office) -> list[Problem]:
    """Live days whose opening is not the closing of the live day before, but for the breaks that an import has told.

    No fault of the store (days booked out of order leave one), hence only noted.
    """
    before = "(PARTITION BY account_identifier, currency_code ORDER BY day_date)"
    days = office["statement_days"].filter("NOT is_superseded AND opening_centimes IS NOT NULL")
    lags = f"lag(closing_centimes) OVER {before} AS last_closing, lag(day_date) OVER {before} AS last_day"
    broken = days.project(f"*, {lags}").filter("last_closing <> opening_centimes").set_alias("d")
    of_file = office["statements"].project("statement_id, file_name").distinct().set_alias("s")
    told = office["problems"].filter("problem_code = 'days_missing'").set_alias("p")
    by_file = told.join(of_file, "p.file_name = s.file_name").project("s.statement_id AS statement_id, message_en")
    is_told = "d.statement_id = t.statement_id AND contains(t.message_en, d.account_identifier)"
    untold = broken.join(by_file.set_alias("t"), is_told, how="anti")
    return [
        Problem("chain_broken", "noted",
                {"account": a, "first": last.strftime("%d/%m/%Y"), "day": day.strftime("%d/%m/%Y")},
                table_name="statement_days", row_key=f"{a} {day}")
        for a, last, day in sorted(untold.project("account_identifier, last_day, day_date").fetchall())
    ]  # fmt: skip


def _orphans(office: Office) -> list[Problem]:
    """Parquet files that no import needs: a killed writer leaves them, they harm nothing but the disk."""
    return [
        Problem("files_orphaned", "noted", {"table": name, "count": len(spare)}, table_name=name)
        for name, spare in upkeep.unneeded(store_folder(office.folder)).items()
    ]
