"""Whether the store still holds what it was given: history, verification, and one SELECT asked by a person."""

import hashlib
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from workbench.errors import QueryRefused, StoreError
from workbench.frames import connection
from workbench.schemas.checking import Problem
from workbench.schemas.tables import TABLES
from workbench.store import catalogue
from workbench.store.catalogue import commits, delta, files, store_folder
from workbench.store.tables import Office, open_office

_BROKEN_DAYS = """
    select account_identifier, currency_code, day_date, opening_centimes, closing_centimes, coalesce(moved, 0) as moved
    from _days d left join (
        select account_identifier, currency_code, day_date, day_version, sum(amount_centimes) as moved
        from _lines where not is_interim group by all
    ) l using (account_identifier, currency_code, day_date, day_version)
    where opening_centimes is not null and closing_centimes <> opening_centimes + coalesce(moved, 0)
    order by all
"""


def history(folder: Path) -> pa.Table:
    """The `imports` table, oldest first."""
    return open_office(folder)["imports"].order("imported_at").to_arrow_table()


def verify(folder: Path) -> list[Problem]:
    """Everything that no longer holds: files changed since their import, days that do not balance, tables that cannot be read."""
    office = open_office(folder)
    problems: list[Problem] = []
    for name in TABLES:
        try:
            office[name].aggregate("count(*)").fetchall()
        except (StoreError, duckdb.Error) as error:
            problems.append(
                Problem(
                    "table_unreadable",
                    "refused",
                    {"table": name, "reason": str(error).splitlines()[0]},
                    table_name=name,
                )
            )
    if problems:
        return problems
    return _changed_files(office) + _broken_days(office) + _orphans(office)


def _changed_files(office: Office) -> list[Problem]:
    inbox = {path.name: path for path in (office.folder / "inbox").rglob("*") if path.is_file()}
    known: dict[str, set[str]] = {}
    for name, sha256 in office["import_files"].project("file_name, file_sha256").fetchall():
        known.setdefault(name, set()).add(sha256)
    return [
        Problem("file_changed", "warning", {}, name)
        for name, hashes in sorted(known.items())
        if name in inbox and hashlib.sha256(inbox[name].read_bytes()).hexdigest() not in hashes
    ]


def _broken_days(office: Office) -> list[Problem]:
    con = connection()
    days, lines = office["statement_days"].to_arrow_table(), office["bank_transactions"].to_arrow_table()
    con.register("_days", days)
    con.register("_lines", lines)
    try:
        rows = con.sql(_BROKEN_DAYS).fetchall()
    finally:
        con.unregister("_days")
        con.unregister("_lines")
    return [
        Problem(
            "day_unbalanced",
            "refused",
            {"account": row[0], "day": row[2].strftime("%d/%m/%Y")},
            table_name="statement_days",
            row_key=f"{row[0]} {row[2]}",
        )
        for row in rows
    ]


def _orphans(office: Office) -> list[Problem]:
    """Parquet files that no version of a table names: a killed writer leaves them, they harm nothing but the disk."""
    folder = store_folder(office.folder)
    found = []
    for name in TABLES:
        if name == "imports":
            continue
        named = {
            Path(path).name
            for commit in commits(folder)
            for path in files(delta(folder, name, commit.versions.get(name, 0)))
        }
        spare = [path for path in (folder / name).glob("*.parquet") if path.name not in named]
        if spare:
            found.append(Problem("files_orphaned", "noted", {"table": name, "count": len(spare)}, table_name=name))
    return found


def query(folder: Path, sql: str, known_on: datetime | str | None = None) -> pa.Table:
    """The answer to one SELECT over the tables, on a connection that can read the store and nothing else, and write nothing."""
    office = open_office(folder, known_on)
    con = duckdb.connect()
    try:
        statements = con.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise QueryRefused(
                "a query is one SELECT", remedy='for example: workbench query "SELECT count(*) FROM invoices"'
            )
        for name in TABLES:
            con.from_arrow(office[name].to_arrow_table()).create(name)
        con.execute("SET enable_external_access = false")
        con.execute("SET lock_configuration = true")
        return con.sql(sql).to_arrow_table()
    except duckdb.Error as error:
        raise QueryRefused(str(error).splitlines()[0], remedy="see workbench tables for names and columns") from error
    finally:
        con.close()


def compact(folder: Path, actor: str = "workbench") -> dict[str, int]:
    """Join the small files of every table; the answer is the number of files saved a table. Older versions stay readable."""
    with catalogue.lock(store_folder(folder)):
        versions = catalogue.take_back(store_folder(folder), catalogue.commit_at(store_folder(folder)))
        saved = {}
        for name in versions:
            table = delta(store_folder(folder), name)
            before = len(files(table))
            if before > 1:
                table.optimize.compact()
                versions[name] = table.version()
                saved[name] = before - len(files(table))
        number = len(commits(store_folder(folder)))
        catalogue.add_commit(store_folder(folder), f"imp-{number:05d}", "compact", actor, None, versions, {})
    return saved
